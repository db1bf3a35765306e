"""Outside requests for a relationship: received, consulted, advised, assessed, reported, agreed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from domain.instruments import ApproveAgreement, EnterAgreement, EnterPartnership
from domain.places import Place
from domain.requests.formal_agreement import (
    AgreementOutOfOrder,
    agreement_approved,
    business_case_made,
)
from domain.requests.messages import (
    AdviseArrangement,
    AssessRequest,
    ConsultGroup,
    MakeBusinessCase,
    PrepareAgreement,
    ReceiveRequest,
    ReportOnRequest,
    RequestAgreementApproved,
    RequestAgreementPrepared,
    RequestAgreementSigned,
    RequestArrangementAdvised,
    RequestAssessed,
    RequestBusinessCaseMade,
    RequestEvent,
    RequestGroupConsulted,
    RequestReceived,
    RequestReported,
    RequestStep,
    SignAgreement,
)
from domain.shared.dates import When, span_of_days
from domain.shared.findings import Answer, Finding, Ground, Ruling, finding_of_silence
from domain.shared.messages import Basis, DecisionRef, Event, ProvisionRef, StreamId
from domain.shared.problems import Refusal
from domain.shared.text import missing_and_unwanted

STREAMS = "request"
"""The kind of stream, for asking the log for all of them."""


def stream_of(request: str) -> StreamId:
    """Return the stream of a request."""
    return StreamId(f"{STREAMS}/{request}")


class Stage(StrEnum):
    """The stages of a request, in order."""

    RECEIVED = "received"
    CONSULTED = "group consulted"
    ADVISED = "arrangement advised"
    ASSESSED = "assessed"
    REPORTED = "reported"
    APPROVED = "agreement approved"
    PREPARED = "agreement prepared"
    SIGNED = "agreement signed"


STAGES: Mapping[type[Event], Stage] = {
    RequestReceived: Stage.RECEIVED,
    RequestGroupConsulted: Stage.CONSULTED,
    RequestArrangementAdvised: Stage.ADVISED,
    RequestAssessed: Stage.ASSESSED,
    RequestReported: Stage.REPORTED,
    RequestAgreementApproved: Stage.APPROVED,
    RequestAgreementPrepared: Stage.PREPARED,
    RequestAgreementSigned: Stage.SIGNED,
}
"""The stage that a request is at after an event; the others leave it where it is."""


NOT_RECEIVED = "not received"


class RequestKnown(Refusal):
    """A request can be received only once."""

    rule = "N1"
    request: str


class RequestOutOfOrder(Refusal):
    """A request must go through the procedure in order; the act belongs to another step."""

    rule = "N1"

    request: str
    act: str
    stage: str
    needed: tuple[Stage, ...]


class DatedBeforeStep(Refusal):
    """A step of the procedure cannot be dated before the step that it follows."""

    rule = "N1"
    request: str
    on: When
    previous: When


class NoSuchArrangement(Refusal):
    """The arrangement must be one of those that the provision names."""

    rule = "N1"
    provision: ProvisionRef
    request: str
    arrangement: str
    named: tuple[str, ...]


class NotAPartnership(Refusal):
    """Only a longer-term partnership can have a formal assessment and an agreement."""

    rule = "N1"
    request: str
    arrangement: str | None


class RelationshipDiffers(Refusal):
    """A partner's request must change what exists, and another city's must not: receive it so."""

    rule = "N5"
    request: str
    city: str
    partner: bool
    changes_existing: bool


class Unanswered(Refusal):
    """A formal recommendation must answer every core criterion and every goal."""

    rule = "N3"
    provision: ProvisionRef
    request: str
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `since` is the date of its last step."""

    received: RequestReceived | None = None
    stage: Stage | None = None
    since: When | None = None
    arrangement: str | None = None
    formal: bool | None = None
    criteria: dict[str, str] = field(default_factory=dict)
    goals: dict[str, str] = field(default_factory=dict)
    positive_case: bool = False
    approval: DecisionRef | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Facts from other streams for a request: its city, if that is a partner, and who decides."""

    ground: Ground
    place: Place | None = None
    partner: bool = False
    body: str = ""


def steps_asked(ground: Ground) -> tuple[str, ...]:
    """Return the steps that the policy asks of a request before the report, if any (rule N1)."""
    steps = ground.words("request.steps")
    return steps.value if steps else ()


def decide(
    state: Request,
    act: ReceiveRequest | RequestStep | ApproveAgreement,
    around: Circumstances,
    basis: Basis,
) -> Ruling:
    """Apply rules N1-N5 to a request: its receipt, its steps, and the approval of its agreement."""
    match act:
        case ReceiveRequest():
            return _receive(state, act, around, basis)
        case ConsultGroup():
            return _consult(state, act, around.ground, basis)
        case AdviseArrangement():
            return _advise(state, act, around, basis)
        case AssessRequest():
            return _assess(state, act, around.ground, basis)
        case ReportOnRequest():
            return _report(state, act, around.ground, basis)
        case MakeBusinessCase():
            return _make_case(state, act, around.ground, basis)
        case ApproveAgreement():
            return _approve(state, act, around, basis)
        case PrepareAgreement():
            return _prepare(state, act, around.ground, basis)
        case SignAgreement():
            return _sign(state, act, around.ground, basis)
        case _:
            assert_never(act)


def _receive(state: Request, act: ReceiveRequest, around: Circumstances, basis: Basis) -> Ruling:
    if state.received or around.place is None:
        raise RequestKnown(request=act.request)
    received = RequestReceived(
        request=act.request,
        place=around.place,
        group=act.group,
        asks=act.asks,
        changes_existing=act.changes_existing,
        report_due=None,
        report_to=None,
        findings=(),
        **basis,
    )
    received = report_due_by(received, around.ground)
    unknown = tuple(_unknown_steps(around.ground))
    received = received.model_copy(update={"findings": (*received.findings, *unknown)})
    return Ruling((received,), received.findings)


def _unknown_steps(ground: Ground) -> Iterator[Finding]:
    """Apply rule N1 to words among the steps that the policy lists which name none."""
    listed = ground.words("request.steps")
    unknown = [step for step in listed.value if step not in set(Stage)] if listed else []
    if listed and unknown:
        reason = f"no step of a request: {', '.join(unknown)}"
        provision = listed.provision
        yield Finding(rule="N1", answer=Answer.ADVISORY, reason=reason, provision=provision)


def report_due_by(received: RequestReceived, ground: Ground) -> RequestReceived:
    """Apply rule N2: when the report is due, by the provision in force on receipt.

    Of a receipt of which only the month or year is known, the last day counts: what is overdue then
    surely is.
    """
    within = ground.duration("request.report")
    due = within.value.after(received.effective_from.last) if within else None
    to = ground.words("request.reported-to")
    finding = Finding(
        rule="N2",
        answer=Answer.MET if within else Answer.NOT_APPLICABLE,
        reason=f"a report is due on {due}" if within else "no provision in force says when",
        provision=within.provision if within else None,
    )
    others = (other for other in received.findings if other.rule != "N2")
    findings = (finding, *others)
    clock = {"report_due": due, "report_to": to.value[0] if to else None, "findings": findings}
    return received.model_copy(update=clock)


def report_in_time(reported: RequestReported, received: RequestReceived) -> RequestReported:
    """Apply rule N2: whether a report is in time, by the clock that runs from the receipt."""
    late = bool(received.report_due and reported.effective_from.first > received.report_due)
    others = (finding for finding in reported.findings if finding.rule != "N2")
    findings = (*others, _in_time(received, late))
    return reported.model_copy(update={"late": late, "findings": findings})


def _consult(state: Request, act: ConsultGroup, ground: Ground, basis: Basis) -> Ruling:
    _at(state, act, ground, basis, RequestGroupConsulted)
    consulted = RequestGroupConsulted(request=act.request, objectives=act.objectives, **basis)
    return Ruling((consulted,))


def _advise(state: Request, act: AdviseArrangement, around: Circumstances, basis: Basis) -> Ruling:
    received = _at(state, act, around.ground, basis, RequestArrangementAdvised)
    formal, findings = _arranged(act.request, act.arrangement, around.ground)
    if formal and received.changes_existing is not around.partner:
        raise RelationshipDiffers(
            request=act.request,
            city=received.place.code,
            partner=around.partner,
            changes_existing=received.changes_existing,
        )
    advised = RequestArrangementAdvised(
        request=act.request,
        arrangement=act.arrangement,
        formal=formal,
        reason=act.reason,
        findings=findings,
        **basis,
    )
    return Ruling((advised,), findings)


def arrangement_unchanged(
    advised: RequestArrangementAdvised, ground: Ground
) -> RequestArrangementAdvised:
    """Apply rule N1 where another arrangement is entered than was entered first."""
    formal, findings = _arranged(advised.request, advised.arrangement, ground)
    return advised.model_copy(update={"formal": formal, "findings": findings})


def _arranged(
    request: str, arrangement: str, ground: Ground
) -> tuple[bool | None, tuple[Finding, ...]]:
    """Apply rule N1: whether an arrangement is formal, and whether the policy knows it.

    Raises `NoSuchArrangement` for one that the provision does not name.
    """
    known, formal = (
        ground.words("request.arrangements"),
        ground.words("request.formal-arrangements"),
    )
    if known and missing_and_unwanted(known.value, (arrangement,))[1]:
        raise NoSuchArrangement(
            provision=known.provision,
            request=request,
            arrangement=arrangement,
            named=known.value,
        )
    if formal is None:
        return None, (
            finding_of_silence("N1", "says which arrangements take the formal procedure"),
        )
    return not missing_and_unwanted(formal.value, (arrangement,))[1], ()


def _assess(state: Request, act: AssessRequest, ground: Ground, basis: Basis) -> Ruling:
    _formal(state, act, ground, basis, RequestAssessed)
    assessed = RequestAssessed(
        request=act.request,
        criteria=act.criteria,
        goals=act.goals,
        visited_by=act.visited_by,
        **basis,
    )
    return Ruling((assessed,))


def _report(state: Request, act: ReportOnRequest, ground: Ground, basis: Basis) -> Ruling:
    received = _at(state, act, ground, basis, RequestReported)
    if act.recommends and state.formal is False:
        raise NotAPartnership(request=act.request, arrangement=state.arrangement)
    unadvised = state.stage in (Stage.RECEIVED, Stage.CONSULTED)
    left_out = (finding_of_silence("N1", "asks for advice on the arrangement"),) * unadvised
    reported = RequestReported(
        request=act.request,
        document=act.document,
        recommends=act.recommends,
        late=False,
        to=received.report_to,
        findings=(*left_out, *ground.weigh(_all_answered(state, act, ground))),
        **basis,
    )
    reported = report_in_time(reported, received)
    return Ruling((reported,), reported.findings)


def _make_case(state: Request, act: MakeBusinessCase, ground: Ground, basis: Basis) -> Ruling:
    _formal(state, act, ground, basis, RequestBusinessCaseMade)
    made = RequestBusinessCaseMade(
        request=act.request, document=act.document, positive=act.positive, **basis
    )
    return Ruling((made,))


def _approve(state: Request, act: ApproveAgreement, around: Circumstances, basis: Basis) -> Ruling:
    """Apply rule N4: an agreement is approved once a positive business case is made."""
    made = business_case_made(state.positive_case, act.request, act.instrument, around.ground)
    findings = around.ground.weigh(made)
    if state.stage is Stage.APPROVED:
        return Ruling((), findings)
    _at(state, act, around.ground, basis, RequestAgreementApproved)
    approved = RequestAgreementApproved(
        request=act.request, body=around.body, findings=findings, **basis
    )
    return Ruling((approved,), findings)


def _prepare(state: Request, act: PrepareAgreement, ground: Ground, basis: Basis) -> Ruling:
    findings = ground.weigh(agreement_approved(state.approval, act, ground))
    _at(state, act, ground, basis, RequestAgreementPrepared)
    prepared = RequestAgreementPrepared(
        request=act.request, description=act.description, findings=findings, **basis
    )
    return Ruling((prepared,), findings)


def _sign(state: Request, act: SignAgreement, ground: Ground, basis: Basis) -> Ruling:
    asked = ground.words("agreement.requires")
    decided = basis["authority"] or state.approval
    findings = ground.weigh(agreement_approved(state.approval if asked else decided, act, ground))
    received = _at(state, act, ground, basis, RequestAgreementSigned)
    resting: Basis = {**basis, "authority": decided}
    signed = RequestAgreementSigned(
        request=act.request,
        place=received.place,
        description=state.description,
        findings=findings,
        **resting,
    )
    return Ruling((signed,), findings)


def out_of_order(
    request: str, events: Iterable[RequestEvent], asked_on: Callable[[When], tuple[str, ...]]
) -> Refusal | None:
    """Return the refusal of the first recorded step that is out of order (rules N1, N4), if any.

    A correction may take away a step that another follows, or date it after that. `asked_on` gives
    the steps that the policy of a day asks.
    """
    state = Request()
    for event in events:
        name = event.TOPIC.partition(".")[0]
        if isinstance(event, RequestReceived):
            if state.received:
                return RequestKnown(request=request)
        elif refusal := (
            _misplaced(
                state,
                request,
                name,
                event.effective_from,
                type(event),
                asked_on(event.effective_from),
            )
            or _without_ground(state, request, event)
        ):
            return refusal
        state = evolve(state, event)
    return None


def _after(step: type[RequestEvent], state: Request, asked: tuple[str, ...]) -> tuple[Stage, ...]:
    """Return the stages at which a step is taken.

    A step that the policy does not ask may be left out. Where no provision says which arrangements
    are formal, the assessment may be left out.
    """
    consulted = (
        (Stage.CONSULTED,) if Stage.CONSULTED in asked else (Stage.RECEIVED, Stage.CONSULTED)
    )
    advised = (Stage.ADVISED,) if Stage.ADVISED in asked else (*consulted, Stage.ADVISED)
    assessed = () if state.formal is False else (Stage.ASSESSED,)
    at_once = () if state.formal and Stage.ASSESSED in asked else advised
    left_out = at_once if state.formal is None else ()
    stages: Mapping[type[Event], tuple[Stage, ...]] = {
        RequestGroupConsulted: (Stage.RECEIVED,),
        RequestArrangementAdvised: consulted,
        RequestAssessed: (*advised, Stage.ASSESSED),
        RequestReported: (*at_once, *assessed),
        RequestBusinessCaseMade: (*left_out, Stage.ASSESSED, Stage.REPORTED),
        RequestAgreementApproved: (Stage.REPORTED,),
        RequestAgreementPrepared: (Stage.APPROVED, Stage.REPORTED),
        RequestAgreementSigned: (Stage.PREPARED,),
    }
    return stages[step]


def _misplaced(
    state: Request,
    request: str,
    act: str,
    on: When,
    step: type[RequestEvent],
    asked: tuple[str, ...],
) -> Refusal | None:
    """Return the refusal of a step at this stage, or before the step that it follows (rule N1)."""
    needed = _after(step, state, asked)
    if state.received is None or state.stage not in needed:
        stage = state.stage or NOT_RECEIVED
        return RequestOutOfOrder(request=request, act=act, stage=stage, needed=needed)
    if state.since and span_of_days(on) < span_of_days(state.since):
        return DatedBeforeStep(request=request, on=on, previous=state.since)
    return None


def _without_ground(state: Request, request: str, event: RequestEvent) -> Refusal | None:
    """Return the refusal of a step that earlier steps no longer support (rules N1 and N4)."""
    formal = isinstance(event, RequestAssessed | RequestBusinessCaseMade) or (
        isinstance(event, RequestReported) and event.recommends
    )
    if formal and state.formal is False:
        return NotAPartnership(request=request, arrangement=state.arrangement)
    if isinstance(event, RequestAgreementApproved) and not state.positive_case:
        needed = (f for f in event.findings if f.rule == "N4" and f.answer is Answer.MET)
        for finding in needed:
            return AgreementOutOfOrder(
                provision=finding.provision,
                request=request,
                act="approve-agreement",
                missing="positive business case",
            )
    return None


def _at(
    state: Request,
    act: RequestStep | ApproveAgreement,
    ground: Ground,
    basis: Basis,
    step: type[RequestEvent],
) -> RequestReceived:
    """Return the request as received, if the act is its next step (rule N1)."""
    name = act.instrument if isinstance(act, ApproveAgreement) else act.KIND
    asked = steps_asked(ground)
    refusal = _misplaced(state, act.request, name, basis["effective_from"], step, asked)
    if refusal or state.received is None:
        raise refusal or RequestKnown(request=act.request)
    return state.received


def _formal(
    state: Request, act: RequestStep, ground: Ground, basis: Basis, step: type[RequestEvent]
) -> None:
    _at(state, act, ground, basis, step)
    if state.formal is False:
        raise NotAPartnership(request=act.request, arrangement=state.arrangement)


def may_enter_partnership(
    state: Request,
    act: EnterPartnership | EnterAgreement,
    city: Place,
    targeted: bool,
    ground: Ground,
) -> tuple[Finding, ...]:
    """Apply rule N4 to a partnership that a decision enters directly; the case is that city's own.

    Of a targeted city, which the programme chose itself, no request and no case on one is needed.
    """
    if targeted and act.request is None:
        asked = ground.words("agreement.requires")
        if asked is None:
            return (finding_of_silence("N4", "says what an agreement requires"),)
        reason = f"{city.name} was targeted; no business case is in the register"
        finding = Finding(
            rule="N4", answer=Answer.ADVISORY, reason=reason, provision=asked.provision
        )
        return (finding,)
    positive = state.positive_case and _is_for(state, city)
    return ground.weigh(business_case_made(positive, act.request, act.instrument, ground))


def may_be_stated(ground: Ground) -> tuple[Finding, ...]:
    """Apply rule N4 to a report that states a partnership: a new one needs a decision.

    What existed before a provision said so is stated by the report that proposes the provision.
    """
    asked = ground.words("agreement.requires")
    if asked is None:
        return ()
    raise AgreementOutOfOrder(
        provision=asked.provision,
        request=None,
        act="partnership-exists",
        missing="a decision",
    )


def procedure_followed(
    state: Request, request: str | None, city: Place, ground: Ground
) -> tuple[Finding, ...]:
    """Apply rule N5 to a change to an existing relationship."""
    follows = ground.words("relationship-change.follows")
    if follows is None:
        return (finding_of_silence("N5", "states the procedure"),)
    reported = state.stage in (Stage.REPORTED, Stage.APPROVED, Stage.PREPARED, Stage.SIGNED)
    same = _is_for(state, city)
    return (
        Finding(
            rule="N5",
            answer=Answer.MET if reported and same else Answer.ADVISORY,
            reason=f"{city.name}: reported on as {request}"
            if reported and same
            else f"{city.name}: the relationship changes without the procedure for it",
            provision=follows.provision,
        ),
    )


def _is_for(state: Request, city: Place) -> bool:
    return state.received is not None and state.received.place.code == city.code


def _all_answered(
    state: Request, act: ReportOnRequest, ground: Ground
) -> Iterator[Finding | Refusal]:
    if not act.recommends:
        return
    for term, what, answers in (
        ("request.core-criteria", "core criteria", state.criteria),
        ("goals", "goals", state.goals),
    ):
        asked = ground.words(term)
        if asked is None:
            yield finding_of_silence("N3", f"states the {what}")
            continue
        missing, unknown = missing_and_unwanted(
            asked.value, (name for name, said in answers.items() if said)
        )
        if missing or unknown:
            yield Unanswered(
                provision=asked.provision, request=act.request, missing=missing, unknown=unknown
            )
            continue
        yield Finding(
            rule="N3",
            answer=Answer.MET,
            reason=f"all {len(asked.value)} {what} answered",
            provision=asked.provision,
        )


def _in_time(received: RequestReceived, late: bool) -> Finding:
    (due,) = (finding for finding in received.findings if finding.rule == "N2")
    if received.report_due is None:
        return due
    return Finding(
        rule="N2",
        answer=Answer.ADVISORY if late else Answer.MET,
        reason=f"{'late: ' if late else ''}due on {received.report_due}",
        provision=due.provision,
    )


def evolve(state: Request, event: RequestEvent) -> Request:
    """Return the request after one more event."""
    match event:
        case RequestReceived():
            state = replace(state, received=event)
        case RequestArrangementAdvised(arrangement=arrangement, formal=formal):
            state = replace(state, arrangement=arrangement, formal=formal)
        case RequestAssessed():
            criteria = {**state.criteria, **event.criteria}
            state = replace(state, criteria=criteria, goals={**state.goals, **event.goals})
        case RequestBusinessCaseMade(positive=positive):
            state = replace(state, positive_case=positive)
        case RequestAgreementApproved(authority=authority):
            state = replace(state, approval=authority)
        case RequestAgreementPrepared(description=description):
            state = replace(state, description=description)
        case RequestGroupConsulted() | RequestReported() | RequestAgreementSigned():
            pass
        case _:
            assert_never(event)
    stage = STAGES.get(type(event), state.stage)
    return replace(state, stage=stage, since=event.effective_from)
