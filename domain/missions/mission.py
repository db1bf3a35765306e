"""Missions: proposed, planned, delegation approved, under way, completed, closed; or cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from domain.council.bodies import Charter
from domain.council.persons import OfficeHolder
from domain.instruments import ApproveDelegation, ExceptStop
from domain.missions import route
from domain.missions.budget import (
    budget_complete,
    expected_contributors,
    funded_by_programme,
    in_own_currency,
)
from domain.missions.delegation import delegation_chosen_by, delegation_composed
from domain.missions.documents import (
    all_documents_filed,
    documents_owed_after,
    filed_as_several,
    require_document_owed,
    to_be_filed,
)
from domain.missions.host import may_welcome, to_be_welcomed, was_welcomed
from domain.missions.messages import (
    CancelMission,
    CloseMission,
    CompleteMission,
    FileMissionDocument,
    MissionAct,
    MissionCancelled,
    MissionClosed,
    MissionCompleted,
    MissionDelegationApproved,
    MissionDocumentFiled,
    MissionEvent,
    MissionHostNamed,
    MissionPlanned,
    MissionProposed,
    MissionStarted,
    MissionStopExcepted,
    NameHost,
    Owed,
    ProposeMission,
    StartMission,
)
from domain.missions.outline import CityStanding, MissionOutline
from domain.shared.dates import When, span_of_days
from domain.shared.findings import Finding, Ground, Ruling
from domain.shared.messages import Basis, DecisionRef, Event, StreamId
from domain.shared.problems import Refusal
from domain.shared.text import folded


def stream_of(mission: str) -> StreamId:
    """Return the stream of a mission."""
    return StreamId(f"mission/{mission}")


class Step(StrEnum):
    """The steps of a mission, in order. An inbound one needs no delegation."""

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


NOT_PROPOSED = "not proposed"


class StepSkipped(Refusal):
    """A mission must go through its steps in order; the act belongs to another step."""

    rule = "M10"

    mission: str
    act: str
    step: str
    needed: tuple[Step, ...]


class DatedBeforeStep(Refusal):
    """A step cannot be dated before the step that it follows."""

    rule = "M10"
    mission: str
    on: When
    previous: When


class StillCancelled(Refusal):
    """A cancelled mission has no place in the plan: withdraw the cancellation, not its effect."""

    rule = "M10"
    mission: str


class NotAlone(Refusal):
    """The entry is an effect of an act on a mission or plan: correct that act, `correct`."""

    rule = "M10"
    mission: str
    entry: str
    correct: str


class DelegationApprovedTwice(Refusal):
    """A decision can approve one delegation only: another delegation needs another decision."""

    rule = "M4"
    mission: str
    authority: DecisionRef


class NotOutbound(Refusal):
    """Only a mission that travels has a delegation and stops."""

    rule = "M10"
    mission: str


class NotInbound(Refusal):
    """Only a visit has a host."""

    rule = "M10"
    mission: str


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
    owes: Owed = field(default_factory=Owed)

    @property
    def ready(self) -> Step:
        """The step from which it may set out."""
        inbound = self.outline is not None and not self.outline.outbound
        return Step.PLANNED if inbound else Step.DELEGATION_APPROVED


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Facts from other streams for a mission: the policy, its stops as they stand, and who decides.

    `approved` says that an approved plan lists it, `city` is the stop that a
    decision excepts, and `charter` has the bodies of the day, with the one that decides where no
    provision names any.
    """

    ground: Ground
    stops: tuple[CityStanding, ...] = ()
    approved: bool = False
    body: str = ""
    charter: Charter | None = None
    city: str = ""


def decide(
    state: Mission,
    act: ProposeMission | MissionAct | ApproveDelegation | ExceptStop,
    around: Circumstances,
    basis: Basis,
) -> Ruling:
    """Apply the rules on missions to one act, from a mission's proposal to its closing."""
    match act:
        case ProposeMission():
            return _propose(state, act, around, basis)
        case ExceptStop():
            return _except_stop(state, act, around, basis)
        case NameHost():
            return _name_host(state, act, around.ground, basis)
        case ApproveDelegation():
            return _approve_delegation(state, act, around, basis)
        case StartMission():
            return _start(state, act, around, basis)
        case CompleteMission():
            return _complete(state, act, around.ground, basis)
        case FileMissionDocument():
            return _file_document(state, act, basis)
        case CloseMission():
            return _close(state, act, around.ground, basis)
        case CancelMission():
            return _cancel(state, act, basis)
        case _:
            assert_never(act)


