"""How a decision takes effect: all of it, by whom it may, or not at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from application.command_bus import CommandBus, events_of
from application.unit_of_work import UnitOfWork
from domain.council.bodies import NoDecision, NoDecisionOnClass, NotAuthorised, UnknownBody
from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    ApprovePlan,
    AuthoriseOfficials,
    ChangeTier,
    ClassifyPartnership,
    DeleteProvision,
    EnterPartnership,
    ExplorationReported,
    Explore,
    PartnershipExists,
    ReplaceProvision,
    ReportAnswers,
    RequestReport,
    StrikeFromProvision,
    StudyCited,
    TargetCity,
    cannot_take_effect,
)
from domain.partnerships.exploration import ExplorationAnswered, ExplorationDirected
from domain.partnerships.partnership import (
    AgreementExists,
    CityTargeted,
    NoPartnership,
    PartnershipClassified,
    PartnershipFormed,
)
from domain.places import IdentifyPlaces, Place, UnknownPlace
from domain.policy import (
    AlreadyDeleted,
    AlreadyInForce,
    NotInForce,
    ProvisionAdopted,
    ProvisionAmended,
    ProvisionDeleted,
    Superseded,
)
from domain.proceedings.adoption import UnknownReport
from domain.proceedings.amendments import ChoiceNeeded, TargetDeleted
from domain.proceedings.decision_rules import NotAdopted
from domain.proceedings.decisions import (
    Decide,
    DecisionKind,
    DecisionTaken,
    RecordEffect,
    ReopenMatter,
    Resolution,
)
from domain.proceedings.matter import AlreadyRecorded, MatterClosed, OpenMatter
from domain.proceedings.motion_rules import MovedInAnotherBody
from domain.proceedings.motions import (
    Add,
    Delete,
    DeleteAndInsert,
    DisposeOfMotion,
    MotionCarried,
    MoveMotion,
    Operation,
    Result,
    Strike,
    SubjectTo,
)
from domain.proceedings.papers import ReportSubmitted
from domain.proceedings.recommendations import Recommendation
from domain.proceedings.requested_reports import ReportGiven, ReportRequested
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding
from domain.shared.log_facts import EntryLapsed
from domain.shared.messages import Command, Event, ProvisionRef, shared_fields
from domain.shared.problems import Problem
from domain.shared.provisions import PolicyInForce, TermChanges, Terms
from domain.shared.strikes import WordsNotThere
from tests.support.racing import MovingLog
from tests.support.small_city import (
    ADOPTION,
    COMMITTEE_DAY,
    COUNCIL_DAYS,
    DELEGATION,
    FIRST_PAPER,
    FOUNDING,
    KIEV,
    LATER,
    MATTER,
    MILAN,
    OPENED,
    POLICY,
    PURPOSE,
    REPORT,
    VISITS,
    adopt,
    adopted,
    basis,
    command_bus,
    decide,
    envelope,
    opened,
    proposed,
    recommendation,
    record,
    submit,
)

NEXT = "2002-3-1"
NEXT_OPENED = OpenMatter(on=FIRST_PAPER, matter=NEXT, title="The year after")
EFFECTS = basis(COUNCIL_DAYS, ADOPTION)
AS_AMENDED = decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("report/1", "report/2"))
FORMED_1991 = PartnershipExists(
    city="UA-KIEV", established=When.parse("1991"), description="Friendship Agreement"
)


def moving(motion: str, operation: Operation, body: str = "council", **more: Any) -> MoveMotion:
    fields: dict[str, Any] = {"on": COUNCIL_DAYS, "matter": MATTER, "result": Result.CARRIED}
    return MoveMotion(motion=motion, body=body, operation=operation, **{**fields, **more})


def effects(at: CommandBus, command: Command) -> tuple[Event, ...]:
    """What a command stores, without the decision's own entry."""
    (outcome,) = at.handle(envelope(command))
    return tuple(e for e in events_of(outcome) if not isinstance(e, DecisionTaken))


def decision(at: CommandBus, command: Command) -> DecisionTaken:
    (outcome,) = at.handle(envelope(command))
    (taken,) = (e for e in events_of(outcome) if isinstance(e, DecisionTaken))
    return taken


def refused(at: CommandBus, command: Command, refusal: type[Problem], **details: Any) -> None:
    """It is refused with these details, and nothing is stored."""
    head = at.log.head()
    with pytest.raises(refusal) as raised:
        at.handle(envelope(command))
    assert type(raised.value) is refusal
    assert {**raised.value.details, **details} == raised.value.details
    assert at.log.head() == head


def policy(at: CommandBus, day: date = COUNCIL_DAYS.last) -> PolicyInForce:
    return UnitOfWork(at.log).policy(day)


