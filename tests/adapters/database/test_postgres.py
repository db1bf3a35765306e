"""Connections to PostgreSQL are made ready the same way, whoever opens them and whatever is set."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import inspect, text

from adapters.addresses import Server, locate
from adapters.database.postgres import Connection, NotInUtf8, connected
from adapters.database.sqlalchemy_engine import set_up_schema
from adapters.database.state_database import open_database
from adapters.store.event_log.open_log import open_log, setup_log
from adapters.store.event_log.postgres_connections import Sessions
from adapters.store.read_models.database import ViewsDatabase
from application.ports import Log, OutcomeUnknown
from domain.shared.messages import StreamId
from tests.support.log_stores import CATALOGUE, note

ODD = {
    "client_encoding": "LATIN1",
    "default_transaction_isolation": "serializable",
    "TimeZone": "Asia/Tokyo",
    "lock_timeout": "7d",
    "search_path": "pg_temp",
}
READY = ("UTF8", "read committed", "UTC", "logs", "Köln")
ASK = """SELECT current_setting('client_encoding'), current_setting('transaction_isolation'),
    current_setting('TimeZone'), replace(current_setting('search_path'), '"', ''), 'Köln'"""
A = StreamId("a")


def in_logs(url: str) -> str:
    """The address with a schema, and with options of its own."""
    return f"{url}?options=-c%20statement_timeout%3D1h%20-c%20search_path%3Dlogs"


@pytest.fixture(params=["direct", "pooled"])
def url(
    request: pytest.FixtureRequest, fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A database that is set up oddly, reached directly or by a pooler."""
    name = conninfo_to_dict(fresh_postgres_url)["dbname"]
    with psycopg.connect(fresh_postgres_url, autocommit=True) as admin:
        for setting, value in ODD.items():
            admin.execute(f"ALTER DATABASE {name} SET {setting} TO '{value}'".encode())
    if request.param == "pooled":
        drop_options(monkeypatch)
    set_up_schema(in_logs(fresh_postgres_url))
    return in_logs(fresh_postgres_url)


