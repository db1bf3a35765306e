"""Motions before a body: moved on a matter that is open, and carried as it stands then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.amendments import Amended, TargetDeleted, amending
from domain.instruments import ChangeTier, Instrument, cannot_take_effect
from domain.items import content
from domain.kernel import Basis, Refusal
from domain.matters import Matter, UnknownMatter, require_new, require_open, require_unused
from domain.motions import (
    Add,
    Motion,
    MotionCarried,
    MotionMoved,
    MoveMotion,
    Operation,
    Result,
    SubjectTo,
)


class UnknownMotion(Refusal):
    """The matter has no such motion."""

    rule = "A2"

    def __init__(self, matter: str, motion: str) -> None:
        super().__init__(matter=matter, motion=motion)


class MotionEnded(Refusal):
    """The motion has its result already."""

    rule = "A4"

    def __init__(self, motion: str, result: Result) -> None:
        super().__init__(motion=motion, result=result)


class MovedInAnotherBody(Refusal):
    """A motion ends in the body that it was moved in."""

    rule = "A1"

    def __init__(self, motion: str, body: str, moved_in: str) -> None:
        super().__init__(motion=motion, body=body, moved_in=moved_in)


def move(state: Matter, command: MoveMotion, basis: Basis) -> MotionMoved:
    """Enter a motion, and say so where it cannot take effect (rule W1)."""
    require_new(state, command, command.motion)
    require_open(state, command.matter)
    match command.operation:
        case SubjectTo(instruments=instruments):
            proposed = instruments
        case Add(recommendation=recommendation):
            require_unused(state, command.matter, (recommendation,))
            proposed = recommendation.instruments
        case _:
            proposed = ()
    findings = tuple(cannot_take_effect(i) for i in proposed if isinstance(i, ChangeTier))
    return MotionMoved(**content(Motion, command), findings=findings, **basis)


def require_pending(state: Matter, matter: str, motion: str, body: str) -> MotionMoved:
    """The motion, where it awaits its result from this body (rules A1, A2, A4)."""
    if not state.opened:
        raise UnknownMatter(matter)
    if motion not in state.motions:
        raise UnknownMotion(matter, motion)
    if motion in state.results:
        raise MotionEnded(motion, state.results[motion])
    require_open(state, matter)
    moved = state.motions[motion]
    if body != moved.body:
        raise MovedInAnotherBody(motion, body, moved.body)
    return moved


def carried_before(state: Matter) -> Mapping[str, tuple[Instrument, ...]]:
    """What each motion that carried would do to provisions in force, in the order they carried.

    A reopening begins anew: what carried before it was decided on, or is moved again.
    """
    carried = {motion for motions in state.carried.values() for motion in motions}
    return {
        motion: recommendation.instruments
        for motion, recommendation in amending(state.recommendations)
        if motion in carried
    }


def require_fit(
    state: Matter, matter: str, operation: Operation, in_force: Iterable[str] = ()
) -> None:
    """Whether a motion can carry as the matter stands now, and not when it was moved (rule A2).

    Raises `TargetDeleted` for an amendment of a provision that a motion deleted meanwhile, unless
    it is proposed again or stands `in_force` by another matter, and `AlreadyRecorded` for a
    recommendation whose name another one has taken.
    """
    if isinstance(operation, Add):
        require_unused(state, matter, (operation.recommendation,))
        return
    kind, _, address = operation.target.partition("/")
    if kind != "provision" or address in in_force or address in state.drafts():
        return
    if address in state.removed:
        raise TargetDeleted(operation.target, state.removed[address])


def carry(moved: MotionMoved, amended: Amended, body: str, basis: Basis) -> MotionCarried:
    """Enter that a motion carried, with what it makes of its target."""
    return MotionCarried(
        matter=moved.matter,
        motion=moved.motion,
        body=body,
        recommendation=amended.recommendation,
        draft=amended.draft,
        removed=amended.removed,
        computed=amended.computed,
        declared=amended.declared,
        **basis,
    )
