"""Handlers of missions: proposals and their steps."""

from __future__ import annotations

from application.handlers.authority import mandate
from application.handlers.states import mission_of, plan_of, relationship_of
from application.unit_of_work import Handlers, UnitOfWork
from domain.missions import mission
from domain.missions.messages import (
    CancelMission,
    CloseMission,
    CompleteMission,
    FileMissionDocument,
    MissionAct,
    NameHost,
    ProposeMission,
    StartMission,
)
from domain.programme import plan


def propose_mission(work: UnitOfWork, command: ProposeMission) -> None:
    """Enter a proposal, with what its cities are on the day."""
    basis, judged = mandate(work, command)
    stops = tuple(relationship_of(work, city, command.on) for city in command.cities)
    state = mission_of(work, command.mission)
    ruling = mission.decide(state, command, mission.Circumstances(judged, stops), basis)
    work.write(mission.stream_of(command.mission), *ruling.events)


def act_on_mission(work: UnitOfWork, command: MissionAct) -> None:
    """Enter a step of a mission; a cancelled one gives its place in the plan back."""
    basis, judged = mandate(work, command)
    state = mission_of(work, command.mission)
    outline = state.outline
    listed = plan_of(work, outline.year) if outline else plan.Plan()
    around = mission.Circumstances(judged, approved=listed.approves(command.mission))
    ruling = mission.decide(state, command, around, basis)
    work.write(mission.stream_of(command.mission), *ruling.events)
    if isinstance(command, CancelMission) and outline:
        freed = plan.free_plan_entry(listed, outline.year, command.mission, command.reason, basis)
        work.write(plan.stream_of(outline.year), *freed.events)


HANDLERS: Handlers = {
    ProposeMission: propose_mission,
    NameHost: act_on_mission,
    StartMission: act_on_mission,
    CompleteMission: act_on_mission,
    FileMissionDocument: act_on_mission,
    CloseMission: act_on_mission,
    CancelMission: act_on_mission,
}
