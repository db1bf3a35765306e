"""Missions: proposed, planned, delegation approved, under way, completed, closed; or cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, assert_never

from pydantic import Field

from domain import routes
from domain.authority import OfficeHolder
from domain.budgets import complete, contributors, funded
from domain.closing import (
    CloseMission,
    FileMissionDocument,
    MissionClosed,
    MissionDocumentFiled,
    Owed,
    all_filed,
    filed_as_several,
    owed_after,
    require_owed,
    to_be_filed,
)
from domain.dates import When
from domain.delegations import Traveller, chosen_by, composed
from domain.hosting import MissionHostNamed, NameHost, may_welcome, to_be_welcomed, was_welcomed
from domain.instruments import ApproveDelegation, ExceptStop
from domain.itineraries import MissionCommand, MissionId, MissionOutline, Year
from domain.kernel import (
    Basis,
    DecisionRef,
    Event,
    Finding,
    Refusal,
    Ruling,
)
from domain.proposals import MissionProposed, MissionStopExcepted, ProposeMission
from domain.rules import Ground, folded, span


class StartMission(MissionCommand):
    """Enter that a mission set out, or a visit arrived."""

    KIND: ClassVar[str] = "start-mission"


class CompleteMission(MissionCommand):
    """Enter that a mission came home or a visit ended; of a visit, that the welcome was given."""

    KIND: ClassVar[str] = "complete-mission"

    welcome_given: bool = False


class CancelMission(MissionCommand):
    """Cancel a mission; its place in the year's plan is free again."""

    KIND: ClassVar[str] = "cancel-mission"

    reason: str = Field(min_length=1)


class MissionPlanned(Event):
    """The year's plan lists the mission."""

    TOPIC: ClassVar[str] = "mission-planned.v1"

    mission: MissionId
    year: Year


class MissionDelegationApproved(Event):
    """The body that approves, or selects, the official delegation did so."""

    TOPIC: ClassVar[str] = "mission-delegation-approved.v1"

    mission: MissionId
    body: str
    travellers: tuple[Traveller, ...]
    consulted: tuple[str, ...]
    findings: tuple[Finding, ...]


class MissionStarted(Event):
    """A mission is under way."""

    TOPIC: ClassVar[str] = "mission-started.v1"

    mission: MissionId
    findings: tuple[Finding, ...]


class MissionCompleted(Event):
    """A mission ended; of a visit, whether the formal welcome was given."""

    TOPIC: ClassVar[str] = "mission-completed.v2"

    mission: MissionId
    welcome_given: bool | None
    owes: Owed | None
    """What it has to file, by the provision in force when it ended; null where the first version
    of this event did not say, and then what is in force when it is closed."""
    findings: tuple[Finding, ...]


class MissionCancelled(Event):
    """A mission will not take place."""

    TOPIC: ClassVar[str] = "mission-cancelled.v1"

    mission: MissionId
    reason: str


MissionEvent = (
    MissionProposed
    | MissionStopExcepted
    | MissionPlanned
    | MissionDelegationApproved
    | MissionHostNamed
    | MissionStarted
    | MissionCompleted
    | MissionDocumentFiled
    | MissionClosed
    | MissionCancelled
)


class Step(StrEnum):
    """How far a mission is. An inbound one needs no delegation."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    DELEGATION_APPROVED = "delegation approved"
    UNDER_WAY = "under way"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STEPS: Mapping[type[Event], Step] = {
    MissionProposed: Step.PROPOSED,
    MissionPlanned: Step.PLANNED,
    MissionDelegationApproved: Step.DELEGATION_APPROVED,
    MissionStarted: Step.UNDER_WAY,
    MissionCompleted: Step.COMPLETED,
    MissionClosed: Step.CLOSED,
    MissionCancelled: Step.CANCELLED,
}
"""The step that a mission is at after an event; the others leave it where it is."""

BEFORE_COMPLETED = (Step.PROPOSED, Step.PLANNED, Step.DELEGATION_APPROVED, Step.UNDER_WAY)


class StepSkipped(Refusal):
    """A mission goes through its steps in order; the act belongs to another step."""

    rule = "M10"

    def __init__(self, mission: str, act: str, step: Step | None, needed: tuple[Step, ...]) -> None:
        super().__init__(
            mission=mission,
            act=act,
            step=step.value if step else "not proposed",
            needed=tuple(s.value for s in needed),
        )


class DatedBeforeStep(Refusal):
    """A step does not happen before the one it follows."""

    rule = "M10"

    def __init__(self, mission: str, on: When, previous: When) -> None:
        super().__init__(mission=mission, on=str(on), previous=str(previous))


class StillCancelled(Refusal):
    """A cancelled mission has no place in the plan: withdraw the cancellation, not its effect."""

    rule = "M10"

    def __init__(self, mission: str) -> None:
        super().__init__(mission=mission)


class NotAlone(Refusal):
    """What an act does to a mission or its plan is corrected with the act: `correct` that."""

    rule = "M10"

    def __init__(self, mission: str, entry: str, correct: str) -> None:
        super().__init__(mission=mission, entry=entry, correct=correct)


class DelegationApprovedTwice(Refusal):
    """One decision approves one delegation; another delegation takes another decision."""

    rule = "M4"

    def __init__(self, mission: str, authority: DecisionRef) -> None:
        super().__init__(mission=mission, authority=authority)


class NotOutbound(Refusal):
    """Only a mission that travels has a delegation and stops."""

    rule = "M10"

    def __init__(self, mission: str) -> None:
        super().__init__(mission=mission)


class NotInbound(Refusal):
    """Only a visit has a host."""

    rule = "M10"

    def __init__(self, mission: str) -> None:
        super().__init__(mission=mission)


@dataclass(frozen=True, slots=True)
class Mission:
    """One mission; `since` is the date of its last step, `owes` what it files once it is over."""

    outline: MissionOutline | None = None
    step: Step | None = None
    since: When | None = None
    excepted: frozenset[str] = frozenset()
    host: OfficeHolder | None = None
    welcome_by: str | None = None
    delegation: MissionDelegationApproved | None = None
    documents: dict[str, str] = field(default_factory=dict)
    owes: Owed | None = None

    @property
    def ready(self) -> Step:
        """The step from which it may set out."""
        inbound = self.outline is not None and not self.outline.outbound
        return Step.PLANNED if inbound else Step.DELEGATION_APPROVED


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mission knows of the rest: `approved` says that an approved plan lists it."""

    ground: Ground
    residual: str = ""
    approved: bool = False


