"""A pool of connections to a SQLite file, each for one thread at a time; a log's are durable."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adapters import clock
from adapters.database.errors import is_no_text, is_not_to_be_opened, is_read_only, said
from application.ports import (
    Damaged,
    DerivedAway,
    DerivedReadOnly,
    NotSetUp,
    NotWritable,
    ReadOnly,
    Unavailable,
)
from domain.shared.problems import Problem

BUSY_SECONDS = 10.0
"""The time that a writer waits for another process before the log counts as unavailable."""
CACHE_KILOBYTES = 8192
SPARE = 8
MEND = {
    "log": "move the file away with its -wal and -shm, and alliance restore a backup in its place",
    "read_models": "delete the file with its -wal and -shm, then alliance setup, alliance rebuild",
}
"""Advice on a damaged file, by its content."""


def connect(path: Path, *, create: bool = False) -> Opened:
    """Return a connection with a log's durability; raises `NotSetUp` when there is no file."""
    try:
        connection = opened(path, "rwc" if create else "rw", BUSY_SECONDS)
    except sqlite3.OperationalError as error:
        raise explained(error, path) from error
    try:
        connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise explained(error, path) from error
    connection.execute("PRAGMA fullfsync=ON")  # macOS: its fsync alone does not reach the disk
    connection.execute(f"PRAGMA cache_size=-{CACHE_KILOBYTES}")
    return connection


class Opened(sqlite3.Connection):
    """A connection that knows its file, which another file may replace."""

    inode: int | None = None


def opened(path: Path, mode: str, busy_seconds: float) -> Opened:
    """Return a connection for any thread, whose transactions are begun explicitly."""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        factory=Opened,
    )
    connection.inode = inode(path)
    return connection


def inode(path: Path | str) -> int | None:
    """Return the number of the file that is there now; `None` where there is none."""
    try:
        return os.stat(path).st_ino  # noqa: PTH116  (before each commit: a Path takes twice as long)
    except FileNotFoundError:
        return None


def explained(error: BaseException, path: Path, holds: str = "log") -> BaseException:
    """Return the application's problem for SQLite's error; other errors as they are."""
    if type(error) is sqlite3.DatabaseError or is_no_text(error):
        return Damaged(**{holds: str(path), "reason": str(error), "mend": MEND[holds]})
    if not isinstance(error, sqlite3.OperationalError):
        return error
    log = holds == "log"
    if not path.exists() or "no such table" in str(error):
        kind: type[Problem] = NotSetUp
    elif is_not_to_be_opened(error):
        return NotWritable(file=str(path), reason=said(error))
    elif is_read_only(error):
        kind = ReadOnly if log else DerivedReadOnly
    else:
        kind = Unavailable if log else DerivedAway
    reason = {"reason": said(error)} if path.exists() else {}
    return kind(**{holds: str(path.absolute())}, **reason)


class Connections:
    """Connections to a file, kept for the next call. The library's pool has other habits.

    It keeps one compiled statement a connection, and lets a waiting writer hold up the readers.
    """

    def __init__(self, path: Path, connect: Callable[[Path], Opened], holds: str) -> None:
        self.path = path
        self._name = str(path)
        self._connect = connect
        self._holds = holds
        self._spare: deque[Opened] = deque()

    def borrow(self) -> Opened:
        """Return a connection for one thread, to be given back; to the file that is there now."""
        here = inode(self._name)
        try:
            while (connection := self._spare.pop()).inode != here:
                connection.close()
        except IndexError:
            return self._connect(self.path)
        return connection

    def give_back(self, connection: Opened) -> None:
        if len(self._spare) < SPARE:
            self._spare.append(connection)
        else:
            connection.close()

    def rows(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Return everything that a query finds; raises `NotSetUp` or `Unavailable`."""
        connection = self.borrow()
        try:
            found = connection.execute(statement, values).fetchall()
        except BaseException as error:
            connection.close()
            raise explained(error, self.path, self._holds) from error
        self.give_back(connection)
        return found

    def close(self) -> None:
        while self._spare:
            self._spare.pop().close()


class SQLiteFile(Connections):
    """A log's file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, connect, "log")
        self.clock = clock.now
