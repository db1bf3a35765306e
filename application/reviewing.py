"""A year as its plan and programme stand on a day, for whoever asks; nothing is decided."""

from __future__ import annotations

from dataclasses import dataclass

from application.handling import Work
from application.ports import Log
from application.programme import every_standing, ground, plan_of, year_facts, year_stream
from domain import limits, programming, routes, turns
from domain.dates import When
from domain.history import fold
from domain.kernel import Finding
from domain.rules import folded


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the programming table grants a city every year, and whether it was done."""

    city: str
    classification: str
    activity: str
    what: str
    provision: str
    yearly: bool
    done: bool


def review(log: Log, year: int, on: When, known: int | None = None) -> tuple[Finding, ...]:
    """What the rules in force on a day say to all that a year's plan lists on it.

    `known` is the position up to which the log is read; all of it unless said.
    """
    work = Work(log, known)
    plan = plan_of(work, year, on)
    judged = ground(work, on)
    facts = year_facts(work, year, on, None)
    return (
        *limits.taken(year, plan.visits, plan.missions, judged),
        *limits.enough(year, plan.visits, plan.missions, judged),
        *turns.rotation(plan.missions, facts, judged),
        *(routes.goals_met(outline, judged) for outline in plan.missions),
    )


def duties(log: Log, year: int, on: When, known: int | None = None) -> tuple[Duty, ...]:
    """What each relationship is entitled to in a year, by the provisions in force on a day.

    What is done is what was done by that day, as far as was `known`.
    """
    work = Work(log, known)
    carried_out = work.read(year_stream(year)).on(on.last)
    done = fold(programming.evolve, programming.ProgrammeYear(), carried_out).done
    judged = ground(work, on)
    return tuple(
        Duty(
            city=standing.name,
            classification=standing.column or "",
            activity=granted.activity,
            what=granted.what,
            provision=str(granted.provision),
            yearly=granted.yearly,
            done=folded(granted.what) in done.get(standing.place.code, frozenset()),
        )
        for standing in every_standing(work, on)
        for granted in programming.entitlements(standing, judged)
    )
