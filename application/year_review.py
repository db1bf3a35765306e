"""A year as its plan and programme stand on a day, for whoever asks; nothing is decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from application.handlers.states import every_relationship, ground_on, plan_of, rest_of_programme
from application.ports import Log
from application.unit_of_work import UnitOfWork
from domain import policy
from domain.missions import route
from domain.programme import activities, limits, rotation
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.history import fold
from domain.shared.text import folded


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the programming table grants a city in a year, and whether it was done.

    `yearly` says that the table's own words grant it every year.
    """

    year: int
    city: str
    classification: str
    activity: str
    what: str
    provision: str
    yearly: bool
    done: bool


def review_year(log: Log, year: int, on: When, known: int | None = None) -> tuple[Finding, ...]:
    """Return what the rules in force on a day find on everything that a year's plan lists then.

    `known` is the position up to which the log is read (default: all of it).
    """
    work = UnitOfWork(log, known)
    plan = plan_of(work, year, on)
    judged = ground_on(work, on)
    facts = rest_of_programme(work, year, on, None)
    return (
        *limits.limits_taken(year, plan.visits, plan.missions, judged),
        *limits.plan_reaches_aims(year, plan.visits, plan.missions, judged),
        *rotation.rotation(plan.missions, facts, judged),
        *(route.goals_met(outline, judged) for outline in plan.missions),
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


def _duties(work: UnitOfWork, year: int, granted_on: When, done_by: When) -> Iterator[Duty]:
    carried_out = work.read(activities.stream_of(year)).on(done_by.last)
    done = fold(activities.evolve, activities.ProgrammeYear(), carried_out).done
    judged = ground_on(work, granted_on)
    return (
        Duty(
            year=year,
            city=standing.name,
            classification=standing.column or "",
            activity=granted.activity,
            what=granted.what,
            provision=str(granted.provision),
            yearly=granted.yearly,
            done=folded(granted.what) in done.get(standing.place.code, frozenset()),
        )
        for standing in every_relationship(work, granted_on)
        for granted in activities.entitlements(standing, judged)
    )
