"""A year as its plan and programme stand on a day, for whoever asks; nothing is decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from application.handlers.states import (
    every_relationship,
    ground_on,
    plan_of,
    read_rest_of_programme,
)
from application.ports import Log
from application.unit_of_work import UnitOfWork
from domain import policy
from domain.missions import route
from domain.missions.outline import CityStanding
from domain.programme import activities, limits, rotation
from domain.programme.activities import Entitlement
from domain.shared.dates import When
from domain.shared.findings import Finding, Ground
from domain.shared.history import fold
from domain.shared.text import folded

REPORT_TERMS = ("annual-report.covers", "annual-report.by", "annual-report.to")
"""Terms by which a provision asks for a report every year."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the programming table grants a city in a year, and whether it was done.

    `yearly` says that the table's own words grant it every year, and did when the year began:
    nothing is owed for a time before its provision was in force.
    """

    year: int
    city: str
    classification: str
    activity: str
    what: str
    provision: str
    yearly: bool
    done: bool


class YearlyReport(NamedTuple):
    """The report on the programme that a provision asks for a year.

    `due` is its day, where the policy says one; `by` and `to` are bodies or offices.
    """

    year: int
    due: date | None
    by: str | None
    to: str | None
    provision: str
    given: bool


class Judged(NamedTuple):
    """A rule's answer to a plan, or to one mission that it lists."""

    finding: Finding
    mission: str | None = None


def review_year(log: Log, year: int, on: When, known: int | None = None) -> tuple[Judged, ...]:
    """Return what the rules in force on a day find on everything that a year's plan lists then.

    `known` is the position up to which the log is read (default: all of it).
    """
    work = UnitOfWork(log, known)
    plan = plan_of(work, year, on)
    judged = ground_on(work, on)
    facts = read_rest_of_programme(work, year, on, None)
    whole = (
        *limits.limits_taken(year, plan.visits, plan.missions, judged),
        *limits.plan_reaches_aims(year, plan.visits, plan.missions, judged),
        *rotation.rotation(plan.missions, facts, judged),
    )
    return (
        *map(Judged, whole),
        *(Judged(route.goals_met(outline, judged), outline.mission) for outline in plan.missions),
    )


def duties(log: Log, year: int, on: When, known: int | None = None) -> tuple[Duty, ...]:
    """Return activities that each relationship is entitled to in a year, by the day's provisions.

    Done are those done by that day, as far as was `known`.
    """
    return tuple(_duties(UnitOfWork(log, known), year, on, on))


def duties_left(log: Log, on: When, known: int | None = None) -> tuple[Duty, ...]:
    """Return activities granted for each year before the day's, and not done by the day.

    Each year is judged by the provisions and relationships of its last day: what a city was
    entitled to then stays owed, whatever becomes of it later.
    """
    work = UnitOfWork(log, known)
    adopted = work.read(policy.STREAM).standing()
    first = adopted[0].event.effective_from.first.year if adopted else on.first.year
    return tuple(
        duty
        for year in range(first, on.last.year)
        for duty in _duties(work, year, When.day(date(year, 12, 31)), on)
        if duty.yearly and not duty.done
    )


def yearly_reports(log: Log, on: When, known: int | None = None) -> tuple[YearlyReport, ...]:
    """Return the report of each year up to the day's that the policy asks, by the day.

    The first is on the year that began with the provision in force.
    """
    work = UnitOfWork(log, known)
    adopted = work.read(policy.STREAM).standing()
    first = adopted[0].event.effective_from.first.year if adopted else on.last.year
    asked = (_yearly_report(work, year, on) for year in range(first, on.last.year + 1))
    return tuple(report for report in asked if report)


def _yearly_report(work: UnitOfWork, year: int, on: When) -> YearlyReport | None:
    began = ground_on(work, When.day(date(year, 1, 1)))
    ends = When.day(min(date(year, 12, 31), on.last))
    judged = ground_on(work, ends)
    asked = tuple(
        said for term in REPORT_TERMS if began.words(term) and (said := judged.words(term))
    )
    if not asked:
        return None
    by, to = judged.words("annual-report.by"), judged.words("annual-report.to")
    due = activities.report_due(year, judged)
    done = work.read(activities.stream_of(year)).on(on.last)
    return YearlyReport(
        year=year,
        due=due.on if due else None,
        by=" or ".join(by.value) if by else None,
        to=" or ".join(to.value) if to else None,
        provision=str(asked[0].provision),
        given=bool(fold(activities.evolve, activities.ProgrammeYear(), done).reports),
    )


def _duties(work: UnitOfWork, year: int, granted_on: When, done_by: When) -> Iterator[Duty]:
    carried_out = work.read(activities.stream_of(year)).on(done_by.last)
    done = fold(activities.evolve, activities.ProgrammeYear(), carried_out).done
    judged = ground_on(work, granted_on)
    from_the_start = _YearlyGrants.of(work, When.day(date(year, 1, 1)))
    return (
        Duty(
            year=year,
            city=standing.name,
            classification=standing.column or "",
            activity=granted.activity,
            what=granted.what,
            provision=str(granted.provision),
            yearly=granted.yearly and from_the_start.have(standing, granted),
            done=folded(granted.what) in done.get(standing.place.code, frozenset()),
        )
        for standing in every_relationship(work, granted_on)
        for granted in activities.entitlements(standing, judged)
    )


@dataclass(frozen=True, slots=True)
class _YearlyGrants:
    """The yearly grants of the programming table on a day, to each city and each column."""

    ground: Ground
    standings: dict[str, CityStanding]

    @classmethod
    def of(cls, work: UnitOfWork, on: When) -> _YearlyGrants:
        known = {standing.place.code: standing for standing in every_relationship(work, on)}
        return cls(ground_on(work, on), known)

    def have(self, city: CityStanding, granted: Entitlement) -> bool:
        """True if it was done for the city, which may have moved to another class since."""
        then = self.standings.get(city.place.code, city)
        return any(
            each.yearly and folded(each.what) == folded(granted.what)
            for standing in (city, then)
            for each in activities.entitlements(standing, self.ground)
        )
