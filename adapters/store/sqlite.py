"""The log in one SQLite file: write-ahead log, full synchronisation, one writer at a time."""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from adapters.store.grouping import Grouping
from adapters.store.rows import FORMAT, Commit, Epoch, Mark, Row, commit_of
from adapters.store.sqlite_schema import connect, read_mark
from application.ports import NewerLog, Stale, Unavailable

COLUMNS = "originator_id, originator_version, topic, state, notification_id, recorded_at"
INSERT = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state, recorded_at) "
    "VALUES (?,?,?,?,?)"
)
SPARE = 8


def microseconds() -> int:
    return time.time_ns() // 1000


class SQLiteRows(SQLiteApplicationRecorder):
    """The library's recorder with guarded appends, reads of plain rows, and connections of our own.

    The library's pool keeps one compiled statement a connection and lets a waiting writer hold up
    readers; its own selects still use it.
    """

    def __init__(
        self, datastore: SQLiteDatastore, events_table_name: str = "stored_events"
    ) -> None:
        super().__init__(datastore, events_table_name)
        self.path = Path(datastore.pool.db_name)
        self.clock: Callable[[], int] = microseconds
        self._spare: deque[sqlite3.Connection] = deque()
        self._grouping = Grouping(self._write)

    @contextmanager
    def lent(self) -> Generator[sqlite3.Connection]:
        """A connection for one thread at a time; `Unavailable` when the file is busy or failing."""
        try:
            connection = self._spare.pop()
        except IndexError:
            connection = connect(self.path)
        try:
            yield connection
        except sqlite3.Error as error:
            connection.close()
            raise Unavailable(log=str(self.path), reason=str(error)) from error
        except BaseException:
            connection.close()
            raise
        if len(self._spare) < SPARE:
            self._spare.append(connection)
        else:
            connection.close()

    def append(self, commit: Commit) -> None:
        self._grouping.submit(commit)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The library's way in: `expect` is the one argument that counts."""
        commit = commit_of(stored_events, kwargs.get("expect") or {})
        self.append(commit)
        return range(commit.first, commit.first + len(commit.drafts))

    def _write(self, commits: Sequence[Commit]) -> None:
        with self.lent() as connection:
            connection.execute("BEGIN IMMEDIATE")
            marked = connection.execute("SELECT format FROM log_mark").fetchone()[0]
            if marked > FORMAT:
                raise NewerLog(program=FORMAT, log=marked)
            last = connection.execute(
                "SELECT recorded_at FROM stored_events ORDER BY notification_id DESC LIMIT 1"
            ).fetchone()
            recorded_at = max(self.clock(), last[0] + 1 if last else 0)
            for commit in commits:
                commit.problem = self._stale(connection, commit)
                if commit.problem is None:
                    self._insert(connection, commit, recorded_at)
                    recorded_at += 1
            connection.execute("COMMIT")

    @staticmethod
    def _stale(connection: sqlite3.Connection, commit: Commit) -> Stale | None:
        for stream, expected in commit.expect.items():
            (actual,) = connection.execute(
                "SELECT max(originator_version) FROM stored_events WHERE originator_id = ?",
                (stream,),
            ).fetchone()
            if (actual or 0) != expected:
                return Stale(stream=stream, expected=expected, actual=actual or 0)
        return None

    @staticmethod
    def _insert(connection: sqlite3.Connection, commit: Commit, recorded_at: int) -> None:
        connection.executemany(INSERT, [(*draft, recorded_at) for draft in commit.drafts])
        (last,) = connection.execute("SELECT last_insert_rowid()").fetchone()
        commit.first = last - len(commit.drafts) + 1
        commit.recorded_at = recorded_at
        if commit.personal:
            connection.executemany("INSERT INTO personal VALUES (?,?,?)", commit.personal)

    def streams(self, names: Sequence[str]) -> Sequence[Row]:
        marks = ",".join("?" * len(names))
        return self._all(
            f"SELECT {COLUMNS} FROM stored_events WHERE originator_id IN ({marks}) "  # noqa: S608
            "ORDER BY originator_id, originator_version",
            names,
        )

    def following(self, position: int, limit: int) -> Sequence[Row]:
        return self._all(
            f"SELECT {COLUMNS} FROM stored_events WHERE notification_id > ? "  # noqa: S608
            "ORDER BY notification_id LIMIT ?",
            (position, limit),
        )

    def last(self, until: int | None = None) -> tuple[int, int]:
        rows = self._all(
            "SELECT notification_id, recorded_at FROM stored_events WHERE notification_id <= ? "
            "ORDER BY notification_id DESC LIMIT 1",
            (2**62 if until is None else until,),
        )
        return rows[0] if rows else (0, 0)

    def mark(self) -> Mark:
        with self.lent() as connection:
            return Mark(read_mark(connection, str(self.path)), self.epochs()[-1].epoch)

    def epochs(self) -> Sequence[Epoch]:
        return [
            Epoch(*row)
            for row in self._all(
                "SELECT epoch, previous, restored_through FROM log_epochs ORDER BY number"
            )
        ]

    def personal(self, digests: Sequence[str]) -> Mapping[str, bytes]:
        marks = ",".join("?" * len(digests))
        return dict(
            self._all(f"SELECT digest, value FROM personal WHERE digest IN ({marks})", digests)  # noqa: S608
        )

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self.lent() as connection:
            return connection.execute(statement, values).fetchall()

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """As the library's, whose statement does not find a position that is a named column."""
        first = 0 if start is None else start - inclusive_of_start
        only = f"AND topic IN ({','.join('?' * len(topics))})" if topics else ""
        rows = self._all(
            f"SELECT {COLUMNS} FROM stored_events WHERE notification_id > ? "  # noqa: S608
            f"AND notification_id <= ? {only} ORDER BY notification_id LIMIT ?",
            (first, 2**62 if stop is None else stop, *topics, limit),
        )
        return [
            Notification(stream, version, topic, state, id=position)
            for stream, version, topic, state, position, _ in rows
        ]

    def close(self) -> None:
        while self._spare:
            self._spare.pop().close()
        self.datastore.close()
