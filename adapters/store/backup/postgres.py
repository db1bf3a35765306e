"""Read a whole log from PostgreSQL; load one into an empty schema."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import IsolationLevel
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from adapters.addresses import Server
from adapters.database.postgres import Connection, connected
from adapters.store.attachments import AttachedDocument
from adapters.store.backup.file import Contents, Header, NotEmpty
from adapters.store.event_log.postgres_connections import LOCK, lock_key
from adapters.store.event_log.postgres_schema import marked_format
from adapters.store.event_log.recorder import Draft, Epoch, PersonalPart, Row
from application.ports import NotSetUp

COLUMNS = "originator_id, originator_version, topic, state, notification_id, recorded_at"
PARTS = "digest, subject, sealed"
FIELDS = "register, sha256, name, media_type, content, attached_at, attached_by"
AT_ONCE = 2000
"""Rows that are in memory while a log is read."""


@contextmanager
def snapshot(address: Server) -> Generator[Contents]:
    """Open the log as it is now, whatever is appended meanwhile."""
    one_state = connected(address, IsolationLevel.REPEATABLE_READ, read_only=True)
    with _connected(address, one_state) as (connection, sql):
        execute = connection.execute
        marked = marked_format(connection, address.schema)
        if marked is None:
            raise NotSetUp(log=address.name)
        epochs = execute(
            sql("SELECT epoch, previous, restored_through FROM {}.log_epochs ORDER BY number")
        ).fetchall()
        rows = _one(execute(sql("SELECT count(*) FROM {}.stored_events")))
        personal = _one(execute(sql("SELECT count(*) FROM {}.personal_parts")))

        table = Identifier(address.schema, "attached_documents").as_string()
        attached = _one(execute("SELECT to_regclass(%s)", (table,))) is not None
        documents = (
            _one(execute(sql("SELECT count(*) FROM {}.attached_documents"))) if attached else 0
        )

        def stream(name: str, query: LiteralString, at_once: int = AT_ONCE) -> Iterator[Any]:
            with connection.cursor(name, row_factory=tuple_row) as cursor:
                cursor.itersize = at_once
                yield from cursor.execute(sql(query))

        yield Contents(
            Header(marked, [Epoch(*epoch) for epoch in epochs], rows, personal, documents),
            stream("rows", f"SELECT {COLUMNS} FROM {{}}.stored_events ORDER BY notification_id"),  # noqa: S608
            map(
                PersonalPart._make,
                stream(
                    "personal",
                    f"SELECT {PARTS} FROM {{}}.personal_parts ORDER BY digest",  # noqa: S608
                ),
            ),
            map(
                AttachedDocument._make,
                stream(
                    "documents",
                    f"SELECT {FIELDS} FROM {{}}.attached_documents "  # noqa: S608
                    "ORDER BY register, sha256",
                    1,
                )
                if attached
                else (),
            ),
        )


def load(
    address: Server,
    rows: Iterator[Row],
    personal: Callable[[], Iterator[PersonalPart]],
    documents: Callable[[], Iterator[AttachedDocument]],
    epochs: Sequence[Epoch],
    told: Sequence[Draft],
) -> None:
    """Fill an empty log in one transaction; raises `NotEmpty`."""
    with (
        _connected(address, connected(address)) as (connection, sql),
        connection.cursor() as cursor,
    ):
        key = lock_key(connection, address.schema)
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK, key))
        if cursor.execute(sql("SELECT 1 FROM {}.stored_events LIMIT 1")).fetchone():
            raise NotEmpty(log=address.name)
        with cursor.copy(
            sql(f"COPY {{}}.stored_events ({COLUMNS}) FROM STDIN (FORMAT BINARY)")
        ) as copy:
            copy.set_types(["text", "int8", "text", "bytea", "int8", "int8"])
            for row in rows:
                copy.write_row(row)
        with cursor.copy(sql(f"COPY {{}}.personal_parts ({PARTS}) FROM STDIN")) as copy:
            for value in personal():
                copy.write_row(value)
        for document in documents():
            cursor.execute(
                sql(
                    f"INSERT INTO {{}}.attached_documents ({FIELDS}) "  # noqa: S608
                    "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
                ),
                document,
            )
        cursor.executemany(
            sql(
                "INSERT INTO {}.log_epochs (epoch, previous, restored_through) VALUES (%s, %s, %s)"
            ),
            epochs,
        )
        cursor.execute(
            sql(
                "SELECT notification_id, greatest({0}.log_clock(), recorded_at + 1) "
                "FROM {0}.stored_events ORDER BY notification_id DESC LIMIT 1"
            )
        )
        position, now = cursor.fetchone() or (0, 0)
        cursor.executemany(
            sql(f"INSERT INTO {{}}.stored_events ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)"),  # noqa: S608
            [(*draft, position + n, now) for n, draft in enumerate(told, start=1)],
        )


@contextmanager
def _connected(
    address: Server, transaction: AbstractContextManager[Connection]
) -> Generator[tuple[Connection, Callable[[LiteralString], Composed]]]:
    schema = Identifier(address.schema)
    with transaction as connection:
        yield connection, lambda text: SQL(text).format(schema)


def _one(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    return row[0] if row else None
