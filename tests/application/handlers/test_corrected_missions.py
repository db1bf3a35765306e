"""Corrections of missions in a plan: judged as a listing is, and stored with what the rules say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register
from domain.corrections import CorrectRecord
from domain.instruments import AdoptProvision
from domain.missions.budget import BudgetIncomplete
from domain.missions.messages import CancelMission, MissionCancelled, MissionProposed
from domain.missions.outline import MissionOutline
from domain.missions.route import StopNotInProgramme
from domain.places import PlaceIdentified
from domain.proceedings.decisions import DecisionKind
from domain.programme.limits import MissionNotDescribed, MissionsExhausted, SlotsExhausted
from domain.programme.messages import AmendPlan, PlanEntryFreed, PlanEntryListed
from domain.programme.plan import NotAsProposed, OtherYear, Stage
from domain.shared.findings import Answer
from domain.shared.messages import DecisionRef, Event, ProvisionRef
from domain.shared.provisions import ProvisionDraft
from projections.plans import PLANS
from tests.scenarios.test_a_year import (
    WINTER,
    decision,
    events,
    findings,
    journey,
    listing,
    on,
    plan_2002,
    refused,
    visit,
)
from tests.support.toronto import enter, recorded_2001

STUDY = visit("Indianapolis", day="2002-02-04", official=False)
MORE = tuple(visit(city, day="2002-02-04") for city in ("Cankaya-Ankara", "Chicago"))
AGAIN = AmendPlan(on=on("2002-02-05"), year=2002, reason="more cities asked")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as opened:
        plan_2002(opened)
        yield opened


def last(register: Register, kind: type[Event], mission: str) -> Any:
    """The last entry of a kind about a mission."""
    entries = (e for e in register.log.entries() if isinstance(e.event, kind))
    return [e for e in entries if _about(e.event) == mission][-1]


def _about(event: Any) -> str:
    name: str = event.outline.mission if hasattr(event, "outline") else event.mission
    return name


def correcting(register: Register, kind: type[Event], mission: str, **more: Any) -> CorrectRecord:
    entry = last(register, kind, mission)
    fields: dict[str, Any] = {
        "reason": "the papers say otherwise",
        "authority": "City Clerk",
        **more,
    }
    return CorrectRecord(on=on("2002-03-01"), stream=entry.stream, version=entry.version, **fields)


def saying(
    register: Register,
    mission: str,
    *,
    kind: type[Event] = MissionProposed,
    authority: Any = "City Clerk",
    **said: Any,
) -> CorrectRecord:
    """The proposal of a mission, or its listing, as it should have been."""
    outline: MissionOutline = last(register, kind, mission).event.outline
    changed = {"outline": outline.model_copy(update=said).model_dump(mode="json")}
    return correcting(register, kind, mission, changed=changed, authority=authority)


def not_cancelled(register: Register, mission: str) -> CorrectRecord:
    return correcting(register, MissionCancelled, mission, withdraw=True)


def cancelling(mission: str, day: str = "2002-02-07") -> CancelMission:
    return CancelMission(on=on(day), mission=mission, reason="no funds")


def notwithstanding(name: str, *provisions: str) -> tuple[DecisionRef, Any]:
    """A decision of Council that sets provisions aside, and what enters it."""
    draft = ProvisionDraft(address=f"note-{name}", heading="Note", text="One more this year.")
    entered = decision(
        name, "council", "2002-02-13", AdoptProvision(draft=draft), notwithstanding=provisions
    )
    return DecisionRef(matter=name, decision="adopts", body="council"), entered


def test_a_corrected_proposal_is_corrected_in_the_plan_that_lists_it(register: Register) -> None:
    before = last(register, PlanEntryListed, "spring")

    (outcome,) = enter(register, "fix", saying(register, "spring", rationale="a fair of ports"))

    proposed, listed = (
        last(register, kind, "spring") for kind in (MissionProposed, PlanEntryListed)
    )
    assert [e.stream for e in outcome.events] == ["mission/spring", "plan/2002"]
    assert listed.event.outline == proposed.event.outline
    assert listed.event.outline.rationale == "a fair of ports"
    assert listed.event.findings == before.event.findings
    assert (listed.event.replaces.version, listed.event.replaces.reason) == (
        before.version,
        "the papers say otherwise",
    )
    plan = register.reader(PLANS).answer("2002", on("2002-03-01").first).state
    assert plan is not None
    assert (plan.stage, plan.missions) == (Stage.CONFIRMED, ("spring", "autumn", "winter"))


@pytest.mark.rule("B2")
def test_a_study_group_is_not_corrected_into_an_eleventh_visit(register: Register) -> None:
    enter(
        register, "more", AGAIN, *MORE, STUDY, *(listing(m, "2002-02-05") for m in (*MORE, STUDY))
    )
    official = saying(register, STUDY.mission, official=True)

    refusal = refused(register, SlotsExhausted, official)

    provision = ProvisionRef(address="planning/1(i)", version=1)
    assert refusal.by_provision == provision
    assert (refusal.details["listed"], refusal.details["most"]) == (10, 10)
    enter(register, "cancelled", cancelling("visit-haifa"))
    enter(register, "fix", official)
    assert findings(last(register, PlanEntryListed, STUDY.mission).event, "B2") == [Answer.MET] * 2


@pytest.mark.rule("B2")
def test_a_place_taken_by_a_correction_is_left_to_each_listed_later(register: Register) -> None:
    first = (AGAIN, STUDY, listing(STUDY, "2002-02-05"))
    enter(register, "more", *first, *MORE, *(listing(m, "2002-02-05") for m in MORE))

    refusal = refused(register, SlotsExhausted, saying(register, STUDY.mission, official=True))

    assert (refusal.details["listed"], refusal.details["most"]) == (10, 10)
    enter(register, "fix", saying(register, STUDY.mission, timing=on("2002-09")))


@pytest.mark.rule("B2")
def test_council_lets_a_correction_make_an_eleventh_visit(register: Register) -> None:
    aside, entered = notwithstanding("eleven", "planning/1(i)", "inbound/2")
    listed = (listing(m, "2002-02-05") for m in (*MORE, STUDY))
    deferring, deferred = notwithstanding("later", "planning/1(i)", "inbound/2")
    opened, taken = deferred
    deferred = (opened, taken.model_copy(update={"kind": DecisionKind.DEFER, "instruments": ()}))
    enter(register, "more", AGAIN, *MORE, STUDY, *listed, *entered)
    enter(register, "deferred", *deferred)

    unresolved = saying(register, STUDY.mission, official=True, authority=deferring)
    assert refused(register, SlotsExhausted, unresolved).details["listed"] == 10
    enter(register, "fix", saying(register, STUDY.mission, official=True, authority=aside))

    kept = last(register, PlanEntryListed, STUDY.mission).event
    assert findings(kept, "B2") == [Answer.OVERRIDDEN] * 2


@pytest.mark.rule("B1")
def test_a_mission_is_not_corrected_into_another_year_while_a_plan_lists_it(
    register: Register,
) -> None:
    refusal = refused(register, OtherYear, saying(register, "winter", year=2003))
    assert refusal.details == {"rule": "B1", "year": 2002, "mission": "winter", "own": 2003}

    enter(register, "study", STUDY)
    enter(register, "fix", saying(register, STUDY.mission, year=2003))


@pytest.mark.rule("B1")
def test_a_listing_is_corrected_with_its_proposal_and_not_alone(register: Register) -> None:
    alone = saying(register, "winter", kind=PlanEntryListed, rationale="another")

    assert refused(register, NotAsProposed, alone).details == {
        "rule": "B1",
        "year": 2002,
        "mission": "winter",
    }


@pytest.mark.rule("B3", "B4")
def test_a_corrected_mission_is_described_as_a_listed_one_is(register: Register) -> None:
    undescribed = refused(register, MissionNotDescribed, saying(register, "winter", rationale=None))
    assert undescribed.details["missing"] == ("rationale",)
    assert WINTER.budget is not None
    cents = {name: cost for name, cost in WINTER.budget.cents.items() if name != "meals"}
    short = WINTER.budget.model_copy(update={"cents": cents})
    incomplete = refused(register, BudgetIncomplete, saying(register, "winter", budget=short))
    assert incomplete.details["missing"] == ("meals",)


@pytest.mark.rule("M2")
def test_a_mission_is_not_corrected_into_a_stop_that_the_programme_does_not_make(
    register: Register,
) -> None:
    (standing,) = last(register, MissionProposed, "visit-warsaw").event.outline.stops
    kiev = next(e.place for e in events(register, PlaceIdentified) if e.place.code == "UA-KIEV")
    said = standing.model_copy(update={"place": kiev})

    refusal = refused(register, StopNotInProgramme, saying(register, "winter", stops=(said,)))

    assert refusal.details["city"] == "UA-KIEV"
    assert refusal.by_provision == ProvisionRef(address="programming/outbound", version=1)


@pytest.mark.rule("B3")
def test_a_cancellation_is_withdrawn_where_the_place_is_free_again(register: Register) -> None:
    fourth = journey("fourth", "Chicago", "Indianapolis", day="2002-02-04")
    enter(register, "fourth", fourth, AGAIN, cancelling("winter"), listing(fourth, "2002-02-08"))
    assert refused(register, MissionsExhausted, not_cancelled(register, "winter")).rule == "B3"

    enter(register, "another", cancelling("fourth", "2002-02-09"))
    enter(register, "fix", not_cancelled(register, "winter"))

    plan = register.reader(PLANS).answer("2002", on("2002-03-01").first).state
    assert plan is not None
    assert plan.missions == ("spring", "autumn", "winter")


@pytest.mark.rule("M8")
def test_what_the_rules_advise_on_a_mission_listed_again_is_stored_with_it(
    register: Register,
) -> None:
    second = visit("Haifa", day="2002-02-08").model_copy(update={"mission": "haifa-again"})
    enter(
        register, "again", AGAIN, cancelling("visit-haifa"), second, listing(second, "2002-02-09")
    )
    was = last(register, PlanEntryListed, "visit-haifa")
    assert findings(was.event, "M8") == [Answer.MET]

    (outcome,) = enter(register, "fix", not_cancelled(register, "visit-haifa"))

    listed = last(register, PlanEntryListed, "visit-haifa")
    assert findings(listed.event, "M8") == [Answer.ADVISORY]
    assert listed.event.effective_from == was.event.effective_from
    assert listed.event.replaces.version == was.version
    assert listed in outcome.events
    assert [e.stream for e in outcome.events] == ["mission/visit-haifa", "plan/2002", "plan/2002"]


@pytest.mark.rule("B2")
def test_a_visit_listed_notwithstanding_is_listed_again_notwithstanding(
    register: Register,
) -> None:
    aside, entered = notwithstanding("eleven", "planning/1(i)", "inbound/2")
    eleventh = visit("Indianapolis", day="2002-02-13")
    listed = listing(eleventh, "2002-02-14").model_copy(update={"authority": aside})
    ten = (*MORE, *(listing(m, "2002-02-05") for m in MORE))
    enter(register, "more", AGAIN, *ten, *entered, eleventh, listed)
    enter(register, "cancelled", cancelling(eleventh.mission, "2002-02-15"))

    enter(register, "fix", not_cancelled(register, eleventh.mission))

    kept = last(register, PlanEntryListed, eleventh.mission).event
    assert findings(kept, "B2") == [Answer.OVERRIDDEN] * 2
    assert events(register, PlanEntryFreed)
