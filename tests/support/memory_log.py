"""A log in memory that keeps the promises of `application.ports.Log`, and keys without a secret."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby

from pydantic_core import from_json

from adapters.store.event_log.personal_values import set_apart
from adapters.store.event_log.recorder import PersonalPart
from application.ports import AheadOfLog, Page, Pending, RawPage, Stale, StoredRow
from domain.shared.history import Recorded
from domain.shared.messages import Fact, StreamId

FIRST_MOMENT = 1_000_000_000_000_000
"""In microseconds; without a clock, every commit is a second later than the one before."""


@dataclass
class Shelf:
    """What registers share: entries with the register each belongs to, and values kept apart."""

    rows: list[tuple[str, Recorded[Fact]]] = field(default_factory=list)
    personal: dict[str, bytes] = field(default_factory=dict)
    clock: Callable[[], int] | None = None
    salts: Iterator[int] = field(default_factory=count)

    def last(self) -> tuple[int, int]:
        """The last position and the last moment."""
        if not self.rows:
            return 0, FIRST_MOMENT - 1_000_000
        entry = self.rows[-1][1]
        return entry.position, entry.recorded_at


class MemoryLog:
    """Implements `application.ports.Log`: positions have holes, a commit is never split."""

    def __init__(
        self, epoch: str = "first", register: str = "toronto", shelf: Shelf | None = None
    ) -> None:
        self.shelf = shelf or Shelf()
        self._register = register
        self._epoch = epoch

    def of(self, register: str) -> MemoryLog:
        """Another register in the same log."""
        return MemoryLog(self._epoch, register, self.shelf)

    def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        rows = self._rows()
        return {stream: [row for row in rows if row.stream == stream] for stream in streams}

    def streams(self, kind: str) -> Sequence[StreamId]:
        return sorted({row.stream for row in self._rows() if row.stream.startswith(f"{kind}/")})

    def append(
        self, facts: Sequence[Pending], expect: Mapping[StreamId, int]
    ) -> Sequence[Recorded[Fact]]:
        if not facts:
            raise ValueError("a commit without facts")
        for stream, expected in _expected(facts, expect).items():
            actual = sum(row.stream == stream for row in self._rows())
            if actual != expected:
                raise Stale(stream=stream, expected=expected, actual=actual)
        position, latest = self.shelf.last()
        now = latest + 1_000_000
        if self.shelf.clock is not None:
            now = max(self.shelf.clock(), latest + 1)
        commit = [
            Recorded(self._apart(pending.fact), pending.stream, pending.version, number, now)
            for number, pending in enumerate(
                facts, start=position + 2
            )  # a hole, as databases leave
        ]
        self.shelf.rows.extend((self._register, entry) for entry in commit)
        return commit

    def after(self, position: int, limit: int) -> Page:
        rest = [row for row in self._rows() if row.position > position]
        page = rest[:limit]
        page += [row for row in rest[limit:] if row.recorded_at == page[-1].recorded_at]
        return Page(page, page[-1].position if page else position)

    def raw_after(self, position: int, limit: int) -> RawPage:
        page = self.after(position, limit)
        rows = [
            StoredRow(
                row.stream,
                row.version,
                row.event.TOPIC,
                row.event.model_dump_json().encode(),
                row.position,
                row.recorded_at,
            )
            for row in page.entries
        ]
        return RawPage(rows, page.through)

    def entries(self, first: int = 0, until: int | None = None) -> Iterator[Recorded[Fact]]:
        commits = groupby(self._rows(), lambda row: row.recorded_at)
        ends = [list(commit)[-1].position for _, commit in commits]
        last = max((end for end in ends if until is None or end <= until), default=0)
        return iter([row for row in self._rows() if first < row.position <= last])

    def head(self) -> int:
        return max((row.position for row in self._rows()), default=0)

    def position_at(self, recorded_at: int) -> int:
        return max(
            (row.position for row in self._rows() if row.recorded_at <= recorded_at),
            default=0,
        )

    def epoch(self) -> str:
        return self._epoch

    def epochs(self) -> Sequence[tuple[str, int]]:
        return [(self._epoch, 0)]

    def check_follower(self, position: int, epoch: str) -> None:
        shared = self.head() if epoch == self._epoch else 0
        if position > shared:
            raise AheadOfLog(position=position, epoch=epoch, shared=shared)

    def personal(self, digests: Iterable[str]) -> Mapping[str, object]:
        kept = self.shelf.personal
        return {digest: from_json(kept[digest]) for digest in digests if digest in kept}

    def _rows(self) -> list[Recorded[Fact]]:
        return [entry for register, entry in self.shelf.rows if register == self._register]

    def _sealed(self, value: bytes) -> PersonalPart:
        """A value as it is: what is in memory has no key."""
        salt = next(self.shelf.salts).to_bytes(32, "big")
        return PersonalPart(hashlib.sha256(salt + value).hexdigest(), "somebody", value)

    def _apart(self, fact: Fact) -> Fact:
        kept, parts = set_apart(fact, self._sealed)
        self.shelf.personal.update((part.digest, part.sealed) for part in parts)
        return kept


def _expected(facts: Sequence[Pending], expect: Mapping[StreamId, int]) -> dict[StreamId, int]:
    """The version of each stream that the commit rests on, read or written."""
    latest: dict[StreamId, int] = {}
    written: dict[StreamId, int] = {}
    for pending in facts:
        if (
            pending.version < 1
            or pending.version != latest.get(pending.stream, pending.version - 1) + 1
        ):
            raise ValueError(f"version {pending.version} of {pending.stream} does not follow")
        latest[pending.stream] = pending.version
        written.setdefault(pending.stream, pending.version - 1)
    for stream in written.keys() & expect.keys():
        if written[stream] != expect[stream]:
            raise ValueError(f"{stream} is written after a version that was not read")
    return {**expect, **written}


class PlainKeys:
    """Implements `application.ports.Keys` without a secret."""

    name = "plain"

    def digest(self, content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()