def version(address: str, number: int = 1) -> ProvisionRef:
    return ProvisionRef(address=address, version=number)


def provision_adopted(draft: Any, *amended_by: str) -> ProvisionAdopted:
    return ProvisionAdopted(
        provision=version(draft.address), draft=draft, amended_by=amended_by, **EFFECTS
    )


# A1: who may


@pytest.mark.rule("A1")
@pytest.mark.parametrize(
    ("instrument", "act"),
    [
        (AdoptProvision(draft=PURPOSE), "policy"),
        (
            ClassifyPartnership(city="UA-KIEV", classification="Historical"),
            "classification",
        ),
        (TargetCity(city="IT-MILAN"), "classification"),
        (
            EnterPartnership(city="IT-MILAN", established=LATER, description="Twinning"),
            "agreement",
        ),
        (Explore(subject="seoul", name="Seoul", report_back=False), "exploration"),
    ],
    ids=lambda value: getattr(value, "instrument", value),
)
def test_a_committee_recommends_and_puts_nothing_in_force(instrument: Any, act: str) -> None:
    for kind in (DecisionKind.ADOPT, DecisionKind.RECOMMEND):
        refused(
            opened(),
            decide("d", kind, body="committee", instruments=(instrument,)),
            NotAuthorised,
            rule="A1",
            act=act,
            body="committee",
            authority="council",
        )


@pytest.mark.rule("A1")
def test_a_committees_amendment_changes_the_recommendation_and_not_the_policy() -> None:
    at = proposed()
    insert = DeleteAndInsert(target="provision/purpose", text="To trade.", terms={})
    amended = effects(at, moving("m1", insert, body="committee", on=COMMITTEE_DAY))
    assert policy(at) == PolicyInForce(on=COUNCIL_DAYS.last)
    assert not [e for e in amended if isinstance(e, ProvisionAdopted | ProvisionAmended)]
    text = PURPOSE.model_copy(update={"text": "To trade."})
    assert effects(at, adopt("report/2")) == (
        provision_adopted(VISITS),
        provision_adopted(text, "m1"),
    )


@pytest.mark.rule("A1")
def test_a_provision_in_force_may_name_another_authority_and_is_named_in_the_refusal() -> None:
    at = proposed()
    agreements = PURPOSE.model_copy(update={"terms": {"agreement.approver": "mayor"}})
    record(at, adopt(instruments=(AdoptProvision(draft=agreements),)), NEXT_OPENED)
    enter = EnterPartnership(city="IT-MILAN", established=LATER, description="Twinning")
    later: dict[str, Any] = {"matter": NEXT, "on": LATER, "instruments": (enter,)}
    refused(
        at,
        adopt(decision="twinning", **later),
        NotAuthorised,
        rule="A1",
        provision=version("purpose"),
        act="agreement",
        body="council",
        authority="mayor",
    )
    assert len(effects(at, adopt(decision="twinning", body="mayor", **later))) == 1


# A2: amendments, of what is proposed and of what is in force


@pytest.mark.rule("A2")
def test_what_council_amends_is_adopted_as_amended_and_names_its_motions() -> None:
    at = proposed()
    text = "Council approves the delegation."
    terms: Terms = {"delegation.approver": "council"}
    changes: TermChanges = {**dict.fromkeys(DELEGATION.terms), **terms}
    insert = DeleteAndInsert(target="provision/outbound/2", text=text, terms=changes)
    strike = Strike(target="provision/purpose", words="to trade, ")
    changed = DELEGATION.model_copy(update={"text": text, "terms": terms})
    shorter = PURPOSE.model_copy(update={"text": "To meet, to learn."})
    record(at, moving("m1", insert), moving("m2", strike))
    assert effects(at, AS_AMENDED) == (
        provision_adopted(changed, "m1"),
        provision_adopted(VISITS),
        provision_adopted(shorter, "m2"),
    )


@pytest.mark.rule("A2")
def test_a_provision_that_a_motion_deleted_is_not_adopted() -> None:
    at = proposed()
    record(at, moving("m1", Delete(target="provision/purpose")))
    assert effects(at, AS_AMENDED) == (provision_adopted(DELEGATION), provision_adopted(VISITS))


def in_force_amended(operation: Operation) -> tuple[CommandBus, MoveMotion]:
    at = adopted()
    record(at, NEXT_OPENED)
    return at, moving("m1", operation, matter=NEXT, on=LATER)


