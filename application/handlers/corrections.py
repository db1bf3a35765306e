"""Handlers of corrections: which entry, on whose authority, and what takes its place."""

from __future__ import annotations

from application.handlers import (
    corrected_missions,
    corrected_partnerships,
    corrected_requests,
    step_order,
)
from application.handlers.authority import require_decision
from application.handlers.effects import write_effect
from application.unit_of_work import Handlers, UnitOfWork
from domain import corrections, policy
from domain.corrections import CorrectRecord
from domain.council.bodies import NoDecision, NotAuthorised, require_decided_by
from domain.instruments import AdoptProvision, ClassifyPartnership, EnterPartnership, Explore
from domain.partnerships.exploration import ExplorationDirected
from domain.partnerships.partnership import PartnershipFormed, PartnershipLapsed
from domain.proceedings import matter
from domain.proceedings.decisions import ACTING, DecisionTaken, reference_to_decision
from domain.shared.messages import DecisionRef, Effect, Event, StreamId

CONTEXTS = (corrected_missions, corrected_partnerships, corrected_requests)
"""Each says of its entries what is judged anew, what is corrected with another, what follows."""


def correct_record(work: UnitOfWork, command: CorrectRecord) -> None:
    """Enter a correction; if two are sent at once, the second is refused (rule K1)."""
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
        event = policy.provision_with_own_version(
            history, event, reaches_back=_may_reach_back(work, event)
        )
    dates = ("effective_from", "decided_on")
    if not (command.changed.keys().isdisjoint(dates) or _may_reach_back(work, event)):
        _require_decided_first(command.KIND, event)
    for context in CONTEXTS:
        event = context.judged_anew(work, event, was, command)
        context.require_the_act(work, was, command)
    touched = (stream, *(other for context in CONTEXTS for other in context.touches(work, was)))
    in_order = step_order.in_order(work, touched)
    write_effect(work, stream, event)
    for context in CONTEXTS:
        context.follow(work, event, was, command)
    step_order.require_in_order(work, in_order)


def _may_reach_back(work: UnitOfWork, event: Event) -> bool:
    """True for an effect that the charter lets take hold before the decision on it (rule A3)."""
    match event:
        case policy.ProvisionAdopted() | policy.ProvisionAmended() | policy.ProvisionDeleted():
            act = AdoptProvision.ACT
        case PartnershipFormed() | PartnershipLapsed():
            act = EnterPartnership.ACT
        case ExplorationDirected():
            act = Explore.ACT
        case Effect():
            act = ClassifyPartnership.ACT
        case _:
            return False
    charter = work.charter(event.decided_on.last)
    return charter is not None and act in charter.retroactive


def _require_decided_first(act: str, event: Event) -> None:
    """Raise `DecidedAfterwards` for an act that may take hold before its decision (rule A1)."""
    by = reference_to_decision(event) if isinstance(event, DecisionTaken) else event.authority
    if by:
        require_decided_by(act, by, event.decided_on, event.effective_from)


def _require_no_less(
    work: UnitOfWork, act: str, was: DecisionRef | None, decision: DecisionTaken
) -> None:
    """Require of a decision that replaces another one the same body (rule A1).

    It must also adopt something where the other did.
    """
    if was and was.body != decision.body:
        raise NotAuthorised(act=act, body=decision.body, authority=was.body, provision=None)
    entries = work.read(matter.stream_of(was.matter)).entries if was else ()
    taken = (e.event for e in entries if isinstance(e.event, DecisionTaken))
    kinds = [each.kind for each in taken if was and each.decision == was.decision]
    if decision.kind not in ACTING and (not kinds or kinds[-1] in ACTING):
        raise NoDecision(act=act, authority=reference_to_decision(decision))


HANDLERS: Handlers = {CorrectRecord: correct_record}
