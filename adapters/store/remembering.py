"""Long streams, such as the policy, as they were last read: stored entries never change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from domain.history import Recorded
from domain.kernel import Fact, StreamId

LEAST = 8
"""Entries that make a stream worth remembering."""
MOST = 5000
"""Entries remembered in all; the streams that were not read for longest go first."""


class Remembered:
    """Spares reading and decoding what was read before; what came after is asked for each time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._streams: OrderedDict[StreamId, Sequence[Recorded[Fact]]] = OrderedDict()
        self._count = 0

    def recall(self, stream: StreamId) -> Sequence[Recorded[Fact]]:
        """The stream's first entries, as far as they are remembered."""
        if stream not in self._streams:
            return ()
        with self._lock:
            entries = self._streams.get(stream, ())
            if entries:
                self._streams.move_to_end(stream)
            return entries

    def keep(self, stream: StreamId, entries: Sequence[Recorded[Fact]]) -> None:
        """Remember a stream that was read to its end."""
        if len(entries) < LEAST:
            return
        with self._lock:
            if len(self._streams.get(stream, ())) >= len(entries):
                return  # another thread has read further meanwhile
            self._count += len(entries) - len(self._streams.pop(stream, ()))
            self._streams[stream] = tuple(entries)
            while self._count > MOST and len(self._streams) > 1:
                self._count -= len(self._streams.popitem(last=False)[1])
