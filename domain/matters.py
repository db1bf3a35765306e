"""Matters: an item before the bodies, from first report to final disposition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, assert_never

from pydantic import Field

from domain.amendments import Amended, TargetDeleted, amending, with_draft
from domain.authority import Charter, NotAuthorised
from domain.dates import When
from domain.decisions import (
    ADOPTING,
    CLOSING,
    Decide,
    DecisionKind,
    DecisionTaken,
    MatterReopened,
    Reopening,
    ReopenMatter,
)
from domain.facts import ProvisionDraft
from domain.instruments import FREE, ChangeTier, Instrument, cannot_take_effect
from domain.items import MatterCommand, OfMatter, content
from domain.kernel import Answer, Basis, Conflict, Event, Finding, Refusal
from domain.motions import (
    Add,
    Motion,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    MoveMotion,
    Operation,
    Recommendation,
    Result,
    SubjectTo,
    drafts_in,
)
from domain.papers import (
    Communication,
    CommunicationReceived,
    Deputation,
    DeputationHeard,
    HearDeputation,
    ReceiveCommunication,
    Report,
    ReportSubmitted,
    SubmitReport,
)


class Opening(OfMatter):
    """How a matter is named."""

    title: str = Field(min_length=1)
    reference: str | None = None


class OpenMatter(Opening, MatterCommand):
    """Enter a matter, as `reference` names it in the papers."""

    KIND: ClassVar[str] = "open-matter"


class MatterOpened(Opening, Event):
    """A matter came before the bodies."""

    TOPIC: ClassVar[str] = "matter-opened.v1"


MatterEvent = (
    MatterOpened
    | ReportSubmitted
    | CommunicationReceived
    | DeputationHeard
    | MotionMoved
    | MotionCarried
    | MotionFailed
    | DecisionTaken
    | MatterReopened
)


class UnknownMatter(Refusal):
    """No matter has this name."""

    rule = "A4"

    def __init__(self, matter: str) -> None:
        super().__init__(matter=matter)


class MatterClosed(Refusal):
    """The matter is decided: a later change is a new matter, or a reopening with its decision."""

    rule = "A4"

    def __init__(self, matter: str, closed_by: str) -> None:
        super().__init__(matter=matter, closed_by=closed_by)


class MatterNotClosed(Refusal):
    """Only a decided matter can be reopened."""

    rule = "A4"

    def __init__(self, matter: str) -> None:
        super().__init__(matter=matter)


class ReopenedBeforeClosed(Refusal):
    """A matter is reopened after it was decided, and not before."""

    rule = "A4"

    def __init__(self, matter: str, closed_by: str, decided_on: When, on: When) -> None:
        super().__init__(matter=matter, closed_by=closed_by, decided_on=str(decided_on), on=str(on))


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


class NothingToAdopt(Refusal):
    """An adoption names the recommendations it adopts, and they are before the body."""

    rule = "A3"

    def __init__(self, decision: str, missing: tuple[str, ...], known: tuple[str, ...]) -> None:
        super().__init__(decision=decision, missing=missing, known=known)


class AdoptedBeforeProposed(Refusal):
    """A body adopts what is before it: not what was surely proposed, or amended, later."""

    rule = "A3"

    def __init__(self, decision: str, adopts: str, proposed_on: When, on: When) -> None:
        super().__init__(decision=decision, adopts=adopts, proposed_on=str(proposed_on), on=str(on))


class NotAdopted(Refusal):
    """A decision that adopts nothing puts nothing in force; it may ask for reports."""

    rule = "A3"

    def __init__(self, decision: str, kind: DecisionKind, acts: tuple[str, ...]) -> None:
        super().__init__(decision=decision, kind=kind, acts=acts)


class NotAsAmended(Refusal):
    """A body that carried amendments adopts as amended, and only such a body does."""

    rule = "A2"

    def __init__(self, decision: str, kind: DecisionKind, carried: tuple[str, ...]) -> None:
        super().__init__(decision=decision, kind=kind, carried=carried)


class AlreadyRecorded(Conflict):
    """The matter has an item of this name, and it says something else."""

    def __init__(self, matter: str, item: str) -> None:
        super().__init__(matter=matter, item=item)


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter; nothing before it is opened.

    `proposed_on` has the day of each report, and that from which each recommendation reads so.
    """

    opened: bool = False
    items: frozenset[str] = frozenset()
    reports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    recommendations: dict[str, Recommendation] = field(default_factory=dict)
    proposed_on: dict[str, When] = field(default_factory=dict)
    motions: dict[str, MotionMoved] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    carried: dict[str, tuple[str, ...]] = field(default_factory=dict)
    amended_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, DecisionTaken] = field(default_factory=dict)
    closed_by: str | None = None

    def drafts(self) -> dict[str, ProvisionDraft]:
        """The provisions proposed, as amended so far."""
        return drafts_in(self.recommendations)


