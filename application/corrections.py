"""Handlers of corrections: which entry, on whose authority, and what takes its place."""

from __future__ import annotations

from application import relisting, steps
from application.handling import Handlers, Work
from application.proceedings import state_of, stream_of
from domain import cities, corrections, policy
from domain.authority import NotAuthorised
from domain.corrections import CorrectRecord
from domain.decisions import ADOPTING, DecisionTaken, reference
from domain.effects import NoDecision, require_decided_by
from domain.kernel import DecisionRef, Event, StreamId
from domain.partnerships import PartnershipFormed


def correct_record(work: Work, command: CorrectRecord) -> None:
    """Enter a correction; of two at once, the second is told of the first (rule K1)."""
    if isinstance(command.authority, DecisionRef):
        decided = require_decision(work, command.KIND, command.authority).decided_on
        require_decided_by(command.KIND, command.authority, decided, command.on)
    stream = StreamId(command.stream)
    history = work.read(stream)
    event = corrections.decide(history.entries, command)
    was = next(e.event for e in history.entries if e.version == command.version)
    if event.authority and not command.changed.keys().isdisjoint(("authority", "decided_on")):
        decision = require_decision(work, command.KIND, event.authority)
        require_decided_by(command.KIND, event.authority, decision.decided_on, event.decided_on)
        _require_no_less(work, command.KIND, was.authority, decision)
    if isinstance(event, policy.PolicyEvent):
        event = policy.renumbered(history, event)
    if not command.changed.keys().isdisjoint(("effective_from", "decided_on")):
        _require_decided_first(command.KIND, event)
    event = relisting.judged_anew(work, event, was, command)
    steps.require_the_act(work, was, command)
    in_order = steps.in_order(work, command, was)
    work.write(stream, event)
    if stream == policy.STREAM:
        policy.require_terms_once(work.read(stream))
    if stream == cities.STREAM:
        cities.require_names_once(e.event for e in work.read(stream).standing())
    relisting.follow(work, event, was, command)
    steps.so_too(work, was, command)
    steps.require_in_order(work, in_order)


def require_decision(work: Work, act: str, authority: DecisionRef) -> DecisionTaken:
    """The decision; raises `NoDecision` unless it is in the record, by this body (rule A1)."""
    decision = state_of(work, authority.matter).decisions.get(authority.decision)
    if decision is None or decision.body != authority.body:
        raise NoDecision(act, authority)
    return decision


def _require_decided_first(act: str, event: Event) -> None:
    """Raises `DecidedAfterwards` for what may take hold before the decision behind it (rule A1).

    A partnership exists since it was established, whatever was decided later.
    """
    by = reference(event) if isinstance(event, DecisionTaken) else event.authority
    if by and not isinstance(event, PartnershipFormed):
        require_decided_by(act, by, event.decided_on, event.effective_from)


def _require_no_less(
    work: Work, act: str, was: DecisionRef | None, decision: DecisionTaken
) -> None:
    """Of a decision put in another's place: the same body, adopting where that did (rule A1)."""
    if was and was.body != decision.body:
        raise NotAuthorised(act, decision.body, was.body, None)
    entries = work.read(stream_of(was.matter)).entries if was else ()
    taken = (e.event for e in entries if isinstance(e.event, DecisionTaken))
    kinds = [each.kind for each in taken if was and each.decision == was.decision]
    if decision.kind not in ADOPTING and (not kinds or kinds[-1] in ADOPTING):
        raise NoDecision(act, reference(decision))


HANDLERS: Handlers = {CorrectRecord: correct_record}
