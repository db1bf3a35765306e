"""Motions before a body: moved on a matter that is open, and carried as it stands then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.instruments import ChangeTier, Instrument, cannot_take_effect
from domain.proceedings import pending_motions
from domain.proceedings.amendments import (
    Amended,
    NoSuchOperation,
    TargetDeleted,
    recommended_amendments,
)
from domain.proceedings.majorities import MOTION, NOTICE_WAIVED, stated_for, voted
from domain.proceedings.matter import (
    Matter,
    UnknownMatter,
    require_new_item,
    require_notice_given,
    require_open,
    require_opened_before,
    require_unused,
)
from domain.proceedings.motions import (
    Add,
    DeleteAndInsert,
    DisposeOfMotion,
    Motion,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    MoveMotion,
    Operation,
    Result,
    SubjectTo,
    Substitute,
    added_by,
    targets_of,
)
from domain.shared.dates import When
from domain.shared.messages import Basis, shared_fields
from domain.shared.problems import Refusal
from domain.shared.provisions import PolicyInForce


class UnknownMotion(Refusal):
    """The matter has no such motion."""

    rule = "A2"
    matter: str
    motion: str


class MotionEnded(Refusal):
    """The motion has its result already."""

    rule = "A4"
    motion: str
    result: Result


class MovedInAnotherBody(Refusal):
    """A motion must end in the body in which it was moved."""

    rule = "A1"
    motion: str
    body: str
    moved_in: str


class EndedBeforeMoved(Refusal):
    """A motion cannot end before it was moved."""

    rule = "A4"
    motion: str
    moved_on: When
    on: When


def move_motion(
    state: Matter, command: MoveMotion, policy: PolicyInForce, basis: Basis
) -> MotionMoved:
    """Enter a motion, and say so where it cannot take effect (rule W1)."""
    require_new_item(state, command, command.motion)
    require_open(state, command.matter, command.body)
    require_opened_before(state, command)
    require_notice_given(state, command.motion, command.notice, command.on)
    match command.operation:
        case SubjectTo(instruments=instruments):
            proposed = instruments
        case Add() | Substitute():
            several = added_by(command.operation)
            require_unused(state, command.matter, several)
            proposed = tuple(act for each in several for act in each.instruments)
        case _:
            proposed = ()
    findings = tuple(cannot_take_effect(i) for i in proposed if isinstance(i, ChangeTier))
    stated = stated_for(policy, (NOTICE_WAIVED,))
    waived = voted(command.notice_waived, stated, command.motion, "notice waived", carried=True)
    said: dict[str, Any] = {**shared_fields(Motion, command), "notice_waived": waived.vote}
    return MotionMoved(**said, findings=(*waived.findings, *findings), **basis)


def require_motion_pending(state: Matter, command: MoveMotion | DisposeOfMotion) -> MotionMoved:
    """Return the motion, where it awaits its result from this body (rules A1, A2, A4)."""
    matter, motion = command.matter, command.motion
    if not state.opened_on:
        raise UnknownMatter(matter=matter)
    if motion not in state.motions:
        raise UnknownMotion(matter=matter, motion=motion)
    if motion in state.results:
        raise MotionEnded(motion=motion, result=state.results[motion])
    require_open(state, matter, command.body)
    moved = state.motions[motion]
    if command.body != moved.body:
        raise MovedInAnotherBody(motion=motion, body=command.body, moved_in=moved.body)
    if command.on.last < moved.decided_on.first:
        raise EndedBeforeMoved(motion=motion, moved_on=moved.decided_on, on=command.on)
    return moved


def amendments_carried_before(state: Matter) -> Mapping[str, tuple[Instrument, ...]]:
    """Return the amendments of provisions in force by motions that carried, in that order.

    A reopening begins anew: what carried before it was decided on, or is moved again.
    """
    carried = {motion for motions in state.carried.values() for motion in motions}
    return {
        motion: recommendation.instruments
        for motion, recommendation in recommended_amendments(state.recommendations)
        if motion in carried
    }


def require_motion_fits(
    state: Matter, matter: str, operation: Operation, in_force: Iterable[str] = ()
) -> None:
    """Refuse a motion that cannot carry as the matter stands now (rule A2).

    Raises `TargetDeleted` for an amendment of a recommendation or provision that a motion deleted
    meanwhile, unless it is proposed again or stands `in_force` by another matter, and
    `AlreadyRecorded` for a recommendation whose name another one has taken.
    """
    require_unused(state, matter, added_by(operation))
    for target in targets_of(operation):
        kind, _, name = target.partition("/")
        if kind == "recommendation" and name in state.dropped:
            raise TargetDeleted(target=target, by=state.dropped[name])
        gone = kind == "provision" and name in state.removed
        if gone and not (name in in_force or name in state.drafts()):
            raise TargetDeleted(target=target, by=state.removed[name])


def pending_motion_amended(state: Matter, moved: MotionMoved) -> Amended | None:
    """Return a pending motion as a motion to amend it leaves it (rules A1, A2, A4).

    `None` for a motion on anything else.
    """
    operation = moved.operation
    target = next((t for t in targets_of(operation) if t.startswith(pending_motions.MOTION)), None)
    if target is None or isinstance(operation, SubjectTo):
        return None
    name = pending_motions.motion_named(target)
    if name not in state.motions or name == moved.motion:
        raise UnknownMotion(matter=moved.matter, motion=name)
    if name in state.results:
        raise MotionEnded(motion=name, result=state.results[name])
    motion = state.motions[name]
    if motion.body != moved.body:
        raise MovedInAnotherBody(motion=name, body=moved.body, moved_in=motion.body)
    if not isinstance(operation, pending_motions.OnWords):
        raise NoSuchOperation(target=target, operation=operation.operation)
    reads, computed = pending_motions.amended_motion(operation, motion.operation)
    declared = None if isinstance(operation, DeleteAndInsert) else operation.declared
    return Amended(amends=name, operation=reads, computed=computed, declared=declared)


def carry_motion(
    moved: MotionMoved,
    amended: Amended,
    command: MoveMotion | DisposeOfMotion,
    policy: PolicyInForce,
    basis: Basis,
) -> MotionCarried:
    """Enter that a motion carried, with what it makes of its target."""
    stated = stated_for(policy, (MOTION,))
    taken = voted(command.vote, stated, moved.motion, Result.CARRIED.value, carried=True)
    return MotionCarried(
        matter=moved.matter,
        motion=moved.motion,
        body=command.body,
        recommendation=amended.recommendation,
        draft=amended.draft,
        removed=amended.removed,
        computed=amended.computed,
        declared=amended.declared,
        findings=(*taken.findings, *amended.findings),
        vote=taken.vote,
        recommendations=amended.recommendations,
        drafts=amended.drafts,
        dropped=amended.dropped,
        amends=amended.amends,
        operation=amended.operation,
        **basis,
    )


def fail_motion(
    command: MoveMotion | DisposeOfMotion, result: Result, policy: PolicyInForce, basis: Basis
) -> MotionFailed:
    """Enter that a motion did not carry."""
    stated = stated_for(policy, (MOTION,))
    taken = voted(command.vote, stated, command.motion, result.value, carried=False)
    return MotionFailed(
        matter=command.matter,
        motion=command.motion,
        body=command.body,
        result=result,
        reason=command.reason,
        findings=taken.findings,
        vote=taken.vote,
        **basis,
    )
