"""Handlers of corrections: which entry, on whose authority, and what takes its place."""

from __future__ import annotations

from application.handling import Handlers, Work
from application.proceedings import state_of
from domain import cities, corrections, policy
from domain.corrections import CorrectRecord
from domain.effects import NoDecision
from domain.kernel import DecisionRef, StreamId


def correct_record(work: Work, command: CorrectRecord) -> None:
    """Enter a correction; of two at once, the second is told of the first (rule K1)."""
    if isinstance(command.authority, DecisionRef):
        require_decision(work, command.KIND, command.authority)
    stream = StreamId(command.stream)
    history = work.read(stream)
    event = corrections.decide(history.entries, command)
    if event.authority and "authority" in command.changed:
        require_decision(work, command.KIND, event.authority)
    if isinstance(event, policy.PolicyEvent):
        event = policy.renumbered(history, event)
    work.write(stream, event)
    if stream == policy.STREAM:
        policy.require_terms_once(work.read(stream))
    if stream == cities.STREAM:
        cities.require_names_once(e.event for e in work.read(stream).standing())


def require_decision(work: Work, act: str, authority: DecisionRef) -> None:
    """Raises `NoDecision` unless the decision is in the record, by this body (rule A1)."""
    decision = state_of(work, authority.matter).decisions.get(authority.decision)
    if decision is None or decision.body != authority.body:
        raise NoDecision(act, authority)


HANDLERS: Handlers = {CorrectRecord: correct_record}
