"""A log in memory that keeps the promises of `application.ports.Log`, and keys without a secret."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from application.ports import AheadOfLog, Page, Pending, RawPage, Stale, StoredRow
from domain.history import Recorded
from domain.kernel import Fact, StreamId

FIRST_MOMENT = 1_000_000_000_000_000
"""In microseconds; every commit is a second later than the one before."""


class MemoryLog:
    """Implements `application.ports.Log`: positions have holes, a commit is never split."""

    def __init__(self, epoch: str = "first") -> None:
        self._rows: list[Recorded[Fact]] = []
        self._epoch = epoch

    def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        return {stream: [row for row in self._rows if row.stream == stream] for stream in streams}

    def append(
        self, facts: Sequence[Pending], expect: Mapping[StreamId, int]
    ) -> Sequence[Recorded[Fact]]:
        if not facts:
            raise ValueError("a commit without facts")
        first = {fact.stream: fact.version - 1 for fact in reversed(facts)}
        for stream, expected in {**expect, **first}.items():
            actual = sum(row.stream == stream for row in self._rows)
            if actual != expected:
                raise Stale(stream=stream, expected=expected, actual=actual)
        at = self._rows[-1].recorded_at + 1_000_000 if self._rows else FIRST_MOMENT
        position = self.head() + 2  # a hole, as a database leaves one
        commit = [
            Recorded(fact.fact, fact.stream, fact.version, position + number, at)
            for number, fact in enumerate(facts)
        ]
        self._rows.extend(commit)
        return commit

    def after(self, position: int, limit: int) -> Page:
        rest = [row for row in self._rows if row.position > position]
        page = rest[:limit]
        page += [row for row in rest[limit:] if page and row.recorded_at == page[-1].recorded_at]
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
        ends = [list(c)[-1].position for _, c in groupby(self._rows, lambda row: row.recorded_at)]
        last = max((end for end in ends if until is None or end <= until), default=0)
        return iter([row for row in self._rows if first < row.position <= last])

    def head(self) -> int:
        return self._rows[-1].position if self._rows else 0

    def position_at(self, recorded_at: int) -> int:
        return max((r.position for r in self._rows if r.recorded_at <= recorded_at), default=0)

    def epoch(self) -> str:
        return self._epoch

    def check_follower(self, position: int, epoch: str) -> None:
        shared = self.head() if epoch == self._epoch else 0
        if position > shared:
            raise AheadOfLog(position=position, epoch=epoch, shared=shared)

    def personal(self, digests: Iterable[str]) -> Mapping[str, object]:
        """Nothing: this log keeps personal values in the events, where tests may see them."""
        return {}


class PlainKeys:
    """Implements `application.ports.Keys` without a secret."""

    def digest(self, content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()
