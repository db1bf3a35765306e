"""A database that may not be written, cuts statements off, is locked, full, or no file at all."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from adapters.addresses import Server, locate
from adapters.database.postgres import connected
from adapters.store.event_log.postgres_connections import LOCK, lock_key
from adapters.store.read_models.database import ViewsDatabase
from application.ports import DerivedAway, Unavailable
from tests.support.alliance import Ran
from tests.support.street import RECORDS, Street

UNAVAILABLE, UNFINISHED = 6, 7
NOBODY = 65534
FOUNDING = RECORDS / "founding.yaml"
QUESTIONS = [
    ("status",),
    ("list", "partnerships"),
    ("policy",),
    ("log",),
    ("feed",),
    ("replay",),
    ("subscribers",),
    ("webhooks", "list"),
    ("config", "check"),
    ("verify", "projections"),
]


def said(ran: Ran, problem: str, reason: str) -> None:
    """A command ended with this problem for this reason, and with no traceback."""
    assert (ran.code, f"({problem})" in ran.err, reason in ran.err) == (UNAVAILABLE, True, True), (
        ran.err
    )


# --- PostgreSQL -----------------------------------------------------------------------------------


@pytest.fixture
def served(fresh_postgres_url: str, tmp_path: Path) -> Street:
    street = Street.on_postgres(fresh_postgres_url, tmp_path)
    street.done("setup")
    street.done("record", FOUNDING)
    return street


@contextmanager
def set_to(url: str, setting: str, value: str) -> Generator[None]:
    """Configure the whole database, for connections that are opened meanwhile."""
    database = url.rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {database} SET {setting} = '{value}'".encode())
        yield
        connection.execute(b"SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {database} RESET {setting}".encode())


def test_a_server_that_takes_no_writes_answers_and_records_nothing(
    served: Street, fresh_postgres_url: str
) -> None:
    head = served.head()
    with set_to(fresh_postgres_url, "default_transaction_read_only", "on"):
        for question in QUESTIONS:
            served.done(*question)
        said(served.run("record", RECORDS), "ReadOnly", "cannot execute INSERT in a read-only")
    assert served.head() == head
    served.done("record", RECORDS)


@pytest.mark.parametrize(
    "command",
    [
        ("rebuild",),
        ("verify", "projections", "--repair"),
        ("subscribe", "archive"),
        ("webhooks", "add", "archive", "http://127.0.0.1:9/", "--private"),
    ],
)
def test_what_must_be_written_beside_a_log_that_is_read_only_is_no_fault_of_the_program(
    command: tuple[str, ...], served: Street, fresh_postgres_url: str
) -> None:
    with set_to(fresh_postgres_url, "default_transaction_read_only", "on"):
        said(served.run(*command), "DerivedReadOnly", "in a read-only transaction")


def test_on_a_standby_read_models_of_its_own_answer_where_the_servers_are_behind(
    served: Street, fresh_postgres_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(fresh_postgres_url) as connection:
        connection.execute("UPDATE alliance_toronto.views SET position = 3")
    own = f"sqlite:///{tmp_path / 'views.sqlite'}"
    with set_to(fresh_postgres_url, "default_transaction_read_only", "on"):
        said(served.run("list", "partnerships"), "DerivedReadOnly", "read-only transaction")
        assert served.run("setup", ALLIANCE_VIEWS_URL=own).code == 0
        assert served.run("list", "partnerships", ALLIANCE_VIEWS_URL=own).code == 0


def test_a_server_without_a_log_that_takes_no_writes_is_not_set_up(
    fresh_postgres_url: str, tmp_path: Path
) -> None:
    street = Street.on_postgres(fresh_postgres_url, tmp_path)
    with set_to(fresh_postgres_url, "default_transaction_read_only", "on"):
        said(street.run("setup"), "ReadOnly", "cannot execute CREATE")


def test_a_statement_that_the_server_cuts_off_stores_nothing(
    served: Street, fresh_postgres_url: str
) -> None:
    head = served.head()
    with (
        set_to(fresh_postgres_url, "statement_timeout", "500ms"),
        psycopg.connect(fresh_postgres_url, autocommit=True) as holder,
    ):
        holder.execute("SET statement_timeout = 0")
        holder.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK, lock_key(holder, "public")))
        said(served.run("record", RECORDS), "Unavailable", "due to statement timeout")
    assert served.head() == head


def test_read_models_that_another_keeps_locked_are_away(
    served: Street, fresh_postgres_url: str
) -> None:
    with psycopg.connect(fresh_postgres_url) as holder:
        holder.execute("LOCK TABLE alliance_toronto.views")
        impatient = f"{fresh_postgres_url}?options=-clock_timeout%3D200ms"
        ran = served.run("list", "partnerships", ALLIANCE_DATABASE_URL=impatient)
        said(ran, "DerivedAway", "due to lock timeout")


def until_ended(url: str, pid: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)
        ).fetchone():
            time.sleep(0.02)


def dawdle(url: str, address: Server) -> None:
    with connected(address) as connection:
        connection.execute("SELECT 1")
        until_ended(url, connection.info.backend_pid)
        connection.execute("SELECT 1")


def dawdle_over(url: str, views: ViewsDatabase) -> None:
    with views.writing() as connection:
        until_ended(url, connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        connection.execute(text("SELECT 1"))


def test_a_log_whose_transaction_was_idle_for_too_long_is_unavailable(
    fresh_postgres_url: str,
) -> None:
    address = locate(fresh_postgres_url)
    assert isinstance(address, Server)
    with (
        set_to(fresh_postgres_url, "idle_in_transaction_session_timeout", "50ms"),
        pytest.raises(Unavailable) as ended,
    ):
        dawdle(fresh_postgres_url, address)
    assert ended.value.details["reason"] == (
        "terminating connection due to idle-in-transaction timeout"
    )


def test_read_models_whose_transaction_was_idle_for_too_long_are_away(
    fresh_postgres_url: str,
) -> None:
    views = ViewsDatabase(fresh_postgres_url)
    with (
        set_to(fresh_postgres_url, "idle_in_transaction_session_timeout", "500ms"),
        pytest.raises(DerivedAway) as ended,
    ):
        dawdle_over(fresh_postgres_url, views)
    assert ended.value.details["reason"] == (
        "terminating connection due to idle-in-transaction timeout"
    )
    views.close()


# --- SQLite ---------------------------------------------------------------------------------------


@pytest.fixture
def in_a_folder() -> Generator[tuple[Street, Path]]:
    """A register with what was founded in it, where another user may look."""
    folder = Path(tempfile.mkdtemp(prefix="alliance-"))
    street = Street.on_sqlite(folder)
    street.done("setup")
    street.done("record", FOUNDING)
    for question in QUESTIONS:
        street.done(*question)
    yield street, folder
    for each in (folder, *folder.rglob("*")):
        with suppress(
            FileNotFoundError
        ):  # SQLite removes its files beside when the last one closes
            each.chmod(0o700)
    shutil.rmtree(folder)


@contextmanager
def unprivileged() -> Generator[None]:
    """To root nothing is read-only."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        yield


