"""SQLite's write-ahead log, in which readers and the one writer do not wait for each other."""

from __future__ import annotations

import sqlite3
import time

TRIES, PAUSE_SECONDS = 100, 0.05


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the file, where it is not yet. Raises `sqlite3.OperationalError`.

    SQLite does not wait for others here as it does before other statements, so it is tried again.
    """
    for left in reversed(range(TRIES)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not left or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return
