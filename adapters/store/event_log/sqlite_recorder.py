"""The recorder on SQLite: one file, write-ahead log, full synchronisation, one writer at a time."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

from adapters.database.sqlite_connections import SQLiteFile, explained
from adapters.store.event_log.group_commit import GroupCommit
from adapters.store.event_log.recorder import (
    DISCLOSED,
    FORMAT,
    LAST_LETTER,
    Commit,
    Epoch,
    PersonalPart,
    Recorder,
    Row,
    name_after_all,
)
from adapters.store.event_log.sqlite_schema import OF_REGISTER
from application.ports import NewerLog, Stale, Unavailable
from domain.shared.problems import Problem

COLUMNS = "originator_id, originator_version, topic, state, notification_id, recorded_at"
INSERT = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state, recorded_at) "
    "VALUES (?,?,?,?,?)"
)
VERSION = (
    "SELECT originator_version FROM stored_events WHERE originator_id = ? "
    "ORDER BY originator_version DESC LIMIT 1"
)
KIND = "substr(topic, 1, instr(topic, '.v') - 1)"
"""A topic less its version."""
TRIES, PAUSE = 50, 0.2
"""A reader may hold the write-ahead log for some seconds."""

_ASTRAY = (
    f"SELECT {COLUMNS} FROM stored_events AS row "  # noqa: S608
    "WHERE {where} "
    f"AND (({OF_REGISTER} NOT IN (SELECT name FROM log_registers) "
    "AND EXISTS (SELECT 1 FROM log_registers)) "
    f"OR ({OF_REGISTER} = ? AND originator_version <> 1 "
    "AND NOT EXISTS (SELECT 1 FROM stored_events AS before "
    "WHERE before.originator_id = row.originator_id "
    "AND before.originator_version = row.originator_version - 1))) "
    "ORDER BY notification_id LIMIT 1"
)
ASTRAY = _ASTRAY.format(where="notification_id > ? AND notification_id <= ?")
ASTRAY_AT = _ASTRAY.format(where="notification_id IN (SELECT value FROM json_each(?))")
STREAMS = 50
"""Streams in one guard: SQLite allows expressions of a thousand terms."""


@lru_cache(maxsize=256)
def _guard(streams: int) -> str:
    """Return a guard: the time of the last commit, if each stream is as expected."""
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


class SQLiteRecorder(Recorder):
    """The recorder of a log in a file."""

    page = 250

    def __init__(self, path: Path) -> None:
        self.file = SQLiteFile(path)
        self._group_commit = GroupCommit(self._write)

    def append(self, commit: Commit) -> None:
        self._group_commit.submit(commit)

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
            connection.executemany("INSERT INTO personal_parts VALUES (?,?,?)", commit.personal)

    def beyond(self, versions: Mapping[str, int]) -> Sequence[Row]:
        values = [value for wanted in versions.items() for value in wanted]
        return self.file.rows(_beyond(len(versions)), values)

    def named(self, prefix: str) -> Sequence[str]:
        rows = self.file.rows(
            "SELECT originator_id FROM stored_events WHERE originator_id >= ? "
            "AND originator_id < ? AND originator_version = 1 ORDER BY originator_id",
            (prefix, name_after_all(prefix)),
        )
        return [stream for (stream,) in rows]

    def following(self, position: int, limit: int, register: str | None = None) -> Sequence[Row]:
        return self.file.rows(
            f"SELECT {COLUMNS} FROM stored_events WHERE notification_id > ? {_own(register)} "  # noqa: S608
            "ORDER BY notification_id LIMIT ?",
            (position, limit) if register is None else (position, register, limit),
        )

    def like(
        self, position: int, limit: int, register: str, prefix: str, kinds: Sequence[str]
    ) -> Sequence[Row]:
        wanted = f"AND {KIND} IN ({','.join('?' * len(kinds))})" if kinds else ""
        return self.file.rows(
            f"SELECT {COLUMNS} FROM stored_events WHERE notification_id > ? "  # noqa: S608
            f"AND {OF_REGISTER} = ? AND ((originator_id >= ? AND originator_id < ? {wanted}) "
            f"OR {KIND} = ?) ORDER BY notification_id LIMIT ?",
            (position, register, prefix, prefix + LAST_LETTER, *kinds, DISCLOSED, limit),
        )

    def last_of(self, kind: str, until: int, register: str) -> Sequence[Row]:
        return self.file.rows(
            f"SELECT {COLUMNS} FROM stored_events WHERE notification_id <= ? "  # noqa: S608
            f"AND {OF_REGISTER} = ? AND {KIND} = ? ORDER BY notification_id DESC LIMIT 1",
            (until, register, kind),
        )

    def count(self, after: int, until: int, register: str) -> int:
        rows = self.file.rows(
            "SELECT count(*) FROM stored_events "  # noqa: S608
            f"WHERE {OF_REGISTER} = ? AND notification_id > ? AND notification_id <= ?",
            (register, after, until),
        )
        return int(rows[0][0])

    def size(self, register: str) -> tuple[int, int]:
        rows = self.file.rows(
            "SELECT count(*), coalesce(sum(length(state)), 0) FROM stored_events "  # noqa: S608
            f"WHERE {OF_REGISTER} = ?",
            (register,),
        )
        ((events, size),) = rows
        return int(events), int(size)

    def astray(self, position: int, until: int, register: str) -> Row | None:
        rows = self.file.rows(ASTRAY, (position, until, register))
        return rows[0] if rows else None

    def astray_at(self, positions: Sequence[int], register: str) -> Row | None:
        rows = self.file.rows(ASTRAY_AT, (json.dumps(positions), register))
        return rows[0] if rows else None

    def last(self, until: int | None = None, register: str | None = None) -> tuple[int, int]:
        end = 2**62 if until is None else until
        rows = self.file.rows(
            "SELECT notification_id, recorded_at FROM stored_events "  # noqa: S608
            f"WHERE notification_id <= ? {_own(register)} ORDER BY notification_id DESC LIMIT 1",
            (end,) if register is None else (end, register),
        )
        return rows[0] if rows else (0, 0)

    def registers(self) -> Sequence[str]:
        return [name for (name,) in self.file.rows("SELECT name FROM log_registers ORDER BY name")]

    def mark(self) -> int | None:
        rows = self.file.rows("SELECT format FROM log_mark")
        return rows[0][0] if rows else None

    def epochs(self) -> Sequence[Epoch]:
        return [
            Epoch(*row)
            for row in self.file.rows(
                "SELECT epoch, previous, restored_through FROM log_epochs ORDER BY number"
            )
        ]

    def personal(self, digests: Sequence[str]) -> Sequence[PersonalPart]:
        rows = self.file.rows(
            "SELECT * FROM personal_parts WHERE digest IN (SELECT value FROM json_each(?))",
            (json.dumps(digests),),
        )
        return [*map(PersonalPart._make, rows)]

    def parts_of(self, subject: str) -> Sequence[str]:
        rows = self.file.rows(
            "SELECT digest FROM personal_parts WHERE subject = ? ORDER BY digest", (subject,)
        )
        return [digest for (digest,) in rows]

    def has_parts(self) -> bool:
        return bool(self.file.rows("SELECT 1 FROM personal_parts LIMIT 1"))

    def erase(self, digests: Sequence[str]) -> None:
        connection = self.file.borrow()
        try:
            connection.execute("PRAGMA secure_delete=ON")  # the pages are overwritten
            connection.execute(
                "DELETE FROM personal_parts WHERE digest IN (SELECT value FROM json_each(?))",
                (json.dumps(digests),),
            )
            for _ in range(TRIES):  # the write-ahead log has the pages as they were
                if not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    return
                time.sleep(PAUSE)
        except sqlite3.DatabaseError as error:
            raise explained(error, self.file.path) from error
        finally:
            connection.close()
        reason = "the write-ahead log still holds what was destroyed, and is in use; try again"
        raise Unavailable(log=str(self.file.path), reason=reason)

    def close(self) -> None:
        self.file.close()


def _own(register: str | None) -> str:
    return "" if register is None else f"AND {OF_REGISTER} = ?"


def _refused(connection: sqlite3.Connection, expected: Mapping[str, int]) -> Problem:
    """Return the reason for which the guard found nothing."""
    (marked,) = connection.execute("SELECT format FROM log_mark").fetchone()
    if marked > FORMAT:
        return NewerLog(program=FORMAT, log=marked)
    for stream, version in expected.items():
        found = connection.execute(VERSION, (stream,)).fetchone()
        actual = found[0] if found else 0
        if actual != version:
            return Stale(stream=stream, expected=version, actual=actual)
    raise AssertionError("what the guard refuses has a reason")
