"""A log in a SQLite file made of proven entries, to be read and never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from adapters.database.sqlite_connections import connect, explained
from adapters.store.backup.sqlite import INSERT
from adapters.store.event_log.recorder import Row

FREEZE = """
CREATE TRIGGER proven_copy BEFORE INSERT ON stored_events
    BEGIN SELECT RAISE(ABORT, 'a log made of proven entries takes no others'); END
"""


class ProvenCopy:
    """A log while it is filled: each row at the position that it had."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, row: Row) -> None:
        """Store a row."""
        self._connection.execute(INSERT, row)


@contextmanager
def filling(path: Path) -> Generator[ProvenCopy]:
    """Fill an empty log in one transaction; it takes no row any more afterwards.

    Where the block ends in an error, such as a bundle that was altered, the log stays empty.
    """
    with closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield ProvenCopy(connection)
            connection.execute(FREEZE)
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise explained(error, path) from error
