"""One active reader a queue: an advisory lock that the kernel frees when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from urllib.parse import quote


class QueueLock:
    """The right to read one queue of the embedded transport."""

    def __init__(self, bus: Path, queue: str) -> None:
        self._path = bus.with_name(f"{bus.name}.locks") / quote(queue, safe="")
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def take(self) -> bool:
        """Whether the lock is ours now; never waits."""
        if self._handle is not None:
            return True
        self._path.parent.mkdir(exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def free(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
