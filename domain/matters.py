"""Matters: an item before the bodies, from first report to final disposition."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any, ClassVar, assert_never

from pydantic import Field

from domain.authority import BodyId, Person
from domain.dates import When
from domain.facts import Address, ProvisionDraft
from domain.instruments import (
    AdoptProvision,
    ChangeTier,
    Instrument,
    Statement,
    cannot_take_effect,
)
from domain.kernel import (
    Basis,
    Command,
    Conflict,
    DecisionRef,
    Event,
    Finding,
    ProvisionRef,
    Refusal,
)
from domain.motions import (
    Add,
    Amended,
    Operation,
    Recommendation,
    SubjectTo,
    TargetDeleted,
    drafts_in,
)

MatterId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
ItemId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Result(StrEnum):
    """How a motion ended."""

    CARRIED = "carried"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    OUT_OF_ORDER = "ruled out of order"


class DecisionKind(StrEnum):
    """What a body resolved."""

    RECOMMEND = "recommend"
    REQUEST_REPORT = "request report"
    ADOPT = "adopt"
    ADOPT_AS_AMENDED = "adopt as amended"
    REFER = "refer"
    DEFER = "defer"
    RECEIVE = "receive"
    REJECT = "reject"


ADOPTING = frozenset({DecisionKind.ADOPT, DecisionKind.ADOPT_AS_AMENDED})
CLOSING = ADOPTING | {DecisionKind.RECEIVE, DecisionKind.REJECT}


class MatterCommand(Command):
    """What every act on a matter says: which matter."""

    matter: MatterId

    @property
    def item(self) -> str:
        """The name of the document, motion or decision."""
        names = ("document", "deputation", "motion", "decision")
        return next((str(getattr(self, n)) for n in names if hasattr(self, n)), self.matter)


class OpenMatter(MatterCommand):
    """Enter a matter, as `reference` names it in the papers."""

    KIND: ClassVar[str] = "open-matter"

    title: str = Field(min_length=1)
    reference: str | None = None


class SubmitReport(MatterCommand):
    """Enter a report with its recommendations, and with the facts it states."""

    KIND: ClassVar[str] = "submit-report"

    document: ItemId
    by: Person
    title: str = Field(min_length=1)
    summary: str | None = None
    recommendations: tuple[Recommendation, ...] = ()
    states: tuple[Statement, ...] = ()
    remarks: tuple[str, ...] = ()


class ReceiveCommunication(MatterCommand):
    """Enter a letter that a body had before it."""

    KIND: ClassVar[str] = "receive-communication"

    document: ItemId
    sender: Person
    asks: str = Field(min_length=1)
    about: tuple[str, ...] = ()


class HearDeputation(MatterCommand):
    """Enter that someone appeared before a body."""

    KIND: ClassVar[str] = "hear-deputation"

    deputation: ItemId
    body: BodyId
    speaker: Person
    about: tuple[str, ...] = ()


class MoveMotion(MatterCommand):
    """Enter a motion, with its result where that is known. Mover and count may be unknown."""

    KIND: ClassVar[str] = "move-motion"

    motion: ItemId
    body: BodyId
    operation: Operation
    mover: Person | None = None
    prompted_by: tuple[ItemId, ...] = ()
    result: Result | None = None
    reason: str | None = None


class DisposeOfMotion(MatterCommand):
    """Enter how a motion ended."""

    KIND: ClassVar[str] = "dispose-of-motion"

    motion: ItemId
    body: BodyId
    result: Result
    reason: str | None = None


class Decide(MatterCommand):
    """Enter what a body resolved. `adopts` names recommendations; `relies_on` provisions."""

    KIND: ClassVar[str] = "decide"

    decision: ItemId
    body: BodyId
    kind: DecisionKind
    summary: str = Field(min_length=1)
    adopts: tuple[str, ...] = ()
    recommends: tuple[Recommendation, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    effective_from: When | None = None
    relies_on: tuple[ProvisionRef | Address, ...] = ()
    notwithstanding: tuple[Address, ...] = ()
    to: str | None = None
    until: When | None = None


class ReopenMatter(MatterCommand):
    """Enter that a body reopened a matter by a decision of its own."""

    KIND: ClassVar[str] = "reopen-matter"

    decision: ItemId
    body: BodyId
    reason: str = Field(min_length=1)


class MatterOpened(Event):
    """A matter came before the bodies."""

    TOPIC: ClassVar[str] = "matter-opened.v1"

    matter: MatterId
    title: str
    reference: str | None


class ReportSubmitted(Event):
    """A report with these recommendations was submitted."""

    TOPIC: ClassVar[str] = "report-submitted.v1"

    matter: MatterId
    document: ItemId
    by: Person
    title: str
    summary: str | None
    recommendations: tuple[Recommendation, ...]
    states: tuple[Statement, ...]
    remarks: tuple[str, ...]


class CommunicationReceived(Event):
    """A body had this letter before it."""

    TOPIC: ClassVar[str] = "communication-received.v1"

    matter: MatterId
    document: ItemId
    sender: Person
    asks: str
    about: tuple[str, ...]


class DeputationHeard(Event):
    """Someone appeared before a body."""

    TOPIC: ClassVar[str] = "deputation-heard.v1"

    matter: MatterId
    deputation: ItemId
    body: BodyId
    speaker: Person
    about: tuple[str, ...]


class MotionMoved(Event):
    """A change was moved. `findings` say so where it cannot take effect."""

    TOPIC: ClassVar[str] = "motion-moved.v1"

    matter: MatterId
    motion: ItemId
    body: BodyId
    operation: Operation
    mover: Person | None
    prompted_by: tuple[ItemId, ...]
    findings: tuple[Finding, ...]


class MotionCarried(Event):
    """A motion carried, and its target now reads so.

    `computed` is what the words as moved make of the text, kept where `declared` says otherwise.
    """

    TOPIC: ClassVar[str] = "motion-carried.v1"

    matter: MatterId
    motion: ItemId
    body: BodyId
    recommendation: Recommendation | None
    draft: ProvisionDraft | None
    removed: Address | None
    computed: str | None
    declared: str | None


class MotionFailed(Event):
    """A motion was lost, withdrawn or ruled out of order."""

    TOPIC: ClassVar[str] = "motion-failed.v1"

    matter: MatterId
    motion: ItemId
    body: BodyId
    result: Result
    reason: str | None


class DecisionTaken(Event):
    """A body resolved on a matter: the authority that every effect cites."""

    TOPIC: ClassVar[str] = "decision-taken.v1"

    matter: MatterId
    decision: ItemId
    body: BodyId
    kind: DecisionKind
    summary: str
    adopts: tuple[str, ...]
    recommends: tuple[Recommendation, ...]
    instruments: tuple[Instrument, ...]
    relies_on: tuple[ProvisionRef, ...]
    notwithstanding: tuple[Address, ...]
    findings: tuple[Finding, ...]
    to: str | None
    until: When | None


class MatterReopened(Event):
    """A body reopened a matter that was closed."""

    TOPIC: ClassVar[str] = "matter-reopened.v1"

    matter: MatterId
    decision: ItemId
    body: BodyId
    reason: str


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


class NothingToAdopt(Refusal):
    """An adoption names the recommendations it adopts, and they are before the body."""

    rule = "A3"

    def __init__(self, decision: str, missing: tuple[str, ...], known: tuple[str, ...]) -> None:
        super().__init__(decision=decision, missing=missing, known=known)


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
    """One matter; nothing before it is opened."""

    opened: bool = False
    items: frozenset[str] = frozenset()
    reports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    recommendations: dict[str, Recommendation] = field(default_factory=dict)
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
    return MatterOpened(
        matter=command.matter, title=command.title, reference=command.reference, **basis
    )


def submit(state: Matter, command: SubmitReport, basis: Basis) -> ReportSubmitted:
    """Enter a report; a matter that is decided takes no more recommendations (rule A4)."""
    _new(state, command, command.document)
    if command.recommendations:
        _still_open(state, command.matter)
    return ReportSubmitted(**_same(command), **basis)


def receive(state: Matter, command: ReceiveCommunication, basis: Basis) -> CommunicationReceived:
    """Enter a letter."""
    _new(state, command, command.document)
    return CommunicationReceived(**_same(command), **basis)


def hear(state: Matter, command: HearDeputation, basis: Basis) -> DeputationHeard:
    """Enter a deputation."""
    _new(state, command, command.deputation)
    return DeputationHeard(**_same(command), **basis)


def move(state: Matter, command: MoveMotion, basis: Basis) -> MotionMoved:
    """Enter a motion, and say so where it cannot take effect (rule W1)."""
    _new(state, command, command.motion)
    _still_open(state, command.matter)
    match command.operation:
        case SubjectTo(instruments=instruments):
            proposed = instruments
        case Add(recommendation=recommendation):
            proposed = recommendation.instruments
        case _:
            proposed = ()
    return MotionMoved(
        matter=command.matter,
        motion=command.motion,
        body=command.body,
        operation=command.operation,
        mover=command.mover,
        prompted_by=command.prompted_by,
        findings=tuple(cannot_take_effect(i) for i in proposed if isinstance(i, ChangeTier)),
        **basis,
    )


def require_pending(state: Matter, matter: str, motion: str) -> MotionMoved:
    """The motion, where it awaits its result."""
    if motion not in state.motions:
        raise UnknownMotion(matter, motion)
    if motion in state.results:
        raise MotionEnded(motion, state.results[motion])
    _still_open(state, matter)
    return state.motions[motion]


def require_not_removed(state: Matter, operation: Operation) -> None:
    """Raises `TargetDeleted` for an amendment of a provision that a motion deleted (rule A2)."""
    if isinstance(operation, Add):
        return
    kind, _, address = operation.target.partition("/")
    if kind == "provision" and address in state.removed:
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
    if command.kind not in ADOPTING:
        return ()
    missing = tuple(r for r in command.adopts if r not in state.recommendations)
    if missing or not (command.adopts or command.instruments):
        raise NothingToAdopt(command.decision, missing, tuple(state.recommendations))
    carried = state.carried.get(command.body, ())
    if bool(carried) != (command.kind is DecisionKind.ADOPT_AS_AMENDED):
        raise NotAsAmended(command.decision, command.kind, carried)
    return tuple(state.recommendations[r] for r in command.adopts)


def reopen(state: Matter, command: ReopenMatter, basis: Basis) -> MatterReopened:
    """Enter a reopening (rule A4)."""
    _new(state, command, command.decision)
    if state.closed_by is None:
        raise MatterNotClosed(command.matter)
    return MatterReopened(
        matter=command.matter,
        decision=command.decision,
        body=command.body,
        reason=command.reason,
        **basis,
    )


def reference(decision: DecisionTaken) -> DecisionRef:
    """How effects cite a decision."""
    return DecisionRef(matter=decision.matter, decision=decision.decision, body=decision.body)


def _new(state: Matter, command: MatterCommand, item: str) -> None:
    if not state.opened:
        raise UnknownMatter(command.matter)
    if item in state.items:
        raise AlreadyRecorded(command.matter, item)


def _still_open(state: Matter, matter: str) -> None:
    if state.closed_by:
        raise MatterClosed(matter, state.closed_by)


def _same(command: MatterCommand) -> dict[str, Any]:
    return {n: getattr(command, n) for n in type(command).model_fields if n not in ("on", "cites")}


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
                decisions={**state.decisions, event.decision: event},
                closed_by=event.decision if event.kind in CLOSING else state.closed_by,
            )
        case MatterReopened():
            return replace(state, items=state.items | {event.decision}, closed_by=None)
        case _:
            assert_never(event)


def _amended(state: Matter, event: MotionCarried) -> Matter:
    recommendations = dict(state.recommendations)
    if event.recommendation:
        recommendations[event.recommendation.id] = event.recommendation
    target = event.recommendation.id if event.recommendation else event.removed
    removed = dict(state.removed)
    if event.removed:
        removed[event.removed] = event.motion
    changed = event.draft.address if event.draft else event.removed
    if changed:
        target = changed
        recommendations = {
            name: _with_draft(recommendation, changed, event.draft)
            for name, recommendation in recommendations.items()
        }
    amended_by = dict(state.amended_by)
    if target:
        amended_by[target] = (*amended_by.get(target, ()), event.motion)
    return replace(
        state,
        recommendations=recommendations,
        results={**state.results, event.motion: Result.CARRIED},
        carried={**state.carried, event.body: (*state.carried.get(event.body, ()), event.motion)},
        amended_by=amended_by,
        removed=removed,
    )


def _with_draft(
    recommendation: Recommendation, address: str, draft: ProvisionDraft | None
) -> Recommendation:
    instruments = tuple(
        instrument
        if not (isinstance(instrument, AdoptProvision) and instrument.draft.address == address)
        else instrument.model_copy(update={"draft": draft})
        for instrument in recommendation.instruments
        if draft
        or not (isinstance(instrument, AdoptProvision) and instrument.draft.address == address)
    )
    return recommendation.model_copy(update={"instruments": instruments})
