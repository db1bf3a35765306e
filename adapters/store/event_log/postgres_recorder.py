"""The recorder on PostgreSQL: each append is one call of a server-side function, under a lock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg.sql import SQL, Identifier

from adapters.addresses import Server
from adapters.store.event_log.group_commit import GroupCommit
from adapters.store.event_log.postgres_connections import Sessions
from adapters.store.event_log.postgres_parameters import (
    blob_array,
    integer,
    integer_array,
    text_array,
)
from adapters.store.event_log.postgres_schema import OF_REGISTER
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
FOLLOWING_OWN = f"""SELECT {COLUMNS} FROM {{schema}}.stored_events
    WHERE notification_id > $1::bigint AND {OF_REGISTER} = $3::text
    ORDER BY notification_id LIMIT $2::bigint"""  # noqa: S608
LIKE = f"""SELECT {COLUMNS} FROM {{schema}}.stored_events
    WHERE notification_id > $1::bigint AND {OF_REGISTER} = $3::text
    AND ((originator_id >= $4::text AND originator_id < $5::text
          AND (cardinality($6::text[]) = 0 OR split_part(topic, '.v', 1) = ANY($6::text[])))
         OR split_part(topic, '.v', 1) = $7::text)
    ORDER BY notification_id LIMIT $2::bigint"""  # noqa: S608
LAST_OF = f"""SELECT {COLUMNS} FROM {{schema}}.stored_events
    WHERE notification_id <= $1::bigint AND {OF_REGISTER} = $2::text
    AND split_part(topic, '.v', 1) = $3::text
    ORDER BY notification_id DESC LIMIT 1"""  # noqa: S608

_ASTRAY = f"""SELECT {COLUMNS} FROM {{schema}}.stored_events AS stored
    WHERE {{where}}
    AND (({OF_REGISTER} NOT IN (SELECT name FROM {{schema}}.log_registers)
        AND EXISTS (SELECT 1 FROM {{schema}}.log_registers))
    OR ({OF_REGISTER} = $1::text AND originator_version <> 1
        AND NOT EXISTS (SELECT 1 FROM {{schema}}.stored_events AS earlier
        WHERE earlier.originator_id = stored.originator_id
        AND earlier.originator_version = stored.originator_version - 1)))
    ORDER BY notification_id LIMIT 1"""  # noqa: S608
ASTRAY = _ASTRAY.replace(
    "{where}", "notification_id > $2::bigint AND notification_id <= $3::bigint"
)
ASTRAY_AT = _ASTRAY.replace("{where}", "notification_id = ANY($2::bigint[])")
LAST = """SELECT notification_id, recorded_at FROM {schema}.stored_events
    WHERE notification_id <= $1::bigint ORDER BY notification_id DESC LIMIT 1"""
LAST_OWN = f"""SELECT notification_id, recorded_at FROM {{schema}}.stored_events
    WHERE notification_id <= $1::bigint AND {OF_REGISTER} = $2::text
    ORDER BY notification_id DESC LIMIT 1"""  # noqa: S608
COUNT = f"""SELECT count(*) FROM {{schema}}.stored_events
    WHERE notification_id > $1::bigint AND notification_id <= $2::bigint
    AND {OF_REGISTER} = $3::text"""  # noqa: S608
SIZE = f"""SELECT count(*), coalesce(sum(length(state)), 0)::bigint FROM {{schema}}.stored_events
    WHERE {OF_REGISTER} = $1::text"""  # noqa: S608
REGISTERS = "SELECT name FROM {schema}.log_registers ORDER BY name"
MARK = "SELECT format::bigint FROM {schema}.log_mark"
EPOCHS = "SELECT epoch, previous, restored_through FROM {schema}.log_epochs ORDER BY number"
PERSONAL = """SELECT digest, subject, sealed FROM {schema}.personal_parts
    WHERE digest = ANY($1::text[])"""
PARTS_OF = "SELECT digest FROM {schema}.personal_parts WHERE subject = $1::text ORDER BY digest"
HAS_PARTS = "SELECT digest FROM {schema}.personal_parts LIMIT 1"
ERASE = "DELETE FROM {schema}.personal_parts WHERE digest = ANY($1::text[]) RETURNING digest"


class PostgresRecorder(Recorder):
    """The recorder of a log in a schema of PostgreSQL."""

    page = 1000

    def __init__(self, server: Server) -> None:
        schema = Identifier(server.schema)

        def statement(text: LiteralString) -> bytes:
            return SQL(text).format(schema=schema).as_bytes()

        self._append = statement(APPEND)
        self._beyond = statement(BEYOND)
        self._named = statement(NAMED)
        self._following = statement(FOLLOWING)
        self._following_own = statement(FOLLOWING_OWN)
        self._like = statement(LIKE)
        self._last_of = statement(LAST_OF)

        self._astray = statement(ASTRAY)
        self._astray_at = statement(ASTRAY_AT)
        self._last = statement(LAST)
        self._last_own = statement(LAST_OWN)
        self._count = statement(COUNT)
        self._size = statement(SIZE)
        self._registers = statement(REGISTERS)
        self._mark = statement(MARK)
        self._epochs = statement(EPOCHS)
        self._personal = statement(PERSONAL)
        self._parts_of = statement(PARTS_OF)
        self._has_parts = statement(HAS_PARTS)
        self._erase = statement(ERASE)
        self._sessions = Sessions(server)
        self._group_commit = GroupCommit(self._write)

    def append(self, commit: Commit) -> None:
        self._group_commit.submit(commit)

    def _write(self, commits: Sequence[Commit]) -> None:
        (row,) = self._sessions.write(self._append, _arguments(commits))
        _settle(commits, *row)

    def beyond(self, versions: Mapping[str, int]) -> Sequence[Row]:
        names, seen = text_array(list(versions)), integer_array(list(versions.values()))
        return self._sessions.read(self._beyond, names, seen)

    def named(self, prefix: str) -> Sequence[str]:
        begin, end = prefix.encode(), name_after_all(prefix).encode()
        return [stream for (stream,) in self._sessions.read(self._named, begin, end)]

    def following(self, position: int, limit: int, register: str | None = None) -> Sequence[Row]:
        wanted = integer(position), integer(limit)
        if register is None:
            return self._sessions.read(self._following, *wanted)
        return self._sessions.read(self._following_own, *wanted, register.encode())

    def like(
        self, position: int, limit: int, register: str, prefix: str, kinds: Sequence[str]
    ) -> Sequence[Row]:
        return self._sessions.read(
            self._like,
            integer(position),
            integer(limit),
            register.encode(),
            prefix.encode(),
            (prefix + LAST_LETTER).encode(),
            text_array(list(kinds)),
            DISCLOSED.encode(),
        )

    def last_of(self, kind: str, until: int, register: str) -> Sequence[Row]:
        return self._sessions.read(self._last_of, integer(until), register.encode(), kind.encode())

    def count(self, after: int, until: int, register: str) -> int:
        own = register.encode()
        return int(self._sessions.read(self._count, integer(after), integer(until), own)[0][0])

    def size(self, register: str) -> tuple[int, int]:
        events, size = self._sessions.read(self._size, register.encode())[0]
        return int(events), int(size)

    def astray(self, position: int, until: int, register: str) -> Row | None:
        own = register.encode()
        rows = self._sessions.read(self._astray, own, integer(position), integer(until))
        return rows[0] if rows else None

    def astray_at(self, positions: Sequence[int], register: str) -> Row | None:
        own = register.encode()
        rows = self._sessions.read(self._astray_at, own, integer_array(positions))
        return rows[0] if rows else None

    def last(self, until: int | None = None, register: str | None = None) -> tuple[int, int]:
        end = integer(2**62 if until is None else until)
        rows = (
            self._sessions.read(self._last, end)
            if register is None
            else self._sessions.read(self._last_own, end, register.encode())
        )
        return rows[0] if rows else (0, 0)

    def registers(self) -> Sequence[str]:
        return [name for (name,) in self._sessions.read(self._registers)]

    def mark(self) -> int | None:
        rows = self._sessions.read(self._mark)
        return rows[0][0] if rows else None

    def epochs(self) -> Sequence[Epoch]:
        return [Epoch(*row) for row in self._sessions.read(self._epochs)]

    def personal(self, digests: Sequence[str]) -> Sequence[PersonalPart]:
        rows = self._sessions.read(self._personal, text_array(digests))
        return [*map(PersonalPart._make, rows)]

    def parts_of(self, subject: str) -> Sequence[str]:
        return [row[0] for row in self._sessions.read(self._parts_of, subject.encode())]

    def has_parts(self) -> bool:
        return bool(self._sessions.read(self._has_parts))

    def erase(self, digests: Sequence[str]) -> None:
        self._sessions.write(self._erase, [text_array(digests)])

    def close(self) -> None:
        self._sessions.close()


def _arguments(commits: Sequence[Commit]) -> tuple[bytes, ...]:
    drafts = [(by, draft) for by, commit in enumerate(commits) for draft in commit.drafts]
    expected = [(by, *seen) for by, commit in enumerate(commits) for seen in commit.expect.items()]
    apart = [
        (by, part.digest, part.subject, part.sealed.hex())
        for by, commit in enumerate(commits)
        for part in commit.personal
    ]
    return (
        integer(FORMAT),
        integer_array([by for by, _ in drafts]),
        text_array([draft.stream for _, draft in drafts]),
        integer_array([draft.version for _, draft in drafts]),
        text_array([draft.topic for _, draft in drafts]),
        blob_array([draft.state for _, draft in drafts]),
        integer_array([by for by, _, _ in expected]),
        text_array([stream for _, stream, _ in expected]),
        integer_array([seen for _, _, seen in expected]),
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
