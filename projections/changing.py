"""What a commit does to the keys of a read model: events that it adds, and events that it drops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from domain.dates import When
from domain.history import EntryWithdrawn, Recorded
from domain.kernel import Event, StreamId
from projections.timeline import ReadModel

Source: TypeAlias = tuple[StreamId, int]
"""An event's name: its stream and its version there."""

Recall: TypeAlias = Callable[[Source], Recorded[Event]]
"""Finds an event that was recorded before."""


class Arrival(NamedTuple):
    """An event that a commit adds, and its place in a timeline."""

    place: str
    entry: Recorded[Event]


@dataclass(slots=True)
class Changes:
    """What one commit does to one key: events that it adds, and the places of those it drops."""

    added: list[Arrival] = field(default_factory=list[Arrival])
    dropped: dict[Source, str] = field(default_factory=dict[Source, str])

    def places(self) -> list[str]:
        """Where the timeline changes."""
        return [arrival.place for arrival in self.added] + list(self.dropped.values())


def place(entry: Recorded[Event], recall: Recall) -> str:
    """`domain.history.order` as text: sorts alike, byte by byte, and begins with the first day.

    Raises `ValueError` for a correction of what was not recorded before it.
    """
    takes_hold, decided = entry.event.effective_from, entry.event.decided_on
    first = _first(entry, recall)
    corrects = "" if first is entry else f" {entry.position:012}"
    return f"{_span(takes_hold)} {_span(decided)} {first.position:012}{corrects}"


def _span(when: When) -> str:
    return f"{when.first.isoformat()}/{when.last.isoformat()}"


def _first(entry: Recorded[Event], recall: Recall) -> Recorded[Event]:
    """The entry itself or, of a correction, the one it goes back to."""
    while entry.event.replaces:
        version = entry.event.replaces.version
        if version >= entry.version:
            raise ValueError(f"{entry.stream} {entry.version} replaces {version}")
        entry = recall((entry.stream, version))
    return entry


def changes_by_key(
    model: ReadModel[Any], commit: Iterable[Recorded[Event]], recall: Recall
) -> dict[str, Changes]:
    """What the events of one commit do to each key.

    Raises `ValueError` for a correction of what was not recorded before it.
    """
    changes: dict[str, Changes] = {}
    for entry in commit:
        arrival = Arrival(place(entry, recall), entry)
        for key in _keys(model, entry):
            changes.setdefault(key, Changes()).added.append(arrival)
        if entry.event.replaces:
            source = (entry.stream, entry.event.replaces.version)
            for key in _keys(model, recall(source)):
                _drop(changes.setdefault(key, Changes()), source, recall)
    return changes


def _keys(model: ReadModel[Any], entry: Recorded[Event]) -> Iterable[str]:
    """Each key once; a withdrawal says nothing of any."""
    return () if isinstance(entry.event, EntryWithdrawn) else dict.fromkeys(model.keys(entry))


def _drop(change: Changes, source: Source, recall: Recall) -> None:
    kept = [a for a in change.added if (a.entry.stream, a.entry.version) != source]
    if len(kept) == len(change.added):
        change.dropped[source] = place(recall(source), recall)
    change.added = kept  # what one commit both adds and replaces was never believed
