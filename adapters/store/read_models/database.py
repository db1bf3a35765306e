"""The database of the read models: a SQLite file of their own, or a schema of PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.addresses import locate
from adapters.database.sqlite_connections import MEND, Connections, Opened, explained, opened
from adapters.database.wal import use_write_ahead_log

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BUSY_SECONDS = 30
HOLDS = "read_models"
MAPPED_BYTES = 2**31 - 2**16
"""As much of the file as SQLite can map: a page not in its cache is then no call to the system."""
SESSION = {
    "lock_timeout": f"{BUSY_SECONDS}s",
    "jit": "off",
    **{f"enable_{way}": "off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin")},
}
"""The one plan that serves is a nested loop into the primary key. While a table grows and is not
yet analysed PostgreSQL prefers others, and it compiles for 30 ms what then runs for one."""


class ViewsDatabase:
    """Questions, transactions that read one state, and transactions that write alone.

    `register` is whose read models these are.

    Questions to a file go past SQLAlchemy, which takes longer to import than they do to answer.
    """

    def __init__(self, url: str, register: str = "") -> None:
        self.url, self.register = url, register
        self._where = locate(url)
        self.is_sqlite = isinstance(self._where, Path)
        self._file = (
            Connections(self._where, _connect, HOLDS) if isinstance(self._where, Path) else None
        )

    @cached_property
    def engine(self) -> Engine:
        from sqlalchemy import event  # noqa: PLC0415

        from adapters.database.sqlalchemy_engine import (  # noqa: PLC0415
            postgres_engine,
            sqlite_engine,
        )

        if not isinstance(self._where, Path):
            return postgres_engine(self._where, SESSION)
        made = sqlite_engine(self._where, MEND[HOLDS])
        event.listen(made, "connect", _prepare_for_sqlalchemy)
        event.listen(made, "begin", _begin)
        return made

    def ask(self, statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Return the rows of one statement, which sees one state of the database by itself."""
        if self._file is not None:
            return self._file.rows(statement, values)
        from sqlalchemy import text  # noqa: PLC0415

        from adapters.database.sqlalchemy_engine import is_pooled  # noqa: PLC0415

        with self.engine.connect() as connection:
            if not is_pooled(connection):
                connection.execution_options(isolation_level="AUTOCOMMIT")
            return connection.execute(text(statement), values).all()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Open one state of the database, however long the reading takes."""
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Open a transaction that waits for its turn first, and never fails for that later."""
        with (
            self.engine.connect().execution_options(alliance_writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        if "engine" in vars(self):
            self.engine.dispose()


def _connect(path: Path) -> Opened:
    """Return a connection for questions; raises `NotSetUp` when there is no file."""
    try:
        connection = opened(path, "rw", BUSY_SECONDS)
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        raise explained(error, path, HOLDS) from error
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Set up a connection. Read models are derived: SQLite need not wait for the disk at commits.

    After a power failure rows and position are back at the same earlier state, and the log is read
    from there.
    """
    use_write_ahead_log(connection)
    for pragma in (
        "synchronous=NORMAL",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "cache_size=-65536",
        f"mmap_size={MAPPED_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_for_sqlalchemy(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver then leaves BEGIN to us
    _prepare(connection)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("alliance_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
