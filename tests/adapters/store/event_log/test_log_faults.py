"""Races, kills and lost connections: what is acknowledged is stored once, what is not is whole."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.database.sqlite_connections import connect, explained
from adapters.store.event_log.postgres_connections import LOCK, lock_key
from application.ports import Log, OutcomeUnknown, Stale, Unavailable
from domain.shared.messages import StreamId
from tests.support.log_racing import (
    COUNTER,
    count_up_in_threads,
    kill,
    proxy,
    write_until_killed,
)
from tests.support.log_stores import Noted, PostgresStore, SQLiteStore, StoredStore, note
from tests.support.processes import FORKED

A = StreamId("a")
PROCESSES, THREADS, TIMES = 3, 3, 12
ROWS = 5


def check_order(log: Log) -> None:
    """Positions and moments rise, versions follow one another, and a page gives what all give."""
    entries = list(log.entries())
    positions = [entry.position for entry in entries]
    assert positions == sorted(set(positions))
    moments = [entry.recorded_at for entry in entries]
    assert moments == sorted(moments)
    versions = Counter[str]()
    for entry in entries:
        versions[entry.stream] += 1
        assert entry.version == versions[entry.stream]


# --- races ----------------------------------------------------------------------------------------


@pytest.mark.drill
def test_nothing_is_lost_or_doubled_by_processes_and_threads(stored: StoredStore) -> None:
    start = FORKED.Barrier(PROCESSES)
    racers = [
        FORKED.Process(
            target=count_up_in_threads, args=(stored.url, f"p{number}", THREADS, TIMES, start)
        )
        for number in range(PROCESSES)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(100)
        assert racer.exitcode == 0
    log = stored.open()
    check_order(log)
    texts = Counter(e.event.text for e in log.read(COUNTER)[COUNTER] if isinstance(e.event, Noted))
    assert len(texts) == PROCESSES * THREADS * TIMES
    assert set(texts.values()) == {1}
    commits = {entry.recorded_at for entry in log.entries()}
    assert len(commits) == len(texts), "two commits have one moment"


def test_threads_that_share_a_log_write_together_and_are_refused_alone(stored: StoredStore) -> None:
    log = stored.open()
    log.append([note("policy", 1)], {})
    policy = StreamId("policy")

    def decide(number: int) -> str:
        seen = 0 if number == 5 else 1
        try:
            log.append([note(f"s{number}", 1)], {policy: seen})
        except Stale as stale:
            return f"{stale.details['stream']} {stale.details['actual']}"
        return "stored"

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(decide, range(10)))
    assert outcomes == ["stored"] * 5 + ["policy 1"] + ["stored"] * 4
    check_order(log)
    assert log.head() >= 10
    assert len(list(log.entries())) == 10


def test_of_threads_that_write_one_stream_at_once_one_wins(stored: StoredStore) -> None:
    log = stored.open()

    with ThreadPoolExecutor(8) as pool:
        texts = [str(number) for number in range(8)]
        tried = [pool.submit(log.append, [note("a", 1, text)], {A: 0}) for text in texts]
    problems = [each.exception() for each in tried]
    assert problems.count(None) == 1
    for problem in filter(None, problems):
        assert isinstance(problem, Stale)
        assert problem.details == {"stream": "a", "expected": 0, "actual": 1}
    assert len(log.read(A)[A]) == 1


def test_more_threads_than_spare_connections_read_and_write_again_and_again(
    stored: StoredStore,
) -> None:
    log = stored.open()
    threads, rounds = 11, 6

    def work(thread: int) -> int:
        for number in range(rounds):
            stream = StreamId(f"t{thread}")
            assert len(log.read(stream, A)[stream]) == number
            log.append([note(stream, number + 1)], {stream: number})
        return len(list(log.entries()))

    with ThreadPoolExecutor(threads) as pool:
        counts = list(pool.map(work, range(threads)))
    assert max(counts) == threads * rounds
    check_order(log)


# --- kills ----------------------------------------------------------------------------------------


@pytest.mark.drill
def test_a_writer_that_is_killed_leaves_whole_commits_and_no_lock(
    stored: StoredStore, tmp_path: Path
) -> None:
    chance = random.Random(9)
    told = tmp_path / "told"
    told.touch()
    for _ in range(5):
        writer = FORKED.Process(target=write_until_killed, args=(stored.url, ROWS, str(told)))
        writer.start()
        before, deadline = told.stat().st_size, time.monotonic() + 60
        while told.stat().st_size == before and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.1)
        assert writer.pid is not None
        kill(writer.pid)
        writer.join()
    log = stored.open()
    check_order(log)
    commits = Counter(entry.recorded_at for entry in log.entries())
    assert set(commits.values()) == {ROWS}, "a commit is not whole"
    acknowledged = set(told.read_text().split())
    kept = {str(entry.stream)[1:] for entry in log.entries()}
    assert acknowledged <= kept, "what was acknowledged is gone"
    assert len(kept - acknowledged) <= 5, "more than the one under way at each kill"
    started = time.monotonic()
    log.append([note("after", 1)], {})
    assert time.monotonic() - started < 5, "a dead writer holds the log"


# --- a log that is busy or away -------------------------------------------------------------------


def test_a_file_that_another_process_keeps_locked_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.database.sqlite_connections.BUSY_SECONDS", 0.1)
    store = SQLiteStore(tmp_path)
    store.set_up()
    log = store.open()
    holder = connect(store.path)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as busy:
        log.append([note("a", 1)], {})
    assert busy.value.details["reason"] == "database is locked"
    assert log.read(A) == {A: []}
    holder.execute("ROLLBACK")
    holder.close()
    assert log.append([note("a", 1)], {A: 0})[0].position == 1
    store.close()


def test_a_server_whose_log_is_kept_locked_is_unavailable(postgres: PostgresStore) -> None:
    postgres.url += "%20-clock_timeout%3D200ms"
    log = postgres.open()
    with psycopg.connect(postgres.url) as holder:
        holder.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK, lock_key(holder, "record")))
        with pytest.raises(Unavailable) as busy:
            log.append([note("a", 1)], {})
    assert "lock timeout" in str(busy.value.details["reason"])
    assert log.append([note("a", 1)], {A: 0})[0].position == 1


OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_reads_go_on_after_every_connection_was_ended(postgres: PostgresStore) -> None:
    log = postgres.open()
    written = log.append([note("a", 1)], {})
    with psycopg.connect(postgres.server, autocommit=True) as admin:
        for _ in range(3):
            admin.execute(OTHERS)
            assert log.read(A)[A] == written
            admin.execute(OTHERS)
            assert list(log.entries()) == written


def test_an_append_on_an_ended_connection_is_not_repeated_by_itself(
    postgres: PostgresStore,
) -> None:
    log = postgres.open()
    log.append([note("a", 1)], {})
    with psycopg.connect(postgres.server, autocommit=True) as admin:
        admin.execute(OTHERS)
    with pytest.raises(OutcomeUnknown) as unknown:
        log.append([note("a", 2)], {})
    assert "terminat" in str(unknown.value.details["reason"])
    assert len(log.read(A)[A]) == 1
    log.append([note("a", 2)], {A: 1})


def test_an_append_whose_connection_is_killed_under_way_stores_nothing(
    postgres: PostgresStore,
) -> None:
    log = postgres.open()
    with (
        psycopg.connect(postgres.url, autocommit=True) as admin,
        ThreadPoolExecutor(1) as pool,
    ):
        admin.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK, lock_key(admin, "record")))
        appended = pool.submit(log.append, [note("a", 1)], {})
        waiting = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while not (found := admin.execute(waiting).fetchone()):
            time.sleep(0.01)
        admin.execute("SELECT pg_terminate_backend(%s)", found)
        with pytest.raises(OutcomeUnknown):
            appended.result(30)
        admin.execute("SELECT pg_advisory_unlock_all()")
    assert log.read(A) == {A: []}
    assert log.append([note("a", 1)], {A: 0})[0].version == 1


def test_a_lost_acknowledgement_is_told_and_the_commit_is_stored_once(
    postgres: PostgresStore,
) -> None:
    given = conninfo_to_dict(postgres.server)
    with proxy(str(given["host"]), int(given.get("port", 5432) or 5432)) as between:
        user, name = given["user"], given["dbname"]
        postgres.url = (
            f"postgresql://{user}@127.0.0.1:{between.port}/{name}"
            "?sslmode=disable&options=-csearch_path%3Drecord"
        )
        log = postgres.open()
        log.append([note("a", 1)], {})
        between.silent.set()
        with pytest.raises(OutcomeUnknown):
            log.append([note("a", 2)], {A: 1})
        assert between.heard.is_set(), "the server had not answered yet"
        between.silent.clear()
        assert [entry.version for entry in log.read(A)[A]] == [1, 2]
        assert log.append([note("a", 3)], {A: 2})[0].version == 3


def test_a_disk_too_full_to_share_memory_in_is_said_to_be_full(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE  # as on a full tmpfs
    (tmp_path / "log.sqlite").touch()
    problem = explained(error, tmp_path / "log.sqlite")
    assert isinstance(problem, Unavailable)
    assert problem.details["reason"] == "database or disk is full"
