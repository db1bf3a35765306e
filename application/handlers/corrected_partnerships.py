"""Corrected relationships: their category, and what follows from a move or a suspension."""

from __future__ import annotations

from collections.abc import Iterator

from application.handlers.categories import categories_on_day
from application.handlers.effects import write_effect, write_missed_moves
from application.unit_of_work import UnitOfWork
from domain import corrections
from domain.corrections import CorrectedWithItsAct, CorrectRecord
from domain.partnerships import moves, partnership, states
from domain.partnerships.moves import PartnershipMoved, PartnersMoved
from domain.partnerships.partnership import (
    PartnershipClassified,
    PartnershipFormed,
    PartnershipReclassified,
)
from domain.partnerships.states import PartnershipStateChanged, PartnershipStateReported
from domain.shared import categories
from domain.shared.categories import UnknownCategory
from domain.shared.history import Recorded
from domain.shared.messages import Event, StreamId


def judged_anew(work: UnitOfWork, event: Event, was: Event, _command: CorrectRecord) -> Event:
    """Return the entry with the category in force on the day, by its id and name then (rule C7)."""
    if not isinstance(event, PartnershipClassified | PartnershipReclassified):
        return event
    same_day = event.effective_from == was.effective_from
    if same_day and event.classification == getattr(was, "classification", None):
        return event
    known = categories_on_day(work, event.effective_from.last)
    to = categories.standing_in(known, None, event.classification)
    if to is None:
        names = tuple(category.name for category in known)
        raise UnknownCategory(category=event.classification, known=names)
    changes = {"classification": to.name, "category": to.id if known else None}
    return event.model_copy(update=changes)


def touches(_work: UnitOfWork, _was: Event) -> tuple[StreamId, ...]:
    """Return the other streams whose steps a correction of this entry changes: none."""
    return ()


def require_the_act(work: UnitOfWork, was: Event, command: CorrectRecord) -> None:
    """Raise `CorrectedWithItsAct` for an effect of a move or suspension on one partnership."""
    if isinstance(was, PartnershipMoved):
        for entry in work.read(moves.STREAM).standing():
            if moves.same_move(entry.event, was):
                raise _with(command, entry)
    if isinstance(was, PartnershipStateChanged | PartnershipStateReported) and was.ran_out:
        for entry in _of_one_act(work, was):
            if entry.event != was and entry.event.until == was.ran_out:
                raise _with(command, entry)


def _with(command: CorrectRecord, act: Recorded[Event]) -> CorrectedWithItsAct:
    correct = f"{act.stream}/{act.version}"
    return CorrectedWithItsAct(stream=command.stream, version=command.version, act=correct)


def follow(work: UnitOfWork, event: Event, was: Event, command: CorrectRecord) -> None:
    """Write the corrections that follow from a corrected move or suspension.

    Each partner moves as the move now says; a suspension ends on the day it now names.
    """
    if isinstance(was, PartnersMoved):
        _move_again(work, event, was, command)
    elif isinstance(was, PartnershipStateChanged | PartnershipStateReported):
        _run_out_again(work, event, was, command)
    elif isinstance(event, PartnershipFormed):
        write_missed_moves(work, event)


def _run_out_again(
    work: UnitOfWork, event: Event, was: states.StateEvent, command: CorrectRecord
) -> None:
    ends: tuple[states.StateEvent, ...] = ()
    if isinstance(event, PartnershipStateChanged | PartnershipStateReported):
        ends = states.end_of_suspension(event)
    ended = [e for e in _of_one_act(work, was) if was.until and e.event.ran_out == was.until]
    for entry in ended:
        _again(work, entry, ends[0] if ends else None, command)
    if not ended and ends:
        write_effect(work, StreamId(command.stream), ends[0])


def _move_again(work: UnitOfWork, event: Event, was: PartnersMoved, command: CorrectRecord) -> None:
    now = event if isinstance(event, PartnersMoved) else None
    for place in tuple(work.places().places.values()):
        for entry in work.read(partnership.stream_of(place.code)).standing():
            if isinstance(entry.event, PartnershipMoved) and moves.same_move(was, entry.event):
                _again(work, entry, moves.move_of_partner(now, place) if now else None, command)


def _of_one_act(work: UnitOfWork, was: states.StateEvent) -> Iterator[Recorded[states.StateEvent]]:
    """Yield the entries of one act on a state: the act, and the end that it brings."""
    for entry in work.read(partnership.stream_of(was.place.code)).standing():
        event = entry.event
        same = isinstance(event, PartnershipStateChanged | PartnershipStateReported) and (
            event.authority,
            event.decided_on,
            type(event),
        ) == (was.authority, was.decided_on, type(was))
        if same:
            yield entry


def _again(
    work: UnitOfWork, entry: Recorded[Event], becomes: Event | None, command: CorrectRecord
) -> None:
    """Correct, or take back, what follows from the entry that is corrected, for the same reason."""
    says = becomes.model_dump(mode="json", exclude={"replaces", "cites"}) if becomes else {}
    says = {
        name: value for name, value in says.items() if name not in corrections.KEPT_BY_THE_REGISTER
    }
    to = {
        "stream": entry.stream,
        "version": entry.version,
        "changed": says,
        "withdraw": becomes is None,
    }
    history = work.read(entry.stream)
    try:
        event = corrections.decide(history.entries, command.model_copy(update=to))
    except corrections.ChangesNothing:
        return
    write_effect(work, entry.stream, event)
