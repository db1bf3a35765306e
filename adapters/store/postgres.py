"""The log in PostgreSQL: one server-side function an append, under one advisory lock."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from eventsourcing.persistence import (
    InterfaceError,
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from eventsourcing.utils import Environment, EnvType
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow, tuple_row
from psycopg.sql import SQL, Composed, Identifier

from adapters.store.grouping import Grouping
from adapters.store.postgres_schema import TOO_OLD, marked_format
from adapters.store.rows import FORMAT, Commit, Epoch, Mark, Row, commit_of
from application.ports import NewerLog, NotSetUp, OutcomeUnknown, Stale, Unavailable

COLUMNS = "originator_id, originator_version, topic, state, notification_id, recorded_at"
MISSING = ("42P01", "42883", "3F000")
"""SQLSTATE: there is no such table, function or schema."""
CONNECTION = {
    "application_name": "alliance",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "tcp_user_timeout": "30000",
}
"""Nobody waits for ever on a peer that is gone."""


class PostgresRows(PostgresApplicationRecorder):
    """The library's recorder with guarded appends and reads of plain rows."""

    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = "stored_events"
    ) -> None:
        if datastore.enable_db_functions:
            raise ValueError(
                "POSTGRES_ENABLE_DB_FUNCTIONS must stay off: with it followers skip events silently"
            )
        super().__init__(datastore, events_table_name=events_table_name)
        names = {"schema": Identifier(datastore.schema), "columns": SQL(COLUMNS)}
        self._append = SQL(
            "SELECT * FROM {schema}.log_append(%b::int, %b::int[], %b::text[], %b::bigint[],"
            " %b::text[], %b::bytea[], %b::int[], %b::text[], %b::bigint[], %b::text)"
        ).format(**names)
        self._streams = SQL(
            "SELECT {columns} FROM {schema}.stored_events WHERE originator_id = ANY(%b::text[]) "
            "ORDER BY originator_id, originator_version"
        ).format(**names)
        self._following = SQL(
            "SELECT {columns} FROM {schema}.stored_events WHERE notification_id > %b::bigint "
            "ORDER BY notification_id LIMIT %b::bigint"
        ).format(**names)
        self._last = SQL(
            "SELECT notification_id, recorded_at FROM {schema}.stored_events "
            "WHERE notification_id <= %b::bigint ORDER BY notification_id DESC LIMIT 1"
        ).format(**names)
        self._epochs = SQL(
            "SELECT epoch, previous, restored_through FROM {schema}.log_epochs ORDER BY number"
        ).format(**names)
        self._personal = SQL(
            "SELECT digest, value FROM {schema}.personal WHERE digest = ANY(%b::text[])"
        ).format(**names)
        self._grouping = Grouping(self._write)

    @contextmanager
    def cursor(self) -> Generator[Cursor[TupleRow]]:
        """A cursor that reads binary tuples, on a connection of the library's pool."""
        with self.datastore.get_connection() as connection:
            yield connection.cursor(binary=True, row_factory=tuple_row)

    def append(self, commit: Commit) -> None:
        self._grouping.submit(commit)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The library's way in: `expect` is the one argument that counts."""
        commit = commit_of(stored_events, kwargs.get("expect") or {})
        self.append(commit)
        return range(commit.first, commit.first + len(commit.drafts))

    def _write(self, commits: Sequence[Commit]) -> None:
        connection: Connection[Any] | None = None
        try:
            with self.cursor() as cursor:
                connection = cursor.connection
                row = cursor.execute(self._append, _arguments(commits), prepare=True).fetchone()
        except PersistenceError as error:
            raise self._explained(error, connection, writing=True) from error
        if row is not None:  # a function with OUT parameters always gives one
            _settle(commits, *row)

    def _read(self, statement: Composed, values: Sequence[Any] = ()) -> list[Any]:
        """All rows; once more on another connection when the first turns out to be broken."""
        for once_more in (True, False):
            connection: Connection[Any] | None = None
            try:
                with self.cursor() as cursor:
                    connection = cursor.connection
                    return cursor.execute(statement, values, prepare=True).fetchall()
            except PersistenceError as error:
                problem = self._explained(error, connection, writing=False)
                if not (once_more and connection is not None and connection.closed):
                    raise problem from error
        raise AssertionError

    def _explained(
        self, error: PersistenceError, connection: Connection[Any] | None, *, writing: bool
    ) -> Exception:
        """What the library's error means to the application."""
        cause = error.__cause__
        state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
        name = self.datastore.schema
        if isinstance(cause, psycopg.Error) and state == TOO_OLD:
            return NewerLog(program=FORMAT, log=int(cause.diag.message_detail or 0))
        if state in MISSING:
            return NotSetUp(log=name)
        if connection is not None and connection.closed:
            self.datastore.pool.check()
            kind = OutcomeUnknown if writing else Unavailable
            return kind(log=name, reason=str(error).strip())
        if isinstance(error, (OperationalError, InterfaceError)):
            return Unavailable(log=name, reason=str(error).strip())
        return error

    def streams(self, names: Sequence[str]) -> Sequence[Row]:
        return self._read(self._streams, (list(names),))

    def following(self, position: int, limit: int) -> Sequence[Row]:
        return self._read(self._following, (position, limit))

    def last(self, until: int | None = None) -> tuple[int, int]:
        rows = self._read(self._last, (2**62 if until is None else until,))
        return rows[0] if rows else (0, 0)

    def mark(self) -> Mark:
        with self.datastore.get_connection() as connection:
            marked = marked_format(connection, self.datastore.schema)
        if marked is None:
            raise NotSetUp(log=self.datastore.schema)
        return Mark(marked, self.epochs()[-1].epoch)

    def epochs(self) -> Sequence[Epoch]:
        return [Epoch(*row) for row in self._read(self._epochs)]

    def personal(self, digests: Sequence[str]) -> Mapping[str, bytes]:
        return dict(self._read(self._personal, (list(digests),)))

    def close(self) -> None:
        self.datastore.close()


