"""Matters: an item before the bodies, from first report to final disposition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar, assert_never

from pydantic import Field

from domain.amendments import with_draft
from domain.dates import When
from domain.decisions import (
    CLOSING,
    DecisionTaken,
    MatterReopened,
)
from domain.facts import ProvisionDraft
from domain.items import MatterCommand, OfMatter, content
from domain.kernel import Basis, Conflict, Event, Refusal
from domain.motions import (
    MotionCarried,
    MotionFailed,
    MotionMoved,
    Recommendation,
    Result,
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
    require_new(state, command, command.document)
    if command.recommendations:
        require_open(state, command.matter)
        require_unused(state, command.matter, command.recommendations)
    return ReportSubmitted(**content(Report, command), **basis)


def receive(state: Matter, command: ReceiveCommunication, basis: Basis) -> CommunicationReceived:
    """Enter a letter."""
    require_new(state, command, command.document)
    return CommunicationReceived(**content(Communication, command), **basis)


def hear(state: Matter, command: HearDeputation, basis: Basis) -> DeputationHeard:
    """Enter a deputation."""
    require_new(state, command, command.deputation)
    return DeputationHeard(**content(Deputation, command), **basis)


def require_new(state: Matter, command: MatterCommand, item: str) -> None:
    """Raises `UnknownMatter`, and `AlreadyRecorded` where the matter has such an item."""
    if not state.opened:
        raise UnknownMatter(command.matter)
    if item in state.items:
        raise AlreadyRecorded(command.matter, item)


def require_unused(state: Matter, matter: str, recommendations: tuple[Recommendation, ...]) -> None:
    """Raises `AlreadyRecorded` for a recommendation whose name another one has."""
    taken = set(state.recommendations)
    for recommendation in recommendations:
        if recommendation.id in taken:
            raise AlreadyRecorded(matter, recommendation.id)
        taken.add(recommendation.id)


def require_open(state: Matter, matter: str) -> None:
    """Raises `MatterClosed` once the matter is decided (rule A4)."""
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
