"""Corrected missions and plans: judged anew, and the one follows the other."""

from __future__ import annotations

from contextlib import suppress

from application.handlers.states import (
    ground_on,
    matter_of,
    mission_of,
    plan_of,
    read_rest_of_programme,
    relationship_of,
)
from application.unit_of_work import UnitOfWork
from domain import corrections
from domain.corrections import CorrectRecord
from domain.missions import mission
from domain.missions.messages import (
    MissionCancelled,
    MissionCompleted,
    MissionPlanned,
    MissionProposed,
)
from domain.missions.outline import MissionOutline
from domain.proceedings.decisions import ACTING
from domain.programme import limits, plan
from domain.programme.messages import ListMission, PlanEntryFreed, PlanEntryListed
from domain.shared.findings import Finding, Ground, Ruling
from domain.shared.history import Recorded
from domain.shared.messages import Basis, DecisionRef, Event, StreamId, dates_and_sources


def judged_anew(work: UnitOfWork, event: Event, was: Event, command: CorrectRecord) -> Event:
    """Judge the corrected entry again, with findings of its own day.

    This is done where its outline or date changed. Further stops to the city on that day are read
    from the record, as for a proposal. Raises what refuses the proposal or the listing, and
    `NotAsProposed` for a listing that would say something else than the proposal.
    """
    match event, was:
        case MissionProposed(outline=outline), MissionProposed() if outline != was.outline:
            stops = tuple(
                stop
                if stop in was.outline.stops
                else relationship_of(work, stop.place.code, event.effective_from)
                for stop in outline.stops
            )
            outline = outline.model_copy(update={"stops": stops})
            excepted = mission_of(work, outline.mission).excepted
            findings = mission.judge_outline(outline, excepted, _ground(work, event, command))
        case PlanEntryListed(outline=outline), PlanEntryListed() if outline != was.outline:
            if outline != mission_of(work, outline.mission).outline:
                raise plan.NotAsProposed(year=event.year, mission=outline.mission)
            findings = _as_listed(work, event, command.version, was.outline, command)
        case MissionCompleted(), MissionCompleted() if event.effective_from != was.effective_from:
            return mission.mission_owes(event, _ground(work, event, command))
        case _:
            return event
    return event.model_copy(update={"outline": outline, "findings": findings})


def touches(work: UnitOfWork, was: Event) -> tuple[StreamId, ...]:
    """Return the other streams whose steps a correction of this entry changes."""
    match was:
        case PlanEntryListed(outline=outline) | MissionProposed(outline=outline):
            return (mission.stream_of(outline.mission), plan.stream_of(outline.year))
        case MissionCancelled(mission=name):
            listed = mission_of(work, name).outline
            return (plan.stream_of(listed.year),) if listed else ()
        case _:
            return ()


def require_the_act(work: UnitOfWork, was: Event, command: CorrectRecord) -> None:
    """Raise `NotAlone` for an effect of another entry, unless that one is withdrawn or lost."""
    match was:
        case MissionPlanned(mission=name, year=year):
            act = _about(work, plan.stream_of(year), PlanEntryListed, name)
        case PlanEntryFreed(mission=name) if not command.withdraw:
            act = _about(work, mission.stream_of(name), MissionCancelled, name)
        case _:
            return
    if act and (command.withdraw or command.changed.keys() - {"cites"}):
        entry = was.TOPIC.partition(".")[0]
        raise mission.NotAlone(mission=name, entry=entry, correct=f"{act.stream}/{act.version}")


