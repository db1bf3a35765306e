"""The log in one SQLite file: write-ahead log, full synchronisation, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from adapters.store.grouping import Grouping
from adapters.store.rows import FORMAT, Commit, Epoch, Mark, Row, after_all, commit_of
from adapters.store.sqlite_file import SQLiteFile, explained
from application.ports import NewerLog, Stale
from domain.kernel import Problem

COLUMNS = "originator_id, originator_version, topic, state, notification_id, recorded_at"
INSERT = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state, recorded_at) "
    "VALUES (?,?,?,?,?)"
)
VERSION = (
    "SELECT originator_version FROM stored_events WHERE originator_id = ? "
    "ORDER BY originator_version DESC LIMIT 1"
)
STREAMS = 50
"""Streams in one guard: SQLite allows expressions of a thousand terms."""


@lru_cache(maxsize=256)
def _guard(streams: int) -> str:
    """The time of the last commit, if the log is not newer and each stream is as expected."""
    expected = f" AND coalesce(({VERSION}), 0) = ?" * streams
    return (
        "SELECT coalesce((SELECT recorded_at FROM stored_events "  # noqa: S608
        "ORDER BY notification_id DESC LIMIT 1), 0) "
        f"FROM log_mark WHERE format <= ?{expected}"
    )


@lru_cache(maxsize=256)
def _beyond(streams: int) -> str:
    """Read streams after a version of each; the outer loop is over the streams, in either."""
    return (
        f"WITH wanted(stream, seen) AS (VALUES {','.join(['(?,?)'] * streams)}) "  # noqa: S608
        f"SELECT {COLUMNS} FROM wanted CROSS JOIN stored_events "
        "ON originator_id = stream AND originator_version > seen"
    )


class SQLiteRows(SQLiteApplicationRecorder):
    """The library's recorder with guarded appends and reads of plain rows."""

    page = 250

    def __init__(
        self, datastore: SQLiteDatastore, events_table_name: str = "stored_events"
    ) -> None:
        super().__init__(datastore, events_table_name)
        self.file = SQLiteFile(Path(datastore.pool.db_name))
        self._grouping = Grouping(self._write)

    def append(self, commit: Commit) -> None:
        self._grouping.submit(commit)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The library's way in: `expect` is the one argument that counts."""
        commit = commit_of(stored_events, kwargs.get("expect") or {})
        self.append(commit)
        return range(commit.first, commit.first + len(commit.drafts))

    def _write(self, commits: Sequence[Commit]) -> None:
        connection = self.file.borrow()
        try:
            connection.execute("BEGIN IMMEDIATE")
            for commit in commits:
                self._store(connection, commit)
            connection.execute("COMMIT")
        except BaseException as error:
            connection.close()
            raise explained(error, self.file.path) from error
        self.file.give_back(connection)

    def _store(self, connection: sqlite3.Connection, commit: Commit) -> None:
        """Insert the rows if every stream is where it is expected to be."""
        last = 0
        expected = [*chain.from_iterable(commit.expect.items())]
        for start in range(0, len(expected), 2 * STREAMS):
            some = expected[start : start + 2 * STREAMS]
            found = connection.execute(_guard(len(some) // 2), (FORMAT, *some)).fetchone()
            if found is None:
                commit.problem = _refused(connection, commit.expect)
                return
            (last,) = found
        commit.recorded_at = now = max(self.file.clock(), last + 1)
        for draft in commit.drafts:
            commit.first = connection.execute(INSERT, (*draft, now)).lastrowid or 0
        commit.first -= len(commit.drafts) - 1
        if commit.personal:
            connection.executemany("INSERT INTO personal VALUES (?,?,?)", commit.personal)

    def beyond(self, versions: Mapping[str, int]) -> Sequence[Row]:
        values = [value for wanted in versions.items() for value in wanted]
        return self.file.rows(_beyond(len(versions)), values)

    def named(self, prefix: str) -> Sequence[str]:
        rows = self.file.rows(
            "SELECT originator_id FROM stored_events WHERE originator_id >= ? "
            "AND originator_id < ? AND originator_version = 1 ORDER BY originator_id",
            (prefix, after_all(prefix)),
        )
        return [stream for (stream,) in rows]

    def following(self, position: int, limit: int) -> Sequence[Row]:
        return self.file.rows(
            f"SELECT {COLUMNS} FROM stored_events WHERE notification_id > ? "  # noqa: S608
            "ORDER BY notification_id LIMIT ?",
            (position, limit),
        )

    def last(self, until: int | None = None) -> tuple[int, int]:
        rows = self.file.rows(
            "SELECT notification_id, recorded_at FROM stored_events WHERE notification_id <= ? "
            "ORDER BY notification_id DESC LIMIT 1",
            (2**62 if until is None else until,),
        )
        return rows[0] if rows else (0, 0)

    def mark(self) -> Mark:
        ((marked,),) = self.file.rows("SELECT format FROM log_mark")
        return Mark(marked, self.epochs()[-1].epoch)

    def epochs(self) -> Sequence[Epoch]:
        return [
            Epoch(*row)
            for row in self.file.rows(
                "SELECT epoch, previous, restored_through FROM log_epochs ORDER BY number"
            )
        ]

    def personal(self, digests: Sequence[str]) -> Mapping[str, bytes]:
        marks = ",".join("?" * len(digests))
        return dict(
            self.file.rows(f"SELECT digest, value FROM personal WHERE digest IN ({marks})", digests)  # noqa: S608
        )

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
        rows = self.file.rows(
            f"SELECT {COLUMNS} FROM stored_events WHERE notification_id > ? "  # noqa: S608
            f"AND notification_id <= ? {only} ORDER BY notification_id LIMIT ?",
            (first, 2**62 if stop is None else stop, *topics, limit),
        )
        return [
            Notification(stream, version, topic, state, id=position)
            for stream, version, topic, state, position, _ in rows
        ]

    def close(self) -> None:
        self.file.close()
        self.datastore.close()


def _refused(connection: sqlite3.Connection, expected: Mapping[str, int]) -> Problem:
    """Why the guard found nothing."""
    (marked,) = connection.execute("SELECT format FROM log_mark").fetchone()
    if marked > FORMAT:
        return NewerLog(program=FORMAT, log=marked)
    for stream, version in expected.items():
        found = connection.execute(VERSION, (stream,)).fetchone()
        actual = found[0] if found else 0
        if actual != version:
            return Stale(stream=stream, expected=version, actual=actual)
    raise AssertionError("what the guard refuses has a reason")