def _propose(state: Mission, act: ProposeMission, around: Circumstances, basis: Basis) -> Ruling:
    if state.step is not None:
        _at(state, act.mission, act.KIND, basis, MissionProposed)
    outline = mission_outlined(act, around.stops, around.ground)
    if state.outline == outline:
        return Ruling(())
    findings = judge_outline(outline, state.excepted, around.ground)
    return Ruling((MissionProposed(outline=outline, findings=findings, **basis),), findings)


def mission_outlined(
    act: ProposeMission, stops: tuple[CityStanding, ...], ground: Ground
) -> MissionOutline:
    """Return what is proposed: cities as they stand on the day, money in the city's currency."""
    said = {name: getattr(act, name) for name in MissionOutline.model_fields if name != "stops"}
    said["budget"], said["contributions"] = in_own_currency(act.budget, act.contributions, ground)
    return MissionOutline(stops=stops, **said)


def judge_outline(
    outline: MissionOutline, excepted: frozenset[str], ground: Ground
) -> tuple[Finding, ...]:
    """Apply rules M1, M2, M2b, M5, N6, B4 and B5 (contributions) to what is proposed."""
    return ground.weigh(
        (
            *route.judge_route(outline, excepted, ground),
            *budget_complete(outline.budget, ground),
            *expected_contributors(outline.contributions, ground),
        )
    )


def enter_plan(state: Mission, mission: str, basis: Basis) -> Ruling:
    """Apply rule M10: a proposed mission becomes a planned one once its plan lists it."""
    outline = _at(state, mission, "plan-mission", basis, MissionPlanned)
    return Ruling((MissionPlanned(mission=mission, year=outline.year, **basis),))


def _except_stop(state: Mission, act: ExceptStop, around: Circumstances, basis: Basis) -> Ruling:
    """Apply rule M2: the stop is excepted before or after the mission is proposed."""
    if around.city in state.excepted:
        return Ruling(())
    excepted = MissionStopExcepted(
        mission=act.mission, city=around.city, reason=act.reason, **basis
    )
    return Ruling((excepted,))


def _name_host(state: Mission, act: NameHost, ground: Ground, basis: Basis) -> Ruling:
    outline = _at(state, act.mission, act.KIND, basis, MissionHostNamed)
    if outline.outbound:
        raise NotInbound(mission=act.mission)
    findings = ground.weigh(may_welcome(act.welcome_by, ground))
    named = MissionHostNamed(
        mission=act.mission,
        host=act.host,
        welcome_by=act.welcome_by,
        welcome_on=act.welcome_on,
        findings=findings,
        **basis,
    )
    return Ruling((named,), findings)


def _approve_delegation(
    state: Mission, act: ApproveDelegation, around: Circumstances, basis: Basis
) -> Ruling:
    """Apply rules M3, M4 and M10 to the delegation of an outbound mission."""
    answers = (
        *delegation_chosen_by(around.body, act.consulted, around.ground, around.charter),
        *delegation_composed(act.travellers, around.ground),
    )
    findings = around.ground.weigh(answers)
    outline = _at(state, act.mission, act.instrument, basis, MissionDelegationApproved)
    if not outline.outbound:
        raise NotOutbound(mission=act.mission)
    before = state.delegation
    if before and before.authority and before.authority == basis["authority"]:
        if (before.travellers, before.consulted) != (act.travellers, act.consulted):
            raise DelegationApprovedTwice(mission=act.mission, authority=before.authority)
        return Ruling((), findings)
    approved = MissionDelegationApproved(
        mission=act.mission,
        body=around.body,
        travellers=act.travellers,
        consulted=act.consulted,
        findings=findings,
        **basis,
    )
    return Ruling((approved,), findings)


def _start(state: Mission, act: StartMission, around: Circumstances, basis: Basis) -> Ruling:
    outline = _at(state, act.mission, act.KIND, basis, MissionStarted)
    hosted, welcomed = state.host is not None, state.welcome_by is not None
    findings = around.ground.weigh(
        (
            *to_be_welcomed(outline, hosted, welcomed, around.ground),
            *funded_by_programme(outline.budget, outline.outside, around.approved, around.ground),
        )
    )
    return Ruling((MissionStarted(mission=act.mission, findings=findings, **basis),), findings)


def _complete(state: Mission, act: CompleteMission, ground: Ground, basis: Basis) -> Ruling:
    outline = _at(state, act.mission, act.KIND, basis, MissionCompleted)
    welcomed = ground.weigh(was_welcomed(outline, act.welcome_given, ground))
    completed = MissionCompleted(
        mission=act.mission,
        welcome_given=None if outline.outbound else act.welcome_given,
        owes=Owed(),
        findings=welcomed,
        **basis,
    )
    completed = mission_owes(completed, ground)
    return Ruling((completed,), completed.findings)


