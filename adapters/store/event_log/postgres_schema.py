"""The log's tables and its one appending function in PostgreSQL. Made by `alliance setup`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import scalar_row
from psycopg.sql import SQL, Identifier, Literal

from adapters.addresses import Server
from adapters.database.postgres import connected
from adapters.store.event_log.postgres_connections import KEPT, LOCK, TOO_OLD, lock_key
from adapters.store.event_log.recorder import FORMAT, ValuesNotSealed, new_epoch
from application.ports import NewerLog

TABLES = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.stored_events (
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL UNIQUE,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE TABLE IF NOT EXISTS {schema}.personal_parts (
    digest text COLLATE "C" PRIMARY KEY, subject text COLLATE "C" NOT NULL, sealed bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS personal_parts_of_subject ON {schema}.personal_parts (subject);
CREATE TABLE IF NOT EXISTS {schema}.log_mark (
    one int PRIMARY KEY CHECK (one = 1), format int NOT NULL
);
CREATE TABLE IF NOT EXISTS {schema}.log_epochs (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    epoch text NOT NULL UNIQUE,
    previous text,
    restored_through bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS {schema}.log_registers (name text COLLATE "C" PRIMARY KEY);
"""

OF_REGISTER = "split_part(originator_id, '/', 1)"
SHARED = f"""
CREATE INDEX IF NOT EXISTS stored_events_of_register
    ON {{schema}}.stored_events ({OF_REGISTER}, notification_id)
"""
"""Finds one register's rows among others'."""

KEEP = """
CREATE OR REPLACE FUNCTION {schema}.log_keep() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = {kept};
END $body$;
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.log_keep('the log is append-only');
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.log_epochs
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.log_keep('the log is append-only');
CREATE OR REPLACE TRIGGER keep BEFORE UPDATE OR TRUNCATE ON {schema}.personal_parts
    FOR EACH STATEMENT
    EXECUTE FUNCTION {schema}.log_keep('personal parts are destroyed, not changed');
"""

CLOCK = """
CREATE OR REPLACE FUNCTION {schema}.log_clock() RETURNS bigint LANGUAGE sql VOLATILE AS
    $body$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $body$;
"""

# Several commits at once: `by` numbers the commit of each row, from 0. A commit with a stale stream
# is left out and told by the last three results; its positions stay unused. The lock is held until
# the transaction is visible, and each statement sees what was committed before it, so nothing is
# judged by an old state.
APPEND = """
CREATE OR REPLACE FUNCTION {schema}.log_append(
    program bigint,
    by bigint[], streams text[], versions bigint[], topics text[], states bytea[],
    expected_by bigint[], expected text[], expected_at bigint[],
    values_apart text,
    OUT before bigint, OUT at bigint,
    OUT stale_by bigint[], OUT stale text[], OUT stale_at bigint[]
) LANGUAGE plpgsql AS $body$
DECLARE
    marked int;
    locked boolean := pg_advisory_xact_lock({lock}, {key}) IS NULL;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the log must be appended to in read committed, to see what others wrote';
    END IF;
    SELECT m.format, l.notification_id, l.recorded_at, s.by, s.stream, s.actual
        INTO marked, before, at, stale_by, stale, stale_at
        FROM {schema}.log_mark m
        LEFT JOIN (
            SELECT notification_id, recorded_at FROM {schema}.stored_events
            ORDER BY notification_id DESC LIMIT 1
        ) l ON true
        LEFT JOIN (
            SELECT array_agg(u.by) AS by, array_agg(u.stream) AS stream,
                   array_agg(coalesce(v.actual, 0)) AS actual
            FROM unnest(expected_by, expected, expected_at) AS u(by, stream, seen)
            LEFT JOIN LATERAL (
                SELECT originator_version AS actual FROM {schema}.stored_events
                WHERE originator_id = u.stream ORDER BY originator_version DESC LIMIT 1
            ) v ON true
            WHERE coalesce(v.actual, 0) <> u.seen
        ) s ON true;
    IF marked > program THEN
        RAISE EXCEPTION 'the log belongs to a newer program'
            USING ERRCODE = {too_old}, DETAIL = marked::text;
    END IF;
    before := coalesce(before, 0);
    at := greatest({schema}.log_clock(), coalesce(at, 0) + 1);
    INSERT INTO {schema}.stored_events
        (originator_id, originator_version, topic, state, notification_id, recorded_at)
        SELECT u.stream, u.version, u.topic, u.state, before + u.n, at + u.by
        FROM unnest(by, streams, versions, topics, states)
            WITH ORDINALITY AS u(by, stream, version, topic, state, n)
        WHERE stale_by IS NULL OR u.by <> ALL (stale_by);
    IF values_apart <> '' THEN
        INSERT INTO {schema}.personal_parts (digest, subject, sealed)
            SELECT v->>1, v->>2, decode(v->>3, 'hex')
            FROM jsonb_array_elements(values_apart::jsonb) AS v
            WHERE stale_by IS NULL OR (v->>0)::bigint <> ALL (stale_by);
    END IF;
END $body$;
"""