def chmod(folder: Path, files: int, folders: int) -> None:
    for each in (folder, *folder.rglob("*")):
        each.chmod(folders if each.is_dir() else files)


def test_files_that_are_read_only_are_read_and_not_written(
    in_a_folder: tuple[Street, Path],
) -> None:
    street, folder = in_a_folder
    chmod(folder, files=0o444, folders=0o777)
    with unprivileged():
        for question in QUESTIONS:
            if question != ("config", "check"):  # a key that everybody may read is unsound
                street.done(*question)
        said(street.run("record", RECORDS), "ReadOnly", "attempt to write a readonly database")
        said(street.run("rebuild"), "DerivedReadOnly", "attempt to write a readonly database")


def test_of_a_folder_that_is_read_only_it_is_said(in_a_folder: tuple[Street, Path]) -> None:
    street, folder = in_a_folder
    chmod(folder, files=0o444, folders=0o555)
    with unprivileged():
        for command in (("list", "partnerships"), ("record", RECORDS), ("setup",)):
            said(street.run(*command), "ReadOnly", "attempt to write a readonly database")


def test_a_log_that_another_process_keeps_locked_is_unavailable(
    in_a_folder: tuple[Street, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    street, folder = in_a_folder
    monkeypatch.setattr("adapters.database.sqlite_connections.BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(folder / "log.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        said(street.run("record", RECORDS), "Unavailable", "database is locked")
        street.done("list", "partnerships")


def test_read_models_that_another_process_keeps_locked_are_away(
    in_a_folder: tuple[Street, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    street, folder = in_a_folder
    monkeypatch.setattr("adapters.store.read_models.database.BUSY_SECONDS", 0)
    views = folder / "toronto" / "views.sqlite"
    with closing(sqlite3.connect(views, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        ran = street.run("record", RECORDS)
        assert (ran.code, "(Unfinished)" in ran.err, "database is locked" in ran.err) == (
            UNFINISHED,
            True,
            True,
        )
    assert "recorded before; nothing changed" in street.done("record", RECORDS)


def test_a_disk_that_takes_no_more_is_unavailable_and_nothing_is_stored(
    in_a_folder: tuple[Street, Path],
) -> None:
    street, _ = in_a_folder
    head = street.head()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    try:
        ran = street.run("record", RECORDS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    said(ran, "Unavailable", "disk I/O error")
    assert street.head() == head


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("log.sqlite", "unable to open database file"),
        ("toronto/views.sqlite", "unable to open database file"),
        ("toronto/relay.sqlite", "Is a directory"),
    ],
)
def test_a_folder_is_no_database(file: str, reason: str, in_a_folder: tuple[Street, Path]) -> None:
    street, folder = in_a_folder
    (folder / file).unlink()
    (folder / file).mkdir()
    said(street.run("setup"), "NotWritable", reason)


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("log.sqlite", "log"),
        ("toronto/views.sqlite", "policy"),
        ("toronto/relay.sqlite", "subscribers"),
    ],
)
def test_a_file_that_is_no_database_is_damaged(
    file: str, command: str, in_a_folder: tuple[Street, Path]
) -> None:
    street, folder = in_a_folder
    (folder / file).write_bytes(b"no database" * 1000)
    said(street.run(command), "Damaged", "file is not a database")


@pytest.mark.parametrize(
    "command", [("log",), ("record", RECORDS), ("backup", "copy.jsonl"), ("rebuild",)]
)
def test_a_log_of_which_a_part_is_overwritten_is_damaged(
    command: tuple[object, ...], in_a_folder: tuple[Street, Path], tmp_path: Path
) -> None:
    street, folder = in_a_folder
    whole = (folder / "log.sqlite").read_bytes()
    with (folder / "log.sqlite").open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * (len(whole) - 8 * 4096))
    with contextlib.chdir(tmp_path):
        said(street.run(*command), "Damaged", "database disk image is malformed")