@pytest.mark.rule("A2")
def test_a_provision_in_force_is_amended_by_a_motion_once_it_is_adopted() -> None:
    strike = Strike(
        target="provision/purpose", words="to trade, ", declared="To meet.", enter="declared"
    )
    at, motion = in_force_amended(strike)
    instrument = StrikeFromProvision(address="purpose", words="to trade, ", declared="To meet.")
    (_, carried) = effects(at, motion)
    assert isinstance(carried, MotionCarried)
    assert carried.recommendation == Recommendation(
        id="motion/m1", text="Amend provision purpose as moved.", instruments=(instrument,)
    )
    assert (carried.computed, carried.declared) == ("To meet, to learn.", "To meet.")
    assert policy(at, LATER.last).provisions["purpose"].ref == version("purpose")
    adopting = decide(
        "amendment", DecisionKind.ADOPT_AS_AMENDED, matter=NEXT, on=LATER, adopts=("motion/m1",)
    )
    authority = ADOPTION.model_copy(update={"matter": NEXT, "decision": "amendment"})
    assert effects(at, adopting) == (
        ProvisionAmended(
            provision=version("purpose", 2),
            draft=PURPOSE.model_copy(update={"text": "To meet."}),
            computed="To meet, to learn.",
            **basis(LATER, authority),
        ),
    )


@pytest.mark.rule("A2")
@pytest.mark.parametrize("words", [", to learn", None])
def test_a_motion_may_amend_what_is_in_force_some_time_in_the_year(words: str | None) -> None:
    at = adopted()
    record(at, NEXT_OPENED)
    draft = PURPOSE.model_copy(update={"address": "goals"})
    later = RecordEffect(
        on=LATER,
        instrument=AdoptProvision(draft=draft),
        authority=ADOPTION,
        effective_from=When.parse("2002"),
    )
    record(at, later, meeting="2002")
    goals = "provision/goals"
    operation = Strike(target=goals, words=words) if words else Delete(target=goals)
    (_, carried) = effects(at, moving("m1", operation, matter=NEXT, on=LATER))
    assert isinstance(carried, MotionCarried)
    assert carried.recommendation
    assert carried.recommendation.text == "Amend provision goals as moved."


@pytest.mark.rule("A2")
def test_the_clerk_chooses_where_the_declared_text_of_a_provision_in_force_differs() -> None:
    strike = Strike(target="provision/purpose", words="to trade, ", declared="To meet.")
    at, motion = in_force_amended(strike)
    refused(
        at,
        motion,
        ChoiceNeeded,
        rule="A2",
        target="provision/purpose",
        computed="To meet, to learn.",
        declared="To meet.",
    )


@pytest.mark.rule("A2")
@pytest.mark.parametrize(
    "operation",
    [
        Strike(target="provision/inbound/3", words="x"),
        DeleteAndInsert(target="provision/inbound/3", text="x"),
    ],
    ids=lambda o: o.operation,
)
def test_a_motion_on_what_is_neither_proposed_nor_in_force_is_refused(operation: Operation) -> None:
    at, motion = in_force_amended(operation)
    refused(at, motion, NotInForce, rule="A2", address="inbound/3", on="2002-03-05")


@pytest.mark.rule("A2")
def test_a_motion_on_a_deleted_provision_is_refused() -> None:
    at, motion = in_force_amended(Strike(target="provision/purpose", words="to trade, "))
    deleting = DeleteProvision(address="purpose")
    record(
        at,
        OpenMatter(on=LATER, matter="x", title="x"),
        adopt(decision="d", matter="x", on=LATER, instruments=(deleting,)),
    )
    refused(at, motion, AlreadyDeleted, rule="A2", provision=version("purpose", 2))


@pytest.mark.rule("A2")
def test_a_motion_is_judged_on_what_motions_carried_before_it_make_of_the_text() -> None:
    insert = DeleteAndInsert(target="provision/purpose", text="To trade with ports and fairs.")
    at, first = in_force_amended(insert)
    more: dict[str, Any] = {"matter": NEXT, "on": LATER}
    inserted = Strike(target="provision/purpose", words=" and fairs")
    refused(at, moving("m2", inserted, **more), WordsNotThere, words=" and fairs")
    record(at, first, moving("m2", inserted, **more))
    gone = Strike(target="provision/purpose", words="to trade, ")
    refused(at, moving("m3", gone, **more), WordsNotThere, text="To trade with ports.")
    adopting = decide("d", DecisionKind.ADOPT_AS_AMENDED, adopts=("motion/m1", "motion/m2"), **more)
    texts = [e.draft.text for e in effects(at, adopting) if isinstance(e, ProvisionAmended)]
    assert texts == ["To trade with ports and fairs.", "To trade with ports."]
    reopening = ReopenMatter(
        on=LATER, matter=NEXT, decision="reopening", body="council", reason="new facts"
    )
    record(at, reopening)
    again = Strike(target="provision/purpose", words=" with ports")
    assert len(effects(at, moving("m4", again, **more))) == 2