def open_matter(state: Matter, command: OpenMatter, basis: Basis) -> MatterOpened:
    """Enter a matter once."""
    if state.opened:
        raise AlreadyRecorded(command.matter, command.matter)
    return MatterOpened(**content(Opening, command), **basis)


def submit(state: Matter, command: SubmitReport, basis: Basis) -> ReportSubmitted:
    """Enter a report; a matter that is decided takes no more recommendations (rule A4)."""
    _new(state, command, command.document)
    if command.recommendations:
        _still_open(state, command.matter)
        _unused(state, command.matter, command.recommendations)
    return ReportSubmitted(**content(Report, command), **basis)


def receive(state: Matter, command: ReceiveCommunication, basis: Basis) -> CommunicationReceived:
    """Enter a letter."""
    _new(state, command, command.document)
    return CommunicationReceived(**content(Communication, command), **basis)


def hear(state: Matter, command: HearDeputation, basis: Basis) -> DeputationHeard:
    """Enter a deputation."""
    _new(state, command, command.deputation)
    return DeputationHeard(**content(Deputation, command), **basis)


def move(state: Matter, command: MoveMotion, basis: Basis) -> MotionMoved:
    """Enter a motion, and say so where it cannot take effect (rule W1)."""
    _new(state, command, command.motion)
    _still_open(state, command.matter)
    match command.operation:
        case SubjectTo(instruments=instruments):
            proposed = instruments
        case Add(recommendation=recommendation):
            _unused(state, command.matter, (recommendation,))
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
    _still_open(state, matter)
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
        _unused(state, matter, (operation.recommendation,))
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


def require_decidable(state: Matter, command: Decide) -> tuple[Recommendation, ...]:
    """The recommendations that a decision adopts (rules A2, A3, A4); none for other kinds."""
    _new(state, command, command.decision)
    _still_open(state, command.matter)
    _unused(state, command.matter, command.recommends)
    missing = tuple(r for r in command.adopts if r not in state.recommendations)
    idle = command.kind in ADOPTING and not (command.adopts or command.instruments)
    if missing or idle:
        raise NothingToAdopt(command.decision, missing, tuple(state.recommendations))
    if command.kind not in ADOPTING:
        return ()
    carried = state.carried.get(command.body, ())
    if bool(carried) != (command.kind is DecisionKind.ADOPT_AS_AMENDED):
        raise NotAsAmended(command.decision, command.kind, carried)
    return tuple(state.recommendations[r] for r in dict.fromkeys(command.adopts))


def require_proposed(state: Matter, decision: str, adopts: Iterable[str], on: When) -> None:
    """Raises `AdoptedBeforeProposed` for a report or recommendation that is surely later."""
    for name in adopts:
        proposed_on = state.proposed_on[name]
        if proposed_on.first > on.last:
            raise AdoptedBeforeProposed(decision, name, proposed_on, on)


def left_out(state: Matter, command: Decide, adopted: Iterable[str]) -> tuple[Finding, ...]:
    """Rule A2, on what the body amended and does not adopt; `adopted` names recommendations.

    A body may well leave it, so that this is said and refuses nothing.
    """
    if command.kind not in ADOPTING:
        return ()
    named = set(adopted)
    kept = {f"recommendation/{name}" for name in named}
    proposed = drafts_in({n: r for n, r in state.recommendations.items() if n in named})
    kept |= {f"provision/{address}" for address in (*proposed, *state.removed)}
    left = {
        m for target, motions in state.amended_by.items() if target not in kept for m in motions
    }
    carried = tuple(motion for motion in state.carried.get(command.body, ()) if motion in left)
    if not carried:
        return ()
    reason = f"carried, and what it amends is not adopted: {', '.join(carried)}"
    return (Finding(rule="A2", answer=Answer.ADVISORY, reason=reason),)


