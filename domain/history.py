"""State is a timeline: what is recorded, less what was corrected, in the order it took hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Generic, NamedTuple, TypeVar

from domain.dates import When
from domain.kernel import Event, Fact, StreamId

F = TypeVar("F", bound=Fact, covariant=True)
E = TypeVar("E", bound=Event, covariant=True)
Ev = TypeVar("Ev", bound=Event)
S = TypeVar("S")


class Recorded(NamedTuple, Generic[F]):
    """A fact with its place in the log.

    `position` orders the whole log, has holes and is not a count; `version` counts from 1 in the
    stream; `recorded_at` is in microseconds since 1970 UTC and one for a whole commit.
    """

    event: F
    stream: StreamId
    version: int
    position: int
    recorded_at: int


class EntryWithdrawn(Event):
    """An entry was a mistake, and nothing takes its place: it names the entry and says no more.

    Part of every stream's history and of no context's: what folds a stream never meets one.
    """

    TOPIC: ClassVar[str] = "entry-withdrawn.v1"


def order(entry: Recorded[Event], rank: int) -> tuple[date, date, date, date, int, int]:
    """Sort key of a timeline: effective_from, then decided_on, then position.

    `rank` is the position of the entry itself or, for a correction, of the first one it goes back
    to: whoever corrects a motion does not move it behind the vote of the same day.
    """
    effective, decided = entry.event.effective_from, entry.event.decided_on
    return (effective.first, effective.last, decided.first, decided.last, rank, entry.position)


@dataclass(frozen=True, slots=True)
class Certainty:
    """How many of the standing events hold on a day: at least `sure`, at most `possible`."""

    sure: int
    possible: int


def standing(entries: Iterable[Recorded[Ev]]) -> tuple[Recorded[Ev], ...]:
    """The events of one stream that no correction replaces, in the order they took hold."""
    entries = tuple(entries)
    ranks: dict[int, int] = {}
    for e in entries:
        ranks[e.version] = ranks[e.event.replaces.version] if e.event.replaces else e.position
    replaced = {e.event.replaces.version for e in entries if e.event.replaces}
    kept = (e for e in speaking(entries) if e.version not in replaced)
    return tuple(sorted(kept, key=lambda e: order(e, ranks[e.version])))


def as_recorded(entries: Iterable[Recorded[Ev]]) -> tuple[Recorded[Ev], ...]:
    """The events that stand, in the order they were recorded, a correction where the corrected was.

    For proceedings, in which each step was taken on what the record said then.
    """
    entries = tuple(entries)
    place: dict[int, int] = {}
    for entry in entries:
        corrected = entry.event.replaces
        place[entry.version] = place[corrected.version] if corrected else entry.version
    return tuple(sorted(standing(entries), key=lambda e: (place[e.version], e.version)))


def speaking(entries: Iterable[Recorded[Ev]]) -> Iterator[Recorded[Ev]]:
    """All but withdrawals, which no context knows; entries that were replaced are among them."""
    return (e for e in entries if not isinstance(e.event, EntryWithdrawn))


def boundaries(changes: Iterable[When]) -> Iterator[tuple[date, date]]:
    """Earliest and latest day of each change, never before the change it follows.

    `changes` are sorted as `standing` sorts; earliest days then already ascend.
    """
    latest = date.min
    for when in changes:
        latest = max(latest, when.last)
        yield when.first, latest


@dataclass(frozen=True, slots=True)
class History(Generic[E]):
    """One stream as read: its entries in the order of versions, and the version they end at."""

    entries: tuple[Recorded[E], ...]
    version: int

    def standing(self) -> tuple[Recorded[E], ...]:
        """All that stands, whenever it takes hold."""
        return standing(self.entries)

    def as_recorded(self, on: date | None = None) -> tuple[Recorded[E], ...]:
        """All that stands, or surely holds on a day, in the order it was recorded.

        See the function of this name.
        """
        stands = as_recorded(self.entries)
        if on is None:
            return stands
        holding = {entry.version for entry in self.on(on)}
        return tuple(entry for entry in stands if entry.version in holding)

    def certainty(self, day: date) -> Certainty:
        """How many of `standing()` hold on a day."""
        spans = tuple(boundaries(e.event.effective_from for e in self.standing()))
        return Certainty(
            sure=sum(latest <= day for _, latest in spans),
            possible=sum(earliest <= day for earliest, _ in spans),
        )

    def on(self, day: date) -> tuple[Recorded[E], ...]:
        """What surely holds on a day."""
        return self.standing()[: self.certainty(day).sure]


def followed_by(history: History[Ev], stream: StreamId, *events: Ev) -> History[Ev]:
    """A stream as it would be with these events after the others."""
    last = history.entries[-1] if history.entries else None
    position, recorded_at = (last.position, last.recorded_at) if last else (0, 0)
    further = (
        Recorded(event, stream, history.version + number, position + number, recorded_at)
        for number, event in enumerate(events, 1)
    )
    return History((*history.entries, *further), history.version + len(events))


def fold(evolve: Callable[[S, Ev], S], state: S, entries: Iterable[Recorded[Ev]]) -> S:
    """The state after the given entries."""
    for entry in entries:
        state = evolve(state, entry.event)
    return state