@pytest.mark.rule("A2")
def test_a_motion_on_a_provision_that_an_earlier_one_deletes_names_that_motion() -> None:
    at, deleting = in_force_amended(Delete(target="provision/purpose"))
    record(at, deleting)
    strike = Strike(target="provision/purpose", words="to trade, ")
    refused(
        at,
        moving("m2", strike, matter=NEXT, on=LATER),
        TargetDeleted,
        rule="A2",
        target="provision/purpose",
        by="m1",
    )


@pytest.mark.rule("A2")
def test_of_two_motions_that_add_a_recommendation_of_one_name_the_second_does_not_carry() -> None:
    at = proposed()
    for motion in ("m1", "m2"):
        add = Add(recommendation=recommendation("council/1", text=f"As {motion} says."))
        record(at, moving(motion, add, result=None))
    first, second = (
        DisposeOfMotion(
            on=COUNCIL_DAYS, matter=MATTER, motion=motion, body="council", result=Result.CARRIED
        )
        for motion in ("m1", "m2")
    )
    record(at, first)
    refused(at, second, AlreadyRecorded, matter=MATTER, item="council/1")


@pytest.mark.rule("A1")
def test_another_body_does_not_end_a_motion() -> None:
    at = proposed()
    strike = Strike(target="provision/purpose", words="to trade, ")
    record(at, moving("m1", strike, body="committee", result=None))
    ending = DisposeOfMotion(
        on=COUNCIL_DAYS, matter=MATTER, motion="m1", body="council", result=Result.CARRIED
    )
    refused(at, ending, MovedInAnotherBody, rule="A1", body="council", moved_in="committee")


# A3: nothing before adoption, and then all of it or nothing


@pytest.mark.rule("A3")
def test_nothing_is_in_force_before_adoption_and_the_proposal_stays_beside_it() -> None:
    at = proposed()
    assert policy(at).provisions == {}
    record(at, adopt("report/1"))
    assert policy(at, date(2001, 12, 5)).provisions == {}
    assert set(policy(at).provisions) == {"outbound/2"}
    assert POLICY.recommendations == proposed_in(at)


def proposed_in(at: CommandBus) -> tuple[Recommendation, ...]:
    entries = (row.event for row in at.log.entries())
    return next(e.recommendations for e in entries if isinstance(e, ReportSubmitted))


@pytest.mark.rule("A3")
def test_a_recommendation_to_receive_or_refer_puts_nothing_in_force() -> None:
    at = proposed()
    record(at, decide("committee", DecisionKind.RECOMMEND, body="committee", adopts=("report/1",)))
    assert policy(at).provisions == {}
    instruments = (AdoptProvision(draft=PURPOSE),)
    refused(
        at,
        decide("d", DecisionKind.RECEIVE, instruments=instruments),
        NotAdopted,
        rule="A3",
        decision="d",
        kind=DecisionKind.RECEIVE,
        acts=("adopt-provision",),
    )


@pytest.mark.rule("A3")
def test_a_decision_that_adopts_nothing_approves_nothing_and_adopts_no_report() -> None:
    at = proposed()
    approving = decide("d", DecisionKind.DEFER, instruments=(ApprovePlan(year=2002),))
    refused(at, approving, NotAdopted, rule="A3", acts=("approve-plan",))
    record(at, decide("received", DecisionKind.RECEIVE))
    whole = RecordEffect(
        on=LATER,
        instrument=AdoptReport(document="report"),
        authority=ADOPTION.model_copy(update={"decision": "received"}),
    )
    refused(at, whole, NoDecision, rule="A1", act="adopt-report")
    assert policy(at).provisions == {}


@pytest.mark.rule("A3")
def test_one_refused_effect_refuses_the_whole_decision() -> None:
    at = proposed()
    instruments = (TargetCity(city="IT-MILAN"), TargetCity(city="XX-NOWHERE"))
    refused(
        at, adopt("report/1", instruments=instruments), UnknownPlace, rule="C5", place="XX-NOWHERE"
    )
    refused(
        at,
        adopt("report/2", instruments=(AdoptProvision(draft=PURPOSE),)),
        AlreadyInForce,
        rule="A2",
        provision=version("purpose"),
    )


def test_adopting_a_report_adopts_all_that_its_recommendations_do() -> None:
    at = proposed()
    further = recommendation("more/1", AdoptReport(document="report"), AuthoriseOfficials())
    record(at, submit("more", further))
    everything = (
        provision_adopted(DELEGATION),
        provision_adopted(VISITS),
        provision_adopted(PURPOSE),
    )
    assert effects(at, adopt("more/1")) == everything
    other = proposed()
    assert effects(other, adopt(instruments=(AdoptReport(document="report"),))) == everything


