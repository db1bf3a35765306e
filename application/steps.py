"""What a correction of one step leaves: steps in order, and one act saying one thing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from application.handling import Work
from application.programme import mission_of, mission_stream, plan_stream
from domain import corrections, missions, plans
from domain.corrections import CorrectRecord
from domain.history import Recorded
from domain.kernel import Event, Refusal, StreamId
from domain.missions import MissionCancelled, MissionPlanned
from domain.planning import PlanEntryFreed, PlanEntryListed
from domain.proposals import MissionProposed


def in_order(work: Work, command: CorrectRecord, was: Event) -> dict[StreamId, bool]:
    """Whether the streams that a correction touches are in order before it (rules B1, M10)."""
    streams = {StreamId(command.stream)}
    match was:
        case PlanEntryListed(outline=outline) | MissionProposed(outline=outline):
            streams |= {mission_stream(outline.mission), plan_stream(outline.year)}
        case MissionCancelled(mission=mission):
            if listed := mission_of(work, mission).outline:
                streams.add(plan_stream(listed.year))
        case _:
            pass
    return {stream: _out_of_order(work, stream) is None for stream in sorted(streams)}


def require_in_order(work: Work, before: Mapping[StreamId, bool]) -> None:
    """Raises what refuses a step that does not follow the one before it, where it did.

    What was out of order before may be put right step by step.
    """
    for stream, was_in_order in before.items():
        refusal = _out_of_order(work, stream)
        if refusal and was_in_order:
            raise refusal


def _out_of_order(work: Work, stream: StreamId) -> Refusal | None:
    kind, _, name = stream.partition("/")
    if kind not in ("mission", "plan"):
        return None
    events = (entry.event for entry in work.read(stream).as_recorded())
    if kind == "mission":
        return missions.out_of_order(name, events)
    return plans.out_of_order(int(name), events)


def require_the_act(work: Work, was: Event, command: CorrectRecord) -> None:
    """Raises `NotAlone` for what another entry's act did, unless that is withdrawn or lost."""
    match was:
        case MissionPlanned(mission=mission, year=year):
            act = _about(work, plan_stream(year), PlanEntryListed, mission)
        case PlanEntryFreed(mission=mission) if not command.withdraw:
            act = _about(work, mission_stream(mission), MissionCancelled, mission)
        case _:
            return
    if act and (command.withdraw or command.changed.keys() - {"cites"}):
        name = was.TOPIC.partition(".")[0]
        raise missions.NotAlone(mission, name, f"{act.stream}/{act.version}")


def so_too(work: Work, was: Event, command: CorrectRecord) -> None:
    """What the same act did to the mission elsewhere says the same, or is withdrawn as well."""
    entry: Recorded[Event] | None = None
    match was:
        case PlanEntryListed(outline=outline):
            name = outline.mission
            entry = _about(work, mission_stream(name), MissionPlanned, name)
        case MissionCancelled(mission=name) if not command.withdraw:
            if listed := mission_of(work, name).outline:
                entry = _about(work, plan_stream(listed.year), PlanEntryFreed, name)
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


def _about(work: Work, stream: StreamId, kind: type[Event], mission: str) -> Recorded[Event] | None:
    """The entry of a kind about a mission that stands in a stream."""
    for entry in work.read(stream).standing():
        event = entry.event
        name = event.outline.mission if isinstance(event, PlanEntryListed) else None
        if isinstance(event, kind) and mission == (name or getattr(event, "mission", None)):
            return entry
    return None