def _arguments(commits: Sequence[Commit]) -> tuple[Any, ...]:
    drafts = [(by, draft) for by, commit in enumerate(commits) for draft in commit.drafts]
    expected = [(by, *seen) for by, commit in enumerate(commits) for seen in commit.expect.items()]
    apart = [
        (by, value.digest, value.salt.hex(), value.value.decode())
        for by, commit in enumerate(commits)
        for value in commit.personal
    ]
    return (
        FORMAT,
        [by for by, _ in drafts],
        [draft.stream for _, draft in drafts],
        [draft.version for _, draft in drafts],
        [draft.topic for _, draft in drafts],
        [draft.state for _, draft in drafts],
        [by for by, _, _ in expected],
        [stream for _, stream, _ in expected],
        [seen for _, _, seen in expected],
        json.dumps(apart) if apart else None,
    )


def _settle(
    commits: Sequence[Commit],
    before: int,
    at: int,
    stale_by: Sequence[int] | None,
    stale: Sequence[str],
    stale_at: Sequence[int],
) -> None:
    """Tell each commit where it was stored, or what it was too late for."""
    if stale_by:
        for by, stream, actual in zip(stale_by, stale, stale_at, strict=True):
            commits[by].problem = Stale(
                stream=stream, expected=commits[by].expect[stream], actual=actual
            )
    for by, commit in enumerate(commits):
        if commit.problem is None:
            commit.first = before + 1
            commit.recorded_at = at + by
            before += len(commit.drafts)


class PostgresLogFactory(PostgresFactory):
    """The library's factory, with every parameter of the URL given to the connections."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        extra = json.loads(self.env.get("LOG_CONNECTION", "{}"))
        cast("dict[str, Any]", self.datastore.pool.kwargs).update(CONNECTION | extra)
