"""What a log in a database promises beyond the contract: to be set up, to keep, to say why not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.store.event_log.log import EventLog
from adapters.store.event_log.mapper import Placed
from adapters.store.event_log.open_log import open_log, setup_log
from adapters.store.event_log.postgres_connections import KEPT
from adapters.store.event_log.postgres_schema import OF_REGISTER as ON_POSTGRES
from adapters.store.event_log.recorder import FORMAT
from adapters.store.event_log.sqlite_recorder import SQLiteRecorder
from adapters.store.event_log.sqlite_schema import OF_REGISTER as ON_SQLITE
from application.ports import (
    AheadOfLog,
    NewerLog,
    NotSetUp,
    Pending,
    StoredRow,
    Unavailable,
    Unreadable,
)
from domain.shared.messages import Fact, StreamId
from tests.support.log_stores import (
    CATALOGUE,
    Noted,
    PostgresStore,
    SQLiteStore,
    StoredStore,
    note,
)

A = StreamId("a")


# --- setting up -----------------------------------------------------------------------------------


def test_opening_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotSetUp) as missing:
        open_log(f"sqlite:///{tmp_path}/log.sqlite", "toronto", CATALOGUE)
    assert missing.value.details == {"log": f"{tmp_path}/log.sqlite"}
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_log_is_not_set_up(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "log.sqlite").execute("CREATE TABLE other (x)")
    with pytest.raises(NotSetUp):
        open_log(f"sqlite:///{tmp_path}/log.sqlite", "toronto", CATALOGUE)


def test_a_schema_without_a_log_is_not_set_up(postgres: PostgresStore) -> None:
    with pytest.raises(NotSetUp) as missing:
        open_log(f"{postgres.server}?options=-csearch_path%3Dother", "toronto", CATALOGUE)
    assert str(missing.value.details["log"]).endswith(":other")


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable) as away:
        open_log("postgresql://clerk@127.0.0.1:1/register", "toronto", CATALOGUE)
    assert "refused" in str(away.value.details["reason"])


def test_setting_up_again_changes_nothing(stored: StoredStore) -> None:
    log = stored.open()
    log.append([note("a", 1)], {})
    epoch = log.epoch()
    stored.set_up()
    assert (log.epoch(), log.head()) == (epoch, 1)
    assert stored.open().recorder.mark() == FORMAT


def test_setting_up_at_the_same_moment_makes_one_log(
    tmp_path: Path, fresh_postgres_url: str
) -> None:
    for number, store in enumerate((SQLiteStore(tmp_path), PostgresStore(fresh_postgres_url, "x"))):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _, url=store.url: setup_log(url), range(16)))
        assert len(store.open().recorder.epochs()) == 1, number
        store.close()


def test_a_file_that_another_took_the_place_of_is_no_longer_read(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    store.set_up()
    log = store.open()
    log.append([note("a", 1)], {})
    epoch = log.epoch()
    store.path.rename(tmp_path / "old.sqlite")
    for suffix in ("-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
    with pytest.raises(NotSetUp):
        log.head()
    setup_log(store.url)
    assert (log.head(), log.epoch() != epoch) == (0, True)
    with pytest.raises(AheadOfLog) as ahead:
        log.check_follower(1, epoch)
    assert ahead.value.details["shared"] == 0
    store.close()


def test_a_register_finds_its_rows_among_others_by_an_index(stored: StoredStore) -> None:
    setup_log(stored.url, "toronto")
    assert "stored_events_of_register" not in plan_of_a_page(stored)

    setup_log(stored.url, "toronto", "new-york")

    assert stored.open().recorder.registers() == ["new-york", "toronto"]
    stored.open("new-york").append([note("a", version) for version in range(1, 5_001)], {})
    stored.open().append([note("a", 1), note("a", 2)], {})
    stored.run("ANALYZE")
    assert "stored_events_of_register" in plan_of_a_page(stored)
    assert [row.position for row in stored.open().raw_after(0, 10).rows] == [5_001, 5_002]
    assert (stored.open().head(), stored.open("new-york").head()) == (5_002, 5_000)


def plan_of_a_page(stored: StoredStore) -> str:
    """How the database finds a page of this register's rows."""
    explain, own = "EXPLAIN QUERY PLAN", ON_SQLITE
    if isinstance(stored, PostgresStore):
        explain, own = "EXPLAIN", ON_POSTGRES
    page = "SELECT * FROM stored_events WHERE notification_id > 0 AND {} = 'toronto' LIMIT 10"
    return str(stored.run(f"{explain} {page.format(own)}"))


