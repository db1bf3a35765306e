"""Outside requests for a relationship: received, consulted, advised, assessed, reported, agreed."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.agreements import (
    MakeBusinessCase,
    PrepareAgreement,
    RequestAgreementApproved,
    RequestAgreementPrepared,
    RequestAgreementSigned,
    RequestBusinessCaseMade,
    SignAgreement,
    approved,
    case_made,
)
from domain.cities import Place
from domain.dates import When
from domain.instruments import ApproveAgreement, EnterPartnership
from domain.kernel import (
    Answer,
    Basis,
    DecisionRef,
    Event,
    Finding,
    ProvisionRef,
    Refusal,
    Ruling,
)
from domain.procedure import (
    AdviseArrangement,
    Arrangement,
    AssessRequest,
    ConsultGroup,
    ReceiveRequest,
    ReportOnRequest,
    RequestArrangementAdvised,
    RequestAssessed,
    RequestGroupConsulted,
    RequestReceived,
    RequestReported,
)
from domain.rules import Ground, named, silent, span

RequestEvent = (
    RequestReceived
    | RequestGroupConsulted
    | RequestArrangementAdvised
    | RequestAssessed
    | RequestReported
    | RequestBusinessCaseMade
    | RequestAgreementApproved
    | RequestAgreementPrepared
    | RequestAgreementSigned
)


class Stage(StrEnum):
    """How far a request is."""

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


class RequestKnown(Refusal):
    """A request is received once."""

    rule = "N1"

    def __init__(self, request: str) -> None:
        super().__init__(request=request)


class RequestOutOfOrder(Refusal):
    """A request goes through the procedure in order; the act belongs to another step."""

    rule = "N1"

    def __init__(
        self, request: str, act: str, stage: Stage | None, needed: tuple[Stage, ...]
    ) -> None:
        super().__init__(
            request=request,
            act=act,
            stage=stage.value if stage else "not received",
            needed=tuple(s.value for s in needed),
        )


class DatedBeforeStep(Refusal):
    """A step of the procedure does not happen before the one it follows."""

    rule = "N1"

    def __init__(self, request: str, on: When, previous: When) -> None:
        super().__init__(request=request, on=str(on), previous=str(previous))


class NotAPartnership(Refusal):
    """The formal assessment, and an agreement, are for a longer-term partnership only."""

    rule = "N1"

    def __init__(self, request: str, arrangement: Arrangement | None) -> None:
        super().__init__(request=request, arrangement=arrangement and arrangement.value)


class Unanswered(Refusal):
    """A formal recommendation answers every core criterion and every goal."""

    rule = "N3"

    def __init__(
        self,
        provision: ProvisionRef,
        request: str,
        missing: tuple[str, ...],
        unknown: tuple[str, ...],
    ) -> None:
        super().__init__(provision=provision, request=request, missing=missing, unknown=unknown)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `since` is the date of its last step."""

    received: RequestReceived | None = None
    stage: Stage | None = None
    since: When | None = None
    arrangement: Arrangement | None = None
    criteria: dict[str, str] = field(default_factory=dict)
    goals: dict[str, str] = field(default_factory=dict)
    positive_case: bool = False
    approval: DecisionRef | None = None
    description: str = ""

    @property
    def before_report(self) -> tuple[Stage, ...]:
        """The steps after which it may be reported on."""
        formal = self.arrangement is Arrangement.PARTNERSHIP
        return (Stage.ASSESSED,) if formal else (Stage.ADVISED,)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def receive(
    state: Request, command: ReceiveRequest, place: Place, ground: Ground, basis: Basis
) -> Ruling:
    """Rule N2: when the report is due, by the provision in force on receipt.

    Of a receipt known to its month or year the last day counts: what is overdue surely is.
    """
    if state.received:
        raise RequestKnown(command.request)
    months = ground.count("request.report-months")
    due = months_after(basis["effective_from"].last, months.value) if months else None
    to = ground.words("request.reported-to")
    finding = Finding(
        rule="N2",
        answer=Answer.MET if months else Answer.NOT_APPLICABLE,
        reason=f"a report is due on {due}" if months else "no provision in force says when",
        provision=months.provision if months else None,
    )
    received = RequestReceived(
        request=command.request,
        place=place,
        group=command.group,
        asks=command.asks,
        changes_existing=command.changes_existing,
        report_due=due,
        report_to=to.value[0] if to else None,
        findings=(finding,),
        **basis,
    )
    return Ruling((received,), (finding,))


RequestAct = (
    ConsultGroup
    | AdviseArrangement
    | AssessRequest
    | ReportOnRequest
    | MakeBusinessCase
    | PrepareAgreement
    | SignAgreement
)


