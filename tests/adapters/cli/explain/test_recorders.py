"""Who recorded: lines for people have the name, the rows of the log and programs the pseudonym."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.people.roles import Person
from adapters.people.sessions import Sessions
from adapters.people.tables import create, open_people
from tests.support.street import RECORDS, Street

CLERK = "person-0123456789abcdef"
NAME = "Cleo Clerk"


@pytest.fixture
def street(tmp_path: Path) -> Street:
    """A register whose clerk signed in, and recorded under a pseudonym."""
    made = Street.on_sqlite(tmp_path)
    street = Street({**made.environment, "ALLIANCE_ACTOR": CLERK})
    street.done("setup")
    street.done("record", RECORDS)
    return street


def people(street: Street, tmp_path: Path) -> Sessions:
    engine = open_people(f"sqlite:///{tmp_path / 'toronto' / 'people.sqlite'}")
    create(engine)
    return Sessions(engine)


def test_a_name_is_shown_until_it_is_erased(street: Street, tmp_path: Path) -> None:
    asked = (("log",), ("log", "1"), ("log", "--tree", "2"), ("why", "partnership/kiev/state"))
    for question in asked:
        assert CLERK in street.done(*question)
    sessions = people(street, tmp_path)
    sessions.remember(Person(CLERK, NAME, frozenset()))
    for question in asked:
        told = street.done(*question)
        assert NAME in told, question
        assert question == ("log", "1") or CLERK not in told, "but for an entry as it is stored"
    assert NAME not in street.run("log", "--format", "json").out
    assert NAME.encode() not in (tmp_path / "log.sqlite").read_bytes()
    assert sessions.erase(CLERK)
    for question in asked:
        assert CLERK in street.done(*question)


def test_a_pseudonym_that_nobody_has_stays(street: Street) -> None:
    assert CLERK in street.done("log")
