"""Databases that SQLAlchemy speaks to: a schema for each register, and problems in our words."""

from __future__ import annotations

import sqlite3
from functools import partial
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from adapters.driver_errors import has_no_right, is_ended, is_read_only, said
from adapters.settings import SEARCH_PATH
from application.ports import Damaged, DerivedAway, DerivedReadOnly, NotPermitted, NotSetUp


def set_up_schema(url: str) -> None:
    """Create the schema that a PostgreSQL URL names, if it is missing; nothing on SQLite.

    Needs no right to where it is there. Raises `NotPermitted`.
    """
    chosen = "".join(parse_qs(urlsplit(url).query).get("options", []))
    if not url.startswith("postgresql") or not chosen.startswith(SEARCH_PATH):
        return
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    tell_problems(engine)
    schema = chosen.removeprefix(SEARCH_PATH)
    name = engine.dialect.identifier_preparer.quote(schema)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(20011204)"))
            # Even `IF NOT EXISTS` asks for the right to create it.
            if not inspect(connection).has_schema(schema):
                connection.execute(text(f"CREATE SCHEMA {name}"))
    finally:
        engine.dispose()


def tell_problems(engine: Engine, mend: str = "") -> None:
    """Raise `NotSetUp` for a missing table, else what is wrong by `ports`, where it says so.

    `mend` is what to do about a damaged file.
    """
    event.listen(engine, "handle_error", partial(_tell, mend))


def _tell(mend: str, context: ExceptionContext) -> None:
    error = context.sqlalchemy_exception
    reason = said(context.original_exception)
    if isinstance(error, OperationalError | ProgrammingError) and (
        "no such table" in reason or "does not exist" in reason
    ):
        raise NotSetUp(reason=reason.splitlines()[0]) from context.original_exception
    if has_no_right(context.original_exception):
        raise NotPermitted(reason=reason.splitlines()[0]) from context.original_exception
    if is_read_only(context.original_exception):
        raise DerivedReadOnly(reason=reason.splitlines()[0]) from context.original_exception
    if type(context.original_exception) is sqlite3.DatabaseError:
        file = context.engine.url.database if context.engine else None
        raise Damaged(file=file, reason=reason, mend=mend) from context.original_exception
    if isinstance(error, OperationalError) or is_ended(context.original_exception):
        raise DerivedAway(reason=reason.splitlines()[0]) from context.original_exception
