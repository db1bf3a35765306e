"""Corrected requests: the clock runs anew, and the partnership follows the signature."""

from __future__ import annotations

from application.handlers.effects import form_by_agreement, write_effect, write_successions
from application.handlers.states import ground_on, request_of
from application.unit_of_work import UnitOfWork
from domain import corrections
from domain.corrections import CorrectedWithItsAct, CorrectRecord
from domain.partnerships import agreement, partnership
from domain.partnerships.agreement import (
    AgreementDayCame,
    AgreementEntered,
    AgreementEvent,
    AgreementSucceeded,
)
from domain.partnerships.partnership import PartnershipFormed
from domain.requests import request
from domain.requests.messages import (
    RequestAgreementSigned,
    RequestArrangementAdvised,
    RequestReceived,
    RequestReported,
)
from domain.shared.history import Recorded, fold
from domain.shared.messages import Event, StreamId


def judged_anew(work: UnitOfWork, event: Event, was: Event, _command: CorrectRecord) -> Event:
    """Return the entry with the clock of its day (rule N2) or the procedure it takes (rule N1)."""
    if isinstance(event, RequestArrangementAdvised):
        return request.arrangement_unchanged(event, ground_on(work, event.effective_from))
    if isinstance(event, RequestReceived) and event.effective_from != was.effective_from:
        return request.report_due_by(event, ground_on(work, event.effective_from))
    if isinstance(event, RequestReported):
        received = request_of(work, event.request).received
        return request.report_in_time(event, received) if received else event
    return event


def touches(_work: UnitOfWork, _was: Event) -> tuple[StreamId, ...]:
    """Return the other streams whose steps a correction of this entry changes: none."""
    return ()


def require_the_act(work: UnitOfWork, was: Event, command: CorrectRecord) -> None:
    """Raise `CorrectedWithItsAct` for what a signature brought about.

    That is a partnership that it formed, or an agreement in the place of another.
    """
    if isinstance(was, AgreementSucceeded):
        by = f"{agreement.stream_of(was.by)}"
        raise CorrectedWithItsAct(stream=command.stream, version=command.version, act=by)
    if not isinstance(was, PartnershipFormed):
        return
    if command.withdraw or command.changed.keys() & {"established", "effective_from", "decided_on"}:
        for signature in _signatures(work, was):
            correct = f"{signature.stream}/{signature.version}"
            raise CorrectedWithItsAct(stream=command.stream, version=command.version, act=correct)
        if act := _agreement_behind(work, was):
            raise CorrectedWithItsAct(stream=command.stream, version=command.version, act=act)


def follow(work: UnitOfWork, event: Event, was: Event, command: CorrectRecord) -> None:
    """Write the corrections that follow from a corrected receipt or signature.

    The report is in time or late by the new clock; the partnership begins with the signature.
    """
    if isinstance(event, RequestReceived):
        _report_again(work, event, command)
    elif isinstance(was, RequestAgreementSigned):
        stream = partnership.stream_of(was.place.code)
        for entry in work.read(stream).standing():
            formed = entry.event
            if isinstance(formed, PartnershipFormed) and _formed_by(was, formed):
                _again(work, entry, _as_signed(event), command)
    elif isinstance(was, AgreementEvent):
        _agreed_again(work, event, was, command)


def _agreed_again(
    work: UnitOfWork, event: Event, was: AgreementEvent, command: CorrectRecord
) -> None:
    """Write the corrections that follow from a corrected agreement.

    The days that it now names are written as well, and the partnership begins when it is in force.
    """
    stream = agreement.stream_of(was.agreement)
    come = {_day_of(entry.event) for entry in work.read(stream).standing()}
    for day in agreement.days_of_agreement(event) if isinstance(event, AgreementEvent) else ():
        if _day_of(day) not in come:
            write_effect(work, stream, day)
    before = [e for e in work.read(stream).entries if isinstance(e.event, AgreementEntered)]
    for place in before[-1].event.places if before else ():
        for entry in work.read(partnership.stream_of(place.code)).standing():
            if _made_by(before[-1].event, entry.event):
                _begin_again(work, entry, was.agreement, command)
    form_by_agreement(work, was.agreement)
    write_successions(work, was.agreement, corrected=True)


def _begin_again(
    work: UnitOfWork, formed: Recorded[Event], name: str, command: CorrectRecord
) -> None:
    standing = work.read(agreement.stream_of(name)).standing()
    since = fold(agreement.evolve, agreement.Agreement(), standing).since
    if since is None:
        _again(work, formed, {}, command.model_copy(update={"withdraw": True}))
    else:
        day = str(since)
        _again(work, formed, {"established": day, "effective_from": day}, command)


def _made_by(entered: AgreementEntered, event: Event) -> bool:
    """True for a partnership that an agreement formed."""
    if not isinstance(event, PartnershipFormed) or not entered.text.partnership:
        return False
    return (event.description, event.authority) == (entered.text.description, entered.authority)


def _day_of(event: Event) -> tuple[object, ...]:
    if not isinstance(event, AgreementDayCame):
        return ()
    return (event.in_force, event.expires)


def _report_again(work: UnitOfWork, received: RequestReceived, command: CorrectRecord) -> None:
    for entry in work.read(request.stream_of(received.request)).standing():
        if isinstance(entry.event, RequestReported):
            again = request.report_in_time(entry.event, received)
            says = again.model_dump(mode="json", include={"late", "findings"})
            _again(work, entry, says, command)


def _as_signed(event: Event) -> dict[str, object]:
    if not isinstance(event, RequestAgreementSigned):
        return {}
    fields = {"place", "description", "decided_on", "effective_from", "authority"}
    says = event.model_dump(mode="json", include=fields)
    return {**says, "established": says["effective_from"]}


def _again(
    work: UnitOfWork, entry: Recorded[Event], says: dict[str, object], command: CorrectRecord
) -> None:
    """Correct what follows from the entry that is corrected, for the same reason."""
    to = {"stream": entry.stream, "version": entry.version, "changed": says}
    to |= {"withdraw": command.withdraw and not says}
    history = work.read(entry.stream)
    try:
        event = corrections.decide(history.entries, command.model_copy(update=to))
    except corrections.ChangesNothing:
        return
    write_effect(work, entry.stream, event)


def _agreement_behind(work: UnitOfWork, formed: PartnershipFormed) -> str | None:
    """Return the last signature of the agreement behind a partnership, as stream and version."""
    streams: tuple[StreamId, ...] = work.streams(agreement.STREAMS)
    work.fetch(*streams)
    for stream in streams:
        standing = work.read(stream).standing()
        entered = [e.event for e in standing if isinstance(e.event, AgreementEntered)]
        if entered and _made_by(entered[0], formed):
            signed = [e for e in standing if isinstance(e.event, agreement.AgreementSigned)]
            return f"{stream}/{signed[-1].version}" if signed else None
    return None


def _signatures(work: UnitOfWork, formed: PartnershipFormed) -> list[Recorded[Event]]:
    streams: tuple[StreamId, ...] = work.streams(request.STREAMS)
    work.fetch(*streams)
    standing = (entry for stream in streams for entry in work.read(stream).standing())
    return [
        entry
        for entry in standing
        if isinstance(entry.event, RequestAgreementSigned) and _formed_by(entry.event, formed)
    ]


def _formed_by(signed: RequestAgreementSigned, formed: PartnershipFormed) -> bool:
    same = (signed.place.code, signed.effective_from, signed.authority)
    return same == (formed.place.code, formed.established, formed.authority)