def setup(address: Server, registers: Iterable[str] = ()) -> None:
    """Create what is missing for these registers; mark the log with this program's format.

    Under a lock. The second register of a log brings an index, which a register by itself has no
    need of; it is filled while others wait to write.

    Changes nothing, and needs no right to, where that was done before. Raises `NewerLog` when a
    newer program has marked the log, `NotPermitted` where the user has no right to,
    `Unavailable` when the server cannot be reached.
    """
    with connected(address) as connection:
        key = lock_key(connection, address.schema)
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK, key))
        marked = marked_format(connection, address.schema)
        if marked is not None and marked > FORMAT:
            raise NewerLog(program=FORMAT, log=marked)
        if marked == 1:
            table = Identifier(address.schema, "personal")
            if connection.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone():
                raise ValuesNotSealed(log=address.name)
        missing = sorted({*registers} - _registers(connection, address.schema))
        if marked == FORMAT and not missing:
            return
        names = {
            "schema": Identifier(address.schema),
            "lock": Literal(LOCK),
            "key": Literal(key),
            "kept": Literal(KEPT),
            "too_old": Literal(TOO_OLD),
        }
        for script in (TABLES, KEEP, CLOCK, APPEND):
            connection.execute(SQL(script).format(**names))
        connection.execute(
            SQL(
                "INSERT INTO {schema}.log_mark VALUES (1, {format}) "
                "ON CONFLICT (one) DO UPDATE SET format = excluded.format"
            ).format(schema=names["schema"], format=Literal(FORMAT))
        )
        connection.execute(
            SQL(
                "INSERT INTO {schema}.log_epochs (epoch, previous, restored_through) "
                "SELECT {epoch}, NULL, 0 WHERE NOT EXISTS (SELECT 1 FROM {schema}.log_epochs)"
            ).format(schema=names["schema"], epoch=Literal(new_epoch()))
        )
        connection.cursor().executemany(
            SQL("INSERT INTO {schema}.log_registers VALUES (%s)").format(schema=names["schema"]),
            [(name,) for name in missing],
        )
        if len(_registers(connection, address.schema)) > 1:
            connection.execute(SQL(SHARED).format(schema=names["schema"]))


def _registers(connection: psycopg.Connection[Any], schema: str) -> set[str]:
    table = Identifier(schema, "log_registers")
    with connection.cursor(row_factory=scalar_row) as cursor:
        if not cursor.execute("SELECT to_regclass(%s)", (table.as_string(),)).fetchone():
            return set()
        return set(cursor.execute(SQL("SELECT name FROM {}").format(table)))


def marked_format(connection: psycopg.Connection[Any], schema: str) -> int | None:
    """Return the format that marks the log, `None` where there is none."""
    table = Identifier(schema, "log_mark")
    with connection.cursor(row_factory=scalar_row) as cursor:
        if not cursor.execute("SELECT to_regclass(%s)", (table.as_string(),)).fetchone():
            return None
        marked = cursor.execute(SQL("SELECT format FROM {}").format(table)).fetchone()
    return None if marked is None else int(marked)
