"""A year's plan as it stands on a day: what it lists, and what last year's plan says to it."""

from __future__ import annotations

import pytest

from application.command_bus import CommandBus
from application.handlers.table import HANDLERS
from application.ports import Pending
from application.year_review import review_year
from domain.corrections import CorrectRecord
from domain.corrections import decide as correct
from domain.instruments import ApprovePlan
from domain.missions.budget import Costs
from domain.missions.messages import CancelMission, ProposeMission
from domain.missions.outline import Direction
from domain.programme.messages import (
    DraftPlan,
    ListMission,
    PlanEntryFreed,
    PlanSubmitted,
    SubmitPlan,
)
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding
from domain.shared.messages import Command
from tests.support.founded_year import adopting, envelopes_for, founded
from tests.support.memory_log import MemoryLog, PlainKeys, Shelf
from tests.support.programme import GOALS, budget


def on(day: str) -> When:
    return When.parse(day)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(shelf=Shelf(rows=list(founded().shelf.rows)))


def enter(log: MemoryLog, name: str, *commands: Command) -> None:
    CommandBus(log, PlainKeys(), HANDLERS).handle(*envelopes_for(name, commands))


def to_europe(year: int, day: str) -> tuple[Command, Command]:
    """A mission to Frankfurt, and its place in the year's plan."""
    mission = f"europe-{year}"
    return (
        ProposeMission(
            on=on(day),
            mission=mission,
            direction=Direction.OUTBOUND,
            year=year,
            cities=("Frankfurt",),
            timing=on(f"{year}-06"),
            rationale="trade",
            goals=GOALS,
            budget=Costs(**budget().model_dump()),
        ),
        ListMission(on=on(day), year=year, mission=mission),
    )


def found(log: MemoryLog, year: int, day: str, known: int | None = None) -> tuple[Finding, ...]:
    return tuple(each.finding for each in review_year(log, year, on(day), known))


def rotation(found: tuple[Finding, ...]) -> Answer:
    return [f.answer for f in found if f.rule == "M6"][-1]


@pytest.mark.rule("M6")
def test_regions_rotate_after_last_years_plan_as_of_the_day_and_as_known_then(
    log: MemoryLog,
) -> None:
    enter(log, "plans", *to_europe(2002, "2002-01-10"), DraftPlan(on=on("2002-10-01"), year=2003))
    enter(log, "2003", *to_europe(2003, "2002-10-02"))
    known = log.head()
    cancelled = CancelMission(on=on("2002-11-01"), mission="europe-2002", reason="no funds")
    enter(log, "cancelled", cancelled)

    again, first = Answer.ADVISORY, Answer.MET
    days = ("2002-10-31", "2002-11-01", "2002-12-01")
    assert [rotation(found(log, 2003, day)) for day in days] == [again, first, first]
    assert rotation(found(log, 2003, "2002-12-01", known)) is again

    mayor = adopting("mayor", "mayor", on("2002-10-20"), ApprovePlan(year=2003))
    late = SubmitPlan(on=on("2002-10-31"), year=2003, document="plan")
    enter(log, "submitted", *mayor, late)
    (submitted,) = (e.event for e in log.entries() if isinstance(e.event, PlanSubmitted))
    assert rotation(submitted.findings) is again


def test_a_plan_is_read_in_the_order_of_its_steps_whatever_their_dates_are_corrected_to(
    log: MemoryLog,
) -> None:
    cancelled = CancelMission(on=on("2002-01-12"), mission="europe-2002", reason="no funds")
    enter(log, "cancelled", *to_europe(2002, "2002-01-10"), cancelled)
    freed = next(e for e in log.entries() if isinstance(e.event, PlanEntryFreed))
    slip = CorrectRecord(
        on=on("2002-02-01"),
        stream=freed.stream,
        version=freed.version,
        reason="a slip",
        authority="City Clerk",
        changed={"decided_on": "2002-01-09"},
    )
    plan = log.read(freed.stream)[freed.stream]
    # no correction comes to this any more; a log may have one from before
    log.append([Pending(freed.stream, len(plan) + 1, correct(plan, slip))], {})

    outbound = [f.reason for f in found(log, 2002, "2002-02-01") if f.rule == "B3"]

    assert outbound == ["0 of at most 2 in 2002", "0 of at least 1 in 2002"]
