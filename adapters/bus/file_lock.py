"""A lock between processes on one machine: the kernel frees it when its holder dies."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from urllib.parse import quote

from application.ports import NotWritable


class FileLock:
    """A named lock beside a database file; two objects of one process exclude each other too."""

    def __init__(self, database: Path, name: str) -> None:
        self._path = database.with_name(f"{database.name}.locks") / quote(name, safe="")
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def take(self) -> bool:
        """Take the lock without waiting; return whether this object holds it.

        Raises `NotWritable`.
        """
        if self._handle is not None:
            return True
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            raise NotWritable(file=str(self._path), reason=str(error.strerror)) from error
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
