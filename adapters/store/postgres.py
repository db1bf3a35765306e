"""The log in PostgreSQL: one server-side function an append, under one advisory lock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString, cast

from eventsourcing.persistence import PersistenceError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from eventsourcing.utils import Environment, EnvType
from psycopg import Error
from psycopg.sql import SQL, Identifier

from adapters.store.grouping import Grouping
from adapters.store.postgres_binary import blobs, integer, integers, texts
from adapters.store.postgres_link import Address, PostgresLink, explained
from adapters.store.rows import FORMAT, Commit, Epoch, Mark, Row, after_all, commit_of
from application.ports import Stale

APPEND = """SELECT * FROM {schema}.log_append(
    $1::bigint, $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bytea[],
    $7::bigint[], $8::text[], $9::bigint[], $10::text)"""
COLUMNS = "originator_id, originator_version, topic, state, notification_id, recorded_at"
BEYOND = f"""SELECT {COLUMNS} FROM unnest($1::text[], $2::bigint[]) AS wanted (stream, seen)
    CROSS JOIN LATERAL (
        SELECT * FROM {{schema}}.stored_events
        WHERE originator_id = wanted.stream AND originator_version > wanted.seen
        ORDER BY originator_version
    ) found"""  # noqa: S608
NAMED = """SELECT originator_id FROM {schema}.stored_events
    WHERE originator_id >= $1::text AND originator_id < $2::text AND originator_version = 1
    ORDER BY originator_id"""
FOLLOWING = f"""SELECT {COLUMNS} FROM {{schema}}.stored_events
    WHERE notification_id > $1::bigint ORDER BY notification_id LIMIT $2::bigint"""  # noqa: S608
LAST = """SELECT notification_id, recorded_at FROM {schema}.stored_events
    WHERE notification_id <= $1::bigint ORDER BY notification_id DESC LIMIT 1"""
MARK = "SELECT format::bigint FROM {schema}.log_mark"
EPOCHS = "SELECT epoch, previous, restored_through FROM {schema}.log_epochs ORDER BY number"
PERSONAL = "SELECT digest, value FROM {schema}.personal WHERE digest = ANY($1::text[])"


class PostgresRows(PostgresApplicationRecorder):
    """The library's recorder with guarded appends and reads of plain rows."""

    page = 1000

    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = "stored_events"
    ) -> None:
        try:
            super().__init__(datastore, events_table_name=events_table_name)
        except PersistenceError as error:  # the library asks the server for types
            if not isinstance(error.__cause__, Error):
                raise
            raise explained(datastore.schema, error.__cause__) from error
        schema = Identifier(datastore.schema)

        def statement(text: LiteralString) -> bytes:
            return SQL(text).format(schema=schema).as_bytes()

        self._append = statement(APPEND)
        self._beyond = statement(BEYOND)
        self._named = statement(NAMED)
        self._following = statement(FOLLOWING)
        self._last = statement(LAST)
        self._mark = statement(MARK)
        self._epochs = statement(EPOCHS)
        self._personal = statement(PERSONAL)
        self._link = PostgresLink(datastore)
        self._grouping = Grouping(self._write)

    def append(self, commit: Commit) -> None:
        self._grouping.submit(commit)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The library's way in: `expect` is the one argument that counts."""
        commit = commit_of(stored_events, kwargs.get("expect") or {})
        self.append(commit)
        return range(commit.first, commit.first + len(commit.drafts))

    def _write(self, commits: Sequence[Commit]) -> None:
        (row,) = self._link.write(self._append, _arguments(commits))
        _settle(commits, *row)

    def beyond(self, versions: Mapping[str, int]) -> Sequence[Row]:
        names, seen = texts(list(versions)), integers(list(versions.values()))
        return self._link.read(self._beyond, names, seen)

    def named(self, prefix: str) -> Sequence[str]:
        begin, end = prefix.encode(), after_all(prefix).encode()
        return [stream for (stream,) in self._link.read(self._named, begin, end)]

    def following(self, position: int, limit: int) -> Sequence[Row]:
        return self._link.read(self._following, integer(position), integer(limit))

    def last(self, until: int | None = None) -> tuple[int, int]:
        rows = self._link.read(self._last, integer(2**62 if until is None else until))
        return rows[0] if rows else (0, 0)

    def mark(self) -> Mark:
        ((marked,),) = self._link.read(self._mark)
        return Mark(marked, self.epochs()[-1].epoch)

    def epochs(self) -> Sequence[Epoch]:
        return [Epoch(*row) for row in self._link.read(self._epochs)]

    def personal(self, digests: Sequence[str]) -> Mapping[str, bytes]:
        return dict(self._link.read(self._personal, texts(digests)))

    def close(self) -> None:
        self._link.close()
        self.datastore.close()


def _arguments(commits: Sequence[Commit]) -> tuple[bytes, ...]:
    drafts = [(by, draft) for by, commit in enumerate(commits) for draft in commit.drafts]
    expected = [(by, *seen) for by, commit in enumerate(commits) for seen in commit.expect.items()]
    apart = [
        (by, value.digest, value.salt.hex(), value.value.decode())
        for by, commit in enumerate(commits)
        for value in commit.personal
    ]
    return (
        integer(FORMAT),
        integers([by for by, _ in drafts]),
        texts([draft.stream for _, draft in drafts]),
        integers([draft.version for _, draft in drafts]),
        texts([draft.topic for _, draft in drafts]),
        blobs([draft.state for _, draft in drafts]),
        integers([by for by, _, _ in expected]),
        texts([stream for _, stream, _ in expected]),
        integers([seen for _, _, seen in expected]),
        json.dumps(apart).encode() if apart else b"",
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
    """The library's factory, with every parameter of the address given to the connections."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        address = Address(*json.loads(self.env.get("LOG_ADDRESS", '[{}, "public"]')))
        cast("dict[str, Any]", self.datastore.pool.kwargs).update(address.parameters())
