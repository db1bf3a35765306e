"""Handlers of corrections: which entry, on whose authority, and what takes its place."""

from __future__ import annotations

from application.handling import Handlers, Work
from application.proceedings import state_of
from domain import cities, corrections, policy
from domain.corrections import CorrectRecord
from domain.decisions import DecisionTaken
from domain.effects import NoDecision, require_decided_by
from domain.kernel import DecisionRef, StreamId


def correct_record(work: Work, command: CorrectRecord) -> None:
    """Enter a correction; of two at once, the second is told of the first (rule K1)."""
    if isinstance(command.authority, DecisionRef):
        decided = require_decision(work, command.KIND, command.authority).decided_on
        require_decided_by(command.KIND, command.authority, decided, command.on)
    stream = StreamId(command.stream)
    history = work.read(stream)
    event = corrections.decide(history.entries, command)
    if event.authority and not command.changed.keys().isdisjoint(("authority", "decided_on")):
        decided = require_decision(work, command.KIND, event.authority).decided_on
        require_decided_by(command.KIND, event.authority, decided, event.decided_on)
    if isinstance(event, policy.PolicyEvent):
        event = policy.renumbered(history, event)
    work.write(stream, event)
    if stream == policy.STREAM:
        policy.require_terms_once(work.read(stream))
    if stream == cities.STREAM:
        cities.require_names_once(e.event for e in work.read(stream).standing())


def require_decision(work: Work, act: str, authority: DecisionRef) -> DecisionTaken:
    """The decision; raises `NoDecision` unless it is in the record, by this body (rule A1)."""
    decision = state_of(work, authority.matter).decisions.get(authority.decision)
    if decision is None or decision.body != authority.body:
        raise NoDecision(act, authority)
    return decision


HANDLERS: Handlers = {CorrectRecord: correct_record}
