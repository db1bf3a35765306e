"""Corrections of the steps of missions and plans: in order, and one act saying one thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register
from application.handlers.states import mission_of, plan_of, terms_of
from application.ports import Pending
from application.unit_of_work import UnitOfWork
from domain.corrections import CorrectRecord
from domain.corrections import decide as correct
from domain.council.terms import STREAM as TERMS
from domain.council.terms import RecordTermOfCouncil, TermsOverlap
from domain.discrepancies import DecidedBefore, SettleDiscrepancy
from domain.discrepancies import stream_of as discrepancy_stream
from domain.instruments import ApproveDelegation, AuthoriseOfficials, DeleteProvision
from domain.missions.messages import (
    CompleteMission,
    MissionCancelled,
    MissionCompleted,
    MissionPlanned,
    MissionProposed,
    MissionStarted,
    StartMission,
)
from domain.missions.mission import DatedBeforeStep, NotAlone, NotOutbound, Step, StepSkipped
from domain.missions.mission import stream_of as mission_stream
from domain.missions.outline import Direction
from domain.programme.messages import PlanApproved, PlanDrafted, PlanEntryFreed, PlanEntryListed
from domain.programme.plan import DatedBeforeStage, NoPlan
from domain.shared.messages import DecisionRef, Event
from projections.missions import MISSIONS, Mission
from projections.plans import PLANS
from tests.application.handlers.test_corrected_missions import (
    AGAIN,
    cancelling,
    correcting,
    last,
    saying,
)
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
    work = UnitOfWork(register.log)
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

    work = UnitOfWork(register.log)
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
    entries = UnitOfWork(register.log).read(stream).entries
    withdrawing = correcting(register, MissionStarted, "spring", withdraw=True)
    withdrawn = correct(entries, withdrawing)
    register.log.append([Pending(stream, len(entries) + 1, withdrawn)], {})
    proposal = saying(register, "spring", rationale="a fair of ports")

    enter(register, "proposal", proposal)
    enter(register, "fix", correcting(register, MissionCompleted, "spring", withdraw=True))

    assert shown(register, "spring").step is Step.DELEGATION_APPROVED
    refused(register, StepSkipped, correcting(register, PlanEntryListed, "spring", withdraw=True))


@pytest.mark.rule("M8")
def test_a_term_of_council_is_not_corrected_into_another(register: Register) -> None:
    following = RecordTermOfCouncil(on=on("2003-12-02"), term="2003-2006", begins=on("2003-12-01"))
    enter(register, "term", following)
    entries = UnitOfWork(register.log).read(TERMS).standing()

    def beginning(day: str) -> CorrectRecord:
        said: Any = {"term": {"term": "2003-2006", "begins": day, "ends": None}}
        return CorrectRecord(
            on=on("2004-01-05"),
            stream=TERMS,
            version=entries[-1].version,
            reason="the papers say otherwise",
            authority="City Clerk",
            changed=said,
        )

    refusal = refused(register, TermsOverlap, beginning("2003-11-30"))
    assert (refusal.details["term"], refusal.details["other"]) == ("2003-2006", "2000-2003")
    enter(register, "right", beginning("2003-12-02"))


@pytest.mark.rule("M8")
def test_a_term_that_is_said_late_takes_its_place_among_those_said_before(
    register: Register,
) -> None:
    def term(said: str, name: str, begins: str, ends: str | None) -> RecordTermOfCouncil:
        last = on(ends) if ends else None
        return RecordTermOfCouncil(on=on(said), term=name, begins=on(begins), ends=last)

    first, second = ("2003-2006", "2003-12-01"), ("2006-2010", "2006-12-01")
    enter(register, "open", term("2003-12-02", *first, None))
    enter(register, "ended", term("2006-11-01", *first, "2006-11-30"))
    enter(register, "next", term("2006-12-05", *second, None))

    enter(register, "late", term("2004-05-18", *first, None))
    assert [str(t.ends) for t in terms_of(UnitOfWork(register.log))][-2:] == ["2006-11-30", "None"]

    longer = refused(register, TermsOverlap, term("2006-11-15", *first, "2006-12-01"))
    assert (longer.details["term"], longer.details["other"]) == ("2006-2010", "2003-2006")
    stands = UnitOfWork(register.log).read(TERMS).standing()
    (said,) = (e for e in stands if e.event.decided_on == on("2006-11-01"))
    withdrawing = CorrectRecord(
        on=on("2007-01-05"),
        stream=TERMS,
        version=said.version,
        reason="nobody said so",
        authority="City Clerk",
        withdraw=True,
    )
    withdrawn = refused(register, TermsOverlap, withdrawing)
    assert (withdrawn.details["term"], withdrawn.details["other"]) == ("2006-2010", "2003-2006")


@pytest.mark.rule("K2")
def test_a_disagreement_is_not_dated_after_what_settled_it(register: Register) -> None:
    stream = discrepancy_stream("number-of-partnerships")
    by = decision("counts", "council", "2003-02-01", AuthoriseOfficials())
    authority = DecisionRef(matter="counts", decision="adopts", body="council")
    settling = SettleDiscrepancy(
        on=on("2003-02-01"), discrepancy="number-of-partnerships", authority=authority, how="26."
    )
    enter(register, "settled", *by, settling)

    def noted_on(day: str) -> CorrectRecord:
        return CorrectRecord(
            on=on("2003-03-01"),
            stream=stream,
            version=1,
            reason="the papers say otherwise",
            authority="City Clerk",
            changed={"decided_on": day},
        )

    refusal = refused(register, DecidedBefore, noted_on("2003-02-02"))
    assert refusal.details["since"] == "2003-02-02"
    enter(register, "right", noted_on("2003-02-01"))


@pytest.mark.rule("M9")
def test_a_mission_owes_what_is_in_force_on_the_corrected_day_of_its_end(
    register: Register,
) -> None:
    enter(register, "delegation", *APPROVED)
    enter(
        register,
        "journey",
        StartMission(on=on("2002-05-01"), mission="spring"),
        CompleteMission(on=on("2002-05-20"), mission="spring"),
        *decision("less", "council", "2002-05-15", DeleteProvision(address="planning/2")),
    )
    assert last(register, MissionCompleted, "spring").event.owes.documents == (
        "summary report",
        "action plan",
    )

    enter(register, "fix", dated(register, MissionCompleted, "spring", "2002-05-14"))
    assert last(register, MissionCompleted, "spring").event.owes.documents == (
        "summary report",
        "action plan",
    )
    enter(register, "again", dated(register, MissionCompleted, "spring", "2002-05-16"))
    completed: MissionCompleted = last(register, MissionCompleted, "spring").event
    assert completed.owes.documents == ()
    assert [f.answer.value for f in completed.findings if f.rule == "M9"] == ["not applicable"]