def propose(state: Mission, outline: MissionOutline, ground: Ground, basis: Basis) -> Ruling:
    """Rules M1, M2, M2b, M5, N6, B4 and B5 (contributions) on a proposal."""
    if state.step is not None:
        _at(state, outline.mission, ProposeMission.KIND, basis, Step.PROPOSED)
    if state.outline == outline:
        return Ruling(())
    answers = (
        *routes.proposed(outline, state.excepted, ground),
        *complete(outline.budget, ground),
        *contributors(outline.contributions, ground),
    )
    findings = ground.weigh(answers)
    return Ruling((MissionProposed(outline=outline, findings=findings, **basis),), findings)


def enter_plan(state: Mission, mission: str, basis: Basis) -> MissionPlanned:
    """Rule M10: a mission that is proposed becomes a planned one."""
    outline = _at(state, mission, "plan-mission", basis, Step.PROPOSED)
    return MissionPlanned(mission=mission, year=outline.year, **basis)


def except_stop(state: Mission, act: ExceptStop, city: str, basis: Basis) -> Ruling:
    """Rule M2: the stop is excepted before or after the mission is proposed."""
    if city in state.excepted:
        return Ruling(())
    return Ruling(
        (MissionStopExcepted(mission=act.mission, city=city, reason=act.reason, **basis),)
    )


def approve_delegation(
    state: Mission, act: ApproveDelegation, facts: Facts, body: str, basis: Basis
) -> Ruling:
    """Rules M3, M4 and M10 on the delegation of an outbound mission."""
    answers = (
        *chosen_by(body, act.consulted, facts.ground, facts.residual),
        *composed(act.travellers, facts.ground),
    )
    findings = facts.ground.weigh(answers)
    outline = _at(state, act.mission, act.instrument, basis, Step.PLANNED, Step.DELEGATION_APPROVED)
    if not outline.outbound:
        raise NotOutbound(act.mission)
    before = state.delegation
    if before and before.authority and before.authority == basis["authority"]:
        if (before.travellers, before.consulted) != (act.travellers, act.consulted):
            raise DelegationApprovedTwice(act.mission, before.authority)
        return Ruling((), findings)
    approved = MissionDelegationApproved(
        mission=act.mission,
        body=body,
        travellers=act.travellers,
        consulted=act.consulted,
        findings=findings,
        **basis,
    )
    return Ruling((approved,), findings)


MissionAct = (
    NameHost | StartMission | CompleteMission | FileMissionDocument | CloseMission | CancelMission
)


