"""The report that a policy asks for each year: when it is due, of whom, and whether it is in time."""

from __future__ import annotations

import pytest

from tests.scenarios.partnerships.conftest import City

pytestmark = pytest.mark.rule("R1")

ASKED = "{ instrument: adopt-provision, draft: { address: report, heading: Report, text: Staff report each year by the end of March., terms: { annual-report.by: staff, annual-report.to: council, annual-report.covers: [partners], annual-report.due-months: 3 } } }"


def given(city: City, year: int, on: str) -> str:
    told = city.recorded(
        f"  - give-annual-report: {{ year: {year}, document: report-{year}-{on} }}\n", on=on
    )
    return " ".join(told.split())


def owed(city: City, on: str) -> list[tuple[str, ...]]:
    """The yearly reports that are due on a day: status, due, year, by whom, to whom."""
    rows = city.street.rows("due", "--as-of", on)
    fields = ("status", "due", "subject", "owed_by", "owed_to")
    return [tuple(row[f] for f in fields) for row in rows if row["kind"] == "annual report"]


def test_a_report_is_due_so_long_after_its_year_and_owed_for_no_year_before_the_policy(
    bare: City,
) -> None:
    bare.decided(ASKED, on="2002-05-01")
    assert owed(bare, "2002-12-31") == []
    assert owed(bare, "2003-12-31") == [("due", "2004-03-31", "2003", "staff", "council")]
    assert owed(bare, "2004-04-01") == [
        ("overdue", "2004-03-31", "2003", "staff", "council"),
        ("due", "2005-03-31", "2004", "staff", "council"),
    ]


def test_a_report_in_time_late_and_before_its_year(bare: City) -> None:
    bare.decided(ASKED, on="2002-05-01")
    assert "was due" not in given(bare, 2003, "2004-03-31")
    assert owed(bare, "2004-04-01") == [("due", "2005-03-31", "2004", "staff", "council")]
    assert "given on 2005-04-01, and was due on 2005-03-31" in given(bare, 2004, "2005-04-01")
    assert "given on 2005-12-01, before 2015 begins" in given(bare, 2015, "2005-12-01")


def test_without_a_term_a_report_is_due_in_its_year_and_late_on_no_day(bare: City) -> None:
    bare.decided(ASKED.replace(", annual-report.due-months: 3", ""), on="2002-05-01")
    assert owed(bare, "2003-06-30") == [("due", "2003", "2003", "staff", "council")]
    assert owed(bare, "2004-01-01")[0] == ("overdue", "2003", "2003", "staff", "council")
    assert "was due" not in given(bare, 2003, "2009-01-01")


def test_a_report_that_is_found_late_was_given_on_its_day(bare: City) -> None:
    bare.decided(ASKED, on="2002-05-01")
    assert owed(bare, "2004-04-01")[0][0] == "overdue"
    given(bare, 2003, "2004-02-15")
    assert [row[2] for row in owed(bare, "2004-04-01")] == ["2004"]
    assert [row[2] for row in owed(bare, "2004-02-14")] == ["2003", "2004"]
