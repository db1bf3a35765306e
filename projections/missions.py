"""Missions: where each goes, how far it is, and what the rules said on the way."""

from __future__ import annotations

from collections.abc import Iterable

from domain.council.persons import Traveller
from domain.missions.messages import (
    MissionCancelled,
    MissionClosed,
    MissionCompleted,
    MissionDelegationApproved,
    MissionDocumentFiled,
    MissionHostNamed,
    MissionPlanned,
    MissionProposed,
    MissionStarted,
    MissionStopExcepted,
)
from domain.missions.mission import STEPS, Step
from domain.missions.outline import MissionOutline
from domain.programme.messages import PlanEntryFreed, PlanEntryListed
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Event, Value
from projections.engine.read_model import ReadModel, decision_of


class Mission(Value):
    """One mission. `listed` says that its year's plan counts it; `cents` is its whole budget.

    `welcome_by` and `welcome_on` are the formal welcome as planned, `welcome_given` whether it was.
    `findings` are the rules' answers on each of its steps, in the order they were given;
    `travellers` are those of its delegation, once it is approved.
    """

    mission: str
    direction: str
    year: int
    step: Step
    since: When
    codes: tuple[str, ...]
    official: bool
    listed: bool
    timing: When | None
    goals: tuple[str, ...]
    currency: str | None
    cents: int | None
    host: str | None
    welcome_by: str | None
    welcome_on: str | None
    welcome_given: bool | None
    delegation: int
    documents: tuple[str, ...]
    decision: str | None
    findings: tuple[Finding, ...]
    cites: tuple[Citation, ...]
    outline: MissionOutline
    travellers: tuple[Traveller, ...]


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case MissionProposed(outline=outline) | PlanEntryListed(outline=outline):
            return (outline.mission,)
        case (
            MissionPlanned(mission=mission)
            | MissionDelegationApproved(mission=mission)
            | MissionHostNamed(mission=mission)
            | MissionStarted(mission=mission)
            | MissionCompleted(mission=mission)
            | MissionDocumentFiled(mission=mission)
            | MissionClosed(mission=mission)
            | MissionCancelled(mission=mission)
            | MissionStopExcepted(mission=mission)
            | PlanEntryFreed(mission=mission)
        ):
            return (mission,)
        case _:
            return ()


def _evolve(key: str, state: Mission | None, entry: Recorded[Event]) -> Mission | None:
    event = entry.event
    if isinstance(event, MissionProposed):
        return _proposed(event.outline, event, state)
    if state is None:
        return None
    changes: dict[str, object] = {
        "findings": (*state.findings, *getattr(event, "findings", ())),
        "decision": decision_of(event) or state.decision,
    }
    match event:
        case PlanEntryListed() | PlanEntryFreed():
            changes["listed"] = isinstance(event, PlanEntryListed)
        case MissionDelegationApproved(travellers=travellers):
            changes |= {"delegation": len(travellers), "travellers": travellers}
        case MissionHostNamed(host=host):
            changes["host"] = host.name or host.office
            changes["welcome_by"] = event.welcome_by
            changes["welcome_on"] = str(event.welcome_on) if event.welcome_on else None
        case MissionCompleted(welcome_given=given):
            changes["welcome_given"] = given
        case MissionDocumentFiled(kind=kind, document=document):
            changes["documents"] = (*state.documents, f"{kind}: {document}")
        case _:
            pass
    if step := STEPS.get(type(event)):
        changes |= {"step": step, "since": event.effective_from}
    return state.model_copy(update=changes)


def _proposed(outline: MissionOutline, event: MissionProposed, before: Mission | None) -> Mission:
    return Mission(
        mission=outline.mission,
        direction=outline.direction.value,
        year=outline.year,
        step=Step.PROPOSED,
        since=event.effective_from,
        codes=tuple(stop.place.code for stop in outline.stops),
        official=outline.official,
        listed=False,
        timing=outline.timing,
        goals=outline.goals,
        currency=outline.budget.currency if outline.budget else None,
        cents=outline.budget.total if outline.budget else None,
        host=before.host if before else None,  # proposed anew, a visit keeps its host
        welcome_by=before.welcome_by if before else None,
        welcome_on=before.welcome_on if before else None,
        welcome_given=None,
        delegation=0,
        documents=(),
        decision=decision_of(event),
        findings=event.findings,
        cites=event.cites,
        outline=outline,
        travellers=(),
    )


MISSIONS = ReadModel("missions", 4, Mission, _keys, _evolve)