def test_a_report_that_adopts_itself_is_adopted_once() -> None:
    at = opened()
    itself = recommendation("a/1", AdoptReport(document="a"), AdoptProvision(draft=PURPOSE))
    record(at, submit("a", itself))
    assert effects(at, adopt(instruments=(AdoptReport(document="a"),))) == (
        provision_adopted(PURPOSE),
    )


SEOUL = Explore(subject="seoul", name="Seoul", report_back=False)


def explored(at: CommandBus, command: Command) -> int:
    """How many explorations a decision directs: a second one of a subject is none the less one."""
    return sum(isinstance(event, ExplorationDirected) for event in effects(at, command))


def test_a_report_that_two_adopted_reports_adopt_is_adopted_once() -> None:
    at = opened()
    for name in ("b", "c"):
        record(at, submit(name, recommendation(f"{name}/1", AdoptReport(document="d"))))
    both = recommendation("a/1", AdoptReport(document="b"), AdoptReport(document="c"))
    record(at, submit("a", both))
    record(at, submit("d", recommendation("d/1", SEOUL)))
    assert explored(at, adopt("a/1")) == 1


def test_a_recommendation_adopted_by_name_and_with_its_report_does_once_what_it_does() -> None:
    for names in (("d/1", "a/1"), ("a/1", "d/1"), ("d/1", "d/1")):
        at = opened()
        record(at, submit("a", recommendation("a/1", AdoptReport(document="d"))))
        record(at, submit("d", recommendation("d/1", SEOUL)))
        assert explored(at, adopt(*names)) == 1


@pytest.mark.rule("A3")
def test_a_report_that_is_not_before_the_body_is_not_adopted() -> None:
    refused(
        proposed(),
        adopt(instruments=(AdoptReport(document="other"),)),
        UnknownReport,
        rule="A3",
        document="other",
        known=("report",),
    )


@pytest.mark.rule("A3")
def test_a_decision_rests_on_the_version_in_force_and_names_it() -> None:
    at = adopted()
    record(at, NEXT_OPENED)
    later: dict[str, Any] = {"matter": NEXT, "on": LATER, "instruments": (AuthoriseOfficials(),)}
    taken = decision(at, adopt(decision="a", relies_on=("purpose", version("inbound/2")), **later))
    assert taken.relies_on == (version("purpose"), version("inbound/2"))
    at = adopted()
    record(at, NEXT_OPENED)
    refused(
        at,
        adopt(decision="a", relies_on=(version("purpose", 2),), **later),
        Superseded,
        rule="A3",
        provision=version("purpose"),
        cited=version("purpose", 2),
    )
    refused(
        at,
        adopt(decision="a", relies_on=("planning/2",), **later),
        NotInForce,
        rule="A2",
        address="planning/2",
        on="2002-03-05",
    )


@pytest.mark.rule("A3")
def test_a_decision_on_a_provision_that_changes_meanwhile_is_decided_again() -> None:
    log = MovingLog()
    at = command_bus(log)
    record(at, *FOUNDING, OPENED, POLICY, adopt("report/1", "report/2"), NEXT_OPENED)
    record(at, OpenMatter(on=LATER, matter="x", title="x"))
    amend = StrikeFromProvision(address="purpose", words="to trade, ")
    rival = adopt(decision="amendment", matter="x", on=LATER, instruments=(amend,))

    def relying(*cited: Any) -> Command:
        return adopt(
            decision="a",
            matter=NEXT,
            on=LATER,
            relies_on=cited,
            instruments=(AuthoriseOfficials(),),
        )

    log.rivals = iter([lambda: command_bus(log).handle(envelope(rival))])
    with pytest.raises(Superseded) as raised:
        at.handle(envelope(relying(version("purpose"))))
    assert raised.value.details["provision"] == version("purpose", 2)
    taken = decision(at, relying("purpose"))
    assert taken.relies_on == (version("purpose", 2),)


# when it takes hold


def test_a_decision_may_take_hold_later_and_says_so() -> None:
    at = proposed()
    command = adopt("report/1", effective_from=When.parse("2002-01-01"))
    taken = DecisionTaken(
        **shared_fields(Resolution, command),
        relies_on=(),
        final=True,
        findings=(),
        **basis(COUNCIL_DAYS, effective="2002-01-01"),
    )
    (outcome,) = at.handle(envelope(command))
    assert events_of(outcome) == (
        taken,
        ProvisionAdopted(
            provision=version("outbound/2"),
            draft=DELEGATION,
            **basis(COUNCIL_DAYS, ADOPTION, effective="2002-01-01"),
        ),
    )
    assert policy(at, date(2001, 12, 31)).provisions == {}


