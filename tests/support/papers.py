"""Two read models in the shapes of the real ones, and a log in memory to fold them from.

`ROLL` has a key a city, in streams of their own, and one event that touches several keys.
`TEXT` has a key an address, all in one stream, and rows that end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any, ClassVar

from application.ports import AheadOfLog, Page, Pending, RawPage
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import DecisionRef, Event, Fact, Replacement, StreamId, Value
from projections.engine.read_model import ReadModel


class Standing(StrEnum):
    INTERNATIONAL = "International"
    HISTORICAL = "Historical"


class Formed(Event):
    TOPIC: ClassVar[str] = "test-formed.v1"
    city: str
    description: str


class Classified(Event):
    TOPIC: ClassVar[str] = "test-classified.v1"
    city: str
    standing: Standing


class Listed(Event):
    TOPIC: ClassVar[str] = "test-listed.v1"
    cities: tuple[str, ...]


class Worded(Event):
    TOPIC: ClassVar[str] = "test-worded.v1"
    address: str
    words: str


class Struck(Event):
    TOPIC: ClassVar[str] = "test-struck.v1"
    address: str


class Note(Value):
    position: int
    what: str


class City(Value):
    city: str
    description: str | None = None
    standing: Standing | None = None
    listed: bool = False
    changes: int = 0
    since: When
    notes: tuple[Note, ...] = ()


class Words(Value):
    address: str
    words: str


def cities(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case Formed(city=city) | Classified(city=city):
            return (city,)
        case Listed(cities=several):
            return several
        case _:
            return ()


def enrol(key: str, state: City | None, entry: Recorded[Event]) -> City | None:
    event = entry.event
    city = state or City(city=key, since=event.effective_from)
    note = Note(position=entry.position, what=type(event).__name__)
    changed = {"changes": city.changes + 1, "notes": (*city.notes[-1:], note)}
    match event:
        case Formed(description=description):
            return city.model_copy(update={**changed, "description": description})
        case Classified(standing=standing):
            return city.model_copy(update={**changed, "standing": standing})
        case _:
            return city.model_copy(update={**changed, "listed": True})


def addresses(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case Worded(address=address) | Struck(address=address):
            return (address,)
        case _:
            return ()


def word(key: str, state: Words | None, entry: Recorded[Event]) -> Words | None:
    match entry.event:
        case Worded(words=words):
            return Words(address=key, words=words)
        case _:
            return None


ROLL = ReadModel("roll", 1, City, cities, enrol)
TEXT = ReadModel("text", 1, Words, addresses, word)


@dataclass
class Papers:
    """A log in memory; every commit is opened by the command that it came from, as in the real."""

    rows: list[Recorded[Fact]] = field(default_factory=list)
    name: str = "first"
    shared: dict[str, int] = field(default_factory=dict)
    step: int = 1

    def commit(self, *events: tuple[str, Event]) -> int:
        """Record events of the named streams as one commit; return its last position."""
        at = self.rows[-1].recorded_at + 1_000_000 if self.rows else 1_000_000_000
        command = CommandRecorded(
            command=f"c{at}", kind="test", actor="clerk", digest="0", key="0", correlation=f"c{at}"
        )
        for stream, fact in ((f"command/{at}", command), *events):
            version = 1 + sum(row.stream == stream for row in self.rows)
            self.rows.append(Recorded(fact, StreamId(stream), version, self.head() + self.step, at))
        return self.head()

    def ends(self) -> list[int]:
        """The last position of every commit."""
        return [list(c)[-1].position for _, c in groupby(self.rows, lambda row: row.recorded_at)]

    def after(self, position: int, limit: int) -> Page:
        rest = [row for row in self.rows if row.position > position]
        kept = rest[:limit]
        kept += [row for row in rest[limit:] if row.recorded_at == kept[-1].recorded_at]
        return Page(kept, kept[-1].position if kept else position)

    def entries(self, first: int = 0, until: int | None = None) -> Iterator[Recorded[Fact]]:
        last = max((e for e in self.ends() if until is None or e <= until), default=0)
        return iter([row for row in self.rows if first < row.position <= last])

    def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        return {s: [row for row in self.rows if row.stream == s] for s in streams}

    def streams(self, kind: str) -> Sequence[StreamId]:
        return sorted({row.stream for row in self.rows if row.stream.startswith(f"{kind}/")})

    def head(self) -> int:
        return self.rows[-1].position if self.rows else 0

    def epoch(self) -> str:
        return self.name

    def epochs(self) -> Sequence[tuple[str, int]]:
        return [(self.name, 0)]

    def check_follower(self, position: int, epoch: str) -> None:
        shared = self.head() if epoch == self.name else self.shared.get(epoch, 0)
        if position > shared:
            raise AheadOfLog(position=position, epoch=epoch, shared=shared)

    def append(self, facts: Sequence[Pending], expect: Mapping[StreamId, int]) -> Any:
        raise NotImplementedError

    def raw_after(self, position: int, limit: int) -> RawPage:
        raise NotImplementedError

    def position_at(self, recorded_at: int) -> int:
        raise NotImplementedError

    def personal(self, digests: Iterable[str]) -> Mapping[str, object]:
        raise NotImplementedError


def dated(
    day: str,
    decided: str | None = None,
    replaces: int | None = None,
    authority: DecisionRef | None = None,
) -> dict[str, Any]:
    """What every event carries: when it takes hold, when it was decided, and what it corrects."""
    return {
        "authority": authority,
        "effective_from": When.parse(day),
        "decided_on": When.parse(decided or day),
        "replaces": Replacement(version=replaces, reason="a clerk's mistake") if replaces else None,
    }


def formed(city: str, description: str, day: str, **how: Any) -> tuple[str, Event]:
    return f"city/{city}", Formed(city=city, description=description, **dated(day, **how))


def classified(city: str, standing: Standing, day: str, **how: Any) -> tuple[str, Event]:
    return f"city/{city}", Classified(city=city, standing=standing, **dated(day, **how))


def listed(several: str, day: str, **how: Any) -> tuple[str, Event]:
    return "lists", Listed(cities=tuple(several.split()), **dated(day, **how))


def worded(address: str, words: str, day: str, **how: Any) -> tuple[str, Event]:
    return "text", Worded(address=address, words=words, **dated(day, **how))


def struck(address: str, day: str, **how: Any) -> tuple[str, Event]:
    return "text", Struck(address=address, **dated(day, **how))
