"""Corrections of the steps of missions and plans: in order, and one act saying one thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.bootstrap import Register, open_register
from application.handling import Work
from application.ports import Pending
from application.programme import mission_of, mission_stream, plan_of
from domain.corrections import CorrectRecord
from domain.corrections import decide as correct
from domain.instruments import ApproveDelegation
from domain.itineraries import Direction
from domain.kernel import Event
from domain.missions import (
    CompleteMission,
    DatedBeforeStep,
    MissionCancelled,
    MissionCompleted,
    MissionPlanned,
    MissionStarted,
    NotAlone,
    NotOutbound,
    StartMission,
    Step,
    StepSkipped,
)
from domain.planning import PlanApproved, PlanDrafted, PlanEntryFreed, PlanEntryListed
from domain.plans import DatedBeforeStage, NoPlan
from domain.proposals import MissionProposed
from projections.missions import MISSIONS, Mission
from projections.plans import PLANS
from tests.application.test_relisting import AGAIN, cancelling, correcting, last, saying
from tests.scenarios.test_a_year import (
    DELEGATION,
    decision,
    journey,
    listing,
    on,
    plan_2002,
    refused,
)
from tests.support.toronto import enter, recorded_2001

FOURTH = journey("fourth", "Chicago", "Indianapolis", day="2002-02-04")
APPROVED = decision(
    "delegation",
    "council",
    "2002-02-13",
    ApproveDelegation(mission="spring", travellers=DELEGATION),
)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as opened:
        plan_2002(opened)
        yield opened


def shown(register: Register, mission: str, day: str = "2002-03-01") -> Mission:
    """What `alliance mission` says, which is what the next act is judged by."""
    state = register.reader(MISSIONS).answer(mission, on(day).first).state
    assert state is not None
    return state


def listed(register: Register, day: str = "2002-03-01") -> tuple[str, ...]:
    state = register.reader(PLANS).answer("2002", on(day).first).state
    assert state is not None
    return state.missions


def dated(register: Register, kind: type[Event], mission: str, day: str) -> CorrectRecord:
    return correcting(register, kind, mission, changed={"decided_on": day})


@pytest.mark.rule("M10")
def test_a_listing_is_withdrawn_with_the_step_that_it_was(register: Register) -> None:
    (outcome,) = enter(
        register, "fix", correcting(register, PlanEntryListed, "winter", withdraw=True)
    )

    assert [e.stream for e in outcome.events] == ["plan/2002", "mission/winter"]
    assert (shown(register, "winter").step, shown(register, "winter").listed) == (
        Step.PROPOSED,
        False,
    )
    assert listed(register) == ("spring", "autumn")
    winter = journey("winter", "Sagamihara", "Chongqing")
    enter(register, "again", AGAIN, listing(winter, "2002-02-06"))
    assert shown(register, "winter").step is Step.PLANNED


@pytest.mark.rule("M10")
def test_what_another_step_follows_is_withdrawn_after_it(register: Register) -> None:
    enter(register, "delegation", *APPROVED)

    refusal = refused(
        register, StepSkipped, correcting(register, PlanEntryListed, "spring", withdraw=True)
    )
    assert refusal.details == {
        "rule": "M10",
        "mission": "spring",
        "act": "mission-delegation-approved",
        "step": "proposed",
        "needed": ("planned", "delegation approved"),
    }
    proposal = correcting(register, MissionProposed, "winter", withdraw=True)
    assert refused(register, StepSkipped, proposal).details["act"] == "mission-planned"

    enter(register, "listing", correcting(register, PlanEntryListed, "winter", withdraw=True))
    enter(register, "proposal", proposal)
    work = Work(register.log)
    assert mission_of(work, "winter").step is None


@pytest.mark.rule("B1")
def test_a_plan_lists_the_proposal_that_is_left(register: Register) -> None:
    before = FOURTH.model_copy(update={"rationale": "a fair of ports"})
    enter(register, "before", before)
    enter(
        register,
        "fourth",
        FOURTH,
        AGAIN,
        cancelling("winter", "2002-02-05"),
        listing(FOURTH, "2002-02-06"),
    )

    enter(register, "fix", correcting(register, MissionProposed, "fourth", withdraw=True))

    work = Work(register.log)
    outline = mission_of(work, "fourth").outline
    assert outline is not None
    assert outline.rationale == "a fair of ports"
    assert plan_of(work, 2002).entries["fourth"] == outline


@pytest.mark.rule("M10")
def test_what_an_act_did_is_corrected_with_the_act(register: Register) -> None:
    enter(register, "cancelled", cancelling("winter"))
    listing_of_spring = last(register, PlanEntryListed, "spring").version

    planned = correcting(register, MissionPlanned, "spring", withdraw=True)
    assert refused(register, NotAlone, planned).details == {
        "rule": "M10",
        "mission": "spring",
        "entry": "mission-planned",
        "correct": f"plan/2002/{listing_of_spring}",
    }
    freed = dated(register, PlanEntryFreed, "winter", "2002-02-09")
    assert refused(register, NotAlone, freed).details["correct"] == "mission/winter/3"

    said = {"decided_on": "2002-02-20", "reason": "no city asked"}
    enter(register, "fix", correcting(register, MissionCancelled, "winter", changed=said))
    entry = last(register, PlanEntryFreed, "winter").event
    assert (entry.reason, str(entry.effective_from)) == ("no city asked", "2002-02-20")
    assert shown(register, "winter", "2002-02-19").step is Step.PLANNED
    assert listed(register, "2002-02-19") == ("spring", "autumn", "winter")
    assert listed(register, "2002-02-20") == ("spring", "autumn")


@pytest.mark.rule("M10", "B1")
def test_a_step_is_not_corrected_to_a_day_before_the_one_that_it_follows(
    register: Register,
) -> None:
    late = refused(
        register, DatedBeforeStep, dated(register, MissionProposed, "spring", "2002-02-01")
    )
    assert late.details == {
        "rule": "M10",
        "mission": "spring",
        "on": "2002-01-10",
        "previous": "2002-02-01",
    }
    early = dated(register, PlanEntryListed, "spring", "2002-01-07")
    assert refused(register, DatedBeforeStep, early).details["previous"] == "2002-01-08"
    approved = last_of(register, PlanApproved)
    later = approved.model_copy(
        update={"changed": {"effective_from": "2002-01-20"}, "withdraw": False}
    )
    refusal = refused(register, DatedBeforeStage, later)
    assert (refusal.details["on"], refusal.details["previous"]) == ("2002-01-15", "2002-01-20")

    enter(register, "fix", dated(register, PlanEntryListed, "spring", "2002-01-12"))
    enter(register, "then", dated(register, MissionProposed, "spring", "2002-01-11"))
    assert str(shown(register, "spring").since) == "2002-01-12"
    assert shown(register, "spring").listed


def last_of(register: Register, kind: type[Event]) -> CorrectRecord:
    (entry,) = (e for e in register.log.entries() if isinstance(e.event, kind))
    return CorrectRecord(
        on=on("2002-03-01"),
        stream=entry.stream,
        version=entry.version,
        reason="the papers say otherwise",
        authority="City Clerk",
        withdraw=True,
    )


@pytest.mark.rule("B1")
def test_a_draft_is_not_withdrawn_under_what_it_lists(register: Register) -> None:
    assert refused(register, NoPlan, last_of(register, PlanDrafted)).details["year"] == 2002


@pytest.mark.rule("M10")
def test_a_mission_with_a_delegation_is_not_corrected_into_a_visit(register: Register) -> None:
    enter(register, "delegation", *APPROVED)
    visit = saying(register, "spring", direction=Direction.INBOUND)

    assert refused(register, NotOutbound, visit).details["mission"] == "spring"


@pytest.mark.rule("M10")
def test_what_was_out_of_order_before_is_put_right_step_by_step(register: Register) -> None:
    enter(
        register,
        "spring",
        *APPROVED,
        StartMission(on=on("2002-03-01"), mission="spring"),
        CompleteMission(on=on("2002-03-01"), mission="spring"),
    )
    stream = mission_stream("spring")
    entries = Work(register.log).read(stream).entries
    withdrawing = correcting(register, MissionStarted, "spring", withdraw=True)
    withdrawn = correct(entries, withdrawing)
    register.log.append([Pending(stream, len(entries) + 1, withdrawn)], {})
    proposal = saying(register, "spring", rationale="a fair of ports")

    enter(register, "proposal", proposal)
    enter(register, "fix", correcting(register, MissionCompleted, "spring", withdraw=True))

    assert shown(register, "spring").step is Step.DELEGATION_APPROVED
    refused(register, StepSkipped, correcting(register, PlanEntryListed, "spring", withdraw=True))
