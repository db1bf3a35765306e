"""Commands on a matter in camera: what they record keeps its place in the log, and is not public.

The content of each entry is kept apart, as personal values are, and so is the name of the command.
A release records every entry again, as a disclosure: who follows the log learns it then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from application.ports import Keys, Pending
from application.unit_of_work import UnitOfWork
from domain.proceedings import matter
from domain.proceedings.in_camera import NotReleasedAlone, belongs_to, part_of_matter
from domain.proceedings.matter import Matter, MatterReleased
from domain.shared.log_facts import (
    CommandRecorded,
    EntriesInCamera,
    EntryDisclosed,
    EntryName,
    Sealed,
    disclosure_of,
    entries_in_camera,
    stream_of,
)
from domain.shared.messages import Command, DecisionRef, Event, Replacement, StreamId

HIDDEN = "in-camera"
"""The kind of a command on a matter in camera, as everybody reads it."""


def hidden_name(name: str, keys: Keys) -> str:
    """Return an unreadable name for a command on a matter in camera, always the same for it."""
    return f"{HIDDEN}-{keys.digest(f'{HIDDEN} {name}'.encode())[:32]}"


def hide_in_camera(work: UnitOfWork, command: Command, mark: int, keys: Keys) -> None:
    """Keep apart what a command wrote on matters in camera; its opening is before `mark`."""
    hidden: dict[str, list[EntryName]] = {}
    on = tuple(_matters(command))
    known: dict[str, bool] = {}
    for number in range(mark, len(work.pending)):
        pending = work.pending[number]
        replaced = _replaced(work, pending)
        matters = dict.fromkeys((*on, *_matters(pending.fact), *_whose(pending.stream), *replaced))
        for name in matters:
            if name not in known:
                known[name] = _in_camera(work, name)
        closed = [name for name in matters if known[name]]
        if (
            closed
            and isinstance(pending.fact, Event)
            and not isinstance(pending.fact, MatterReleased)
        ):
            work.pending[number] = pending._replace(in_camera=True)
            entry = EntryName(stream=pending.stream, version=pending.version)
            own = next((name for name in _whose(pending.stream) if name in closed), closed[0])
            hidden.setdefault(own, []).append(entry)
    if not hidden:
        return
    for name, entries in hidden.items():
        listed = EntriesInCamera(matter=name, entries=tuple(entries))
        work.write(entries_in_camera(name), listed)
    opening = work.pending[mark - 1]
    fact = cast("CommandRecorded", opening.fact)
    name = hidden_name(fact.command, keys)
    correlation = name if fact.correlation == fact.command else fact.correlation
    named = {"command": name, "kind": HIDDEN, "correlation": correlation}
    work.pending[mark - 1] = opening._replace(
        stream=stream_of(name), fact=fact.model_copy(update=named)
    )


def disclose_matter(work: UnitOfWork, name: str, parts: tuple[str, ...]) -> None:
    """Record every entry in camera on a matter as it was, in the order of recording.

    With `parts`, record those that belong to them. Raises `NotReleasedAlone` for a part of which
    nothing is in camera.
    """
    commands = list(_commands(work, name))
    every = (entry for entries in commands for entry in entries)
    for entry in _belonging(work, name, commands, parts) if parts else every:
        stream = disclosure_of(entry)
        if work.read(stream).version:
            continue  # disclosed when the matter was released before
        fact = _fact(work, entry)
        content = Sealed(topic=fact.TOPIC, state=fact.model_dump_json())
        work.write(stream, EntryDisclosed(entry=entry, content=content))


def _commands(work: UnitOfWork, name: str) -> Iterator[Sequence[EntryName]]:
    """Yield the entries in camera on a matter, by the command that made them.

    Those of its own stream that are listed with the matter that it was split from come first.
    """
    own = entries_in_camera(name)
    for stream in work.streams("in-camera"):
        for each in work.read(stream).entries if stream != own else ():
            if here := [e for e in each.event.entries if e.stream == matter.stream_of(name)]:
                yield here
    yield from (each.event.entries for each in work.read(own).entries)


def _belonging(
    work: UnitOfWork, name: str, commands: Sequence[Sequence[EntryName]], parts: tuple[str, ...]
) -> Iterator[EntryName]:
    """Yield the entries of parts of a matter, and corrections of any, with all that came of each.

    `commands` has the entries in camera that each command made.
    """
    known = _hidden_parts(work, name, commands)
    for part in parts:
        if part not in known:
            raise NotReleasedAlone(matter=name, part=part, known=known)
    chosen: set[EntryName] = set()
    for entries in commands:
        facts = [(entry, _fact(work, entry)) for entry in entries]
        if any(
            belongs_to(parts, name, StreamId(entry.stream), fact)
            or _replaces(entry, fact) in chosen
            for entry, fact in facts
        ):
            chosen.update(entries)
            yield from entries


def _hidden_parts(
    work: UnitOfWork, name: str, commands: Sequence[Sequence[EntryName]]
) -> tuple[str, ...]:
    """Return the parts of a matter of which an entry is in camera still."""
    own = (
        entry for entries in commands for entry in entries if entry.stream == matter.stream_of(name)
    )
    hidden = (entry for entry in own if not work.read(disclosure_of(entry)).version)
    return tuple(dict.fromkeys(filter(None, (part_of_matter(_fact(work, e)) for e in hidden))))


def _replaces(entry: EntryName, fact: Event) -> EntryName | None:
    by = fact.replaces
    return EntryName(stream=entry.stream, version=by.version) if by else None


def _fact(work: UnitOfWork, entry: EntryName) -> Event:
    return cast("Event", work.read(StreamId(entry.stream)).entries[entry.version - 1].event)


def _in_camera(work: UnitOfWork, name: str) -> bool:
    state = work.state(matter.stream_of(name), matter.evolve, Matter())
    return state.in_camera is not None


def _replaced(work: UnitOfWork, pending: Pending) -> Iterator[str]:
    """Yield the matter on which the entry that an event replaces was recorded in camera."""
    replaces: object = getattr(pending.fact, "replaces", None)
    if not isinstance(replaces, Replacement):
        return
    entry = EntryName(stream=pending.stream, version=replaces.version)
    for stream in work.streams("in-camera"):
        if any(entry in listed.event.entries for listed in work.read(stream).entries):
            yield stream.partition("/")[2]


def _whose(stream: StreamId) -> Iterator[str]:
    """Return the matter of a stream, if it is the stream of a matter."""
    kind, _, name = stream.partition("/")
    if kind == "matter":
        yield name


def _matters(of: object) -> Iterator[str]:
    """Yield the matters that a command or an event is about, or rests on."""
    own: object = getattr(of, "matter", None)
    if isinstance(own, str):
        yield own
    replaces: object = getattr(of, "replaces", None)
    for authority in (getattr(of, "authority", None), getattr(replaces, "authority", None)):
        if isinstance(authority, DecisionRef):
            yield authority.matter