def require_adoption(command: Decide, instruments: Iterable[Instrument]) -> None:
    """Raises `NotAdopted` for effects of a decision that adopts nothing (rule A3)."""
    acts = tuple(i.instrument for i in instruments if i.ACT != FREE)
    if acts and command.kind not in ADOPTING:
        raise NotAdopted(command.decision, command.kind, acts)


def reopen(state: Matter, command: ReopenMatter, charter: Charter, basis: Basis) -> MatterReopened:
    """Enter a reopening, by the body that closed the matter or the one over it (rule A4)."""
    _new(state, command, command.decision)
    if state.closed_by is None:
        raise MatterNotClosed(command.matter)
    closing = state.decisions[state.closed_by]
    if command.body not in (closing.body, charter.residual_authority):
        raise NotAuthorised("reopening", command.body, closing.body, None)
    if closing.decided_on.first > command.on.last:
        raise ReopenedBeforeClosed(command.matter, closing.decision, closing.decided_on, command.on)
    return MatterReopened(**content(Reopening, command), **basis)


def _new(state: Matter, command: MatterCommand, item: str) -> None:
    if not state.opened:
        raise UnknownMatter(command.matter)
    if item in state.items:
        raise AlreadyRecorded(command.matter, item)


def _unused(state: Matter, matter: str, recommendations: tuple[Recommendation, ...]) -> None:
    taken = set(state.recommendations)
    for recommendation in recommendations:
        if recommendation.id in taken:
            raise AlreadyRecorded(matter, recommendation.id)
        taken.add(recommendation.id)


def _still_open(state: Matter, matter: str) -> None:
    if state.closed_by:
        raise MatterClosed(matter, state.closed_by)


def evolve(state: Matter, event: MatterEvent) -> Matter:
    """The matter after one more event."""
    match event:
        case MatterOpened():
            return replace(state, opened=True)
        case ReportSubmitted():
            added = {r.id: r for r in event.recommendations}
            return replace(
                state,
                items=state.items | {event.document},
                reports={**state.reports, event.document: tuple(added)},
                recommendations={**state.recommendations, **added},
                proposed_on=_dated(state, (event.document, *added), event),
            )
        case CommunicationReceived():
            return replace(state, items=state.items | {event.document})
        case DeputationHeard():
            return replace(state, items=state.items | {event.deputation})
        case MotionMoved():
            return replace(
                state,
                items=state.items | {event.motion},
                motions={**state.motions, event.motion: event},
            )
        case MotionCarried():
            return _amended(state, event)
        case MotionFailed():
            return replace(state, results={**state.results, event.motion: event.result})
        case DecisionTaken():
            added = {r.id: r for r in event.recommends}
            return replace(
                state,
                items=state.items | {event.decision},
                recommendations={**state.recommendations, **added},
                proposed_on=_dated(state, added, event),
                decisions={**state.decisions, event.decision: event},
                closed_by=event.decision if event.kind in CLOSING else state.closed_by,
            )
        case MatterReopened():
            return replace(state, items=state.items | {event.decision}, closed_by=None, carried={})
        case _:
            assert_never(event)


def _dated(state: Matter, names: Iterable[str], event: Event) -> dict[str, When]:
    return {**state.proposed_on, **dict.fromkeys(names, event.decided_on)}


def _amended(state: Matter, event: MotionCarried) -> Matter:
    recommendations = dict(state.recommendations)
    if event.recommendation:
        recommendations[event.recommendation.id] = event.recommendation
    target = f"recommendation/{event.recommendation.id}" if event.recommendation else None
    removed = dict(state.removed)
    if event.removed:
        removed[event.removed] = event.motion
    changed = event.draft.address if event.draft else event.removed
    if changed:
        target = f"provision/{changed}"
        recommendations = {
            name: with_draft(recommendation, changed, event.draft)
            for name, recommendation in recommendations.items()
        }
    amended_by = dict(state.amended_by)
    if target:
        amended_by[target] = (*amended_by.get(target, ()), event.motion)
    restated = (n for n, r in recommendations.items() if r != state.recommendations.get(n))
    return replace(
        state,
        recommendations=recommendations,
        proposed_on=_dated(state, restated, event),
        results={**state.results, event.motion: Result.CARRIED},
        carried={**state.carried, event.body: (*state.carried.get(event.body, ()), event.motion)},
        amended_by=amended_by,
        removed=removed,
    )
