"""Connections to PostgreSQL: log, read models and bus make each ready in the same way."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, LiteralString, Self

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


LIFE = """current_setting('search_path'), (SELECT system_identifier FROM pg_control_system()),
    CASE WHEN pg_is_in_recovery()
        THEN (SELECT greatest(c.timeline_id, r.min_recovery_end_timeline)
            FROM pg_control_checkpoint() AS c, pg_control_recovery() AS r)
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END"""
"""The servers' identity, which a primary and its standbys share, and the timeline this one is on:
each fail-over begins the next."""
REPLICATION = """SELECT pg_is_in_recovery(), current_setting('synchronous_standby_names'),
    current_setting('synchronous_commit'),
    (SELECT count(*) FROM pg_stat_replication
        WHERE coalesce(sync_state, 'sync') IN ('sync', 'quorum'))
"""
"""`sync_state` is hidden from a role that may not monitor."""
PROBE_SECONDS = "2"
PLACES = ("host", "hostaddr", "port")


class NotInUtf8(Invalid):
    """The database does not keep its texts in UTF-8: create one with ENCODING 'UTF8'."""

    database: str
    encoding: str


class StatementPooling(Invalid):
    """The pooler gives each statement another session: set `pool_mode = transaction`."""

    database: str
    reason: str


class OldPrimary(Unavailable):
    """This server was the primary before a fail-over: what it says or takes is not the log.

    Stop it, and make it a standby of the present one. Details: the `timeline` it is on, and the
    one that was `seen`.
    """

    timeline: int
    seen: int


class Timelines:
    """The latest timeline of each system of servers that this process has seen."""

    def __init__(self) -> None:
        self._latest: dict[int, int] = {}
        self._probed: set[str] = set()
        self._lock = Lock()

    def take(self, system: int, timeline: int) -> int:
        """Take note of a server, and return the latest timeline of its system."""
        with self._lock:
            self._latest[system] = max(timeline, self._latest.get(system, 0))
            return self._latest[system]

    def is_first(self, servers: str) -> bool:
        """True the first time that servers are connected to: nothing is known of them yet."""
        with self._lock:
            known = servers in self._probed
            self._probed.add(servers)
            return not known


SEEN = Timelines()
"""Shared by all connections of the process: log, read models and bus are on the same servers."""


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
        hosts = _each_host(server.parameters)
        if len(hosts) > 1 and SEEN.is_first(str([server.parameters.get(n) for n in PLACES])):
            _probe(hosts)
        try:
            return cls._to(server, server.parameters, settings)
        except OldPrimary:
            for host in hosts if len(hosts) > 1 else ():
                with suppress(OldPrimary, psycopg.OperationalError):
                    return cls._to(server, host, settings)
            raise

    @classmethod
    def _to(
        cls, server: Server, parameters: Mapping[str, str], settings: Mapping[str, str]
    ) -> Self:
        path = '"{}"'.format(server.schema.replace('"', '""'))
        first = {**PATIENCE, **settings}
        last = {**SESSION, MARK: server.schema, "search_path": path}
        given = {**LIMITS, **parameters, "client_encoding": "UTF8"}
        options = f"{_options(first)} {parameters.get('options', '')} {_options(last)}"
        try:
            connection = cls.connect(make_conninfo("", **given | {"options": options}))
        except psycopg.OperationalError as error:
            if "unsupported startup parameter" not in str(error):
                raise
            given.pop("options", None)
            connection = cls.connect(make_conninfo("", **given))
        connection.settings = first | last
        connection.add_notice_handler(_tell_not_replicated)
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
        mark, path, system, timeline = self._asked(LIFE) or (None, None, 0, 0)
        self.autocommit = False
        if system and timeline < (seen := SEEN.take(system, timeline)):
            raise OldPrimary(log=self.info.dbname, timeline=timeline, seen=seen)
        if (mark, path) != (self.settings[MARK], self.settings["search_path"]):
            self.become_pooled()
            self._require_transactions()

    def _require_transactions(self) -> None:
        """Raise `StatementPooling` where the pooler takes no transaction."""
        self.autocommit = True
        try:
            self.execute("BEGIN")
            self.execute("ROLLBACK")
        except psycopg.Error as error:
            if "statement pooling" not in str(error):
                raise
            raise StatementPooling(database=self.info.dbname, reason=said(error)) from None
        self.autocommit = False

    def _asked(self, life: LiteralString) -> tuple[Any, ...] | None:
        """Ask how the session was started, and which server it is on; 0 where that is not told."""
        try:
            asked = f"SELECT current_setting(%s, true), {life}"
            return self.execute(asked, (MARK,)).fetchone()
        except psycopg.errors.InsufficientPrivilege:
            return self._asked("current_setting('search_path'), 0, 0")

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


def _tell_not_replicated(notice: psycopg.errors.Diagnostic) -> None:
    """Say that a commit is stored here alone: the wait for a standby was cut short."""
    if notice.source_function == "SyncRepWaitForLSN":
        import structlog  # noqa: PLC0415  (no question waits for it)

        structlog.get_logger("database").warning(
            "stored, but perhaps not on a standby yet", problem=notice.message_primary
        )


def replication_warnings(server: Server) -> list[str]:
    """Return what an operator should know of how commits reach other servers."""
    with connected(server) as connection:
        found = connection.execute(REPLICATION).fetchone()
    recovering, names, commit, standbys = found or (True, "", "", 0)
    if recovering:
        return []
    if not names:
        alone = "synchronous_standby_names is empty: a commit is on one server when it is answered"
        return [alone] if len(_each_host(server.parameters)) > 1 else []
    if commit in ("off", "local"):
        return [f"synchronous_commit is {commit}: a commit is answered before it is on a standby"]
    return [] if standbys else ["no synchronous standby is connected: commits wait for one"]


def _each_host(parameters: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Return the parameters of each of several hosts, as libpq pairs them."""
    lists = {
        name: parameters[name].split(",") for name in ("host", "hostaddr") if parameters.get(name)
    }
    count = max(map(len, lists.values()), default=1)
    ports = parameters.get("port", "").split(",")
    lists["port"] = ports if len(ports) > 1 else ports * count
    return [
        {**parameters, **{name: each[number] for name, each in lists.items() if each[number]}}
        | ({"port": lists["port"][number] or "5432"})
        for number in range(count)
    ]


def _probe(hosts: Sequence[Mapping[str, str]]) -> None:
    """Ask each server for its timeline: one that takes writes may be an old primary."""

    def ask(host: Mapping[str, str]) -> None:
        given = {**host, "connect_timeout": PROBE_SECONDS, "target_session_attrs": "any"}
        given.pop("options", None)
        with suppress(psycopg.Error), psycopg.connect(make_conninfo("", **given)) as connection:
            found = connection.execute(f"SELECT {LIFE}".encode()).fetchone()
            if found:
                SEEN.take(found[1], found[2])

    with ThreadPoolExecutor(len(hosts)) as threads:
        list(threads.map(ask, hosts))


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
