"""One commit in the making: streams read under guard, and facts to be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, cast

from application.ports import Log, Pending
from domain import places, policy
from domain.council import bodies, succession
from domain.council.bodies import CharterInForce
from domain.places import Gazetteer
from domain.shared.history import History, Recorded, fold, timeline_order
from domain.shared.messages import Command, Event, Fact, StreamId
from domain.shared.problems import Invalid
from domain.shared.provisions import PolicyInForce

S = TypeVar("S")

LONGEST_NAME = 500
"""Characters in the name of a stream; an index of PostgreSQL takes 2,700 bytes."""


PROVISIONAL = 1 << 62
"""Positions from here on are of facts that this commit adds and no log has placed yet."""


class NameTooLong(Invalid):
    """A name is longer than a log keeps."""

    begins: str
    characters: int
    most: int


@dataclass(frozen=True, slots=True)
class _Folded:
    """A state, how many entries of its stream it holds, and the last of these in the timeline.

    `last` is `None` where an entry is left out of the state, so that what follows is folded anew.
    """

    state: Any
    entries: int
    last: Recorded[Any] | None


@dataclass(slots=True)
class UnitOfWork:
    """One commit in the making: reads the log through what is already decided in it.

    `known` is the position up to which it reads, for a question about what was known then.
    `expect` has the version of every stream that was read, and guards the commit.
    """

    log: Log
    known: int | None = None
    expect: dict[StreamId, int] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    _read: dict[StreamId, tuple[Recorded[Fact], ...]] = field(default_factory=dict)
    _written: dict[StreamId, tuple[Recorded[Fact], ...]] = field(default_factory=dict)
    _folded: dict[tuple[StreamId, object, date | None], _Folded] = field(default_factory=dict)
    _gazetteers: dict[date, tuple[int, Gazetteer]] = field(default_factory=dict)

    def fetch(self, *streams: StreamId) -> None:
        """Read several streams in one go; what is read is guarded until the commit."""
        missing = tuple(s for s in streams if s not in self._read)
        for stream in missing:
            if len(stream) > LONGEST_NAME:
                raise NameTooLong(begins=stream[:60], characters=len(stream), most=LONGEST_NAME)
        if missing:
            for stream, entries in self.log.read(*missing).items():
                known = (e for e in entries if self.known is None or e.position <= self.known)
                self._read[stream] = tuple(known)
                self.expect[stream] = len(entries)

    def read(self, stream: StreamId) -> History[Any]:
        """Return the entries of a stream, with those that this commit adds to it."""
        entries: tuple[Recorded[Any], ...] = self._entries(stream)
        return History(entries, len(entries))

    def state(self, stream: StreamId, evolve: Callable[[S, Any], S], empty: S) -> S:
        """Return all that stands of a stream, folded in the order it was recorded.

        What was folded before is not folded again: a file of many items on one matter is recorded
        in a time that grows with the items.
        """
        entries = self._entries(stream)
        before = self._folded.get((stream, evolve, None))
        added: tuple[Recorded[Any], ...] = entries[before.entries if before else 0 :]
        grown = before and not any(entry.event.replaces for entry in added)
        stands = added if grown else self.read(stream).as_recorded()
        state: S = fold(evolve, before.state if before and grown else empty, stands)
        self._folded[stream, evolve, None] = _Folded(state, len(entries), None)
        return state

    def state_on(self, stream: StreamId, day: date, evolve: Callable[[S, Any], S], empty: S) -> S:
        """Return the state on a day, folded from the events that surely hold; see `state`."""
        entries = self._entries(stream)
        before = self._folded.get((stream, evolve, day))
        added: tuple[Recorded[Any], ...] = entries[before.entries if before else 0 :]
        state: S
        if before and not added:
            state, last = before.state, before.last
        elif before and before.last and _follow(before.last, added, day):
            state, last = fold(evolve, before.state, added), added[-1]
        else:
            history = self.read(stream)
            standing = history.standing()
            sure = standing[: history.certainty(day).sure]
            state = fold(evolve, empty, sure)
            last = standing[-1] if standing and len(sure) == len(standing) else None
        self._folded[stream, evolve, day] = _Folded(state, len(entries), last)
        return state

    def streams(self, kind: str) -> tuple[StreamId, ...]:
        """Return all streams of a kind, with what this commit adds.

        A stream that begins later is not guarded against.
        """
        here = (s for s in self._written if s.startswith(f"{kind}/"))
        return tuple(sorted({*self.log.streams(kind), *here}))

    def write(self, stream: StreamId, *facts: Fact) -> None:
        """Add facts to a stream."""
        entries = self._entries(stream)
        for version, fact in enumerate(facts, len(entries) + 1):
            entry = Recorded(fact, stream, version, PROVISIONAL + version, PROVISIONAL)
            self._written[stream] = (*self._written.get(stream, ()), entry)
            self.pending.append(Pending(stream, version, fact))

    def draft(self) -> UnitOfWork:
        """Return a unit of work that begins as this one is and guards the same; see `take_over`."""
        return UnitOfWork(
            log=self.log,
            known=self.known,
            expect=self.expect,
            _read=self._read,
            _written=dict(self._written),
            _folded=dict(self._folded),
            _gazetteers=dict(self._gazetteers),
        )

    def take_over(self, draft: UnitOfWork) -> None:
        """Write what a draft of this unit of work wrote, in streams that nothing else wrote to."""
        for stream, version, fact, _ in draft.pending:
            if version != len(self._entries(stream)) + 1:
                raise ValueError(f"{stream} was written to outside its draft as well")
            self.write(stream, fact)
        drafted = {pending.stream for pending in draft.pending}
        self._folded |= {key: of for key, of in draft._folded.items() if key[0] in drafted}

    def read_after(self, position: int) -> list[Recorded[Fact]]:
        """Return the entries of all streams that were read, recorded after a position."""
        found = (e for entries in self._read.values() for e in entries if e.position > position)
        return sorted(found, key=lambda entry: entry.position)

    def moved(self) -> bool:
        """True if a stream that was read has grown since."""
        if not self.expect:
            return False
        now = self.log.read(*self.expect)
        return any(len(now[stream]) != version for stream, version in self.expect.items())

    def _entries(self, stream: StreamId) -> tuple[Recorded[Fact], ...]:
        self.fetch(stream)
        read, written = self._read[stream], self._written.get(stream)
        return read + written if written else read

    def policy(self, day: date) -> PolicyInForce:
        """Return the policy surely in force on a day."""
        standing = self.state_on(policy.STREAM, day, policy.evolve, policy.Policy())
        return PolicyInForce(on=day, provisions=standing.provisions)

    def charter(self, day: date) -> CharterInForce | None:
        """Return the charter in force on a day."""
        return succession.charter_on(self.read(bodies.STREAM), day)

    def places(self, day: date = date.max) -> Gazetteer:
        """Return every place known, as it is called on a day."""
        known = self.state_on(places.STREAM, date.max, places.evolve, Gazetteer())
        entries = self._entries(places.STREAM)
        if day == date.max or all(
            cast("Event", e.event).effective_from.last <= day for e in entries
        ):
            return known.with_wholes_named()
        before = self._gazetteers.get(day)
        if before is None or before[0] != len(entries):
            standing = self.read(places.STREAM).standing()
            before = self._gazetteers[day] = (len(entries), places.places_as_of(standing, day))
        return before[1]

    def require_body(self, body: str, day: date) -> CharterInForce:
        """Return the charter in force on a day, where it has the body (rule A1)."""
        return bodies.require_body(self.charter(day), body)


def _follow(last: Recorded[Any], added: Sequence[Recorded[Any]], day: date) -> bool:
    """True if the entries come after the last one in the timeline, and surely hold on the day."""
    for entry in added:
        event = entry.event
        if event.replaces or event.effective_from.last > day:
            return False
        if timeline_order(entry, entry.position) < timeline_order(last, last.position):
            return False
        last = entry
    return True


Handlers = Mapping[type[Command], Callable[[UnitOfWork, Any], None]]
