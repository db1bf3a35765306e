"""Entries of a stream: recorded, corrected, lapsed; in the order of days, several on one day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from domain.shared.dates import When, span_of_days
from domain.shared.log_facts import EntryLapsed, NoLongerStands
from domain.shared.messages import DecisionRef, Effect, Event, Fact, Replacement, StreamId

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


def timeline_order(entry: Recorded[Event], rank: int) -> tuple[date, date, date, date, int, int]:
    """Sort key of a timeline: effective_from, then decided_on, then position.

    `rank` is the position of the entry itself or, for a correction, of the first one it goes back
    to: whoever corrects a motion does not move it behind the vote of the same day. An effect that
    needs another one of its day stands under the day on which that one was decided.
    """
    return (*_days(entry.event), rank, entry.position)


def _days(event: Event) -> tuple[date, date, date, date]:
    return (*span_of_days(event.effective_from), *span_of_days(day_placed_on(event)))


def day_placed_on(event: Event) -> When:
    """Return the decision day that orders an event among those that take hold on one day."""
    named = event.placed_on if isinstance(event, Effect) else None
    return named or event.decided_on


class Together(NamedTuple):
    """Effects with one authority that take hold on one day, whichever it is: all hold or none."""

    takes_hold: When
    authority: DecisionRef | None


def group_of_decision(event: Event) -> Together | None:
    """Return the group of an effect; `None` where the day is known or nobody decided."""
    if event.effective_from.exact or event.authority is None:
        return None
    return Together(event.effective_from, event.authority)


@dataclass(frozen=True, slots=True)
class Certainty:
    """How many of the standing events hold on a day: at least `sure`, at most `possible`."""

    sure: int
    possible: int


def standing_entries(
    entries: Iterable[Recorded[Ev]], *, lapsed_too: bool = False
) -> tuple[Recorded[Ev], ...]:
    """Return the events of one stream that no correction replaces, in the order they took hold.

    `lapsed_too` adds the acts that would stand if they had not lapsed.
    """
    entries = tuple(entries)
    ranks: dict[int, int] = {}
    for e in entries:
        corrected = e.event.replaces
        ranks[e.version] = ranks.get(corrected.version, e.position) if corrected else e.position
    replaced = {e.event.replaces.version for e in entries if e.event.replaces}
    if lapsed_too:
        replaced -= {lapse.version for lapse, _ in lapses(entries)}
    kept = (e for e in speaking_entries(entries) if e.version not in replaced)
    return tuple(sorted(kept, key=lambda e: timeline_order(e, ranks[e.version])))


def lapses(entries: Iterable[Recorded[Ev]]) -> Iterator[tuple[Replacement, Recorded[Ev]]]:
    """Yield the lapses that stand, each with the version of the act that it names."""
    entries = tuple(entries)
    replaced = {e.event.replaces.version for e in entries if e.event.replaces}
    for e in entries:
        if isinstance(e.event, EntryLapsed) and e.event.replaces and e.version not in replaced:
            yield e.event.replaces, e


def as_recorded(entries: Iterable[Recorded[Ev]]) -> tuple[Recorded[Ev], ...]:
    """Return the events that stand in the order recorded, a correction in the place of the old one.

    For proceedings, in which each step was taken on what the record said then.
    """
    entries = tuple(entries)
    place: dict[int, int] = {}
    for entry in entries:
        corrected = entry.event.replaces
        place[entry.version] = place[corrected.version] if corrected else entry.version
    return tuple(sorted(standing_entries(entries), key=lambda e: (place[e.version], e.version)))


def speaking_entries(entries: Iterable[Recorded[Ev]]) -> Iterator[Recorded[Ev]]:
    """Return all events but withdrawals and lapses, which no context knows.

    The entries that these name are among them.
    """
    return (e for e in entries if not isinstance(e.event, NoLongerStands))


def boundaries(changes: Iterable[When]) -> Iterator[tuple[date, date]]:
    """Return the earliest and latest day of each change, never before the change it follows.

    `changes` must be sorted as `standing_entries` sorts; earliest days then already ascend.
    """
    latest = date.min
    for when in changes:
        latest = max(latest, when.last)
        yield when.first, latest


def possible_counts(stands: Sequence[Recorded[Event]], day: date) -> tuple[int, ...]:
    """Yield each number of the standing entries that may have taken hold by a day, rising.

    Of effects that one decision has on one of several days none holds without the others.
    """
    spans = tuple(boundaries(entry.event.effective_from for entry in stands))
    sure = sum(latest <= day for _, latest in spans)
    most = max(sure, sum(earliest <= day for earliest, _ in spans))
    groups = [group_of_decision(entry.event) for entry in stands]
    begins = {group: number for number, group in reversed(list(enumerate(groups))) if group}
    partial = {
        count
        for number, group in enumerate(groups)
        if group
        for count in range(begins[group] + 1, number + 1)
    }
    return tuple(count for count in range(sure, most + 1) if count not in partial)


@dataclass(frozen=True, slots=True)
class History(Generic[E]):
    """One stream as read: its entries in the order of versions, and the version they end at."""

    entries: tuple[Recorded[E], ...]
    version: int

    def standing(self) -> tuple[Recorded[E], ...]:
        """Return all events that stand, whenever they take hold."""
        return standing_entries(self.entries)

    def as_recorded(self, on: date | None = None) -> tuple[Recorded[E], ...]:
        """Return all that stands, or surely holds on a day, in the order it was recorded.

        See the function `as_recorded`.
        """
        stands = as_recorded(self.entries)
        if on is None:
            return stands
        holding = {entry.version for entry in self.on(on)}
        return tuple(entry for entry in stands if entry.version in holding)

    def certainty(self, day: date) -> Certainty:
        """Return how many of `standing()` hold on a day."""
        spans = tuple(boundaries(e.event.effective_from for e in self.standing()))
        return Certainty(
            sure=sum(latest <= day for _, latest in spans),
            possible=sum(earliest <= day for earliest, _ in spans),
        )

    def before(self, takes_hold: When, decided: When) -> tuple[Recorded[E], ...]:
        """Return the entries in the timeline before an entry of these days that is recorded now."""
        days = (*span_of_days(takes_hold), *span_of_days(decided))
        return tuple(entry for entry in self.standing() if _days(entry.event) <= days)

    def on(self, day: date) -> tuple[Recorded[E], ...]:
        """Return the entries that surely hold on a day."""
        return self.standing()[: self.certainty(day).sure]


def history_followed_by(history: History[Ev], stream: StreamId, *events: Ev) -> History[Ev]:
    """Return a stream as it would be with these events after the others."""
    last = history.entries[-1] if history.entries else None
    position, recorded_at = (last.position, last.recorded_at) if last else (0, 0)
    further = (
        Recorded(event, stream, history.version + number, position + number, recorded_at)
        for number, event in enumerate(events, 1)
    )
    return History((*history.entries, *further), history.version + len(events))


def fold(evolve: Callable[[S, Ev], S], state: S, entries: Iterable[Recorded[Ev]]) -> S:
    """Return the state after the given entries."""
    for entry in entries:
        state = evolve(state, entry.event)
    return state
