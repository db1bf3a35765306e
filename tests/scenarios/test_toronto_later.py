"""Public facts of Toronto after 2001, entered from docs/minutes.md; answers worked out by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.street import RECORDS, Street

FILES = Path(__file__).parent / "toronto_later"
ORDER = (
    "2002-06-council-milan",
    "2003-06-council-milan",
    "2005-12-council-categories",
    "2005-12-staff-cities",
    "2006-friendship",
    "2006-staff-friendship",
    "2012-09-chicago",
)


@pytest.fixture(scope="module")
def toronto(tmp_path_factory: pytest.TempPathFactory) -> Street:
    street = Street.on_sqlite(tmp_path_factory.mktemp("later"))
    street.done("setup")
    street.done("record", RECORDS)
    for name in ORDER:
        street.done("record", FILES / f"{name}.yaml")
    return street


def partners(street: Street, on: str) -> dict[str, dict[str, Any]]:
    rows = street.rows("list", "partnerships", "--as-of", on)
    return {row["city"]: row for row in rows}


def of(street: Street, on: str, category: str) -> list[str]:
    rows = partners(street, on).values()
    return sorted(row["city"] for row in rows if row["classification"] == category)


def told(street: Street, on: str) -> str:
    return street.done("list", "partnerships", "--as-of", on).splitlines()[0]


def test_december_2001_is_as_before(toronto: Street) -> None:
    assert told(toronto, "2001-12-06") == (
        "26 partnerships on 2001-12-06: 11 International, 15 Historical."
    )


def test_milan_goes_from_a_letter_to_a_twinning(toronto: Street) -> None:
    (letter,) = toronto.rows("show", "agreement", "milan-letter", "--as-of", "2002-07-01")
    assert (letter["status"], letter["since"]) == ("in force", "2002-06")
    assert letter["signed"] == {"City of Toronto": "2002-04", "Comune di Milano": "2002-04"}
    targeted = toronto.rows("list", "targeted", "--as-of", "2003-06-29")
    assert "Milan" in [row["city"] for row in targeted]
    assert "Milan" not in partners(toronto, "2003-06-29")

    milan = partners(toronto, "2003-06-30")["Milan"]
    assert (milan["established"], milan["classification"]) == ("2003-06-30", None)
    assert told(toronto, "2003-07-01") == (
        "27 partnerships on 2003-07-01: 11 International, 15 Historical, 1 without a class."
    )
    (letter,) = toronto.rows("show", "agreement", "milan-letter", "--as-of", "2003-07-01")
    assert letter["renewed_by"] == ["milan-twinning"]


def test_on_a_sitting_day_of_december_2005_both_lists_may_hold(toronto: Street) -> None:
    rows = toronto.rows("list", "partnerships", "--as-of", "2005-12-06")
    (lisbon,) = [row for row in rows if row["city"] == "Lisbon"]
    assert (lisbon["classification"], lisbon["certain"]) == ("Historical", False)


def test_partnership_and_friendship_cities_of_december_2005(toronto: Street) -> None:
    assert of(toronto, "2006-01-01", "Partnership City") == [
        "Chicago",
        "Chongqing",
        "Frankfurt",
        "Milan",
    ]
    assert of(toronto, "2006-01-01", "Friendship City") == ["Kiev", "Sagamihara", "Warsaw"]
    assert of(toronto, "2006-01-01", "International") == []
    lisbon = partners(toronto, "2006-01-01")["Lisbon"]
    assert (lisbon["classification"], lisbon["former_category"]) == (None, "Historical")
    assert lisbon["established"]  # no decision ever ended it
    amsterdam = partners(toronto, "2006-01-01")["Amsterdam"]
    assert (amsterdam["classification"], amsterdam["former_category"]) == (None, "International")


def test_two_cities_join_in_2006(toronto: Street) -> None:
    assert of(toronto, "2007-01-01", "Friendship City") == [
        "Ho Chi Minh City",
        "Kiev",
        "Quito",
        "Sagamihara",
        "Warsaw",
    ]
    counted = Counter(row["classification"] for row in partners(toronto, "2007-01-01").values())
    assert counted == {"Partnership City": 4, "Friendship City": 5, None: 20}
    filtered = toronto.rows(
        *("list", "partnerships", "--classification", "friendship", "--as-of", "2007-01-01")
    )
    assert len(filtered) == 5


def test_the_agreement_with_chicago_is_renewed_in_2012(toronto: Street) -> None:
    rows = toronto.rows("list", "agreements", "--place", "chicago", "--as-of", "2012-10-01")
    assert [(r["agreement"], r["status"], r["since"], r["renewed_by"]) for r in rows] == [
        ("chicago-1991", "succeeded", "1991", ["chicago-2012"]),
        ("chicago-2012", "in force", "2012-09", []),
    ]
    assert rows[0]["parties"][0] == "Municipality of Metropolitan Toronto (now City of Toronto)"
    assert partners(toronto, "2012-10-01")["Chicago"]["established"] == "1991"


def test_kiev_knows_its_whole_story(toronto: Street) -> None:
    (kiev,) = toronto.rows("show", "partnership", "kiev", "--as-of", "2007-01-01")
    assert [step["classification"] for step in kiev["steps"]] == [
        None,
        "Historical",
        "Friendship City",
    ]
    why = toronto.done("why", "partnership/kiev/classification", "--as-of", "2007-01-01")
    assert "Kiev is Friendship City" in why


def test_staff_and_no_other_body_choose_the_cities(toronto: Street, tmp_path: Path) -> None:
    file = tmp_path / "council.yaml"
    file.write_text(
        "meeting: { id: x, body: council, on: 2007-02-01, matter: x }\nitems:\n"
        "  - open-matter: { title: Lisbon }\n"
        "  - decide: { decision: d, kind: adopt, summary: S., instruments: "
        "[ { instrument: classify-partnership, city: PT-LISBON, classification: friendship } ] }\n"
    )
    ran = toronto.run("record", file)
    assert ran.code == 3
    assert "authority: staff" in ran.err
