"""Databases of what is kept beside the log: the ledger, inboxes, webhooks, the tree of evidence.

SQLite or PostgreSQL, with the same tables and statements. Webhooks have secrets.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from adapters.addresses import locate
from adapters.clock import now
from adapters.database.errors import is_read_only
from adapters.database.sqlalchemy_engine import postgres_engine, sqlite_engine
from adapters.database.wal import use_write_ahead_log
from application.ports import NotWritable, Unavailable

BUSY_SECONDS = 30
FORGET_TRIES, FORGET_PAUSE = 50, 0.2
"""A reader may hold the write-ahead log for some seconds."""
DELETE = "delete the file with its -wal and -shm"
STATE = f"{DELETE}, run alliance setup, then subscribe and add webhooks again: repeats are told"
"""Advice on a damaged file of the relay."""
AWAY = (DBAPIError, PoolTimeout, Unavailable)
"""Problems of a database, or of all its connections, that pass: try again."""


def open_database(
    url: str, mend: str = STATE, *, private: bool = True, derived: bool = False
) -> Engine:
    """Open a database. On SQLite transactions begin immediately, so that none fails as "locked".

    A file is made, and readable by its owner only, if it is `private`. `mend` says what to do about
    a damaged file. What is `derived` can be made again: SQLite then does not wait for the disk at
    each commit, and a power failure may undo the last ones. Raises `NotWritable`.
    """
    where = locate(url)
    if not isinstance(where, Path):
        patience = {"lock_timeout": f"{BUSY_SECONDS}s"}
        return postgres_engine(where, patience, pool_pre_ping=True, pool_size=2)
    if private:
        _keep_private(where)
    engine = sqlite_engine(
        where,
        mend,
        partial(_tell_not_writable, where),
        connect_args={"timeout": BUSY_SECONDS},
        poolclass=QueuePool,
        pool_size=2,
    )
    event.listen(engine, "connect", partial(_on_connect, derived))
    event.listen(engine, "begin", _on_begin)
    return engine


def _keep_private(path: Path) -> None:
    """Make a file, and those that SQLite keeps beside it, readable by their owner only."""
    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise NotWritable(file=str(path), reason=str(error.strerror)) from error
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):  # of another owner, or gone meanwhile
            file = path.with_name(name)
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def _tell_not_writable(path: Path, context: ExceptionContext) -> None:
    error = context.original_exception
    if is_read_only(error) or (
        getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CANTOPEN
        and not os.access(path.absolute().parent, os.W_OK)
    ):
        raise NotWritable(file=str(path), reason=str(error)) from error


def _on_connect(derived: bool, connection: Any, _record: object) -> None:
    connection.isolation_level = None
    use_write_ahead_log(connection)
    connection.execute(f"PRAGMA synchronous={'NORMAL' if derived else 'FULL'}")
    if derived:  # the disk is waited for when the write-ahead log has so many pages
        connection.execute("PRAGMA wal_autocheckpoint=4000")


def _on_begin(connection: Connection) -> None:
    only = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if only else "BEGIN IMMEDIATE")


def reading(engine: Engine) -> Connection:
    """Open a connection that only reads: on SQLite it and writers do not wait for each other."""
    return engine.execution_options(reading=True).connect()


def clock(connection: Connection) -> float:
    """Return seconds since 1970 by a clock that all processes share: the database server's."""
    if connection.dialect.name == "postgresql":
        moment = select(func.extract("epoch", func.clock_timestamp()))
        return float(connection.execute(moment).scalar_one())
    return now() / 1_000_000


def serialise(connection: Connection, key: str) -> None:
    """Let one transaction of this key run at a time. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))


def overwriting(connection: Connection) -> None:
    """Have SQLite overwrite what this connection deletes or changes from here on."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def forget(engine: Engine, tables: Sequence[str]) -> None:
    """Remove what was deleted or changed from the files of a database, where a reader may find it.

    SQLite has it in the write-ahead log, PostgreSQL in the tables. Raises `Unavailable` where
    others read what is to be removed.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"VACUUM FULL {', '.join(tables)}")
        return
    raw = engine.raw_connection()
    try:
        for _ in range(FORGET_TRIES):
            cursor = raw.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if (busy := cursor.fetchone()) and not busy[0]:
                return
            time.sleep(FORGET_PAUSE)
    finally:
        raw.close()
    reason = "the write-ahead log still holds what was erased, and is in use; try again"
    raise Unavailable(log=str(engine.url.database), reason=reason)