@pytest.mark.rule("A4")
def test_a_matter_reopened_before_its_decision_takes_hold_is_open() -> None:
    at = proposed()
    record(at, adopt("report/1", effective_from=When.parse("2003-01-01")))
    refused(at, adopt("report/3", decision="again"), MatterClosed, closed_by="adoption")
    reopening = ReopenMatter(
        on=LATER, matter=MATTER, decision="reopening", body="council", reason="new facts"
    )
    record(at, reopening)
    assert decision(at, adopt("report/3", decision="again", on=LATER)).decision == "again"


def test_effects_cite_the_place_of_the_instrument_and_of_the_decision() -> None:
    at = opened()
    target = TargetCity(city="IT-MILAN", cites=(REPORT,))
    minutes = REPORT.model_copy(update={"document": "minutes"})
    (event,) = effects(at, adopt(instruments=(target,), cites=(minutes,)))
    assert event == CityTargeted(place=MILAN, **basis(COUNCIL_DAYS, ADOPTION, REPORT, minutes))


# C: relationships through decisions


@pytest.mark.rule("C1", "A1")
@pytest.mark.parametrize(
    ("instrument", "refusal", "rule"),
    [
        (
            ClassifyPartnership(city="UA-KIEV", classification="Historical"),
            NoDecisionOnClass,
            "C1",
        ),
        (TargetCity(city="IT-MILAN"), NoDecisionOnClass, "C1"),
        (DeleteProvision(address="purpose"), NoDecision, "A1"),
    ],
    ids=lambda value: getattr(value, "instrument", str(value)),
)
def test_an_effect_names_an_adoption_in_the_record(
    instrument: Any, refusal: type[NoDecision], rule: str
) -> None:
    at = proposed()
    record(at, decide("committee", DecisionKind.RECOMMEND, body="committee"), adopt("report/1"))
    unknown = (
        None,
        ADOPTION.model_copy(update={"matter": "nowhere"}),
        ADOPTION.model_copy(update={"decision": "other"}),
        ADOPTION.model_copy(update={"body": "committee"}),
        ADOPTION.model_copy(update={"decision": "committee", "body": "committee"}),
    )
    for authority in unknown:
        refused(
            at,
            RecordEffect(on=LATER, instrument=instrument, authority=authority),
            refusal,
            rule=rule,
            act=instrument.instrument,
            authority=authority,
        )


@pytest.mark.rule("A1")
def test_an_effect_needs_the_power_of_the_body_that_decided() -> None:
    at = proposed()
    record(at, adopt(instruments=(AuthoriseOfficials(),), body="committee"))
    of_committee = ADOPTION.model_copy(update={"body": "committee"})
    refused(
        at,
        RecordEffect(on=LATER, instrument=TargetCity(city="IT-MILAN"), authority=of_committee),
        NotAuthorised,
        rule="A1",
        act="classification",
        body="committee",
        authority="council",
    )


def test_an_effect_recorded_later_has_the_dates_of_its_decision() -> None:
    at = proposed()
    record(at, adopt("report/1"))
    effect = RecordEffect(on=LATER, instrument=TargetCity(city="IT-MILAN"), authority=ADOPTION)
    assert effects(at, effect) == (CityTargeted(place=MILAN, **EFFECTS),)
    whole = RecordEffect(on=LATER, instrument=AdoptReport(document="report"), authority=ADOPTION)
    refused(at, whole, AlreadyInForce, rule="A2", provision=version("outbound/2"))


def test_a_request_of_a_committee_may_be_entered_as_an_effect() -> None:
    at = opened()
    record(at, decide("asking", DecisionKind.REQUEST_REPORT, body="committee"))
    authority = ADOPTION.model_copy(update={"decision": "asking", "body": "committee"})
    ask = RequestReport(request="seoul", office="Commissioner", about="Seoul", to="council")
    (event,) = effects(at, RecordEffect(on=LATER, instrument=ask, authority=authority))
    assert isinstance(event, ReportRequested)
    assert event.authority == authority


@pytest.mark.rule("C3")
def test_a_report_states_a_partnership_and_council_classifies_it() -> None:
    at = opened()
    (_, formed) = effects(at, submit("partners", states=(FORMED_1991,)))
    assert formed == PartnershipFormed(
        place=KIEV,
        established=When.parse("1991"),
        description="Friendship Agreement",
        **basis("2001-11-07", effective="1991"),
    )
    classify = ClassifyPartnership(city="UA-KIEV", classification="Historical")
    (outcome,) = at.handle(envelope(adopt(instruments=(classify,))))
    taken, classified = events_of(outcome)
    assert classified == PartnershipClassified(
        place=KIEV, classification="Historical", reason=None, **EFFECTS
    )
    assert isinstance(taken, DecisionTaken)
    assert ("C3", Answer.ADVISORY) in {(f.rule, f.answer) for f in taken.findings}