def follow(work: UnitOfWork, event: Event, was: Event, command: CorrectRecord) -> None:
    """Write the corrections of other entries that follow from this one (rules B2, B3, M10).

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
    _so_too(work, was, command)


def _not_cancelled(work: UnitOfWork, name: str, command: CorrectRecord) -> None:
    """Withdraw the entry that freed its place, and list the mission in the plan again."""
    state = mission_of(work, name)
    mission.require_not_cancelled(state, name)
    if state.outline is None:
        return
    stream = plan.stream_of(state.outline.year)
    history = work.read(stream)
    for entry in history.standing():
        if isinstance(entry.event, PlanEntryFreed) and entry.event.mission == name:
            again = command.model_copy(update={"stream": stream, "version": entry.version})
            work.write(stream, corrections.decide(history.entries, again))
    _list_again(work, state.outline, None, command)


def _list_again(
    work: UnitOfWork, outline: MissionOutline, was: MissionOutline | None, command: CorrectRecord
) -> None:
    """Correct the plan's entry of a mission to the outline that is now proposed.

    `was` is the outline before the correction, `None` where the place had been free.
    """
    stream = plan.stream_of((was or outline).year)
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
    work: UnitOfWork,
    listed: PlanEntryListed,
    version: int,
    was: MissionOutline | None,
    command: CorrectRecord,
) -> tuple[Finding, ...]:
    """Return the findings on listing a mission at its place among the plan's recorded entries.

    Beside it stand the missions that are not cancelled since. Where it takes a place that it did
    not take before, each listed after it still has one.
    """
    outline, so_far, ruling = listed.outline, plan.Plan(), Ruling(())
    stands = plan_of(work, listed.year).entries
    takes = outline.mission in stands and (was is None or _counted(was) != _counted(outline))
    for entry in work.read(plan.stream_of(listed.year)).as_recorded():
        event = listed if entry.version == version else entry.event
        if event is listed:
            rest = read_rest_of_programme(work, listed.year, listed.effective_from, outline)
            around = plan.Circumstances(_ground(work, listed, command), rest, outline)
            act = ListMission(on=listed.decided_on, year=listed.year, mission=outline.mission)
            ruling = plan.decide(so_far, act, around, _basis(listed))
        elif isinstance(event, PlanEntryListed):
            if event.outline.mission not in stands:
                continue
            if takes and ruling.events:
                judged = _ground(work, event, command)
                judged.weigh(
                    limits.room_in_plan(event.outline, so_far.visits, so_far.missions, (), judged)
                )
        so_far = plan.evolve(so_far, event)
    return ruling.findings


def _counted(outline: MissionOutline) -> tuple[bool, bool]:
    return outline.outbound, outline.counted_visit


def _ground(work: UnitOfWork, event: Event, command: CorrectRecord) -> Ground:
    """Return the policy on an entry's day, and the provisions that decisions set aside."""
    aside: set[str] = set()
    for by in (event.authority, command.authority):
        if isinstance(by, DecisionRef):
            decision = matter_of(work, by.matter).decisions.get(by.decision)
            if decision and decision.kind in ACTING:
                aside.update(decision.notwithstanding)
    return ground_on(work, event.effective_from, frozenset(aside))


def _basis(event: Event) -> Basis:
    return dates_and_sources(
        event.decided_on,
        effective_from=event.effective_from,
        authority=event.authority,
        cites=event.cites,
    )


def _so_too(work: UnitOfWork, was: Event, command: CorrectRecord) -> None:
    """Correct, or withdraw, the entry that the same act made in the other stream."""
    entry: Recorded[Event] | None = None
    match was:
        case PlanEntryListed(outline=outline):
            name = outline.mission
            entry = _about(work, mission.stream_of(name), MissionPlanned, name)
        case MissionCancelled(mission=name) if not command.withdraw:
            if listed := mission_of(work, name).outline:
                entry = _about(work, plan.stream_of(listed.year), PlanEntryFreed, name)
        case _:
            pass
    if entry is None:
        return
    fields = type(entry.event).model_fields
    same = {field: said for field, said in command.changed.items() if field in fields}
    if same or command.withdraw:
        to = {"stream": entry.stream, "version": entry.version, "changed": same}
        again = command.model_copy(update=to)
        with suppress(corrections.ChangesNothing):
            work.write(entry.stream, corrections.decide(work.read(entry.stream).entries, again))


def _about(
    work: UnitOfWork, stream: StreamId, kind: type[Event], name: str
) -> Recorded[Event] | None:
    """Return the entry of a kind about a mission that stands in a stream."""
    for entry in work.read(stream).standing():
        event = entry.event
        of = event.outline.mission if isinstance(event, PlanEntryListed) else None
        if isinstance(event, kind) and name == (of or getattr(event, "mission", None)):
            return entry
    return None
