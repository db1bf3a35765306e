"""Handlers of corrections: which entry, on whose authority, and what takes its place."""

from __future__ import annotations

from application.handling import Handlers, Work
from application.proceedings import state_of
from domain import cities, corrections, policy
from domain.authority import NotAuthorised
from domain.corrections import CorrectRecord
from domain.decisions import ADOPTING, DecisionTaken, reference
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
        decision = require_decision(work, command.KIND, event.authority)
        require_decided_by(command.KIND, event.authority, decision.decided_on, event.decided_on)
        was = next(e.event for e in history.entries if e.version == command.version)
        _require_no_less(work, command.KIND, was.authority, decision)
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


def _require_no_less(
    work: Work, act: str, was: DecisionRef | None, decision: DecisionTaken
) -> None:
    """Of a decision put in another's place: the same body, adopting where that did (rule A1)."""
    if was and was.body != decision.body:
        raise NotAuthorised(act, decision.body, was.body, None)
    former = state_of(work, was.matter).decisions.get(was.decision) if was else None
    if decision.kind not in ADOPTING and (former is None or former.kind in ADOPTING):
        raise NoDecision(act, reference(decision))


HANDLERS: Handlers = {CorrectRecord: correct_record}
