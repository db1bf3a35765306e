"""Explanations out of a log in memory, without a register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, cast

from domain.shared.history import Recorded
from domain.shared.messages import Event, Fact, StreamId
from projections.explanation.account import Account, Role
from projections.explanation.references import references
from projections.explanation.subject import FACETS, Subject
from projections.explanation.why import why
from tests.support.memory_log import MemoryLog


class MemorySource:
    """Implements `projections.explanation.why.Source`."""

    def __init__(self, entries: Sequence[Recorded[Fact]]) -> None:
        self._streams: dict[StreamId, list[Recorded[Event]]] = {}
        self._commits: dict[int, list[Recorded[Fact]]] = {}
        for entry in entries:
            self._commits.setdefault(entry.recorded_at, []).append(entry)
            if isinstance(entry.event, Event):
                stream = self._streams.setdefault(entry.stream, [])
                stream.append(cast("Recorded[Event]", entry))

    def stream(self, stream: StreamId) -> Sequence[Recorded[Event]]:
        return self._streams.get(stream, [])

    def commit(self, recorded_at: int) -> Sequence[Recorded[Fact]]:
        return self._commits[recorded_at]

    def mentioning(self, subject: Subject) -> list[str]:
        """The matters that speak of a subject, as the read model `mentions` finds them."""
        wanted = set(subject.references)
        return [
            stream.removeprefix("matter/")
            for stream, entries in self._streams.items()
            if stream.startswith("matter/")
            and any(wanted.intersection(references(entry.event)) for entry in entries)
        ]


def explained(log: MemoryLog, subject: Subject, on: date, known: int | None = None) -> Account:
    """The account of a fact, as of a day and as known at a position."""
    source = MemorySource(list(log.entries(0, known)))
    return why(subject, on, source, source.mentioning(subject))


def told(account: Account, *roles: Role) -> list[tuple[str, str]]:
    """Item and part of the steps of these roles."""
    return [(step.item, step.relation) for step in account.of(*roles)]


# What is left out, and what stands


class Entered(Protocol):
    """A history as it was entered: the events of each entry, and those that moved others."""

    @property
    def events(self) -> Mapping[str, int]:
        """How many events each entry led to."""
        ...

    @property
    def moving(self) -> frozenset[str]:
        """The entries by which others lapsed, or took effect after all."""
        ...


def facts(log: MemoryLog) -> Iterator[Subject]:
    """Everything in a history that can be asked about."""
    found: dict[str, Subject] = {}
    for entry in log.entries():
        if not isinstance(entry.event, Event):
            continue
        kind, _, key = entry.stream.partition("/")
        for subject in _of_stream(kind, key, entry.event):
            found[str(subject)] = subject
    yield from found.values()


def _of_stream(kind: str, key: str, event: Event) -> Iterator[Subject]:
    match kind:
        case "partnership":
            yield Subject("partnership", key)
            yield from (Subject("partnership", key, facet) for facet in FACETS)
            yield Subject("targeted", key)
        case "exploration" | "request" | "discrepancy":
            yield Subject(kind, key)
        case "plan":
            yield Subject("plan", key)
        case "mission":
            yield Subject("mission", key, year=2002)
        case "policy":
            provision = getattr(event, "provision", None)
            yield from (Subject("provision", ref.address) for ref in (provision,) if ref)
        case "matter":
            for name in ("decision", "motion"):
                if item := getattr(event, name, None):
                    yield Subject(name, f"{key}/{item}")
            for recommended in getattr(event, "recommendations", ()):
                yield Subject("recommendation", f"{key}/{recommended.id}")
        case _:
            return


def said(account: Account, *, versions: bool) -> list[Any]:
    """What may be so, with the version of a provision or without: it counts mistakes as well.

    What a fact does not rest on may change the version, and a correction may change it alone.
    """
    if versions:
        return list(account.candidates)
    return [
        {**state, "version": None} if isinstance(state, dict) else state
        for state in account.candidates
    ]


def verdict_without(
    name: str, account: Account, told: Entered, again: Entered, prefix: str = ""
) -> bool | None:
    """Whether the fact must stand without an entry; `None` where it may or may not."""
    roles = {step.role for step in account.steps if step.command == prefix + name}
    if not roles:
        return True
    if Role.CHANGES not in roles:
        return None
    # What is entered twice takes effect by the second entry when the first is left out, and so may
    # what lapsed by it; what falls with it may have changed the fact back.
    said_twice = any(count > told.events[other] for other, count in again.events.items())
    changed = account.of(Role.CHANGES, Role.CHANGED_BEFORE)
    changing = {(step.command or "").removeprefix(prefix) for step in changed}
    fallen = changing - again.events.keys() - {name}
    # Another amendment may have made the same text, and get the version of the one left out.
    alike = account.fact.startswith("provision/") and len(changing) > 1
    return None if said_twice or fallen or alike or name in told.moving else False
