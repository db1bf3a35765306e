"""Durations in years, months, weeks and days, as terms give them: `request.report-days: 45`."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

UNITS = ("years", "months", "weeks", "days")
"""The last part of a term that gives a duration; one that has several adds them up."""


class Duration(NamedTuple):
    """So many years, months, weeks and days."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """Return the day so much later; of a month that has no such day, its last one."""
        year, month = divmod(day.year * 12 + day.month - 1 + 12 * self.years + self.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        begins = date(year, month + 1, min(day.day, last))
        return begins + timedelta(days=self.days, weeks=self.weeks)


def units_of(name: str) -> Mapping[str, str]:
    """Return the terms of a duration by their unit, such as `request.report-months`."""
    return {unit: f"{name}-{unit}" for unit in UNITS}


def same_duration(term: str, terms: Iterable[str]) -> frozenset[str]:
    """Return the given terms that say the same duration in any unit, or the term itself."""
    name, _, unit = term.rpartition("-")
    own = set(units_of(name).values()) if unit in UNITS else {term}
    return frozenset(own.intersection(terms))