@pytest.mark.rule("C1", "C4")
def test_a_partnership_known_to_its_year_may_exist_on_any_day_of_it() -> None:
    long_ago = OpenMatter(on=When.parse("1990"), matter=NEXT, title="Kiev")
    at = opened()
    record(at, submit("partners", states=(FORMED_1991,)), long_ago)
    classify = ClassifyPartnership(city="UA-KIEV", classification="Historical")
    june = When.parse("1991-06-30")
    refused(
        at,
        adopt(on=june, matter=NEXT, instruments=(TargetCity(city="UA-KIEV"),)),
        AgreementExists,
        rule="C4",
        established="1991",
    )
    (event,) = effects(at, adopt(on=june, matter=NEXT, instruments=(classify,)))
    assert isinstance(event, PartnershipClassified)
    before = adopt(on=When.parse("1990-12-31"), matter=NEXT, instruments=(classify,))
    at = opened()
    record(at, submit("partners", states=(FORMED_1991,)), long_ago)
    refused(at, before, NoPartnership, rule="C1", city="UA-KIEV")


def test_a_partnership_entered_sooner_prevails_over_one_that_was_to_begin_later() -> None:
    at = opened()

    def entering(year: str) -> EnterPartnership:
        return EnterPartnership(
            city="IT-MILAN", established=When.parse(year), description="Twinning"
        )

    record(at, adopt(instruments=(entering("2005"),)), NEXT_OPENED)
    sooner = adopt(decision="b", matter=NEXT, on=LATER, instruments=(entering("2003"),))
    (outcome,) = record(at, sooner)
    formed, lapse = outcome.events[-2:]
    assert isinstance(formed.event, PartnershipFormed)
    assert isinstance(lapse.event, EntryLapsed)
    assert (lapse.event.replaces.version, lapse.event.by) == (1, 2)  # type: ignore[union-attr]
    assert lapse.event.lapsed == ADOPTION


# W1, R1, R2


