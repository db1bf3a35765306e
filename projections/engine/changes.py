"""The effect of a commit on the keys of a read model: events it adds, and events it drops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from domain.shared.dates import When
from domain.shared.history import Recorded, day_placed_on, group_of_decision
from domain.shared.log_facts import EntryWithdrawn
from domain.shared.messages import Event, StreamId
from projections.engine.read_model import ReadModel, decision_of

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
    """The effect of one commit on one key: events it adds, and the places of those it drops."""

    added: list[Arrival] = field(default_factory=list[Arrival])
    dropped: dict[Source, str] = field(default_factory=dict[Source, str])

    def places(self) -> list[str]:
        """Return the places at which the timeline changes."""
        return [arrival.place for arrival in self.added] + list(self.dropped.values())

    def since(self) -> str | None:
        """Return the place from which the timeline may change, if it changes at all."""
        return min(map(may_change_from, self.places()), default=None)


def place(entry: Recorded[Event], recall: Recall) -> str:
    """Return `domain.shared.history.timeline_order` as text: sorts alike, the first day first.

    Of what takes hold on one of several days it ends with the decision behind it. Raises
    `ValueError` for a correction of what was not recorded before it.
    """
    event = entry.event
    first = _first(entry, recall)
    corrects = "" if first is entry else f" {entry.position:012}"
    decision = decision_of(event) if group_of_decision(event) else None
    days = f"{_span(event.effective_from)} {_span(day_placed_on(event))}"
    order = f"{days} {first.position:012}{corrects}"
    return f"{order} {decision}" if decision else order


def may_change_from(place: str) -> str:
    """Return the first place that a change affects: its own, or where one of several days begins.

    Effects of one decision on such days hold together, so that the others of these days matter.
    """
    days = place[:_DAYS]
    first, _, last = days.partition("/")
    return place if first == last else days


def decided_together(place: str) -> str | None:
    """Return the days and decision of a place; `None` if the day is known or nobody decided."""
    decision = place.rpartition(" ")[2]
    return f"{place[:_DAYS]} {decision}" if "/" in decision else None


_DAYS = len("2001-12-04/2001-12-06")


def _span(when: When) -> str:
    return f"{when.first.isoformat()}/{when.last.isoformat()}"


def _first(entry: Recorded[Event], recall: Recall) -> Recorded[Event]:
    """Return the entry itself or, for a correction, the entry that was corrected first."""
    while entry.event.replaces:
        version = entry.event.replaces.version
        if version >= entry.version:
            raise ValueError(f"{entry.stream} {entry.version} replaces {version}")
        entry = recall((entry.stream, version))
    return entry


def changes_by_key(
    model: ReadModel[Any], commit: Iterable[Recorded[Event]], recall: Recall
) -> dict[str, Changes]:
    """Return the changes to each key by the events of one commit.

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
    """Yield each key once; a withdrawal has no keys."""
    return () if isinstance(entry.event, EntryWithdrawn) else dict.fromkeys(model.keys(entry))


def _drop(change: Changes, source: Source, recall: Recall) -> None:
    kept = [a for a in change.added if (a.entry.stream, a.entry.version) != source]
    if len(kept) == len(change.added):
        change.dropped[source] = place(recall(source), recall)
    change.added = kept  # what one commit both adds and replaces was never believed
