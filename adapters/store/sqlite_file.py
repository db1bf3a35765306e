"""Connections to a log in a file: durable, one thread at a time each, kept for the next call."""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from application.ports import NotSetUp, Unavailable

BUSY_SECONDS = 10.0
"""How long a writer waits for another process before the log counts as unavailable."""
CACHE_KILOBYTES = 8192
SPARE = 8


def microseconds() -> int:
    """The clock of a log in a file."""
    return time.time_ns() // 1000


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """A connection with a log's durability; raises `NotSetUp` when there is no file."""
    mode = "rwc" if create else "rw"
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.OperationalError as error:
        if not path.exists():
            raise NotSetUp(log=str(path)) from error
        raise Unavailable(log=str(path), reason=str(error)) from error
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA fullfsync=ON")  # macOS: its fsync alone does not reach the disk
    connection.execute(f"PRAGMA cache_size=-{CACHE_KILOBYTES}")
    return connection


def explained(error: BaseException, path: Path) -> BaseException:
    """What SQLite's error means to the application; other errors as they are."""
    if not isinstance(error, sqlite3.OperationalError):
        return error
    kind = NotSetUp if "no such table" in str(error) else Unavailable
    return kind(log=str(path), reason=str(error))


class SQLiteFile:
    """A log's file. The library's pool has other habits.

    It keeps one compiled statement a connection, and lets a waiting writer hold up the readers.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = microseconds
        self._spare: deque[sqlite3.Connection] = deque()

    def borrow(self) -> sqlite3.Connection:
        """A connection for one thread, to be given back."""
        try:
            return self._spare.pop()
        except IndexError:
            return connect(self.path)

    def give_back(self, connection: sqlite3.Connection) -> None:
        if len(self._spare) < SPARE:
            self._spare.append(connection)
        else:
            connection.close()

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Everything that a query finds; raises `NotSetUp` or `Unavailable`."""
        connection = self.borrow()
        try:
            found = connection.execute(statement, values).fetchall()
        except BaseException as error:
            connection.close()
            raise explained(error, self.path) from error
        self.give_back(connection)
        return found

    def close(self) -> None:
        while self._spare:
            self._spare.pop().close()