@pytest.mark.rule("W1")
def test_no_decision_changes_a_tier_and_the_record_says_so() -> None:
    at = proposed()
    change = ChangeTier(city="UA-KIEV", tier="Gamma")
    subject = SubjectTo(target="report", change="Kiev to be Gamma", instruments=(change,))
    record(at, moving("m1", subject, body="committee", on=COMMITTEE_DAY))
    added = Add(recommendation=recommendation("motion-m2/1", change))
    record(at, moving("m2", added))
    command = decide("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("motion-m2/1",))
    (outcome,) = at.handle(envelope(command))
    (taken,) = events_of(outcome)
    assert isinstance(taken, DecisionTaken)
    assert taken.findings == (cannot_take_effect(change),)


@pytest.mark.rule("R1", "R2")
def test_what_a_decision_asks_for_is_owed_until_a_report_gives_it() -> None:
    at = opened()
    ask = RequestReport(
        request="annual-status", office="Commissioner", about="status", to="council", yearly=True
    )
    explore = Explore(subject="guerrero", name="Guerrero", report_back=True)
    (outcome,) = at.handle(envelope(adopt(instruments=(ask, explore))))
    taken, asked, directed = events_of(outcome)
    assert isinstance(taken, DecisionTaken)
    assert taken.findings == (
        Finding(rule="R2", answer=Answer.NOT_MET, reason="Guerrero: a report back is owed"),
    )
    assert asked == ReportRequested(
        request="annual-status",
        office="Commissioner",
        about="status",
        to="council",
        yearly=True,
        **EFFECTS,
    )
    assert directed == ExplorationDirected(
        subject="guerrero", name="Guerrero", places=(), report_back=True, purpose=None, **EFFECTS
    )
    answering = submit(
        "report-2002",
        on=LATER,
        states=(ReportAnswers(request="annual-status"), ExplorationReported(subject="guerrero")),
    )
    (_, given, answered) = effects(at, answering)
    assert given == ReportGiven(request="annual-status", document="report-2002", **basis(LATER))
    assert answered == ExplorationAnswered(
        subject="guerrero", document="report-2002", **basis(LATER)
    )


def test_what_is_in_force_is_amended_directly_by_council() -> None:
    at = adopted()
    record(at, NEXT_OPENED)
    replace_ = ReplaceProvision(address="purpose", text="To learn.")
    deleting = DeleteProvision(address="inbound/2")
    command = adopt(decision="d", matter=NEXT, on=LATER, instruments=(replace_, deleting))
    authority = ADOPTION.model_copy(update={"matter": NEXT, "decision": "d"})
    assert effects(at, command) == (
        ProvisionAmended(
            provision=version("purpose", 2),
            draft=PURPOSE.model_copy(update={"text": "To learn."}),
            **basis(LATER, authority),
        ),
        ProvisionDeleted(provision=version("inbound/2", 2), **basis(LATER, authority)),
    )


@pytest.mark.rule("A1")
@pytest.mark.parametrize(
    "term", ["plan.approver", "agreement.approver", "plan.submitted-to", "classification.approver"]
)
def test_a_term_gives_an_act_to_a_body_that_there_is(term: str) -> None:
    at = adopted()
    record(at, NEXT_OPENED)

    def giving(to: str) -> Decide:
        draft = PURPOSE.model_copy(update={"address": "who", "terms": {term: to}})
        acts = (AdoptProvision(draft=draft),)
        return adopt(decision="d", matter=NEXT, on=LATER, instruments=acts)

    refused(at, giving("counsil"), UnknownBody, body="counsil")
    assert effects(at, giving("council"))


@pytest.mark.rule("A2")
def test_a_term_that_no_rule_reads_is_kept_and_pointed_at() -> None:
    at = adopted()
    record(at, NEXT_OPENED)
    draft = PURPOSE.model_copy(
        update={"address": "who", "terms": {"plan.outbound-missions.mots": 2}}
    )
    taken = decision(
        at, adopt(decision="d", matter=NEXT, on=LATER, instruments=(AdoptProvision(draft=draft),))
    )
    assert [(f.rule, f.answer, f.reason) for f in taken.findings] == [
        (
            "A2",
            Answer.ADVISORY,
            "no rule reads plan.outbound-missions.mots (is plan.outbound-missions.most meant?)",
        )
    ]


@pytest.mark.rule("A2")
def test_a_provision_deleted_from_a_proposal_is_amended_where_it_is_in_force() -> None:
    at = proposed()
    record(
        at,
        NEXT_OPENED,
        adopt(decision="d", matter=NEXT, instruments=(AdoptProvision(draft=PURPOSE),)),
        moving("m1", Delete(target="provision/purpose")),
    )
    strike = Strike(target="provision/purpose", words="to trade, ")
    (_, carried) = effects(at, moving("m2", strike))
    assert isinstance(carried, MotionCarried)
    assert carried.recommendation is not None
    assert carried.recommendation.id == "motion/m2"


def test_a_motion_on_a_recommendation_amends_no_provision_whose_address_is_its_name() -> None:
    at = opened()
    record(
        at,
        submit(
            "outbound",
            recommendation("outbound/1", AdoptProvision(draft=DELEGATION)),
            recommendation("outbound/2", text="That it be done now."),
        ),
        moving("m1", Strike(target="recommendation/outbound/2", words=" now")),
    )
    adopting = decide(
        "adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("outbound/1", "outbound/2")
    )
    assert effects(at, adopting) == (provision_adopted(DELEGATION),)


@pytest.mark.rule("W2")
def test_a_study_names_a_city_with_or_without_its_accents() -> None:
    at = opened()
    place = Place(code="BR-SAO-PAULO", name="São Paulo", country="BR", country_name="Brazil")
    study = StudyCited(study="GaWC", edition="five", tiers={"Beta": ("Sao Paulo",)})
    first = PURPOSE.model_copy(update={"terms": {"exploration.tiers.first": ("Beta",)}})
    explore = Explore(
        subject="sao-paulo", name="a look", places=("BR-SAO-PAULO",), report_back=False
    )
    record(at, IdentifyPlaces(on=FIRST_PAPER, places=(place,)), meeting="another")
    record(
        at,
        submit("study", states=(study,)),
        NEXT_OPENED,
        adopt(decision="d", matter=NEXT, instruments=(AdoptProvision(draft=first),)),
    )
    (outcome,) = at.handle(envelope(adopt(instruments=(explore,))))
    taken = events_of(outcome)[0]
    assert isinstance(taken, DecisionTaken)
    assert [(f.rule, f.answer) for f in taken.findings][1:] == [("W2", Answer.MET)]


@pytest.mark.rule("C1")
def test_a_special_meeting_within_a_meeting_may_come_before_it_or_after() -> None:
    """Council met on 21-23 May 2003 and specially on the 22nd; no paper says which was first."""
    at = opened()
    classes = ("International", "Historical")
    made, again = (ClassifyPartnership(city="UA-KIEV", classification=c) for c in classes)
    old = ClassifyPartnership(city="UA-KIEV", classification=classes[1])
    record(at, submit("partners", states=(FORMED_1991,)), adopt(instruments=(old,)), NEXT_OPENED)
    other = OpenMatter(on=FIRST_PAPER, matter="special", title="Kiev again")
    meeting, special = When.parse("2003-05-21/2003-05-23"), When.parse("2003-05-22")
    record(at, adopt(matter=NEXT, decision="d1", on=meeting, instruments=(made,)), other)
    effect = effects(at, adopt(matter="special", decision="d2", on=special, instruments=(again,)))
    assert [event.TOPIC for event in effect] == ["partnership-reclassified.v1"]
