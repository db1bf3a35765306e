"""What a decision on a reopened matter does to what was done before (rule A4)."""

from __future__ import annotations

from typing import Any

import pytest

from application.command_bus import CommandBus, events_of
from application.handlers.table import HANDLERS
from application.unit_of_work import UnitOfWork
from domain.corrections import CorrectRecord
from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    ClassifyPartnership,
    DeleteProvision,
    Explore,
    Instrument,
    PartnershipExists,
    RequestReport,
    StrikeFromProvision,
    TargetCity,
)
from domain.partnerships.partnership import CityTargeted
from domain.policy import AlreadyDeleted, AlreadyInForce, ProvisionAmended
from domain.proceedings.decisions import DecisionKind, DecisionTaken, RecordEffect, ReopenMatter
from domain.proceedings.earlier_decisions import AlreadyRescinded
from domain.proceedings.matter import OpenMatter
from domain.proceedings.motions import MoveMotion, Result, Strike
from domain.shared.dates import When
from domain.shared.findings import Answer
from domain.shared.messages import Event
from tests.support.memory_log import PlainKeys
from tests.support.racing import MovingLog
from tests.support.small_city import (
    ADOPTION,
    COUNCIL_DAYS,
    DELEGATION,
    FIRST_PAPER,
    FOUNDING,
    LATER,
    MATTER,
    OPENED,
    PURPOSE,
    adopt,
    command_bus,
    decide,
    envelope,
    opened,
    recommendation,
    record,
    submit,
)

pytestmark = pytest.mark.rule("A4")

REOPEN = ReopenMatter(on=LATER, matter=MATTER, decision="reopening", body="council", reason="new")
MILAN = TargetCity(city="IT-MILAN")
ASK = RequestReport(request="seoul", office="staff", about="Seoul", to="council")
LOOK = Explore(subject="lima", name="Lima", report_back=True)


def reopened(*instruments: Instrument, meanwhile: tuple[Any, ...] = ()) -> CommandBus:
    """Council adopted one recommendation that does this, and has taken the matter up again."""
    at = opened()
    first = submit("report", recommendation("report/1", *instruments), recommendation("report/2"))
    record(at, first, adopt("report/1"), *meanwhile, REOPEN)
    return at


def again(at: CommandBus, *adopts: str, **more: Any) -> tuple[Event, ...]:
    command = adopt(*adopts, decision="again", on=LATER, **more)
    (outcome,) = at.handle(envelope(command, "2002"))
    return events_of(outcome)


def said(event: Event) -> list[str]:
    assert isinstance(event, DecisionTaken)
    assert {(f.rule, f.answer) for f in event.findings} <= {("A4", Answer.ADVISORY)}
    return [finding.reason for finding in event.findings]


def test_each_effect_that_still_stands_is_named_when_the_matter_is_rejected() -> None:
    classify = AdoptProvision(draft=PURPOSE)
    at = reopened(classify, MILAN, ASK, LOOK)
    command = decide("again", DecisionKind.REJECT, on=LATER)
    (outcome,) = at.handle(envelope(command, "2002"))
    (taken,) = events_of(outcome)
    assert said(taken) == [
        "still stands, by adoption: provision-adopted of purpose (policy)",
        "still stands, by adoption: report-requested of seoul (duties)",
        "still stands, by adoption: exploration-directed of lima (exploration/lima)",
        "still stands, by adoption: city-targeted of IT-MILAN (partnership/IT-MILAN)",
    ]


@pytest.mark.parametrize("act", [ASK, AdoptReport(document="report")])
def test_a_matter_is_decided_again_after_what_it_adopted_was_withdrawn(act: Instrument) -> None:
    at = opened()
    adopting = adopt("report/1", instruments=(act,))
    record(at, submit("report", recommendation("report/1", MILAN)), adopting)
    (report,) = (
        entry
        for entry in at.log.entries()
        if getattr(entry.event, "TOPIC", "") == "report-submitted.v1"
    )
    withdrawn = CorrectRecord(
        on=LATER,
        stream=report.stream,
        version=report.version,
        reason="it was another matter's",
        authority="City Clerk",
        withdraw=True,
    )
    record(CommandBus(at.log, PlainKeys(), HANDLERS), withdrawn, REOPEN, meeting="2002")
    (taken, *_) = again(at, instruments=(TargetCity(city="UA-KIEV"),))
    assert any(reason.startswith("still stands, by adoption:") for reason in said(taken))


def test_an_effect_entered_for_a_decision_later_is_named_as_well() -> None:
    late = RecordEffect(on=COUNCIL_DAYS, instrument=MILAN, authority=ADOPTION)
    at = reopened(ASK, meanwhile=(late,))
    (taken,) = again(at, instruments=(ASK,))
    assert said(taken) == [
        "still stands, by adoption: city-targeted of IT-MILAN (partnership/IT-MILAN)"
    ]


