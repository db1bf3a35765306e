"""Requests for a relationship: how far each is, when its report is due, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable

from domain.requests.messages import (
    RequestAgreementApproved,
    RequestAgreementPrepared,
    RequestAgreementSigned,
    RequestArrangementAdvised,
    RequestAssessed,
    RequestBusinessCaseMade,
    RequestGroupConsulted,
    RequestReceived,
    RequestReported,
)
from domain.requests.request import STAGES, Stage
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.history import Recorded
from domain.shared.messages import Event, Value
from projections.engine.read_model import ReadModel, decision_of


class Request(Value):
    """One request. `late` is null until it is reported on; `positive_case` until one is made."""

    request: str
    code: str
    asks: str
    stage: Stage
    since: When
    received: When
    report_due: str | None
    late: bool | None
    arrangement: str | None
    recommended: bool | None
    positive_case: bool | None
    decision: str | None
    findings: tuple[Finding, ...]


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case (
            RequestReceived(request=request)
            | RequestGroupConsulted(request=request)
            | RequestArrangementAdvised(request=request)
            | RequestAssessed(request=request)
            | RequestReported(request=request)
            | RequestBusinessCaseMade(request=request)
            | RequestAgreementApproved(request=request)
            | RequestAgreementPrepared(request=request)
            | RequestAgreementSigned(request=request)
        ):
            return (request,)
        case _:
            return ()


def _evolve(key: str, state: Request | None, entry: Recorded[Event]) -> Request | None:
    event = entry.event
    if isinstance(event, RequestReceived):
        return _received(event)
    if state is None:
        return None
    changes: dict[str, object] = {
        "findings": (*state.findings, *getattr(event, "findings", ())),
        "decision": decision_of(event) or state.decision,
    }
    match event:
        case RequestArrangementAdvised(arrangement=arrangement):
            changes["arrangement"] = arrangement
        case RequestReported(late=late, recommends=recommends):
            changes |= {"late": late, "recommended": recommends}
        case RequestBusinessCaseMade(positive=positive):
            changes["positive_case"] = positive
        case _:
            pass
    if stage := STAGES.get(type(event)):
        changes |= {"stage": stage, "since": event.effective_from}
    return state.model_copy(update=changes)


def _received(event: RequestReceived) -> Request:
    return Request(
        request=event.request,
        code=event.place.code,
        asks=event.asks,
        stage=Stage.RECEIVED,
        since=event.effective_from,
        received=event.effective_from,
        report_due=event.report_due.isoformat() if event.report_due else None,
        late=None,
        arrangement=None,
        recommended=None,
        positive_case=None,
        decision=decision_of(event),
        findings=event.findings,
    )


REQUESTS = ReadModel("requests", 2, Request, _keys, _evolve)
