"""What a correction of a mission comes to in its year's plan: judged as a listing is."""

from __future__ import annotations

from application.handling import Work
from application.proceedings import dated, state_of
from application.programme import (
    ground,
    mission_of,
    plan_of,
    plan_stream,
    standing_of,
    year_facts,
)
from domain import corrections, limits, missions, plans
from domain.corrections import CorrectRecord
from domain.decisions import ADOPTING
from domain.itineraries import MissionOutline
from domain.kernel import Basis, DecisionRef, Event, Finding, Ruling
from domain.missions import MissionCancelled
from domain.planning import PlanEntryFreed, PlanEntryListed
from domain.proposals import MissionProposed
from domain.rules import Ground


def judged_anew(work: Work, event: Event, was: Event, command: CorrectRecord) -> Event:
    """The entry with what the rules of its own day say to another outline; any other as it is.

    What further stops are to the city on that day is the record's to say, as of a proposal's.
    Raises what refuses the proposal or the listing, and `NotAsProposed` for a listing that would
    say something else than the proposal.
    """
    match event, was:
        case MissionProposed(outline=outline), MissionProposed() if outline != was.outline:
            stops = tuple(
                stop
                if stop in was.outline.stops
                else standing_of(work, stop.place.code, event.effective_from)
                for stop in outline.stops
            )
            outline = outline.model_copy(update={"stops": stops})
            anew = missions.Mission(excepted=mission_of(work, outline.mission).excepted)
            judged = _ground(work, event, command)
            findings = missions.propose(anew, outline, judged, _basis(event)).findings
        case PlanEntryListed(outline=outline), PlanEntryListed() if outline != was.outline:
            if outline != mission_of(work, outline.mission).outline:
                raise plans.NotAsProposed(event.year, outline.mission)
            findings = _as_listed(work, event, command.version, was.outline, command)
        case _:
            return event
    return event.model_copy(update={"outline": outline, "findings": findings})


def follow(work: Work, event: Event, was: Event, command: CorrectRecord) -> None:
    """The plan lists what is proposed, and what is not cancelled after all (rules B2, B3, M10).

    Raises `StillCancelled`, and what listing it raises where the year has no place left.
    """
    match event, was:
        case MissionProposed(outline=outline), MissionProposed() if outline != was.outline:
            if outline == mission_of(work, outline.mission).outline:
                _list_again(work, outline, was.outline, command)
        case _, MissionProposed(outline=outline) if command.withdraw:
            before = mission_of(work, outline.mission).outline
            if before:
                _list_again(work, before, outline, command)
        case _, MissionCancelled() | PlanEntryFreed() if command.withdraw:
            _not_cancelled(work, was.mission, command)
        case _:
            pass


def _not_cancelled(work: Work, name: str, command: CorrectRecord) -> None:
    """Its place in the plan is no longer free, and it is listed there again; see `follow`."""
    mission = mission_of(work, name)
    missions.require_not_cancelled(mission, name)
    if mission.outline is None:
        return
    stream = plan_stream(mission.outline.year)
    history = work.read(stream)
    for entry in history.standing():
        if isinstance(entry.event, PlanEntryFreed) and entry.event.mission == name:
            again = command.model_copy(update={"stream": stream, "version": entry.version})
            work.write(stream, corrections.decide(history.entries, again))
    _list_again(work, mission.outline, None, command)


def _list_again(
    work: Work, outline: MissionOutline, was: MissionOutline | None, command: CorrectRecord
) -> None:
    """Where the plan lists the mission, it lists what is now proposed, with the findings on that.

    `was` is the outline before the correction, `None` where the place had been free.
    """
    stream = plan_stream((was or outline).year)
    history = work.read(stream)
    for entry in history.standing():
        listing = entry.event
        if not isinstance(listing, PlanEntryListed) or listing.outline.mission != outline.mission:
            continue
        listed = listing.model_copy(update={"outline": outline})
        findings = _as_listed(work, listed, entry.version, was, command)
        listed = listed.model_copy(update={"findings": findings})
        if listed != listing:
            says = listed.model_dump(mode="json", include={"outline", "findings"})
            to = {"stream": stream, "version": entry.version, "changed": says, "withdraw": False}
            again = command.model_copy(update=to)
            work.write(stream, corrections.decide(history.entries, again))


def _as_listed(
    work: Work,
    listed: PlanEntryListed,
    version: int,
    was: MissionOutline | None,
    command: CorrectRecord,
) -> tuple[Finding, ...]:
    """What listing a mission comes to where it stands in its plan as recorded, on its own day.

    Beside it stand the missions that are not cancelled since. Where it takes a place that it did
    not take before, each listed after it still has one.
    """
    outline, plan, ruling = listed.outline, plans.Plan(), Ruling(())
    stands = plan_of(work, listed.year).entries
    takes = outline.mission in stands and (was is None or _counted(was) != _counted(outline))
    for entry in work.read(plan_stream(listed.year)).as_recorded():
        event = listed if entry.version == version else entry.event
        if event is listed:
            facts = year_facts(work, listed.year, listed.effective_from, outline)
            judged = _ground(work, listed, command)
            ruling = plans.list_entry(plan, outline, listed.year, judged, facts, _basis(listed))
        elif isinstance(event, PlanEntryListed):
            if event.outline.mission not in stands:
                continue
            if takes and ruling.events:
                judged = _ground(work, event, command)
                judged.weigh(limits.room(event.outline, plan.visits, plan.missions, (), judged))
        plan = plans.evolve(plan, event)
    return ruling.findings


def _counted(outline: MissionOutline) -> tuple[bool, bool]:
    return outline.outbound, outline.counted_visit


def _ground(work: Work, event: Event, command: CorrectRecord) -> Ground:
    """The policy on an entry's day, and what the decisions behind it, or this, set aside."""
    aside: set[str] = set()
    for by in (event.authority, command.authority):
        if isinstance(by, DecisionRef):
            decision = state_of(work, by.matter).decisions.get(by.decision)
            if decision and decision.kind in ADOPTING:
                aside.update(decision.notwithstanding)
    return ground(work, event.effective_from, frozenset(aside))


def _basis(event: Event) -> Basis:
    return dated(
        event.decided_on,
        effective_from=event.effective_from,
        authority=event.authority,
        cites=event.cites,
    )
