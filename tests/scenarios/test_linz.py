"""Fourteen years of an invented Linz, in German, on both databases; answers worked out by hand.

A casting vote, a divided question with a part referred to a committee that another one succeeds, a
matter with two numbers, two categories that become two others, and a partnership that rests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import services
from tests.support.street import STORES, Street

FILES = Path(__file__).parent / "linz"


@pytest.fixture(scope="module", params=STORES)
def linz(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("linz")
    if request.param == "sqlite":
        yield recorded(Street.on_sqlite(folder))
        return
    server: str = request.getfixturevalue("postgres_server")
    with services.fresh_database(server) as url:
        yield recorded(Street.on_postgres(url, folder))


def recorded(street: Street) -> Street:
    street.done("setup")
    street.done("record", FILES)
    return street


def matter(linz: Street, name: str, on: str) -> dict[str, dict[str, Any]]:
    rows = linz.rows("show", "matter", name, "--as-of", on)
    return {row["item"]: row for row in rows}


def classes(linz: Street, on: str) -> Counter[str]:
    return Counter(
        row["classification"] for row in linz.rows("list", "partnerships", "--as-of", on)
    )


def test_a_casting_vote_carries_and_the_record_says_whose_it_was(linz: Street) -> None:
    row = matter(linz, "GR-2010-7", "2010-03-01")["erstens"]
    assert row["voted"] == (
        "show of hands, 30 in favour, 30 against, a tie, casting vote in favour, by F. Dobusch"
    )
    assert classes(linz, "2010-03-01") == {"Partnerstadt": 3, "Freundschaftsstadt": 1}


def test_a_divided_question_is_open_until_the_referred_part_is_decided(linz: Street) -> None:
    assert matter(linz, "AK-3", "2010-03-01")["GR-2010-7"]["left"] == ["amtsbericht/2"]
    assert matter(linz, "AK-3", "2011-04-06")["GR-2010-7"]["left"] == ["amtsbericht/2"]
    closed = matter(linz, "AK-3", "2011-04-07")["GR-2010-7"]
    assert (closed["result"], closed["left"]) == ("closed", [])


def test_what_a_committee_owed_is_owed_by_its_successor(linz: Street) -> None:
    owed = [linz.rows("due", "--as-of", day) for day in ("2010-12-31", "2011-01-01")]
    assert [[row["owed_by"] for row in rows] for rows in owed] == [
        ["kulturausschuss"],
        ["ausschuss-international"],
    ]
    assert linz.rows("due", "--as-of", "2011-04-08") == []


def test_two_categories_become_two_others_by_one_decision(linz: Street) -> None:
    assert classes(linz, "2014-05-07") == {"Partnerstadt": 3, "Freundschaftsstadt": 1}
    assert classes(linz, "2014-05-08") == {"Europapartner": 3, "Weltpartner": 1}


def test_a_partnership_rests_until_the_war_ends_and_is_resumed(linz: Street) -> None:
    def state(on: str) -> tuple[Any, ...]:
        (row,) = linz.rows("show", "partnership", "RU-NISCHNI", "--as-of", on)
        return (row["state"], row["condition"], row["state_by"])

    assert state("2022-03-09") == ("active", None, None)
    assert state("2022-03-10") == ("suspended", "Ende des Krieges", "us")
    assert [row["subject"] for row in linz.rows("due", "--as-of", "2024-06-04")] == ["RU-NISCHNI"]
    assert state("2024-06-05")[:2] == ("active", None)
    assert linz.rows("due", "--as-of", "2024-06-05") == []


def test_a_member_of_the_council_represents_it_in_halle(linz: Street) -> None:
    (row,) = linz.rows("show", "partnership", "Halle", "--as-of", "2024-06-05")
    assert row["roles"] == {"Beauftragte": "A. Muster, Gemeinderätin"}
    steps = [(step["since"], step["roles"]) for step in row["steps"][-2:]]
    assert steps == [("2014-05-08", []), ("2024-06-05", ["Beauftragte: A. Muster, Gemeinderätin"])]


def test_a_committee_that_is_succeeded_and_not_abolished_is_named(
    linz: Street, tmp_path: Path
) -> None:
    file = tmp_path / "neu.yaml"
    file.write_text(
        "meeting: { id: neu, on: 2025-01-01 }\nitems:\n"
        "  - change-bodies: { bodies: [{ id: neu, name: Neu, succeeds: [stadtsenat] }] }\n"
    )
    told = " ".join(linz.done("record", "--dry-run", file).split())
    assert "stadtsenat is still there: neu takes its place once stadtsenat is" in told
