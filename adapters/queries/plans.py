"""A year's plan: what it counts, what it lists, and what the rules in force say to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from adapters.bootstrap import Register
from adapters.queries.missions import MissionRow, missions
from adapters.queries.moment import Moment
from adapters.queries.rows import DatedRow, FindingRow
from application.year_review import review_year
from domain.programme.limits import Difference
from domain.shared.dates import When
from projections.engine.read_model import Held
from projections.missions import MISSIONS
from projections.plans import PLANS, YearPlan


class PlanRow(DatedRow):
    """One year's plan. `visits`, `missions` and `others` (study groups) are those it counts.

    `differences` are limits for which two provisions state different figures, the one that applies
    and the other; `discrepancies` is their number.
    """

    SUBJECT: ClassVar[str] = "year"

    year: int
    stage: str
    since: When
    visits: tuple[str, ...]
    missions: tuple[str, ...]
    others: tuple[str, ...]
    approved_by: str | None
    submitted_to: str | None
    confirmed_by: str | None
    decision: str | None
    discrepancies: int
    differences: tuple[Difference, ...]
    certain: bool


class PlanFindingRow(FindingRow):
    """A rule's answer to the whole plan, or what a rule said of one `mission` of the year."""

    mission: str | None


class PlanAnswer(NamedTuple):
    """The plan, or more where the record cannot tell its stage; its missions, and the findings."""

    plans: Sequence[PlanRow]
    entries: Sequence[MissionRow]
    findings: Sequence[PlanFindingRow]


def plans(register: Register, at: Moment) -> list[PlanRow]:
    """Return every year's plan, the earliest first."""
    held = register.reader(PLANS).every(at.on, at.known)
    return sorted(map(_row, held), key=lambda row: row.year)


def plan(register: Register, year: int, at: Moment) -> PlanAnswer:
    """Return a year's plan; empty where none is drafted."""
    held = register.reader(PLANS).every(at.on, at.known, {"year": year})
    whole = review_year(register.log, year, When.day(at.on), at.known)
    entered = register.reader(MISSIONS).every(at.on, at.known, {"year": year})
    found = [
        PlanFindingRow.of(FindingRow.told(each.finding), mission=each.mission) for each in whole
    ]
    found += [
        PlanFindingRow.of(told, mission=h.state.mission)
        for h in entered
        for finding in h.state.findings
        if (told := FindingRow.told(finding)).is_advice
    ]
    return PlanAnswer(
        [_row(h) for h in held],
        missions(register, at, year=year),
        list(dict.fromkeys(found)),  # what a rule said at several steps is told once
    )


def _row(held: Held[YearPlan]) -> PlanRow:
    differences = len(held.state.differences)
    return PlanRow.of(held.state, discrepancies=differences, certain=held.certain)
