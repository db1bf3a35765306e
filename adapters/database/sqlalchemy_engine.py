"""Engines of SQLAlchemy, with connections made ready and errors raised as problems."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError, ProgrammingError

from adapters.addresses import Server, locate
from adapters.database.errors import (
    has_no_right,
    is_ended,
    is_not_to_be_opened,
    is_read_only,
    said,
)
from application.ports import (
    Damaged,
    DerivedAway,
    DerivedReadOnly,
    NotPermitted,
    NotSetUp,
    NotWritable,
)

SETTING_UP = 20011204
"""The advisory lock under which schemas and tables are made: PostgreSQL fails where two do so."""


def set_up_schema(url: str) -> None:
    """Create the schema that a PostgreSQL address names, if it is missing; do nothing on SQLite.

    Needs no right to create where the schema exists. Raises `NotPermitted`.
    """
    where = locate(url)
    if isinstance(where, Path):
        return
    from psycopg.sql import SQL, Identifier  # noqa: PLC0415  (only where there is a server)

    from adapters.database.postgres import connected  # noqa: PLC0415

    with connected(where) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (SETTING_UP,))
        # Even `IF NOT EXISTS` asks for the right to create it.
        found = "SELECT 1 FROM pg_namespace WHERE nspname = %s"
        if not connection.execute(found, (where.schema,)).fetchone():
            connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(where.schema)))


def sqlite_engine(
    path: Path,
    mend: str,
    tell_first: Callable[[ExceptionContext], None] = lambda _: None,
    **options: Any,
) -> Engine:
    """Make an engine of a file; `mend` says what to do if it is damaged.

    `tell_first` may raise a problem of its own for an error.
    """
    made = create_engine(URL.create("sqlite", database=str(path)), **options)
    event.listen(made, "handle_error", tell_first)
    _tell_problems(made, mend)
    return made


def postgres_engine(server: Server, settings: Mapping[str, str], **options: Any) -> Engine:
    """Return an engine with sessions as in `adapters.database.postgres`, and more settings."""
    from adapters.database.postgres import Connection as Driver  # noqa: PLC0415  (psycopg)

    made = create_engine(
        "postgresql+psycopg://",
        creator=partial(Driver.to, server, settings),
        isolation_level="READ COMMITTED",
        **options,
    )
    event.listen(made, "first_connect", partial(_look_in, made, server.schema))
    event.listen(made, "begin", _bring_settings_along)
    _tell_problems(made, "")
    return made


def is_pooled(connection: Connection) -> bool:
    """True if a pooler may give each transaction another session."""
    return bool(getattr(connection.connection.driver_connection, "pooled", False))


def _look_in(engine: Engine, schema: str, *_: object) -> None:
    """Look for tables in this schema, whatever a pooler's session says."""
    engine.dialect.default_schema_name = schema


def _bring_settings_along(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    if driver.brought_along:
        connection.exec_driver_sql(driver.brought_along)


def _tell_problems(engine: Engine, mend: str) -> None:
    """Make the engine raise errors of `application.ports`.

    A missing table is `NotSetUp`; another database error is the problem that fits, if any.
    """
    event.listen(engine, "handle_error", partial(_tell, mend))


def _tell(mend: str, context: ExceptionContext) -> None:
    error = context.sqlalchemy_exception
    reason = said(context.original_exception)
    if isinstance(error, OperationalError | ProgrammingError) and (
        "no such table" in reason or "does not exist" in reason
    ):
        raise NotSetUp(reason=reason.splitlines()[0]) from context.original_exception
    if is_not_to_be_opened(context.original_exception):
        file = str(context.engine.url.database) if context.engine else ""
        raise NotWritable(file=file, reason=reason) from context.original_exception
    if has_no_right(context.original_exception):
        raise NotPermitted(reason=reason.splitlines()[0]) from context.original_exception
    if is_read_only(context.original_exception):
        raise DerivedReadOnly(reason=reason.splitlines()[0]) from context.original_exception
    if type(context.original_exception) is sqlite3.DatabaseError:
        file = str(context.engine.url.database) if context.engine else ""
        raise Damaged(file=file, reason=reason, mend=mend) from context.original_exception
    if isinstance(error, OperationalError) or is_ended(context.original_exception):
        raise DerivedAway(reason=reason.splitlines()[0]) from context.original_exception