def test_what_another_decision_has_undone_does_not_still_stand() -> None:
    other = OpenMatter(on=FIRST_PAPER, matter="2002-1", title="Another")
    undone = adopt(
        matter="2002-1", decision="undoes", instruments=(DeleteProvision(address="purpose"),)
    )
    at = reopened(AdoptProvision(draft=PURPOSE), meanwhile=(other, undone))
    (taken,) = again(at, "report/2")
    assert said(taken) == []
    at = reopened(AdoptProvision(draft=PURPOSE), meanwhile=(other, undone))
    (_, adopted) = again(at, "report/1")
    assert adopted.TOPIC == "provision-adopted.v1"


def test_what_is_adopted_again_is_not_done_again_and_what_is_new_is() -> None:
    at = reopened(MILAN, AdoptProvision(draft=PURPOSE))
    kiev = TargetCity(city="UA-KIEV")
    taken, milan, targeted = again(at, "report/1", instruments=(kiev,))
    assert isinstance(milan, CityTargeted), "a city is targeted by each decision that says so"
    assert isinstance(targeted, CityTargeted)
    assert [event.place.code for event in (milan, targeted)] == ["IT-MILAN", "UA-KIEV"]
    done = "was done before the matter was reopened and is not done again"
    why = "A provision is in force at this address: replace it, or delete it first."
    assert said(taken) == [f"adopt-provision purpose {done} ({why})"]


def test_a_provision_that_is_amended_and_adopted_again_is_amended() -> None:
    at = reopened(AdoptProvision(draft=DELEGATION))
    words = Strike(target="provision/outbound/2", words=", with the Chair", terms="unchanged")
    carried = MoveMotion(
        on=LATER,
        matter=MATTER,
        motion="m1",
        body="council",
        operation=words,
        result=Result.CARRIED,
    )
    record(at, carried, meeting="2002")
    command = decide("again", DecisionKind.ADOPT_AS_AMENDED, on=LATER, adopts=("report/1",))
    (outcome,) = at.handle(envelope(command, "2002"))
    taken, amended = events_of(outcome)
    text = "The Mayor shall select the delegation."
    assert isinstance(amended, ProvisionAmended)
    assert (amended.draft.text, amended.draft.terms) == (text, DELEGATION.terms)
    assert amended.decided_on == LATER
    assert said(taken) == []
    (standing,) = UnitOfWork(at.log).policy(LATER.last).provisions.values()
    assert (standing.draft.text, standing.ref.version) == (text, 2)


def test_one_decision_does_not_adopt_one_provision_in_two_wordings() -> None:
    at = reopened(MILAN)
    drafts = (PURPOSE, PURPOSE.model_copy(update={"text": "To trade."}))
    acts = tuple(AdoptProvision(draft=draft) for draft in drafts)
    with pytest.raises(AlreadyInForce):
        again(at, instruments=acts)


def test_an_act_that_was_not_done_before_is_refused_as_ever() -> None:
    at = reopened(AdoptProvision(draft=PURPOSE), DeleteProvision(address="purpose"))
    strike = StrikeFromProvision(address="purpose", words=", to learn")
    with pytest.raises(AlreadyDeleted):
        again(at, instruments=(strike,))


def test_an_adoption_and_its_strike_are_done_again_as_far_as_they_are_not_so() -> None:
    strike = StrikeFromProvision(address="purpose", words=", to learn")
    at = reopened(AdoptProvision(draft=PURPOSE), strike)
    taken, *amended = again(at, "report/1")
    assert said(taken) == []
    texts = [event.draft.text for event in amended if isinstance(event, ProvisionAmended)]
    assert texts == ["To meet, to trade, to learn.", "To meet, to trade."]


def test_a_class_that_is_given_again_is_already_so() -> None:
    kiev = ClassifyPartnership(city="UA-KIEV", classification="Historical")
    since = PartnershipExists(
        city="UA-KIEV", established=When.parse("1991"), description="a letter"
    )
    at = opened()
    record(at, submit("partners", recommendation("partners/1", kiev), states=(since,)))
    record(at, adopt("partners/1"), REOPEN)
    (taken,) = again(at, "partners/1")
    (reason,) = said(taken)
    assert reason.startswith("classify-partnership UA-KIEV was done before")


def rescinding(name: str) -> tuple[Any, ...]:
    """A meeting that opens a matter of its own, and rescinds the adoption by a decision on it."""
    opening = OpenMatter(on=LATER, matter=name, title="To rescind")
    rescind = decide(
        "rescission", DecisionKind.RESCIND, on=LATER, matter=name, earlier=ADOPTION, summary="No."
    )
    return envelope(opening, name), envelope(rescind, name)


def test_of_two_rescissions_at_one_moment_one_is_refused() -> None:
    log = MovingLog()
    at = command_bus(log)
    record(at, *FOUNDING, OPENED, submit("report", recommendation("report/1")), adopt("report/1"))
    log.attempts = 0
    log.rivals = iter([lambda: command_bus(log).handle(*rescinding("first"))])

    with pytest.raises(AlreadyRescinded) as refused:
        at.handle(*rescinding("second"))
    assert refused.value.by == "first/rescission"
    assert log.attempts == 1
