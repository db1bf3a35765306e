"""Connections to a log in PostgreSQL: where it is, and what its errors mean."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection
from psycopg.adapt import Transformer
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult
from psycopg.rows import DictRow, scalar_row

from adapters.driver_errors import has_no_right, is_ended, is_read_only
from adapters.store.rows import FORMAT
from application.ports import (
    NewerLog,
    NotPermitted,
    NotSetUp,
    OutcomeUnknown,
    ReadOnly,
    Unavailable,
)
from domain.kernel import Invalid, Problem

TOO_OLD = "AR001"
"""SQLSTATE: the log is marked by a newer program than the one that wants to append."""
KEPT = "AR002"
"""SQLSTATE: something tried to change what the log keeps."""
MISSING = ("42P01", "42883", "3F000")
"""SQLSTATE: there is no such table, function or schema."""
LOCK = 0x616C6C69
"""First half of the advisory lock under which positions are given; the second is the schema's."""
CONNECTION = {
    "application_name": "alliance",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "tcp_user_timeout": "30000",
}
"""Nobody waits for ever on a peer that is gone."""
SESSION = (
    "-c lock_timeout=10s -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off"
    r" -c default_transaction_isolation=read\ committed"
)
"""Every statement has one good plan, by index, which is not to be made again each time; and each
sees what was committed before it, however the database is configured."""
SPARE = 8
"""Connections that are kept for the next call; the library's own methods have theirs."""


class Address(NamedTuple):
    """Where a log is in PostgreSQL: how to connect, and the schema that holds it."""

    conninfo: dict[str, str]
    schema: str

    @property
    def name(self) -> str:
        """For messages: never the password."""
        return f"{self.conninfo.get('host', '')}/{self.conninfo.get('dbname', '')}:{self.schema}"

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read a URL; the schema is the first of the search path in `options`, else `public`.

        Raises `Invalid`.
        """
        try:
            parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value}
        except psycopg.ProgrammingError as error:
            raise Invalid(setting="database_url", reason=str(error).strip()) from None
        found = re.search(r"search_path\s*=\s*\"?([^\s,\"]+)", parts.get("options", ""))
        return cls(parts, found[1] if found else "public")

    def parameters(self) -> dict[str, str]:
        """What every connection of the log is opened with."""
        options = f"{SESSION} {self.conninfo.get('options', '')}"
        return CONNECTION | self.conninfo | {"options": options}


def lock_key(connection: Connection[Any], schema: str) -> int:
    """Two schemas of one database do not wait for each other."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute("SELECT hashtext(%s)", (schema,)).fetchone() or 0)


@contextmanager
def connected(
    address: Address, parameters: Mapping[str, str]
) -> Generator[psycopg.Connection[Any]]:
    """A connection for one task; raises a problem by `explained`, also for what it runs."""
    try:
        with psycopg.connect("", **parameters) as connection:  # type: ignore[arg-type]
            yield connection
    except psycopg.Error as error:
        raise explained(address.name, error) from error


def explained(log: str, error: psycopg.Error) -> Problem | psycopg.Error:
    """`NotPermitted`, `ReadOnly` or `Unavailable`; a mistake in the program as it is."""
    details = {"log": log, "reason": said(error)}
    if has_no_right(error):
        return NotPermitted(**details)
    if is_read_only(error):
        return ReadOnly(**details)
    away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return Unavailable(**details) if away or is_ended(error) else error


def said(error: psycopg.Error) -> str:
    """The server's own sentence, without the statement it was about; else the driver's."""
    return error.diag.message_primary or str(error).strip()


class _Broken(Unavailable):
    """A connection that could reach the log is broken."""


class Session:
    """A connection for one thread at a time, with the statements that it has prepared.

    It speaks to libpq itself: a cursor takes longer over a short statement than the server does.
    """

    def __init__(self, connection: Connection[DictRow], prepared: dict[bytes, bytes]) -> None:
        self.connection = connection
        self._loading = Transformer(connection)
        self._prepared = prepared

    def run(self, statement: bytes, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        """All rows of a statement, values given and taken in binary; raises `psycopg.Error`."""
        pgconn = self.connection.pgconn
        name = self._prepared.get(statement)
        if name is None:
            name = b"log_%d" % len(self._prepared)
            self._checked(pgconn.prepare(name, statement), ExecStatus.COMMAND_OK)
            self._prepared[statement] = name
        result = pgconn.exec_prepared(name, values, [Format.BINARY] * len(values), Format.BINARY)
        self._checked(result, ExecStatus.TUPLES_OK)
        if not result.ntuples:
            return []
        self._loading.set_pgresult(result)
        return self._loading.load_rows(0, result.ntuples, tuple)

    @staticmethod
    def _checked(result: PGresult, expected: ExecStatus) -> None:
        if result.status != expected:
            raise error_from_result(result)


class PostgresLink:
    """Sessions are kept for the next call; everything else is the library's pool."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._pool = datastore.pool
        self._name = datastore.schema
        self._spare: deque[Session] = deque()
        self._prepared = WeakKeyDictionary[Connection[DictRow], dict[bytes, bytes]]()

    def write(self, statement: bytes, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        """Run once and never again by itself: `OutcomeUnknown` when the connection breaks."""
        try:
            return self._run(statement, values)
        except _Broken as broken:
            raise OutcomeUnknown(**broken.details) from broken

    def read(self, statement: bytes, *values: bytes) -> list[Any]:
        """All rows; once more on another connection when the first turns out to be broken."""
        try:
            return self._run(statement, values)
        except _Broken:
            return self._run(statement, values)

    def close(self) -> None:
        while self._spare:
            self._pool.putconn(self._spare.pop().connection)

    def _run(self, statement: bytes, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        session = self._borrow()
        try:
            return session.run(statement, values)
        except psycopg.Error as error:
            raise self._explained(error, session.connection) from error
        finally:
            self._give_back(session)

    def _borrow(self) -> Session:
        try:
            return self._spare.pop()
        except IndexError:
            pass
        try:
            connection = self._pool.getconn()
        except psycopg.Error as error:
            raise explained(self._name, error) from error
        return Session(connection, self._prepared.setdefault(connection, {}))

    def _give_back(self, session: Session) -> None:
        if len(self._spare) < SPARE and not session.connection.closed:
            self._spare.append(session)
        else:
            self._pool.putconn(session.connection)

    def _explained(self, error: psycopg.Error, connection: Connection[DictRow]) -> Exception:
        """What the database's error means to the application; programming errors as they are."""
        if error.sqlstate == TOO_OLD:
            return NewerLog(program=FORMAT, log=int(error.diag.message_detail or 0))
        if error.sqlstate in MISSING:
            return NotSetUp(log=self._name, reason=said(error))
        if connection.closed or is_ended(error):
            # Where one connection broke, the others probably did.
            connection.close()
            self.close()
            self._pool.check()
            return _Broken(log=self._name, reason=said(error))
        return explained(self._name, error)
