"""One channel's cursor in one queue of the file, with a buffer and the queue's lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Container

from adapters.bus.embedded.file import BusFile, Waiting
from adapters.bus.file_lock import FileLock
from adapters.bus.kombu_types import ConsumerCancelled

_FETCH = 1000


class QueueReading:
    """Gives messages in order once it holds the queue's lock; nothing while another does."""

    def __init__(self, file: BusFile, queue: str) -> None:
        self._file, self._queue = file, queue
        self._lock = FileLock(file.path, queue)
        self._last, self._seen = 0, -1
        self.buffer: deque[Waiting] = deque()

    def next(self, limit: int, in_hand: Container[int], own_writes: int) -> Waiting | None:
        """Return the next message, or `None` where there is none for now.

        The file is read only when something was committed, by others or by this channel's
        `own_writes`. Raises `ConsumerCancelled` when the queue is gone.
        """
        if not self._lock.held:
            if not self._lock.take():
                return None
            self._file.reopen(self._queue)
        if not self.buffer:
            self._fetch(limit, in_hand, self._file.version() + own_writes)
        if not self.buffer:
            return None
        waiting = self.buffer.popleft()
        self._last = waiting.id
        return waiting

    def _fetch(self, limit: int, in_hand: Container[int], version: int) -> None:
        if version == self._seen:
            return
        if not self._file.has_queue(self._queue):
            raise ConsumerCancelled(self._queue, (60, 30))
        found = self._file.after(self._queue, self._last, min(limit, _FETCH))
        self.buffer.extend(waiting for waiting in found if waiting.id not in in_hand)
        if not self.buffer:
            self._seen = version

    def back_to(self, last: int) -> None:
        """Read again the messages after an id, except those already delivered here."""
        self.buffer.clear()
        self._last, self._seen = last, -1

    def release(self) -> None:
        self._lock.free()
