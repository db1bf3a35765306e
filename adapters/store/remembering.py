"""Long streams, such as the policy, as they were last read: stored entries never change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import NamedTuple

from adapters.store.rows import Row
from domain.history import Recorded
from domain.kernel import Fact, StreamId

LEAST = 8
"""Entries that make a stream worth remembering."""
MOST = 5000
"""Entries remembered in all; the streams that were not read for longest go first."""


class Known(NamedTuple):
    """A stream's first entries, and the row of the last: a log that has it has those before it."""

    entries: Sequence[Recorded[Fact]]
    last: Row


class Remembered:
    """Spares reading and decoding what was read before; what came after is asked for each time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._streams: OrderedDict[StreamId, Known] = OrderedDict()
        self._count = 0

    def recall(self, stream: StreamId) -> Known | None:
        """The stream, as far as it is remembered."""
        if stream not in self._streams:
            return None
        with self._lock:
            known = self._streams.get(stream)
            if known:
                self._streams.move_to_end(stream)
            return known

    def keep(self, stream: StreamId, entries: Sequence[Recorded[Fact]], last: Row) -> None:
        """Remember a stream that was read to its end."""
        if len(entries) < LEAST:
            return
        with self._lock:
            before = self._streams.get(stream)
            if before and len(before.entries) >= len(entries):
                return  # another thread has read further meanwhile
            self._forget(stream)
            self._streams[stream] = Known(tuple(entries), last)
            self._count += len(entries)
            while self._count > MOST and len(self._streams) > 1:
                self._forget(next(iter(self._streams)))

    def forget(self, streams: Iterable[StreamId]) -> None:
        """Another log has taken the place of the one that they were read from."""
        with self._lock:
            for stream in streams:
                self._forget(stream)

    def _forget(self, stream: StreamId) -> None:
        known = self._streams.pop(stream, None)
        self._count -= len(known.entries) if known else 0
