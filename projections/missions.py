"""Missions: where each goes, how far it is, and what the rules said on the way."""

from __future__ import annotations

from collections.abc import Iterable

from domain.closing import MissionClosed, MissionDocumentFiled
from domain.dates import When
from domain.history import Recorded
from domain.hosting import MissionHostNamed
from domain.itineraries import MissionOutline
from domain.kernel import Citation, Event, Finding, Value
from domain.missions import (
    STEPS,
    MissionCancelled,
    MissionCompleted,
    MissionDelegationApproved,
    MissionPlanned,
    MissionStarted,
    Step,
)
from domain.planning import PlanEntryFreed, PlanEntryListed
from domain.proposals import MissionProposed, MissionStopExcepted
from projections.register import decision_of
from projections.timeline import ReadModel


class Mission(Value):
    """One mission. `listed` says that its year's plan counts it; `cents` is its whole budget.

    `findings` are the rules' answers on each of its steps, in the order they were given.
    """

    mission: str
    direction: str
    year: int
    step: Step
    since: When
    cities: tuple[str, ...]
    codes: tuple[str, ...]
    official: bool
    listed: bool
    timing: When | None
    goals: tuple[str, ...]
    currency: str | None
    cents: int | None
    host: str | None
    delegation: int
    documents: tuple[str, ...]
    decision: str | None
    findings: tuple[Finding, ...]
    cites: tuple[Citation, ...]


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
            changes["delegation"] = len(travellers)
        case MissionHostNamed(host=host):
            changes["host"] = host.name or host.office
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
        cities=tuple(stop.name for stop in outline.stops),
        codes=tuple(stop.place.code for stop in outline.stops),
        official=outline.official,
        listed=False,
        timing=outline.timing,
        goals=outline.goals,
        currency=outline.budget.currency if outline.budget else None,
        cents=outline.budget.total if outline.budget else None,
        host=before.host if before else None,  # proposed anew, a visit keeps its host
        delegation=0,
        documents=(),
        decision=decision_of(event),
        findings=event.findings,
        cites=event.cites,
    )


MISSIONS = ReadModel("missions", 2, Mission, _keys, _evolve)
