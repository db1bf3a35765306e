"""The relay and a subscriber as processes of their own, so that they can be killed and paused.

python -m tests.drills.bus_processes relay|subscriber '{"url": ...}'
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from adapters.bus.bus import Bus
from adapters.bus.inbox import Inbox
from adapters.bus.ledger import Ledger
from adapters.bus.names import Names
from adapters.bus.relay import Relay
from tests.adapters.bus.filelog import FileLog

ROOT = Path(__file__).parents[2]


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
        self._out = (Path(place.folder) / f"{role}-{place.holder}-{place.name}.txt").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, role, json.dumps(asdict(place))],
            cwd=ROOT,
            stdout=self._out,
            stderr=self._out,
        )

    def send(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def kill_when_hanging(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not self._place.marker.exists():
            assert self._process.poll() is None, f"ended early: {self.said()}"
            assert time.monotonic() < deadline, f"never got there: {self.said()}"
            time.sleep(0.01)
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self._process.poll() is None:
            self.send(number)
        self._process.wait(60)
        self._out.close()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def said(self) -> str:
        """The end of its output, with its stacks if it is alive."""
        if self.alive:
            self.send(signal.SIGUSR1)
            time.sleep(0.2)
        return Path(self._out.name).read_text()[-3000:]


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
        FileLog(place.log).port(),
        "toronto",
        place.url,
        ledger,
        Names(place.prefix),
        holder=place.holder,
        lease_seconds=place.lease_seconds,
        heartbeat=place.heartbeat,
    )
    relay.run(stop)


def _subscriber(place: Place, stop: threading.Event) -> None:
    bus = Bus(FileLog(place.log).port(), "toronto", place.url, place.state, Path(place.folder))
    bus.names = Names(place.prefix)
    make_effects(bus.inbox(place.name))
    handled = [0]

    def handle(event: dict[str, Any], work: Connection) -> None:
        handled[0] += 1
        if handled[0] > place.hang_after >= 0:
            _hang(place)
        work.exec_driver_sql("INSERT INTO effect (id) VALUES (?)", (event["id"],))

    bus.read(place.name, handle, stop)


def make_effects(inbox: Inbox) -> None:
    """The application's own table, in the inbox's file."""
    with inbox._engine.begin() as db:
        db.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS effect (number INTEGER PRIMARY KEY AUTOINCREMENT, id)"
        )
    inbox.close()


def main(role: str, given: str) -> None:
    stop = threading.Event()
    faulthandler.register(signal.SIGUSR1)  # a drill that fails asks where everybody is
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    {"relay": _relay, "subscriber": _subscriber}[role](Place(**json.loads(given)), stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
