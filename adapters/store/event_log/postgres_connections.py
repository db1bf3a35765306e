"""Sessions of a log in PostgreSQL: prepared statements, binary values, errors as problems."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult
from psycopg.rows import scalar_row

from adapters.addresses import Server
from adapters.database.errors import is_ended
from adapters.database.postgres import Connection, explained, said
from adapters.store.event_log.recorder import FORMAT
from application.ports import NewerLog, NotSetUp, OutcomeUnknown, Unavailable

TOO_OLD = "AR001"
"""SQLSTATE: the log is marked by a newer program than the one that wants to append."""
KEPT = "AR002"
"""SQLSTATE: something tried to change what the log keeps."""
MISSING = ("42P01", "42883", "3F000")
"""SQLSTATE: there is no such table, function or schema."""
PREPARED = ("26000", "42P05")
"""SQLSTATE: a prepared statement is not there, or is there already: a pooler changed sessions."""
LOCK = 0x616C6C69
"""First half of the advisory lock under which positions are given; the second is the schema's."""
PLANNING = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "jit": "off"}
"""Every statement has one good plan, by index, which is not to be made again each time."""
SPARE = 8
"""Connections that are kept for the next call."""


def lock_key(connection: psycopg.Connection[Any], schema: str) -> int:
    """Return the key of a schema's lock: two schemas of one database do not wait for each other."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute("SELECT hashtext(%s)", (schema,)).fetchone() or 0)


class _Broken(Unavailable):
    """A connection that could reach the log is broken."""


class Session:
    """A connection for one thread at a time, with the statements that it has prepared.

    It speaks to libpq itself: a cursor takes longer over a short statement than the server does.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._loading = Transformer(connection)
        self._prepared: dict[bytes, bytes] = {}

    def run(self, statement: bytes, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        """Return all rows of a statement, in binary; raise `psycopg.Error`."""
        if not self.connection.pooled:
            try:
                return self._rows(self._by_name(statement, values))
            except psycopg.Error as error:
                if error.sqlstate not in PREPARED:
                    raise
            self.connection.become_pooled()
        return self._in_transaction(statement, values)

    def _by_name(self, statement: bytes, values: Sequence[bytes]) -> PGresult:
        pgconn = self.connection.pgconn
        name = self._prepared.get(statement)
        if name is None:
            # The same name is the same statement in every session that a pooler may hand out.
            name = b"log_" + hashlib.sha256(statement).hexdigest()[:32].encode()
            _checked(pgconn.prepare(name, statement), ExecStatus.COMMAND_OK)
            self._prepared[statement] = name
        return pgconn.exec_prepared(name, values, [Format.BINARY] * len(values), Format.BINARY)

    def _in_transaction(self, statement: bytes, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        """Run behind a pooler: prepare nothing, and bring the settings along."""
        pgconn, along = self.connection.pgconn, self.connection.brought_along
        begin = f"BEGIN ISOLATION LEVEL READ COMMITTED; {along}".encode()
        _checked(pgconn.exec_(begin), ExecStatus.COMMAND_OK)
        try:
            formats = [Format.BINARY] * len(values)
            result = pgconn.exec_params(statement, values, None, formats, Format.BINARY)
            rows = self._rows(result)
        except BaseException:
            with suppress(psycopg.Error):  # of a broken connection the first error says more
                pgconn.exec_(b"ROLLBACK")
            raise
        _checked(pgconn.exec_(b"COMMIT"), ExecStatus.COMMAND_OK)
        return rows

    def _rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        _checked(result, ExecStatus.TUPLES_OK)
        if not result.ntuples:
            return []
        self._loading.set_pgresult(result)
        return self._loading.load_rows(0, result.ntuples, tuple)


def _checked(result: PGresult, expected: ExecStatus) -> None:
    if result.status != expected:
        raise error_from_result(result)


class Sessions:
    """Sessions of one log, kept for the next call."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._spare: deque[Session] = deque()

    def write(self, statement: bytes, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        """Run once and never again by itself: `OutcomeUnknown` when the connection breaks."""
        try:
            return self._run(statement, values)
        except _Broken as broken:
            raise OutcomeUnknown(log=broken.log, reason=broken.reason) from broken

    def read(self, statement: bytes, *values: bytes) -> list[Any]:
        """Return all rows; try again on another connection if the first is broken."""
        try:
            return self._run(statement, values)
        except _Broken:
            return self._run(statement, values)

    def close(self) -> None:
        """Close what is not in use."""
        while self._spare:
            self._spare.pop().connection.close()

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
            connection = Connection.to(self._server, PLANNING)
        except psycopg.Error as error:
            raise explained(self._server.name, error) from error
        connection.autocommit = True
        return Session(connection)

    def _give_back(self, session: Session) -> None:
        if len(self._spare) < SPARE and not session.connection.closed:
            self._spare.append(session)
        else:
            session.connection.close()

    def _explained(self, error: psycopg.Error, connection: Connection) -> Exception:
        """Return the application's problem for a database error; other errors as they are."""
        name = self._server.name
        if error.sqlstate == TOO_OLD:
            return NewerLog(program=FORMAT, log=int(error.diag.message_detail or 0))
        if error.sqlstate in MISSING:
            return NotSetUp(log=name, reason=said(error))
        if connection.closed or is_ended(error):
            # Where one connection broke, the others probably did.
            connection.close()
            self.close()
            return _Broken(log=name, reason=said(error))
        return explained(name, error)