def drop_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect as through PgBouncer, which passes no `options` on to the server."""

    def dropping(conninfo: str = "", **parameters: Any) -> str:
        parameters.pop("options", None)
        return make_conninfo(conninfo, **parameters)

    monkeypatch.setattr("adapters.database.postgres.make_conninfo", dropping)


@contextmanager
def row_of_the_log(url: str) -> Generator[tuple[Any, ...]]:
    server = locate(url)
    assert isinstance(server, Server)
    with closing(Sessions(server)) as sessions:
        (row,) = sessions.read(ASK.encode())
        yield row


@contextmanager
def row_of_one_task(url: str) -> Generator[tuple[Any, ...]]:
    server = locate(url)
    assert isinstance(server, Server)
    with connected(server) as connection:
        yield connection.execute(ASK.encode()).fetchone() or ()


@contextmanager
def row_of_read_models(url: str) -> Generator[tuple[Any, ...]]:
    with closing(ViewsDatabase(url)) as views:
        asked = tuple(views.ask(ASK, {})[0])
        with views.writing() as connection:
            assert tuple(connection.execute(text(ASK)).one()) == asked
        yield asked


@contextmanager
def row_of_the_bus(url: str) -> Generator[tuple[Any, ...]]:
    engine = open_database(url)
    with engine.begin() as connection:
        yield tuple(connection.execute(text(ASK)).one())
    engine.dispose()


@pytest.mark.parametrize(
    "row", [row_of_the_log, row_of_one_task, row_of_read_models, row_of_the_bus]
)
def test_every_session_is_ready_however_the_database_is_set_up(url: str, row: Any) -> None:
    with row(url) as found:
        assert found == READY


def test_read_models_look_for_their_tables_in_their_schema_alone(url: str) -> None:
    with closing(ViewsDatabase(url)) as views:
        with views.writing() as connection:
            connection.execute(text("CREATE TABLE here (x int)"))
        with views.reading() as connection:
            level = connection.execute(text("SHOW transaction_isolation")).scalar()
            assert (level, inspect(connection).get_table_names()) == ("repeatable read", ["here"])
            assert inspect(connection).has_table("here")
        assert views.ask("SELECT count(*) FROM logs.here", {})[0][0] == 0


def test_a_task_reads_one_state_where_it_says_so(url: str) -> None:
    server = locate(url)
    assert isinstance(server, Server)
    with connected(server, IsolationLevel.REPEATABLE_READ, read_only=True) as connection:
        found = connection.execute(
            "SELECT current_setting('transaction_isolation'),"
            " current_setting('transaction_read_only')"
        ).fetchone()
    assert found == ("repeatable read", "on")


@pytest.fixture
def log(url: str) -> Iterator[Log]:
    setup_log(url)
    with open_log(url, "toronto", CATALOGUE) as log:
        yield log


def test_the_log_is_appended_to_and_read_whatever_the_session_is(log: Log) -> None:
    log.append([note("a", 1, "Köln")], {A: 0})
    log.append([note("a", 2)], {A: 1})
    assert [entry.version for entry in log.read(A)[A]] == [1, 2]
    assert log.head() == 2


@pytest.mark.parametrize("forgets", ["DEALLOCATE ALL", "DISCARD ALL"])
def test_a_session_that_forgets_what_was_prepared_is_not_relied_upon(
    fresh_postgres_url: str, forgets: str
) -> None:
    server = locate(fresh_postgres_url)
    assert isinstance(server, Server)
    with closing(Sessions(server)) as sessions:
        assert sessions.read(b"SELECT 1") == [(1,)]
        sessions._spare[0].connection.execute(forgets.encode())
        assert sessions.read(b"SELECT 1") == [(1,)]
        assert sessions.read(b"SELECT 2") == [(2,)]


def test_a_statement_that_another_client_prepared_is_the_same_statement(
    fresh_postgres_url: str,
) -> None:
    """Two clients of a pooler may be given one session, one after the other."""
    server = locate(fresh_postgres_url)
    assert isinstance(server, Server)
    with closing(Sessions(server)) as one, closing(Sessions(server)) as other:
        assert one.read(b"SELECT 1") == [(1,)]
        other.read(b"SELECT 0")
        session = other._spare.pop()
        session.connection.close()
        session.connection = one._spare[0].connection
        other._spare.append(session)
        assert other.read(b"SELECT 2") == [(2,)]
        assert other.read(b"SELECT 1") == [(1,)]
        one._spare.clear()


def test_what_breaks_behind_a_pooler_during_a_commit_is_unknown(
    fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_options(monkeypatch)
    server = locate(fresh_postgres_url)
    assert isinstance(server, Server)
    with closing(Sessions(server)) as sessions:
        with pytest.raises(OutcomeUnknown, match=r"closed the connection|terminating connection"):
            sessions.write(b"SELECT pg_terminate_backend(pg_backend_pid())", ())
        assert sessions.read(b"SELECT 1") == [(1,)]


def test_a_server_that_takes_no_options_is_connected_to_without(
    fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PgBouncer as it comes refuses a client that sends `options`."""
    connect = Connection.connect
    refused: list[str] = []

    def refusing(conninfo: str) -> Connection:
        if "options" in conninfo_to_dict(conninfo):
            refused.append(conninfo)
            raise psycopg.OperationalError("unsupported startup parameter: options")
        return connect(conninfo)

    monkeypatch.setattr(Connection, "connect", refusing)
    server = locate(fresh_postgres_url)
    assert isinstance(server, Server)
    with connected(server.in_schema("logs")) as connection:
        assert connection.pooled
        assert connection.execute("SHOW search_path").fetchone() == ("logs",)
    assert len(refused) == 1


def test_a_database_in_another_encoding_is_refused_before_anything_is_made(
    postgres_server: str, fresh_postgres_url: str
) -> None:
    name = f"{conninfo_to_dict(fresh_postgres_url)['dbname']}_ascii"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(
            f"CREATE DATABASE {name} ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C'"
            " TEMPLATE template0".encode()
        )
        try:
            url = f"{fresh_postgres_url.rpartition('/')[0]}/{name}"
            for set_up in (setup_log, set_up_schema):
                with pytest.raises(NotInUtf8) as refused:
                    set_up(url)
                assert refused.value.details == {"database": name, "encoding": "SQL_ASCII"}
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT to_regclass('stored_events')").fetchone() == (
                    None,
                )
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
