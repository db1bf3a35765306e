"""The relay and a subscriber as processes of their own, so that they can be killed and paused.

They are forked from a server that has imported the code once.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from adapters.bus.bus import Bus
from adapters.bus.messages.feed import Feed
from adapters.bus.messages.names import Names
from adapters.bus.relay.ledger import Ledger
from adapters.bus.relay.relay import Relay
from adapters.bus.subscribers.inbox import Inbox
from adapters.bus.subscribers.subscribers import NoSubscriber
from tests.adapters.bus.filelog import FileLog
from tests.support.processes import FORKED


@dataclass
class Place:
    """Where a drill's processes meet; `hang_after` so many saves or events, one hangs."""

    folder: str
    url: str
    prefix: str
    holder: str = "relay"
    name: str = "reader"
    hang_after: int = -1
    lease_seconds: float = 1.5
    heartbeat: int = 2

    @property
    def log(self) -> Path:
        return Path(self.folder) / "log.sqlite"

    @property
    def state(self) -> str:
        return f"sqlite:///{self.folder}/relay.sqlite"

    @property
    def marker(self) -> Path:
        """Exists once a process hangs where the drill wants to kill it."""
        return Path(self.folder) / "hanging"


class Process:
    """One of ours, ended by its number."""

    def __init__(self, role: str, place: Place) -> None:
        place.marker.unlink(missing_ok=True)
        self._place = place
        self._out = Path(place.folder) / f"{role}-{place.holder}-{place.name}.txt"
        self._process = FORKED.Process(target=main, args=(role, place, self._out))
        self._process.start()

    def send(self, number: int) -> None:
        assert self._process.pid
        os.kill(self._process.pid, number)

    def kill_when_hanging(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not self._place.marker.exists():
            assert self.alive, f"ended early: {self.said()}"
            assert time.monotonic() < deadline, f"never got there: {self.said()}"
            time.sleep(0.01)
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.alive:
            self.send(number)
        self._process.join(60)

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def code(self) -> int | None:
        return self._process.exitcode

    def said(self) -> str:
        """The end of its output, with its stacks if it is alive."""
        if self.alive:
            self.send(signal.SIGUSR1)
            time.sleep(0.2)
        return self._out.read_text()[-3000:]


def _hang(place: Place) -> None:
    place.marker.touch()
    time.sleep(600)


def _relay(place: Place, stop: threading.Event) -> None:
    ledger, saves = Ledger(place.state), [0]
    save = ledger.save

    def counted(*arguments: Any) -> None:
        saves[0] += 1
        if saves[0] > place.hang_after >= 0:
            _hang(place)
        save(*arguments)

    ledger.__dict__["save"] = counted
    relay = Relay(
        Feed(FileLog(place.log).port(), "toronto"),
        place.url,
        ledger,
        Names(place.prefix),
        holder=place.holder,
        lease_seconds=place.lease_seconds,
        heartbeat=place.heartbeat,
    )
    relay.run(stop)


def _subscriber(place: Place, stop: threading.Event) -> None:
    names = Names(place.prefix)
    log, folder = FileLog(place.log).port(), Path(place.folder)
    bus = Bus(log, "toronto", place.url, place.state, folder, names)
    make_effects(bus.subscribers.inbox(place.name))
    handled = [0]

    def handle(event: dict[str, Any], work: Connection) -> None:
        handled[0] += 1
        if handled[0] > place.hang_after >= 0:
            _hang(place)
        work.exec_driver_sql("INSERT INTO effect (id) VALUES (?)", (event["id"],))

    bus.subscribers.receive(place.name, handle, stop)


def _subscribing(place: Place, stop: threading.Event) -> None:
    """Subscribe and detach as fast as possible; report the number of calls."""
    names, calls = Names(place.prefix), 0
    log, folder = FileLog(place.log).port(), Path(place.folder)
    bus = Bus(log, "toronto", place.url, place.state, folder, names)
    while not stop.is_set():
        bus.subscribers.subscribe(place.name, ["#"], 0)
        with suppress(NoSubscriber):  # another process was first
            bus.subscribers.detach(place.name)
        calls += 2
        (folder / f"ready-{place.holder}").touch()
    sys.stdout.write(f"{calls} calls\n")


def make_effects(inbox: Inbox) -> None:
    """The application's own table, in the inbox's file."""
    with inbox._engine.begin() as db:
        db.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS effect (number INTEGER PRIMARY KEY AUTOINCREMENT, id)"
        )
    inbox.close()


ROLES = {"relay": _relay, "subscriber": _subscriber, "subscribing": _subscribing}


def main(role: str, place: Place, out: Path) -> None:
    with out.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    stop = threading.Event()
    faulthandler.register(signal.SIGUSR1)  # a drill that fails asks where everybody is
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    ROLES[role](place, stop)
    sys.stdout.flush()