def decide(state: Request, act: RequestAct, ground: Ground, basis: Basis) -> Ruling:
    """Rules N1-N4 on the steps of a request that was received."""
    request = act.request
    match act:
        case ConsultGroup(objectives=objectives):
            _at(state, act, basis, Stage.RECEIVED)
            return Ruling((RequestGroupConsulted(request=request, objectives=objectives, **basis),))
        case AdviseArrangement():
            _at(state, act, basis, Stage.CONSULTED)
            advised = RequestArrangementAdvised(
                request=request, arrangement=act.arrangement, reason=act.reason, **basis
            )
            return Ruling((advised,))
        case AssessRequest():
            _formal(state, act, basis, Stage.ADVISED, Stage.ASSESSED)
            assessed = RequestAssessed(
                request=request,
                criteria=act.criteria,
                goals=act.goals,
                visited_by=act.visited_by,
                **basis,
            )
            return Ruling((assessed,))
        case ReportOnRequest():
            return _report(state, act, ground, basis)
        case MakeBusinessCase():
            _formal(state, act, basis, Stage.ASSESSED, Stage.REPORTED)
            made = RequestBusinessCaseMade(
                request=request, document=act.document, positive=act.positive, **basis
            )
            return Ruling((made,))
        case PrepareAgreement(description=description):
            findings = ground.weigh(approved(state.approval, act, ground))
            _at(state, act, basis, Stage.APPROVED, Stage.REPORTED)
            prepared = RequestAgreementPrepared(
                request=request, description=description, findings=findings, **basis
            )
            return Ruling((prepared,), findings)
        case SignAgreement():
            return _sign(state, act, ground, basis)
        case _:
            assert_never(act)


def _report(state: Request, act: ReportOnRequest, ground: Ground, basis: Basis) -> Ruling:
    received = _at(state, act, basis, *state.before_report)
    if act.recommends and state.arrangement is not Arrangement.PARTNERSHIP:
        raise NotAPartnership(act.request, state.arrangement)
    late = bool(received.report_due and basis["effective_from"].first > received.report_due)
    findings = (
        *ground.weigh(_all_answered(state, act, ground)),
        _in_time(received, late),
    )
    reported = RequestReported(
        request=act.request,
        document=act.document,
        recommends=act.recommends,
        late=late,
        to=received.report_to,
        findings=findings,
        **basis,
    )
    return Ruling((reported,), findings)


def _sign(state: Request, act: SignAgreement, ground: Ground, basis: Basis) -> Ruling:
    findings = ground.weigh(approved(state.approval, act, ground))
    received = _at(state, act, basis, Stage.PREPARED)
    standing: Basis = {**basis, "authority": basis["authority"] or state.approval}
    signed = RequestAgreementSigned(
        request=act.request,
        place=received.place,
        description=state.description,
        findings=findings,
        **standing,
    )
    return Ruling((signed,), findings)


def approve_agreement(
    state: Request, act: ApproveAgreement, ground: Ground, body: str, basis: Basis
) -> Ruling:
    """Rule N4: Council approves an agreement once a positive business case is made."""
    findings = ground.weigh(case_made(state.positive_case, act.request, act.instrument, ground))
    if state.received is None or state.stage not in (Stage.REPORTED, Stage.APPROVED):
        raise RequestOutOfOrder(act.request, act.instrument, state.stage, (Stage.REPORTED,))
    if state.stage is Stage.APPROVED:
        return Ruling((), findings)
    approved = RequestAgreementApproved(request=act.request, body=body, findings=findings, **basis)
    return Ruling((approved,), findings)


def may_enter(
    state: Request, act: EnterPartnership, city: Place, ground: Ground
) -> tuple[Finding, ...]:
    """Rule N4 on a partnership that a decision enters directly; the case is that city's own."""
    positive = state.positive_case and _is_for(state, city)
    return ground.weigh(case_made(positive, act.request, act.instrument, ground))


def procedure_followed(
    state: Request, request: str | None, city: Place, ground: Ground
) -> tuple[Finding, ...]:
    """Rule N5 on a change to an existing relationship."""
    follows = ground.words("relationship-change.follows")
    if follows is None:
        return (silent("N5", "states the procedure"),)
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


def _at(state: Request, act: RequestAct, basis: Basis, *needed: Stage) -> RequestReceived:
    if state.received is None or state.stage not in needed:
        raise RequestOutOfOrder(act.request, act.KIND, state.stage, needed)
    if state.since and span(basis["effective_from"]) < span(state.since):
        raise DatedBeforeStep(act.request, basis["effective_from"], state.since)
    return state.received


def _formal(state: Request, act: RequestAct, basis: Basis, *needed: Stage) -> None:
    _at(state, act, basis, *needed)
    if state.arrangement is not Arrangement.PARTNERSHIP:
        raise NotAPartnership(act.request, state.arrangement)


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
            yield silent("N3", f"states the {what}")
            continue
        missing, unknown = named(asked.value, (name for name, said in answers.items() if said))
        if missing or unknown:
            yield Unanswered(asked.provision, act.request, missing, unknown)
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
    """The request after one more event."""
    match event:
        case RequestReceived():
            state = replace(state, received=event)
        case RequestArrangementAdvised(arrangement=arrangement):
            state = replace(state, arrangement=arrangement)
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
