"""Connections to PostgreSQL: log, read models and bus make each ready in the same way."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg import IsolationLevel
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from adapters.addresses import Server
from adapters.database.errors import has_no_right, is_ended, is_read_only
from application.ports import NotPermitted, ReadOnly, Unavailable
from domain.shared.problems import Invalid, Problem

LIMITS = {
    "application_name": "alliance",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "tcp_user_timeout": "30000",
}
"""Time-outs for a server that does not answer. An address may say otherwise."""
SESSION = {"default_transaction_isolation": "read committed", "TimeZone": "UTC"}
"""Settings of every session, however address, server, database and role are configured."""
PATIENCE = {"lock_timeout": "10s"}
"""An address may say otherwise in its `options`."""
MARK = "alliance.schema"
"""A setting of our own, by which a session is known that was started with the others."""


class NotInUtf8(Invalid):
    """The database does not keep its texts in UTF-8: create one with ENCODING 'UTF8'."""

    database: str
    encoding: str


class Connection(psycopg.Connection[TupleRow]):
    """A connection that knows its settings, and whether its session has them.

    A pooler such as PgBouncer may drop what a session is started with, and give each transaction
    another session. Then nothing is prepared, and every transaction brings the settings along.
    """

    settings: Mapping[str, str]
    pooled = False

    @classmethod
    def to(cls, server: Server, settings: Mapping[str, str]) -> Self:
        """Connect, and see whether the session is as it was asked for. Raises `NotInUtf8`."""
        path = '"{}"'.format(server.schema.replace('"', '""'))
        first = {**PATIENCE, **settings}
        last = {**SESSION, MARK: server.schema, "search_path": path}
        given = {**LIMITS, **server.parameters, "client_encoding": "UTF8"}
        options = f"{_options(first)} {server.parameters.get('options', '')} {_options(last)}"
        try:
            connection = cls.connect(make_conninfo("", **given | {"options": options}))
        except psycopg.OperationalError as error:
            if "unsupported startup parameter" not in str(error):
                raise
            given.pop("options", None)
            connection = cls.connect(make_conninfo("", **given))
        connection.settings = first | last
        try:
            connection._look()
        except BaseException:
            connection.close()
            raise
        return connection

    def _look(self) -> None:
        encoding = self.info.parameter_status("server_encoding")
        if encoding not in ("UTF8", None):
            raise NotInUtf8(database=self.info.dbname, encoding=encoding)
        self.autocommit = True
        found = self.execute(
            "SELECT current_setting(%s, true), current_setting('search_path')", (MARK,)
        ).fetchone()
        self.autocommit = False
        if found != (self.settings[MARK], self.settings["search_path"]):
            self.become_pooled()

    def become_pooled(self) -> None:
        """Stop relying on anything that the session was told before."""
        self.pooled = True
        self.prepare_threshold = None

    @property
    def brought_along(self) -> str:
        """Statements that make a new transaction ready; none if the session is ready."""
        if not self.pooled:
            return ""
        return "; ".join(
            "SET LOCAL {} = '{}'".format(name, value.replace("'", "''"))
            if name != "search_path"
            else f"SET LOCAL search_path = {value}"
            for name, value in self.settings.items()
            if name not in (MARK, "default_transaction_isolation")
        )


def _options(settings: Mapping[str, str]) -> str:
    escaped = {
        name: value.replace("\\", r"\\").replace(" ", r"\ ") for name, value in settings.items()
    }
    return " ".join(f"-c {name}={value}" for name, value in escaped.items())


@contextmanager
def connected(
    server: Server,
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    *,
    read_only: bool = False,
) -> Generator[Connection]:
    """Open one transaction in one connection; a driver's error is raised as a problem."""
    try:
        with Connection.to(server, {}) as connection:
            connection.isolation_level = isolation
            connection.read_only = read_only or None
            if connection.brought_along:
                connection.execute(connection.brought_along.encode())
            yield connection
    except psycopg.Error as error:
        raise explained(server.name, error) from error


def explained(log: str, error: psycopg.Error) -> Problem | psycopg.Error:
    """Return `NotPermitted`, `ReadOnly` or `Unavailable`; a mistake in the program as it is."""
    if has_no_right(error):
        return NotPermitted(log=log, reason=said(error))
    if is_read_only(error):
        return ReadOnly(log=log, reason=said(error))
    away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return Unavailable(log=log, reason=said(error)) if away or is_ended(error) else error


def said(error: psycopg.Error) -> str:
    """Return the server's own sentence, without the statement it was about; else the driver's."""
    return error.diag.message_primary or str(error).strip()


def driver_connection(connection: Any) -> Connection:
    """Return the driver's connection below one of SQLAlchemy's."""
    found: Connection = connection.connection.driver_connection
    return found
