"""A cache of long streams, such as the policy: stored entries never change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import NamedTuple

from adapters.store.event_log.recorder import Row
from domain.shared.history import Recorded
from domain.shared.messages import Fact, StreamId

LEAST = 8
"""Entries that make a stream worth caching."""
MOST = 5000
"""Entries cached in all; the stream that was not read for longest goes first."""


class Known(NamedTuple):
    """A stream's first entries, and the row of the last: a log that has it has those before it."""

    entries: Sequence[Recorded[Fact]]
    last: Row


class StreamCache:
    """Spare the log reading and decoding what it read before; later entries are read each time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._streams: OrderedDict[StreamId, Known] = OrderedDict()
        self._count = 0

    def recall(self, stream: StreamId) -> Known | None:
        """Return the stream, as far as it is cached."""
        if stream not in self._streams:
            return None
        with self._lock:
            known = self._streams.get(stream)
            if known:
                self._streams.move_to_end(stream)
            return known

    def keep(self, stream: StreamId, entries: Sequence[Recorded[Fact]], last: Row) -> None:
        """Cache a stream that was read to its end."""
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
        """Empty the cache: another log has taken the place of the one that was read."""
        with self._lock:
            for stream in streams:
                self._forget(stream)

    def _forget(self, stream: StreamId) -> None:
        known = self._streams.pop(stream, None)
        self._count -= len(known.entries) if known else 0