def mission_owes(completed: MissionCompleted, ground: Ground) -> MissionCompleted:
    """Apply rule M9: find what a mission owes by the provision in force on the day it ended."""
    owes = documents_owed_after(ground)
    others = (finding for finding in completed.findings if finding.rule != "M9")
    findings = (*others, to_be_filed(owes))
    return completed.model_copy(update={"owes": owes, "findings": findings})


def _file_document(state: Mission, act: FileMissionDocument, basis: Basis) -> Ruling:
    _at(state, act.mission, act.KIND, basis, MissionDocumentFiled)
    require_document_owed(act, state.owes)
    if state.documents.get(folded(act.kind)) == act.document:
        return Ruling(())
    filed = MissionDocumentFiled(mission=act.mission, kind=act.kind, document=act.document, **basis)
    return Ruling((filed,))


def _close(state: Mission, act: CloseMission, ground: Ground, basis: Basis) -> Ruling:
    _at(state, act.mission, act.KIND, basis, MissionClosed)
    findings = ground.weigh(
        (
            *all_documents_filed(act.mission, state.documents, state.owes),
            *filed_as_several(state.documents, state.owes),
        )
    )
    closed = MissionClosed(
        mission=act.mission,
        documents=tuple(state.documents.values()),
        findings=findings,
        **basis,
    )
    return Ruling((closed,), findings)


def _cancel(state: Mission, act: CancelMission, basis: Basis) -> Ruling:
    _at(state, act.mission, act.KIND, basis, MissionCancelled)
    return Ruling((MissionCancelled(mission=act.mission, reason=act.reason, **basis),))


def require_not_cancelled(state: Mission, mission: str) -> None:
    """Raise `StillCancelled` where the mission has no place in a plan to be given back."""
    if state.step is Step.CANCELLED:
        raise StillCancelled(mission=mission)


def out_of_order(mission: str, events: Iterable[MissionEvent]) -> Refusal | None:
    """Return the refusal of the first recorded step that is out of order (rule M10), if any.

    A correction may take away a step that another follows, or date it after that.
    """
    state = Mission()
    for event in events:
        outbound = state.outline is not None and state.outline.outbound
        if isinstance(event, MissionDelegationApproved) and not outbound:
            return NotOutbound(mission=mission)
        if isinstance(event, MissionHostNamed) and outbound:
            return NotInbound(mission=mission)
        first = state.step is None and isinstance(event, MissionProposed)
        if not first and not isinstance(event, MissionStopExcepted):
            act, on = event.TOPIC.partition(".")[0], event.effective_from
            refusal = _misplaced(state, mission, act, on, type(event))
            if refusal:
                return refusal
        state = evolve(state, event)
    return None


def _after(step: type[MissionEvent], state: Mission) -> tuple[Step, ...]:
    """Return the steps after which an entry is made."""
    steps: Mapping[type[Event], tuple[Step, ...]] = {
        MissionProposed: (Step.PROPOSED,),
        MissionPlanned: (Step.PROPOSED,),
        MissionHostNamed: (Step.PROPOSED, Step.PLANNED),
        MissionDelegationApproved: (Step.PLANNED, Step.DELEGATION_APPROVED),
        MissionStarted: (state.ready,),
        MissionCompleted: (Step.UNDER_WAY,),
        MissionDocumentFiled: (Step.COMPLETED,),
        MissionClosed: (Step.COMPLETED,),
        MissionCancelled: BEFORE_COMPLETED,
    }
    return steps[step]


def _misplaced(
    state: Mission, mission: str, act: str, on: When, step: type[MissionEvent]
) -> Refusal | None:
    """Return the refusal of an entry at a wrong step, or before the step it follows (rule M10)."""
    needed = _after(step, state)
    if state.outline is None or state.step not in needed:
        at = state.step or NOT_PROPOSED
        return StepSkipped(mission=mission, act=act, step=at, needed=needed)
    if state.since and span_of_days(on) < span_of_days(state.since):
        return DatedBeforeStep(mission=mission, on=on, previous=state.since)
    return None


def _at(
    state: Mission, mission: str, act: str, basis: Basis, step: type[MissionEvent]
) -> MissionOutline:
    """Return the outline, where the act is the next step of the mission (rule M10)."""
    refusal = _misplaced(state, mission, act, basis["effective_from"], step)
    if refusal or state.outline is None:
        raise refusal or StepSkipped(mission=mission, act=act, step=NOT_PROPOSED, needed=())
    return state.outline


def evolve(state: Mission, event: MissionEvent) -> Mission:
    """Return the mission after one more event."""
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
