"""A database for what the bus remembers: the relay's place, subscribers, inboxes, webhooks.

SQLite, a file, or PostgreSQL; the same tables and statements on both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from adapters.clock import now
from adapters.databases import tell_problems
from adapters.write_ahead import use_write_ahead_log
from application.ports import Unavailable

BUSY_SECONDS = 30
DELETE = "delete the file with its -wal and -shm"
STATE = f"{DELETE}, run alliance setup, then subscribe and add webhooks again: repeats are told"
"""What mends the relay's own file."""
AWAY = (DBAPIError, PoolTimeout, Unavailable)
"""What is raised where the database, or every connection to it, is away or busy: try again."""


def open_database(url: str, mend: str = STATE) -> Engine:
    """An engine whose transactions on SQLite begin immediately, so that none is told "locked".

    `mend` is what to do about a damaged file.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=2
        )
        tell_problems(engine)
        return engine
    Path(parsed.database or "").absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed, connect_args={"timeout": BUSY_SECONDS}, poolclass=QueuePool, pool_size=2
    )
    tell_problems(engine, mend)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _on_begin(connection: Connection) -> None:
    only = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if only else "BEGIN IMMEDIATE")


def reading(engine: Engine) -> Connection:
    """A connection that only reads: on SQLite it waits for no writer, and no writer for it."""
    return engine.execution_options(reading=True).connect()


def clock(connection: Connection) -> float:
    """Seconds since 1970 by the clock that everybody who shares the database shares."""
    if connection.dialect.name == "postgresql":
        moment = select(func.extract("epoch", func.clock_timestamp()))
        return float(connection.execute(moment).scalar_one())
    return now() / 1_000_000


def serialise(connection: Connection, key: str) -> None:
    """Let one transaction at a time past for this key. SQLite lets one writer in anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))
