"""A matter from first report to final disposition (rules A2, A3, A4; W1 on motions)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from pydantic import ValidationError

from domain.council.bodies import Charter, NotAuthorised, UnknownBody
from domain.council.persons import LEAD, OfficeHolder, Traveller
from domain.instruments import (
    AdoptProvision,
    ApproveDelegation,
    ChangeTier,
    DeleteProvision,
    Instrument,
    ReplaceProvision,
    RequestReport,
    TargetCity,
    cannot_take_effect,
)
from domain.proceedings.amendments import Amended, TargetDeleted
from domain.proceedings.decision_rules import (
    AdoptedBeforeProposed,
    MatterNotClosed,
    NotAdopted,
    NotAsAmended,
    NothingToAdopt,
    ReopenedBeforeClosed,
    ResolvedDecision,
    Sitting,
    amended_and_left_out,
    reopen_matter,
    require_adoption,
    require_decidable,
    require_proposed,
    resolve_decision,
)
from domain.proceedings.decisions import (
    ACTING,
    ADOPTING,
    CLOSING,
    Decide,
    DecisionKind,
    DecisionTaken,
    MatterReopened,
    Reopening,
    ReopenMatter,
    Resolution,
    reference_to_decision,
)
from domain.proceedings.matter import (
    AlreadyRecorded,
    BeforeOpened,
    DeferredToThePast,
    InCamera,
    Matter,
    MatterClosed,
    MatterHeldInCamera,
    MatterOpened,
    OpenMatter,
    UnknownMatter,
    evolve,
    hear_deputation,
    open_matter,
    receive_communication,
    submit_report,
)
from domain.proceedings.motion_rules import (
    EndedBeforeMoved,
    MotionEnded,
    MovedInAnotherBody,
    UnknownMotion,
    amendments_carried_before,
    carry_motion,
    move_motion,
    require_motion_fits,
    require_motion_pending,
)
from domain.proceedings.motions import (
    Add,
    Delete,
    DeleteAndInsert,
    DisposeOfMotion,
    Motion,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    MoveMotion,
    Operation,
    Result,
    Strike,
    SubjectTo,
)
from domain.proceedings.papers import (
    Communication,
    CommunicationReceived,
    Deputation,
    DeputationHeard,
    HearDeputation,
    ReceiveCommunication,
    Report,
    ReportSubmitted,
)
from domain.proceedings.recommendations import MatterCommand
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding
from domain.shared.messages import Basis, shared_fields
from domain.shared.problems import Problem
from domain.shared.provisions import PolicyInForce
from tests.support.small_city import (
    ADOPTION,
    CHARTER,
    COMMITTEE_DAY,
    COUNCIL_DAYS,
    DELEGATION,
    FIRST_PAPER,
    LATER,
    MATTER,
    OPENED,
    POLICY,
    PURPOSE,
    STAFF,
    adopt,
    basis,
    recommendation,
)
from tests.support.small_city import decide as a_decision
from tests.support.small_city import (
    submit as a_report,
)

FIRST, COMMITTEE, COUNCIL = basis(FIRST_PAPER), basis(COMMITTEE_DAY), basis(COUNCIL_DAYS)
ASK = RequestReport(request="seoul", office="Commissioner", about="Seoul", to="council")
KIEV_TO_GAMMA = ChangeTier(city="UA-KIEV", tier="Gamma")

UNGOVERNED = PolicyInForce(on=LATER.last)
TRAVELLERS = (Traveller(person=STAFF, seat=LEAD),)


def move(state: Matter, command: MoveMotion, at: Basis) -> MotionMoved:
    """Enter a motion where no provision says anything of majorities."""
    return move_motion(state, command, UNGOVERNED, at)


def reopen(state: Matter, command: ReopenMatter, charter: Charter, at: Basis) -> MatterReopened:
    """Enter a reopening where no provision says anything of majorities."""
    return reopen_matter(Sitting(state, charter, UNGOVERNED), command, at)


def matter_opened(on: str) -> MatterOpened:
    return MatterOpened(
        matter=MATTER, title="City partners", reference="Clause 4", **basis(When.parse(on))
    )


opening = matter_opened("2001-11-07")
report = ReportSubmitted(**shared_fields(Report, POLICY), **FIRST)


def after(*events: Any) -> Matter:
    state = Matter()
    for event in events:
        state = evolve(state, event)
    return state


OPEN = after(opening)
PROPOSED = after(opening, report)


def refused(
    refusal: type[Problem], act: Callable[..., object], /, *args: object, **details: Any
) -> None:
    with pytest.raises(refusal) as raised:
        act(*args)
    assert type(raised.value) is refusal
    assert raised.value.details == details


def moving(motion: str, operation: Operation, body: str = "council", **more: Any) -> MoveMotion:
    return MoveMotion(
        on=COUNCIL_DAYS, matter=MATTER, motion=motion, body=body, operation=operation, **more
    )


def losing(motion: str, body: str = "council", on: str = "2001-12-05") -> DisposeOfMotion:
    day = When.parse(on)
    return DisposeOfMotion(on=day, matter=MATTER, motion=motion, body=body, result=Result.LOST)


def moved(command: MoveMotion, *findings: Any) -> MotionMoved:
    return MotionMoved(**shared_fields(Motion, command), findings=findings, **COUNCIL)


def carried(motion: str, body: str = "council", **amended: Any) -> MotionCarried:
    return MotionCarried(
        matter=MATTER, motion=motion, body=body, **vars_of(Amended(**amended)), **COUNCIL
    )


def vars_of(amended: Amended) -> dict[str, Any]:
    return {name: getattr(amended, name) for name in Amended.__dataclass_fields__}


def failed(motion: str, result: Result) -> MotionFailed:
    return MotionFailed(
        matter=MATTER, motion=motion, body="council", result=result, reason=None, **COUNCIL
    )


def taken(command: Decide, *, final: bool = True) -> DecisionTaken:
    return DecisionTaken(
        **shared_fields(Resolution, command),
        relies_on=(),
        final=final,
        findings=(),
        **basis(command.on),
    )


def closed(kind: DecisionKind = DecisionKind.ADOPT) -> Matter:
    adopts = ("report/1",) if kind in ADOPTING else ()
    return after(opening, report, taken(a_decision("adoption", kind, adopts=adopts)))


LETTER = ReceiveCommunication(
    on=FIRST_PAPER, matter=MATTER, document="letter", sender=STAFF, asks="Kiev", about=("Kiev",)
)
SPEAKER = HearDeputation(
    on=COMMITTEE_DAY, matter=MATTER, deputation="speaker", body="committee", speaker=STAFF
)
STRIKE = moving("m1", Strike(target="recommendation/report/3", words="be done"))
REOPEN = ReopenMatter(
    on=LATER, matter=MATTER, decision="reopening", body="council", reason="new facts"
)


# what comes before a body


def test_a_matter_is_opened_once() -> None:
    assert open_matter(Matter(), OPENED, FIRST) == opening
    refused(AlreadyRecorded, open_matter, OPEN, OPENED, FIRST, matter=MATTER, item=MATTER)


def test_a_matter_opened_again_after_its_opening_was_withdrawn_keeps_what_came_before() -> None:
    held = MatterHeldInCamera(matter=MATTER, body="council", reason="labour", **COMMITTEE)
    again = matter_opened("2001-11-08").model_copy(
        update={"recommendations": (recommendation("own/1"),)}
    )
    state = after(report, held, again)  # as read once the first opening is withdrawn
    assert state.opened_on == When.parse("2001-11-08")
    assert list(state.recommendations) == ["report/1", "report/2", "report/3", "own/1"]
    days = {name: str(day) for name, day in state.proposed_on.items()}
    on_paper = dict.fromkeys(("report", "report/1", "report/2", "report/3"), "2001-11-07")
    assert days == {**on_paper, "own/1": "2001-11-08"}
    assert state.in_camera == InCamera("labour", "council")
    closed_again = after(held, again.model_copy(update={"in_camera": "a person"}))
    assert closed_again.in_camera == InCamera("a person", None)


def test_reports_letters_and_deputations_are_entered_as_they_came() -> None:
    assert submit_report(OPEN, POLICY, FIRST) == report
    assert receive_communication(OPEN, LETTER, FIRST) == CommunicationReceived(
        **shared_fields(Communication, LETTER), **FIRST
    )
    assert hear_deputation(OPEN, SPEAKER, COMMITTEE) == DeputationHeard(
        **shared_fields(Deputation, SPEAKER), **COMMITTEE
    )


def test_an_item_has_one_name_in_its_matter() -> None:
    state = after(
        opening,
        report,
        receive_communication(OPEN, LETTER, FIRST),
        hear_deputation(OPEN, SPEAKER, COMMITTEE),
        moved(STRIKE),
        taken(a_decision("referral", DecisionKind.REFER)),
    )
    assert state.items == {"report", "letter", "speaker", "m1", "referral"}
    for act, command, name in (
        (submit_report, a_report("letter"), "letter"),
        (receive_communication, LETTER.model_copy(update={"document": "report"}), "report"),
        (hear_deputation, SPEAKER, "speaker"),
        (move, STRIKE, "m1"),
        (move, STRIKE.model_copy(update={"motion": "referral"}), "referral"),
    ):
        refused(AlreadyRecorded, act, state, command, FIRST, matter=MATTER, item=name)
    refused(
        AlreadyRecorded,
        require_decidable,
        state,
        adopt("report/1", decision="letter"),
        matter=MATTER,
        item="letter",
    )


def test_a_recommendation_has_one_name_in_its_matter() -> None:
    taken_already = recommendation("report/1", text="Something else.")
    twice = (recommendation("other/1"), recommendation("other/1"))
    for act, command, name in (
        (submit_report, a_report("other", taken_already), "report/1"),
        (submit_report, a_report("other", *twice), "other/1"),
        (move, moving("m1", Add(recommendation=taken_already)), "report/1"),
    ):
        refused(AlreadyRecorded, act, PROPOSED, command, FIRST, matter=MATTER, item=name)
    recommending = a_decision("d", DecisionKind.RECOMMEND, recommends=(taken_already,))
    told = {"matter": MATTER, "item": "report/1"}
    refused(AlreadyRecorded, require_decidable, PROPOSED, recommending, **told)
    adding = Add(recommendation=taken_already)
    refused(AlreadyRecorded, require_motion_fits, PROPOSED, MATTER, adding, **told)


def test_a_report_and_a_decision_put_their_recommendations_before_the_body() -> None:
    own = recommendation("committee/1", ASK)
    recommending = a_decision("first", DecisionKind.RECOMMEND, recommends=(own,))
    state = after(opening, report, taken(recommending))
    assert state.reports == {"report": ("report/1", "report/2", "report/3")}
    assert list(state.recommendations) == ["report/1", "report/2", "report/3", "committee/1"]
    assert require_decidable(state, adopt("committee/1")) == (own,)


@pytest.mark.rule("A4")
def test_nothing_is_entered_on_a_matter_that_nobody_opened() -> None:
    acts: Iterable[tuple[Callable[..., object], MatterCommand]] = (
        (submit_report, POLICY),
        (receive_communication, LETTER),
        (hear_deputation, SPEAKER),
        (move, STRIKE),
    )
    for act, command in acts:
        refused(UnknownMatter, act, Matter(), command, FIRST, rule="A4", matter=MATTER)
    refused(UnknownMatter, require_decidable, Matter(), adopt("x/1"), rule="A4", matter=MATTER)
    refused(UnknownMatter, require_motion_pending, Matter(), losing("m1"), rule="A4", matter=MATTER)
    refused(
        UnknownMatter,
        reopen,
        Matter(),
        REOPEN,
        CHARTER,
        basis(LATER),
        rule="A4",
        matter=MATTER,
    )


# motions


@pytest.mark.rule("W1")
def test_a_motion_to_change_a_tier_is_recorded_and_marked() -> None:
    finding = cannot_take_effect(KIEV_TO_GAMMA)
    subject = moving(
        "m1", SubjectTo(target="report", change="Kiev Gamma", instruments=(KIEV_TO_GAMMA, ASK))
    )
    added = moving("m1", Add(recommendation=recommendation("a/1", KIEV_TO_GAMMA)))
    for command in (subject, added):
        assert move(PROPOSED, command, COUNCIL) == moved(command, finding)
    assert move(PROPOSED, STRIKE, COUNCIL) == moved(STRIKE)


def test_a_motion_awaits_one_result() -> None:
    pending = after(opening, report, moved(STRIKE))
    assert require_motion_pending(pending, losing("m1")) == moved(STRIKE)


@pytest.mark.parametrize(
    "amended",
    [
        {"recommendation": recommendation("report/3", text="That report/3 .")},
        {"draft": DELEGATION, "computed": "As moved.", "declared": DELEGATION.text},
        {"removed": "purpose"},
    ],
    ids=lambda amended: next(iter(amended)),
)
def test_a_motion_that_carried_keeps_what_it_makes_of_its_target(amended: dict[str, Any]) -> None:
    assert carry_motion(moved(STRIKE), Amended(**amended), STRIKE, UNGOVERNED, COUNCIL) == carried(
        "m1", **amended
    )


@pytest.mark.rule("A2")
def test_a_motion_that_nobody_moved_has_no_result() -> None:
    refused(
        UnknownMotion,
        require_motion_pending,
        PROPOSED,
        losing("m1", "council"),
        rule="A2",
        matter=MATTER,
        motion="m1",
    )


@pytest.mark.rule("A4")
@pytest.mark.parametrize("result", list(Result))
def test_a_motion_that_ended_has_its_result(result: Result) -> None:
    ending = carried("m1") if result is Result.CARRIED else failed("m1", result)
    state = after(opening, report, moved(STRIKE), ending)
    assert state.results == {"m1": result}
    ended = {"rule": "A4", "motion": "m1", "result": result}
    refused(MotionEnded, require_motion_pending, state, losing("m1", "council"), **ended)


@pytest.mark.rule("A1")
def test_a_motion_ends_in_the_body_that_it_was_moved_in() -> None:
    pending = after(opening, report, moved(STRIKE))
    told = {"rule": "A1", "motion": "m1", "body": "committee", "moved_in": "council"}
    refused(MovedInAnotherBody, require_motion_pending, pending, losing("m1", "committee"), **told)


@pytest.mark.parametrize("result", [Result.LOST, Result.WITHDRAWN, Result.OUT_OF_ORDER])
def test_a_motion_that_failed_changes_nothing(result: Result) -> None:
    state = after(opening, report, moved(STRIKE), failed("m1", result))
    assert (state.recommendations, state.carried, state.amended_by) == (
        PROPOSED.recommendations,
        {},
        {},
    )
    assert require_decidable(state, adopt("report/3"))


def test_a_carried_motion_changes_what_is_adopted_and_leaves_its_name() -> None:
    changed = DELEGATION.model_copy(update={"text": "Council approves."})
    struck = recommendation("report/3", text="That report/3 .")
    added = recommendation("more/1", ASK)
    state = after(
        opening,
        report,
        carried("m1", recommendation=struck),
        carried("m2", draft=changed),
        carried("m3", removed="purpose"),
        carried("m4", recommendation=added),
    )
    first, second, third = POLICY.recommendations
    assert state.recommendations == {
        "report/1": first.model_copy(update={"instruments": (AdoptProvision(draft=changed),)}),
        "report/2": second.model_copy(update={"instruments": second.instruments[:1]}),
        "report/3": struck,
        "more/1": added,
    }
    assert third.id == "report/3"
    assert state.amended_by == {
        "recommendation/report/3": ("m1",),
        "provision/outbound/2": ("m2",),
        "provision/purpose": ("m3",),
        "recommendation/more/1": ("m4",),
    }
    assert state.carried == {"council": ("m1", "m2", "m3", "m4")}
    assert set(state.drafts()) == {"outbound/2", "inbound/2"}
    again = evolve(state, carried("m5", recommendation=struck))
    assert again.amended_by == {**state.amended_by, "recommendation/report/3": ("m1", "m5")}


def test_what_carried_in_any_body_would_do_is_known_in_the_order_it_carried() -> None:
    replace, delete = (
        ReplaceProvision(address="purpose", text="x"),
        DeleteProvision(address="goals"),
    )
    state = after(
        opening,
        report,
        carried("m1", body="committee", recommendation=recommendation("motion/m1", replace)),
        carried("m2", recommendation=recommendation("motion/m2", delete)),
        carried("m3", recommendation=recommendation("more/1", ASK)),
    )
    assert list(amendments_carried_before(state).items()) == [("m1", (replace,)), ("m2", (delete,))]
    reopened = evolve(
        evolve(state, taken(adopt("report/1"))),
        MatterReopened(**shared_fields(Reopening, REOPEN), **basis(LATER)),
    )
    assert amendments_carried_before(reopened) == {}


@pytest.mark.rule("A2")
@pytest.mark.parametrize(
    "operation",
    [
        Strike(target="provision/purpose", words="x"),
        DeleteAndInsert(target="provision/purpose", text="x"),
        Delete(target="provision/purpose"),
    ],
    ids=lambda o: o.operation,
)
def test_an_amendment_of_a_provision_that_a_motion_deleted_is_refused(
    operation: Operation,
) -> None:
    state = after(opening, report, carried("m3", removed="purpose"))
    refused(
        TargetDeleted,
        require_motion_fits,
        state,
        MATTER,
        operation,
        rule="A2",
        target="provision/purpose",
        by="m3",
    )
    require_motion_fits(PROPOSED, MATTER, operation)
    require_motion_fits(state, MATTER, Strike(target="provision/inbound/2", words="x"))
    deeper = after(opening, report, carried("m3", removed="outbound/2"))
    told = {"rule": "A2", "target": "provision/outbound/2", "by": "m3"}
    refused(
        TargetDeleted, require_motion_fits, deeper, MATTER, Delete(target=told["target"]), **told
    )
    require_motion_fits(state, MATTER, Strike(target="recommendation/report/3", words="x"))
    require_motion_fits(state, MATTER, Add(recommendation=recommendation("a/1")))


def test_a_provision_that_is_proposed_again_or_is_in_force_elsewhere_can_be_amended() -> None:
    strike = Strike(target="provision/purpose", words="x")
    deleted = after(opening, report, carried("m3", removed="purpose"))
    again = recommendation("more/1", AdoptProvision(draft=PURPOSE))
    require_motion_fits(
        after(
            opening, report, carried("m3", removed="purpose"), carried("m4", recommendation=again)
        ),
        MATTER,
        strike,
    )
    require_motion_fits(deleted, MATTER, strike, in_force=("purpose",))
    with pytest.raises(TargetDeleted):
        require_motion_fits(deleted, MATTER, strike, in_force=("outbound/2",))


# decisions


def test_an_adoption_adopts_what_it_names_in_that_order() -> None:
    first, _, third = POLICY.recommendations
    assert require_decidable(PROPOSED, adopt("report/3", "report/1")) == (third, first)


@pytest.mark.rule("A3")
@pytest.mark.parametrize("kind", list(DecisionKind))
def test_no_decision_names_a_recommendation_that_is_not_before_the_body(kind: DecisionKind) -> None:
    refused(
        NothingToAdopt,
        require_decidable,
        PROPOSED,
        a_decision("adoption", kind, adopts=("report/1", "report/9")),
        rule="A3",
        decision="adoption",
        missing=("report/9",),
        known=("report/1", "report/2", "report/3"),
    )


@pytest.mark.rule("A3")
def test_an_adoption_adopts_something() -> None:
    refused(
        NothingToAdopt,
        require_decidable,
        PROPOSED,
        adopt(),
        rule="A3",
        decision="adoption",
        missing=(),
        known=tuple(PROPOSED.recommendations),
    )
    assert require_decidable(PROPOSED, adopt(instruments=(ASK,))) == ()


def test_what_recommends_nothing_is_adopted_without_effect() -> None:
    sitting = Sitting(OPEN, CHARTER, PolicyInForce(on=COUNCIL_DAYS.last))
    assert resolve_decision(sitting, adopt()) == ResolvedDecision((), final=True)


@pytest.mark.parametrize("kind", sorted(set(DecisionKind) - ADOPTING))
def test_every_other_decision_adopts_nothing(kind: DecisionKind) -> None:
    assert require_decidable(PROPOSED, a_decision("d", kind, adopts=("report/1",))) == ()


@pytest.mark.rule("A3")
@pytest.mark.parametrize("kind", sorted(set(DecisionKind) - ACTING))
def test_a_decision_that_adopts_nothing_puts_nothing_in_force(kind: DecisionKind) -> None:
    command = a_decision("d", kind)
    effects = (ASK, AdoptProvision(draft=DELEGATION), TargetCity(city="IT-MILAN"))
    refused(
        NotAdopted,
        require_adoption,
        command,
        effects,
        rule="A3",
        decision="d",
        kind=kind,
        acts=("adopt-provision", "target-city"),
    )
    require_adoption(command, (ASK,))
    require_adoption(adopt("report/1"), effects)


@pytest.mark.rule("A2")
def test_a_body_that_carried_amendments_adopts_as_amended_and_only_such_a_body() -> None:
    amended = after(opening, report, carried("m2", draft=DELEGATION))
    plain, as_amended = (
        a_decision("adoption", kind, adopts=("report/1",))
        for kind in (DecisionKind.ADOPT, DecisionKind.ADOPT_AS_AMENDED)
    )
    refused(
        NotAsAmended,
        require_decidable,
        amended,
        plain,
        rule="A2",
        decision="adoption",
        kind=DecisionKind.ADOPT,
        carried=("m2",),
    )
    refused(
        NotAsAmended,
        require_decidable,
        PROPOSED,
        as_amended,
        rule="A2",
        decision="adoption",
        kind=DecisionKind.ADOPT_AS_AMENDED,
        carried=(),
    )
    assert len(require_decidable(amended, as_amended)) == 1
    of_the_committee = after(opening, report, carried("m2", body="committee", draft=DELEGATION))
    assert len(require_decidable(of_the_committee, plain)) == 1


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_a_matter_is_closed_by_its_final_disposition(kind: DecisionKind) -> None:
    assert closed(kind).closed_by == ("adoption" if kind in CLOSING else None)


@pytest.mark.rule("A4")
@pytest.mark.parametrize("kind", sorted(CLOSING))
def test_a_matter_that_is_decided_is_closed(kind: DecisionKind) -> None:
    state = closed(kind)
    told = {"rule": "A4", "matter": MATTER, "closed_by": "adoption"}
    more = a_report("late", recommendation("late/1"))
    refused(MatterClosed, move, state, STRIKE, COUNCIL, **told)
    refused(MatterClosed, require_decidable, state, adopt("report/1", decision="again"), **told)
    refused(MatterClosed, submit_report, state, more, FIRST, **told)
    pending = after(opening, report, moved(STRIKE), taken(adopt("report/1")))
    refused(MatterClosed, require_motion_pending, pending, losing("m1", "council"), **told)


def test_late_letters_deputations_and_reports_without_recommendations_are_still_entered() -> None:
    state = closed()
    assert receive_communication(state, LETTER, FIRST).document == "letter"
    assert hear_deputation(state, SPEAKER, COMMITTEE).deputation == "speaker"
    assert submit_report(state, a_report("late"), FIRST).document == "late"


@pytest.mark.parametrize(
    "kind", [DecisionKind.REFER, DecisionKind.DEFER, DecisionKind.REQUEST_REPORT]
)
def test_a_matter_referred_or_deferred_goes_on(kind: DecisionKind) -> None:
    state = closed(kind)
    assert move(state, STRIKE, COUNCIL) == moved(STRIKE)
    assert require_decidable(state, adopt("report/1", decision="later"))


@pytest.mark.rule("A4")
@pytest.mark.parametrize("kind", sorted(CLOSING))
def test_a_committee_closes_its_own_part_and_council_goes_on(kind: DecisionKind) -> None:
    adopts = ("report/1",) if kind in ADOPTING else ()
    part = a_decision("part", kind, adopts=adopts, body="committee")
    state = after(opening, report, moved(STRIKE), taken(part, final=False))
    assert (state.closed_by, state.closed_for) == (None, {"committee": "part"})
    assert require_motion_pending(state, losing("m1")) == moved(STRIKE)
    assert len(require_decidable(state, adopt("report/1", decision="council"))) == 1
    told = {"rule": "A4", "matter": MATTER, "closed_by": "part"}
    again = adopt("report/3", decision="again", body="committee")
    refused(MatterClosed, require_decidable, state, again, **told)
    refused(
        MatterClosed,
        move,
        state,
        moving("m9", STRIKE.operation, "committee"),
        COUNCIL,
        **told,
    )
    whole = evolve(state, taken(adopt("report/1", decision="council")))
    assert whole.closed_by == "council"


@pytest.mark.rule("A4")
def test_a_committee_takes_its_own_part_up_again_and_leaves_councils() -> None:
    part = a_decision("part", DecisionKind.RECEIVE, body="committee")
    kept = carried("m2", body="council", draft=DELEGATION)
    gone = carried("m3", body="committee", draft=DELEGATION)
    state = after(opening, report, kept, gone, taken(part, final=False))
    reopening = REOPEN.model_copy(update={"body": "committee"})
    event = reopen(state, reopening, CHARTER, basis(LATER))
    state = evolve(state, event)
    assert (state.closed_for, state.carried) == ({}, {"council": ("m2",)})
    again = a_decision("again", DecisionKind.RECEIVE, body="committee", on=LATER)
    assert require_decidable(state, again) == ()


@pytest.mark.rule("A4")
def test_no_body_acts_on_a_matter_before_it_is_opened() -> None:
    state = after(matter_opened("2001-12-05"), report)
    early = When.parse("2001-12-04")
    told = {"rule": "A4", "matter": MATTER, "opened_on": "2001-12-05", "on": "2001-12-04"}
    striking, speaking = (c.model_copy(update={"on": early}) for c in (STRIKE, SPEAKER))
    refused(BeforeOpened, require_decidable, state, adopt("report/1", on=early), **told)
    refused(BeforeOpened, move, state, striking, COUNCIL, **told)
    refused(BeforeOpened, hear_deputation, state, speaking, COUNCIL, **told)
    assert require_decidable(state, adopt("report/1", on=When.parse("2001-12-04/2001-12-06")))
    assert receive_communication(state, LETTER, FIRST).document == "letter"
    assert submit_report(state, a_report("late"), FIRST).document == "late"


@pytest.mark.rule("A4")
def test_a_motion_does_not_end_before_it_was_moved() -> None:
    pending = after(opening, report, moved(STRIKE))
    assert require_motion_pending(pending, losing("m1", on="2001-12-04")) == moved(STRIKE)
    told = {"rule": "A4", "motion": "m1", "moved_on": str(COUNCIL_DAYS), "on": "2001-12-03"}
    refused(
        EndedBeforeMoved, require_motion_pending, pending, losing("m1", on="2001-12-03"), **told
    )


@pytest.mark.rule("A4")
def test_a_matter_goes_to_a_day_and_a_body_that_there_are() -> None:
    sitting = Sitting(PROPOSED, CHARTER, PolicyInForce(on=COUNCIL_DAYS.last))
    defer, refer = DecisionKind.DEFER, DecisionKind.REFER
    past = a_decision("d", defer, until=When.parse("2001-12-03"))
    told = {"rule": "A4", "item": "d", "until": "2001-12-03", "on": str(COUNCIL_DAYS)}
    refused(DeferredToThePast, resolve_decision, sitting, past, **told)
    nobody = a_decision("d", refer, to="nobody-knows")
    known = ("council", "committee", "mayor")
    refused(
        UnknownBody, resolve_decision, sitting, nobody, rule="A1", body="nobody-knows", known=known
    )
    office = a_decision("d", refer, to=OfficeHolder(office="Commissioner"))
    good = (a_decision("d", defer, until=COUNCIL_DAYS), a_decision("d", refer, to="committee"))
    for command in (*good, office):
        assert resolve_decision(sitting, command) == ResolvedDecision((), final=True)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"until": COUNCIL_DAYS},
            "`until` belongs to a decision that puts a matter off: refer",
        ),
        ({"to": "committee"}, "sends a matter on: recommend, request report, refer, defer"),
    ],
)
def test_what_is_decided_goes_nowhere(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        adopt("report/1", **said)
    assert a_decision("d", DecisionKind.RECOMMEND, to="committee").to == "committee"


@pytest.mark.parametrize(
    ("body", "instruments", "final"),
    [
        ("council", (), True),
        ("committee", (), False),
        ("committee", (ASK,), False),
        ("committee", (ApproveDelegation(mission="m", travellers=TRAVELLERS),), True),
    ],
)
def test_a_matter_is_the_bodys_over_all_or_with_an_act_of_its_own(
    body: str, instruments: tuple[Instrument, ...], final: bool
) -> None:
    sitting = Sitting(PROPOSED, CHARTER, PolicyInForce(on=COUNCIL_DAYS.last))
    adopting = adopt("report/3", body=body, instruments=instruments)
    assert resolve_decision(sitting, adopting).final is final


# reopening


@pytest.mark.rule("A4")
def test_a_matter_is_reopened_and_decided_again() -> None:
    reopened = reopen(closed(), REOPEN, CHARTER, basis(LATER))
    assert reopened == MatterReopened(**shared_fields(Reopening, REOPEN), **basis(LATER))
    state = evolve(closed(), reopened)
    assert state.closed_by is None
    again = taken(adopt("report/3", decision="again", on=LATER))
    assert require_decidable(state, adopt("report/3", decision="again", on=LATER))
    assert evolve(state, again).closed_by == "again"
    told = {"matter": MATTER, "item": "reopening"}
    refused(AlreadyRecorded, reopen, evolve(state, again), REOPEN, CHARTER, basis(LATER), **told)


@pytest.mark.rule("A2")
def test_what_was_amended_before_the_first_decision_is_no_amendment_of_the_second() -> None:
    first = a_decision("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("report/1",))
    state = after(opening, report, carried("m2", draft=DELEGATION), taken(first))
    state = evolve(state, reopen(state, REOPEN, CHARTER, basis(LATER)))
    assert require_decidable(state, adopt("report/3", decision="again", on=LATER))


@pytest.mark.rule("A4")
def test_only_a_decided_matter_is_reopened() -> None:
    for state in (OPEN, closed(DecisionKind.DEFER)):
        refused(
            MatterNotClosed,
            reopen,
            state,
            REOPEN,
            CHARTER,
            basis(LATER),
            rule="A4",
            matter=MATTER,
        )


@pytest.mark.rule("A4")
def test_a_matter_is_not_reopened_on_a_day_before_it_was_decided() -> None:
    early = REOPEN.model_copy(update={"on": When.parse("2001-12-03")})
    refused(
        ReopenedBeforeClosed,
        reopen,
        closed(),
        early,
        CHARTER,
        basis(early.on),
        rule="A4",
        matter=MATTER,
        closed_by="adoption",
        decided_on="2001-12-04/2001-12-06",
        on="2001-12-03",
    )
    sitting = REOPEN.model_copy(update={"on": When.parse("2001-12-05")})
    assert reopen(closed(), sitting, CHARTER, basis(sitting.on)).decided_on == sitting.on
    first = REOPEN.model_copy(update={"on": When.parse("2001-12-04")})
    assert reopen(closed(), first, CHARTER, basis(first.on)).decided_on == first.on


@pytest.mark.rule("A2")
def test_a_decision_that_leaves_out_what_the_body_amended_says_which_motions() -> None:
    restated = recommendation("report/2", text="That Seoul be done.")
    amended = after(
        opening,
        report,
        carried("m1", recommendation=restated),
        carried("m2", draft=DELEGATION),
        carried("m3", body="committee", recommendation=restated),
        carried("m4", removed="deleted"),
    )
    adopting = a_decision("adoption", DecisionKind.ADOPT_AS_AMENDED, adopts=("report/1",))
    reason = "carried, and what it amends is not adopted: {}"

    def left(*motions: str) -> tuple[Finding, ...]:
        said = reason.format(", ".join(motions))
        return (Finding(rule="A2", answer=Answer.ADVISORY, reason=said),)

    assert amended_and_left_out(amended, adopting, ["report/1"]) == left("m1")
    assert amended_and_left_out(amended, adopting, ["report/2"]) == left("m2")
    assert amended_and_left_out(amended, adopting, ["report/3"]) == left("m1", "m2")
    assert amended_and_left_out(amended, adopting, ["report/1", "report/2"]) == ()
    assert amended_and_left_out(PROPOSED, adopting, ["report/1"]) == ()
    assert amended_and_left_out(amended, a_decision("d", DecisionKind.REFER), []) == ()


@pytest.mark.rule("A3")
def test_a_body_adopts_only_what_was_proposed_by_then_and_as_it_read_then() -> None:
    state = after(opening, report)
    eve = When.parse("2001-11-06")
    for name in ("report/1", "report"):
        refused(
            AdoptedBeforeProposed,
            require_proposed,
            state,
            "adoption",
            (name,),
            eve,
            rule="A3",
            decision="adoption",
            adopts=name,
            proposed_on="2001-11-07",
            on="2001-11-06",
        )
    require_proposed(state, "adoption", ("report/1", "report"), FIRST_PAPER)
    amended = evolve(state, carried("m2", draft=DELEGATION.model_copy(update={"text": "Council."})))
    require_proposed(amended, "adoption", ("report/2",), FIRST_PAPER)
    with pytest.raises(AdoptedBeforeProposed) as raised:
        require_proposed(amended, "adoption", ("report/1",), When.parse("2001-12-03"))
    assert raised.value.details["proposed_on"] == "2001-12-04/2001-12-06"
    require_proposed(amended, "adoption", ("report/1",), When.parse("2001-12-04"))


@pytest.mark.rule("A3")
def test_what_a_body_recommends_is_before_another_from_that_day() -> None:
    advice = a_decision(
        "advice",
        DecisionKind.RECOMMEND,
        on=COMMITTEE_DAY,
        body="committee",
        recommends=(recommendation("committee/1"),),
    )
    state = evolve(PROPOSED, taken(advice))
    require_proposed(state, "adoption", ("committee/1",), COUNCIL_DAYS)
    with pytest.raises(AdoptedBeforeProposed) as raised:
        require_proposed(state, "adoption", ("committee/1",), FIRST_PAPER)
    assert raised.value.details["proposed_on"] == str(COMMITTEE_DAY)


@pytest.mark.rule("A1")
def test_a_matter_is_reopened_by_the_body_that_closed_it_or_by_council() -> None:
    by_committee = REOPEN.model_copy(update={"body": "committee"})
    refused(
        NotAuthorised,
        reopen,
        closed(),
        by_committee,
        CHARTER,
        basis(LATER),
        rule="A1",
        act="reopening",
        body="committee",
        authority="council",
    )
    received = after(
        opening, report, taken(a_decision("r", DecisionKind.RECEIVE, body="committee"))
    )
    for command in (by_committee, REOPEN):
        assert reopen(received, command, CHARTER, basis(LATER)).body == command.body


def test_effects_cite_the_decision_by_matter_name_and_body() -> None:
    assert reference_to_decision(taken(adopt("report/1"))) == ADOPTION


@pytest.mark.parametrize(
    ("command", "item"),
    [
        (OPENED, MATTER),
        (POLICY, f"{MATTER}/report"),
        (LETTER, f"{MATTER}/letter"),
        (SPEAKER, f"{MATTER}/speaker"),
        (STRIKE, f"{MATTER}/m1"),
        (adopt("report/1"), f"{MATTER}/adoption"),
        (REOPEN, f"{MATTER}/reopening"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.KIND,
)
def test_a_command_is_named_by_what_it_enters(command: MatterCommand, item: str) -> None:
    assert command.item == item
    assert isinstance(command, OpenMatter) == (item == MATTER)