def decide(state: Mission, act: MissionAct, facts: Facts, basis: Basis) -> Ruling:
    """Rules M7, M9, M10 and B5 on the steps of a mission that is proposed."""
    mission = act.mission
    match act:
        case NameHost():
            outline = _at(state, mission, act.KIND, basis, Step.PROPOSED, Step.PLANNED)
            if outline.outbound:
                raise NotInbound(mission)
            findings = facts.ground.weigh(may_welcome(act.welcome_by, facts.ground))
            named_host = MissionHostNamed(
                mission=mission,
                host=act.host,
                welcome_by=act.welcome_by,
                welcome_on=act.welcome_on,
                findings=findings,
                **basis,
            )
            return Ruling((named_host,), findings)
        case StartMission():
            outline = _at(state, mission, act.KIND, basis, state.ready)
            answers = (
                *to_be_welcomed(
                    outline, state.host is not None, state.welcome_by is not None, facts.ground
                ),
                *funded(outline.budget, outline.outside, facts.approved, facts.ground),
            )
            findings = facts.ground.weigh(answers)
            return Ruling((MissionStarted(mission=mission, findings=findings, **basis),), findings)
        case CompleteMission():
            outline = _at(state, mission, act.KIND, basis, Step.UNDER_WAY)
            welcomed = facts.ground.weigh(was_welcomed(outline, act.welcome_given, facts.ground))
            owes = owed_after(facts.ground)
            findings = (*welcomed, to_be_filed(owes))
            completed = MissionCompleted(
                mission=mission,
                welcome_given=None if outline.outbound else act.welcome_given,
                owes=owes,
                findings=findings,
                **basis,
            )
            return Ruling((completed,), findings)
        case FileMissionDocument():
            _at(state, mission, act.KIND, basis, Step.COMPLETED)
            require_owed(act, state.owes or owed_after(facts.ground))
            if state.documents.get(folded(act.kind)) == act.document:
                return Ruling(())
            filed = MissionDocumentFiled(
                mission=mission, kind=act.kind, document=act.document, **basis
            )
            return Ruling((filed,))
        case CloseMission():
            _at(state, mission, act.KIND, basis, Step.COMPLETED)
            owes = state.owes or owed_after(facts.ground)
            answers = (
                *all_filed(mission, state.documents, owes),
                *filed_as_several(state.documents, owes),
            )
            findings = facts.ground.weigh(answers)
            closed = MissionClosed(
                mission=mission,
                documents=tuple(state.documents.values()),
                findings=findings,
                **basis,
            )
            return Ruling((closed,), findings)
        case CancelMission():
            _at(state, mission, act.KIND, basis, *BEFORE_COMPLETED)
            return Ruling((MissionCancelled(mission=mission, reason=act.reason, **basis),))
        case _:
            assert_never(act)


def require_not_cancelled(state: Mission, mission: str) -> None:
    """Raises `StillCancelled` where the mission has no place in a plan to be given back."""
    if state.step is Step.CANCELLED:
        raise StillCancelled(mission)


def out_of_order(mission: str, events: Iterable[MissionEvent]) -> Refusal | None:
    """Rule M10 on the steps that stand, as recorded: what would have refused the first that is not.

    A correction may take away a step that another follows, or date it after that.
    """
    state = Mission()
    for event in events:
        outbound = state.outline is not None and state.outline.outbound
        if isinstance(event, MissionDelegationApproved) and not outbound:
            return NotOutbound(mission)
        if isinstance(event, MissionHostNamed) and outbound:
            return NotInbound(mission)
        needed = _before(event, state)
        if needed and state.step not in needed:
            return StepSkipped(mission, event.TOPIC.partition(".")[0], state.step, needed)
        on, since = event.effective_from, state.since
        if type(event) in STEPS and since and span(on) < span(since):
            return DatedBeforeStep(mission, on, since)
        state = evolve(state, event)
    return None


def _before(event: MissionEvent, state: Mission) -> tuple[Step, ...]:
    """The steps at which an entry is made; none where it may be made first."""
    match event:
        case MissionProposed():
            return (Step.PROPOSED,) if state.step else ()
        case MissionStopExcepted():
            return ()
        case MissionPlanned():
            return (Step.PROPOSED,)
        case MissionHostNamed():
            return (Step.PROPOSED, Step.PLANNED)
        case MissionDelegationApproved():
            return (Step.PLANNED, Step.DELEGATION_APPROVED)
        case MissionStarted():
            return (state.ready,)
        case MissionCompleted():
            return (Step.UNDER_WAY,)
        case MissionDocumentFiled() | MissionClosed():
            return (Step.COMPLETED,)
        case MissionCancelled():
            return BEFORE_COMPLETED
        case _:
            assert_never(event)


def _at(state: Mission, mission: str, act: str, basis: Basis, *needed: Step) -> MissionOutline:
    """Rule M10: the outline, where the mission is at a step that allows the act."""
    if state.outline is None or state.step not in needed:
        raise StepSkipped(mission, act, state.step, needed)
    if state.since and span(basis["effective_from"]) < span(state.since):
        raise DatedBeforeStep(mission, basis["effective_from"], state.since)
    return state.outline


def evolve(state: Mission, event: MissionEvent) -> Mission:
    """The mission after one more event."""
    match event:
        case MissionProposed(outline=outline):
            state = replace(state, outline=outline)
        case MissionCompleted(owes=owes):
            state = replace(state, owes=owes)
        case MissionStopExcepted(city=city):
            return replace(state, excepted=state.excepted | {city})
        case MissionHostNamed():
            return replace(state, host=event.host, welcome_by=event.welcome_by)
        case MissionDelegationApproved():
            state = replace(state, delegation=event)
        case MissionDocumentFiled(kind=kind, document=document):
            return replace(state, documents={**state.documents, folded(kind): document})
        case MissionPlanned() | MissionStarted() | MissionClosed() | MissionCancelled():
            pass
        case _:
            assert_never(event)
    return replace(state, step=STEPS[type(event)], since=event.effective_from)
