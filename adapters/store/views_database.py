"""The database of the read models: its own SQLite file, or the PostgreSQL server of the log."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from adapters.databases import tell_problems

BUSY_MILLISECONDS = 30_000

MAPPED_BYTES = 2**31 - 2**16
"""As much of the file as SQLite can map: a page not in its cache is then no call to the system."""

PLANNING = "-c jit=off -c " + " -c ".join(
    f"enable_{way}=off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin")
)
"""The one plan that serves is a nested loop into the primary key. While a table grows and is not
yet analysed PostgreSQL prefers others, and it compiles for 30 ms what then runs for one."""


class ViewsDatabase:
    """Transactions that read one state, and transactions that write alone.

    Read models are derived, so SQLite need not wait for the disk at each commit: after a power
    failure rows and position are back at the same earlier state, and the log is read from there.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        given = f"{parsed.query.get('options', '')} {PLANNING}"
        arguments = {} if self.is_sqlite else {"options": given.strip()}
        self.engine: Engine = create_engine(parsed, connect_args=arguments)
        tell_problems(self.engine)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One state of the database, however long the reading takes."""
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def asking(self) -> Generator[Connection]:
        """For one statement, which sees one state by itself: no round trips around it."""
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        with self.engine.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction that waits for its turn when it begins, and never fails for that later."""
        with (
            self.engine.connect().execution_options(alliance_writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver then leaves BEGIN to us
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "cache_size=-65536",
        f"mmap_size={MAPPED_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("alliance_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
