"""A primary of PostgreSQL is killed under writers: its standby takes over, it is not believed."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import structlog.testing

from adapters.addresses import Server as Address
from adapters.addresses import locate
from adapters.bootstrap import open_bus, open_register, set_up
from adapters.bus.relay.ledger import Ledger
from adapters.cli.common.until_stopped import when_there
from adapters.database.postgres import OldPrimary, Timelines, replication_warnings
from adapters.settings import Settings
from application.command_bus import Envelope
from application.ports import OutcomeUnknown, Unavailable
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from tests import services

SECONDS = 120.0
WRITERS = 2
BEFORE, AFTER = 20, 20
"""Commits before the primary is killed, and commits after the standby took over."""


@dataclass
class Server:
    """One PostgreSQL server in a folder of its own."""

    home: Path
    binaries: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])

    @property
    def data(self) -> Path:
        return self.home / f"data-{self.port}"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: object) -> None:
        command = [str(self.binaries / program), *map(str, arguments)]
        user = services.NOBODY if os.geteuid() == 0 else None
        subprocess.run(command, check=True, cwd=self.home, user=user, capture_output=True)

    def start(self) -> None:
        user = services.NOBODY if os.geteuid() == 0 else None
        settings = ("-c", "listen_addresses=127.0.0.1", "-c", "wal_keep_size=64MB")
        own = ("-D", str(self.data), "-p", str(self.port), "-k", str(self.home))
        with (self.home / f"log-{self.port}").open("ab") as log:
            process = subprocess.Popen(
                [str(self.binaries / "postgres"), *settings, *own],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=user,
            )
        self.processes.append(process)
        services.wait_until(self.answers, process, self.home / f"log-{self.port}")

    def answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url):
            return True
        return False

    def kill(self) -> None:
        """Kill the server and all its sessions at once, as a machine that loses its power."""
        process = self.processes[-1]
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], check=False, capture_output=True
        )
        for pid in (process.pid, *map(int, listed.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(SECONDS)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def pair() -> Generator[tuple[Server, Server]]:
    """A primary and its streaming standby, to which each commit is replicated before its answer."""
    with services.private_folder("alliance-pair-") as home, ExitStack() as stack:
        try:
            binaries = services._postgres_binaries(home)
        except services.Unavailable as missing:
            pytest.skip(str(missing))
        first = Server(home, binaries, services.free_port())
        second = Server(home, binaries, services.free_port())
        first.run("initdb", *services.INITDB, "-D", first.data)
        stack.callback(first.kill)
        first.start()
        first.run("pg_basebackup", "-d", first.url, "-D", second.data, "-R", "-c", "fast")
        stack.callback(second.kill)
        second.start()
        first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        first.execute("SELECT pg_reload_conf()")
        yield first, second


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Generator[tuple[Server, Server]]:
    monkeypatch.setattr("adapters.database.postgres.SEEN", Timelines())
    with pair() as both:
        yield both


def settings_of(servers: Sequence[Server], folder: Path) -> Settings:
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return Settings(
        database_url=f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write",
        keys_file=folder / "register.key",
        personal_keys_file=folder / "personal.keys",
        bus_url=f"sqlite:///{folder / 'bus.sqlite'}",
        actor="a clerk",
    )


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


class Writers:
    """Writers that record one matter after the other, and go on by themselves."""

    def __init__(self, settings: Settings) -> None:
        self.acknowledged: list[str] = []
        self.failures: list[Exception] = []
        self._stop = threading.Event()
        self._settings = settings
        self._threads = [
            threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)
        ]

    def _write(self, writer: int) -> None:
        with open_register(self._settings) as register:
            number = 0
            while not self._stop.is_set():
                matter = f"w{writer}-{number}"
                command = OpenMatter(on=When.parse("2001-11-07"), matter=matter, title="Twin")
                try:
                    register.command_bus.handle(Envelope(matter, command, "a clerk"))
                except (Unavailable, OutcomeUnknown):
                    self._stop.wait(0.1)
                    continue
                except Exception as failure:
                    self.failures.append(failure)
                    return
                self.acknowledged.append(matter)
                number += 1
                self._stop.wait(0.02)

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(SECONDS)


@contextmanager
def relaying(settings: Settings) -> Generator[None]:
    """A relay that publishes meanwhile, as `alliance relay` does."""
    stop = threading.Event()

    def begin() -> None:
        with open_bus(settings) as bus:
            bus.relay().run(stop)

    thread = threading.Thread(target=when_there, args=(begin, stop))
    thread.start()
    try:
        yield
        assert thread.is_alive()
    finally:
        stop.set()
        thread.join(SECONDS)


def test_writers_go_on_after_a_fail_over_and_the_old_primary_is_refused(
    servers: tuple[Server, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = servers
    settings = settings_of(servers, tmp_path)
    set_up(settings)
    with relaying(settings), Writers(settings) as writers:
        until(lambda: len(writers.acknowledged) >= BEFORE)
        first.kill()
        second.execute("SELECT pg_promote(true, 60)")
        second.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        second.execute("SELECT pg_reload_conf()")
        so_far = len(writers.acknowledged)
        until(lambda: len(writers.acknowledged) >= so_far + AFTER)
        (first.data / "standby.signal").unlink(missing_ok=True)
        first.start()  # as itself: it takes writes, and stands first in the address
        first.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        first.execute("SELECT pg_reload_conf()")
        second.execute(  # all connect anew, and would take the first that answers
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = "
            "'client backend' AND pid <> pg_backend_pid()"
        )
        so_far = len(writers.acknowledged)
        until(lambda: len(writers.acknowledged) >= so_far + AFTER)
        with closing(Ledger(settings.bus_state)) as ledger:
            until(lambda: ledger.published().count >= so_far)
    assert writers.failures == []

    with open_register(settings) as register:
        kept = {name.removeprefix("matter/") for name in register.log.streams("matter")}
    assert kept == set(writers.acknowledged)

    alone = settings_of([first], tmp_path)
    with pytest.raises(OldPrimary) as refused, open_register(alone):
        pass
    assert (refused.value.timeline, refused.value.seen) == (1, 2)

    # a program that starts now knows nothing yet, and asks all servers first
    monkeypatch.setattr("adapters.database.postgres.SEEN", Timelines())
    with open_register(settings) as register:
        assert {n.removeprefix("matter/") for n in register.log.streams("matter")} == kept


def test_a_commit_that_did_not_reach_the_standby_is_said(
    servers: tuple[Server, Server], tmp_path: Path
) -> None:
    first, second = servers
    settings = settings_of(servers, tmp_path)
    set_up(settings)
    assert replication_warnings(locate_server(settings)) == []
    first.execute("ALTER SYSTEM SET synchronous_commit = local")
    first.execute("SELECT pg_reload_conf()")
    (said,) = replication_warnings(locate_server(settings))
    assert said == "synchronous_commit is local: a commit is answered before it is on a standby"
    first.execute("ALTER SYSTEM RESET synchronous_commit")
    first.execute("SELECT pg_reload_conf()")
    second.kill()
    cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with open_register(settings) as register, structlog.testing.capture_logs() as logs:
        command = OpenMatter(on=When.parse("2001-11-07"), matter="kiev", title="Twin")
        envelope = Envelope("kiev", command, "a clerk")
        thread = threading.Thread(target=register.command_bus.handle, args=(envelope,))
        thread.start()
        while thread.is_alive():
            first.execute(cancel)
            thread.join(0.1)
        (said,) = replication_warnings(locate_server(settings))
    assert said == "no synchronous standby is connected: commits wait for one"
    assert [log["event"] for log in logs] == ["stored, but perhaps not on a standby yet"]


def locate_server(settings: Settings) -> Address:
    where = locate(settings.database_url)
    assert isinstance(where, Address)
    return where
