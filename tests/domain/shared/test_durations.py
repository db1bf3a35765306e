"""Durations, and the day on which one ends."""

from __future__ import annotations

from datetime import date

import pytest

from domain.shared.durations import Duration, same_duration


@pytest.mark.parametrize(
    ("received_on", "months", "due"),
    [
        (date(2001, 8, 31), 6, date(2002, 2, 28)),
        (date(2003, 8, 31), 6, date(2004, 2, 29)),
        (date(2002, 8, 28), 6, date(2003, 2, 28)),
        (date(2002, 1, 10), 6, date(2002, 7, 10)),
        (date(2002, 12, 31), 6, date(2003, 6, 30)),
        (date(2002, 12, 31), 12, date(2003, 12, 31)),
        (date(2002, 6, 30), 6, date(2002, 12, 30)),
        (date(2002, 5, 31), 0, date(2002, 5, 31)),
        (date(2002, 1, 31), 25, date(2004, 2, 29)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(
    received_on: date, months: int, due: date
) -> None:
    assert Duration(months=months).after(received_on) == due


@pytest.mark.parametrize(
    ("duration", "due"),
    [
        (Duration(days=45), date(2004, 3, 16)),  # 2004 is a leap year: 29 in February, 16 in March
        (Duration(weeks=6), date(2004, 3, 13)),
        (Duration(years=1), date(2005, 1, 31)),
        (Duration(years=1, months=1), date(2005, 2, 28)),
        (Duration(months=1, weeks=1, days=1), date(2004, 3, 8)),
        (Duration(), date(2004, 1, 31)),
    ],
)
def test_a_duration_is_added_in_its_units(duration: Duration, due: date) -> None:
    assert duration.after(date(2004, 1, 31)) == due


def test_a_duration_is_the_same_in_any_unit() -> None:
    others = ("request.report-months", "request.steps", "goals")
    assert same_duration("request.report-days", others) == {"request.report-months"}
    longer = {"visit.long-stay-months"}
    assert same_duration("visit.long-stay-days", (*longer, *others)) == longer
    assert same_duration("goals", others) == {"goals"}
    assert same_duration("request.report-days", ("request.answer-days",)) == frozenset()