def test_two_schemas_of_a_database_are_two_logs(postgres: PostgresStore) -> None:
    other = PostgresStore(postgres.server, "other")
    other.set_up()
    postgres.open().append([note("a", 1)], {})
    assert other.open().head() == 0
    assert other.open().epoch() != postgres.open().epoch()
    other.close()


# --- durability -----------------------------------------------------------------------------------


def test_every_connection_to_a_file_waits_for_the_disk(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    store.set_up()
    recorder = store.open().recorder
    assert isinstance(recorder, SQLiteRecorder)
    for _ in range(2):
        connection = recorder.file.borrow()
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    store.close()


def test_what_the_environment_says_to_the_library_opens_no_other_database(
    stored: StoredStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("PERSISTENCE_MODULE", "eventsourcing.postgres"),
        ("POSTGRES_ENABLE_DB_FUNCTIONS", "y"),
        ("COMPRESSOR_TOPIC", "zlib"),
        ("IS_SNAPSHOTTING_ENABLED", "y"),
    ):
        monkeypatch.setenv(name, value)
    log = stored.open()
    log.application.save(Placed("toronto/a", 1, Noted(text="x")))
    assert [row.state for row in log.raw_after(0, 10).rows] == [b'{"text":"x"}']


# --- append-only ----------------------------------------------------------------------------------

CHANGES = {
    "update": "UPDATE stored_events SET topic = 'other.v1'",
    "delete": "DELETE FROM stored_events WHERE originator_version = 2",
    "epochs": "DELETE FROM log_epochs",
    "renamed epoch": "UPDATE log_epochs SET epoch = 'other'",
}
REPLACEMENTS = {
    "same place": "REPLACE INTO stored_events VALUES (9, 'toronto/a', 1, 'x.v1', '{}', 1)",
    "same position": "REPLACE INTO stored_events VALUES (1, 'toronto/z', 1, 'x.v1', '{}', 1)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_stored_cannot_be_changed(stored: StoredStore, change: str) -> None:
    log = stored.open()
    log.append([note("a", 1), note("a", 2)], {})
    before = log.raw_after(0, 10), log.recorder.epochs()
    with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match="append-only") as refused:
        stored.run(CHANGES[change])
    if isinstance(refused.value, psycopg.Error):
        assert refused.value.sqlstate == KEPT
    assert (log.raw_after(0, 10), log.recorder.epochs()) == before


@pytest.mark.parametrize("table", ["stored_events", "log_epochs", "personal_parts"])
def test_a_server_does_not_truncate_the_log(postgres: PostgresStore, table: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        postgres.run(f"TRUNCATE {table}")
    assert refused.value.sqlstate == KEPT


@pytest.mark.parametrize("change", REPLACEMENTS)
def test_a_file_does_not_replace_what_it_holds(tmp_path: Path, change: str) -> None:
    store = SQLiteStore(tmp_path)
    store.set_up()
    log = store.open()
    log.append([note("a", 1)], {})
    before = log.raw_after(0, 10)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store.run(REPLACEMENTS[change])
    assert log.raw_after(0, 10) == before
    store.close()


def test_a_service_needs_no_right_to_change_or_remove_anything(postgres: PostgresStore) -> None:
    role = f"service_{postgres.server.rsplit('_', 1)[1]}"
    postgres.run(f"CREATE ROLE {role} LOGIN")
    for grant in (
        f"USAGE ON SCHEMA record TO {role}",
        f"SELECT, INSERT ON stored_events, personal_parts TO {role}",
        f"SELECT ON log_mark, log_epochs, log_registers TO {role}",
    ):
        postgres.run(f"GRANT {grant}")
    try:
        given = conninfo_to_dict(postgres.server)
        url = f"postgresql://{role}@{given['host']}:{given.get('port', 5432)}/{given['dbname']}"
        setup_log(f"{url}?options=-csearch_path%3Drecord")
        with open_log(f"{url}?options=-csearch_path%3Drecord", "toronto", CATALOGUE) as log:
            log.append([note("a", 1)], {A: 0})
            assert len(log.read(A)[A]) == 1
        with psycopg.connect(url) as service, pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute("DELETE FROM record.stored_events")
    finally:
        postgres.run(f"DROP OWNED BY {role}")
        postgres.run(f"DROP ROLE {role}")


def test_another_isolation_of_the_database_does_not_blind_the_guard(
    postgres: PostgresStore,
) -> None:
    name = conninfo_to_dict(postgres.server)["dbname"]
    postgres.run(f"ALTER DATABASE {name} SET default_transaction_isolation TO serializable")
    assert postgres.open().append([note("a", 1)], {A: 0})[0].version == 1
    with pytest.raises(psycopg.errors.RaiseException, match="read committed"):
        postgres.run("SELECT log_append(1, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '')")


# --- programs of another age ----------------------------------------------------------------------


def test_an_older_program_reads_a_newer_log_and_does_not_write(stored: StoredStore) -> None:
    log = stored.open()
    log.append([note("a", 1)], {})
    stored.run(f"UPDATE log_mark SET format = {FORMAT + 1}")  # noqa: S608
    for program in (log, stored.open()):
        with pytest.raises(NewerLog) as newer:
            program.append([note("a", 2)], {})
        assert newer.value.details == {"program": FORMAT, "log": FORMAT + 1}
        assert len(program.read(A)[A]) == 1
    with pytest.raises(NewerLog):
        stored.set_up()


def test_a_row_with_a_name_that_nobody_knows_is_named(stored: StoredStore) -> None:
    log = stored.open()
    log.append([note("a", 1)], {})
    older = open_log(stored.url, "toronto", {})
    with pytest.raises(Unreadable) as unknown, older:
        older.after(0, 10)
    assert unknown.value.details == {
        "topic": "noted.v1",
        "stream": "toronto/a",
        "version": 1,
        "position": 1,
        "reason": "no such topic is known",
    }


def test_a_row_whose_content_its_type_refuses_is_named(stored: StoredStore) -> None:
    log = stored.open()
    log.append([note("a", 1)], {})
    stored.insert(StoredRow(StreamId("toronto/a"), 2, "noted.v1", b'{"text":42}', 2, 9))
    readers: tuple[Callable[[], object], ...] = (lambda: log.read(A), lambda: log.raw_after(0, 10))
    for reader in readers:
        with pytest.raises(Unreadable) as wrong:
            reader()
        assert wrong.value.details["position"] == 2
        assert wrong.value.details["reason"] == "text: needs text, and not 42"


def test_a_row_of_a_topic_that_only_a_newer_program_knows_is_passed_on_as_it_is(
    stored: StoredStore,
) -> None:
    log = stored.open()
    stored.insert(StoredRow(StreamId("toronto/a"), 1, "noticed.v1", b'{"text":42}', 1, 9))
    assert [row.state for row in log.raw_after(0, 10).rows] == [b'{"text":42}']
    stored.insert(StoredRow(StreamId("toronto/a"), 2, "noticed.v1", b'{"text":', 2, 10))
    with pytest.raises(Unreadable) as wrong:
        log.raw_after(0, 10)
    assert wrong.value.details["position"] == 2


def test_a_fact_outside_the_catalogue_is_not_stored(stored: StoredStore) -> None:
    class Other(Fact):
        """Same stored name, another class."""

        TOPIC = "noted.v1"

    log = stored.open()
    with pytest.raises(Unreadable) as unknown:
        log.append([Pending(A, 1, Other())], {})
    assert unknown.value.details["reason"] == "not in the catalogue"
    assert log.head() == 0


# --- the library's own way ------------------------------------------------------------------------


def test_the_librarys_own_methods_write_and_read_the_same_log(stored: StoredStore) -> None:
    log = stored.open()
    application = log.application
    facts = [Placed("toronto/a", version, Noted(text=str(version))) for version in (1, 2)]
    recordings = application.save(*facts, expect={"toronto/b": 0})
    assert [recording.notification.id for recording in recordings] == [1, 2]
    assert list(application.events.get("toronto/a")) == facts
    assert [entry.event for entry in log.read(A)[A]] == [fact.fact for fact in facts]
    notifications = application.notification_log.select(start=1, limit=10)
    assert [(n.id, n.originator_id, n.originator_version, n.topic) for n in notifications] == [
        (1, "toronto/a", 1, "noted.v1"),
        (2, "toronto/a", 2, "noted.v1"),
    ]
    select = application.recorder.select_notifications
    assert [n.id for n in select(1, 10, inclusive_of_start=False)] == [2]
    assert [n.id for n in select(None, 10, stop=1, topics=["noted.v1"])] == [1]
    assert [n.id for n in select(None, 10, topics=["other.v1"])] == []
    assert application.recorder.max_notification_id() == 2


def test_an_id_of_a_register_has_no_slash(stored: StoredStore) -> None:
    for register in ("", "a/b"):
        with pytest.raises(ValueError, match="register"):
            EventLog(stored.open().application, register)
