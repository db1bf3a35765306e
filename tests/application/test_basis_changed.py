"""Acts stay, and those are listed that rested on what later records say was not in force."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register
from domain.corrections import CorrectRecord
from domain.dates import When
from domain.decisions import Decide, DecisionKind
from domain.instruments import AuthoriseOfficials, ReplaceProvision
from domain.kernel import Command, ProvisionRef
from domain.matters import OpenMatter
from tests.support.alliance import alliance
from tests.support.toronto import CLERK, enter, recorded_2001

OUTBOUND = ProvisionRef(address="outbound/2", version=1)
FRESH = ReplaceProvision(address="outbound/2", text="Council approves.", terms="unchanged")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as register:
        yield register


def decided(matter: str, day: str, *acts: Any, relies_on: Any = ()) -> tuple[Command, ...]:
    on = When.parse(day)
    return OpenMatter(on=on, matter=matter, title=matter), Decide(
        on=on,
        matter=matter,
        decision="adopts",
        body="council",
        kind=DecisionKind.ADOPT,
        summary="Adopts it.",
        instruments=acts or (AuthoriseOfficials(),),
        relies_on=relies_on,
    )


def listed(folder: Path) -> list[tuple[str, str, int, int | None]]:
    rows = alliance(folder, "list", "basis-changed", "-f", "json").rows
    return [(r["decision"], r["provision"], r["rested_on"], r["in_force_then"]) for r in rows]


def test_the_record_of_2001_rests_on_what_was_in_force(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    assert listed(tmp_path) == []


def test_an_amendment_recorded_late_takes_the_basis_of_what_was_decided_after_it(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "trip", *decided("trip", "2003-05-01", relies_on=(OUTBOUND,)))
    assert listed(tmp_path) == []
    known = register.log.head()
    enter(register, "late", *decided("late", "2003-02-01", FRESH))
    assert listed(tmp_path) == [("trip/adopts", "outbound/2", 1, 2)]
    then = alliance(tmp_path, "list", "basis-changed", "--known-at", known, "-f", "json")
    assert then.rows == []


def test_a_later_amendment_leaves_the_basis_of_earlier_acts(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "trip", *decided("trip", "2003-05-01", relies_on=(OUTBOUND,)))
    enter(register, "same-day", *decided("same-day", "2003-05-01", FRESH))
    enter(register, "after", *decided("after", "2003-06-01", FRESH))
    assert listed(tmp_path) == []


def test_a_correction_of_the_provision_takes_the_basis_away(
    register: Register, tmp_path: Path
) -> None:
    enter(register, "new", *decided("new", "2003-02-01", FRESH))
    second = ProvisionRef(address="outbound/2", version=2)
    enter(register, "trip", *decided("trip", "2003-05-01", relies_on=(second,)))
    version = max(e.version for e in register.log.entries() if e.stream == "policy")
    correction = CorrectRecord(
        on=When.parse("2003-07-01"),
        stream="policy",
        version=version,
        reason="it never carried",
        authority=CLERK,
        withdraw=True,
    )
    enter(register, "fix", correction)
    assert listed(tmp_path) == [("trip/adopts", "outbound/2", 2, 1)]
