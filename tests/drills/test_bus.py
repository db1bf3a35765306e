"""Faults on the bus. Each ends with: acknowledged = log = subscriber, order kept, repeats absorbed.

Short by default; `make drills` (or any run of `-m drill`) takes the full numbers.
"""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.bus.bus import Bus
from adapters.bus.messages.names import Names
from tests.adapters.bus.fakes import FakeLog, eventually
from tests.adapters.bus.filelog import FileLog
from tests.drills.bus_processes import Place, Process
from tests.drills.proxy import Proxy
from tests.support.broker import Broker

pytestmark = [pytest.mark.drill, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the full numbers are wanted."""
    return "drill" in str(request.config.getoption("-m"))


class Drill:
    """A log that grows, and what a subscriber made of it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.fake, self.log = FakeLog(), FileLog(place.log)
        self.acknowledged = 0
        names = Names(place.prefix)
        self.bus = Bus(
            self.log.port(), "toronto", place.url, place.state, Path(place.folder), names
        )
        self.bus.setup()
        self.processes: list[Process] = []
        self._lock = threading.Lock()

    def write(self, count: int) -> None:
        """Commit so many events; they are acknowledged when this returns."""
        with self._lock:
            self.fake.many(count)
            self.log.append(self.fake)
            self.acknowledged += count

    @contextmanager
    def writing(self, pause: float = 0.005) -> Generator[None]:
        """Commit after commit while something goes wrong."""
        stop = threading.Event()

        def body() -> None:
            while not stop.is_set():
                self.write(1)
                time.sleep(pause)

        thread = threading.Thread(target=body)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def start(self, role: str, **changes: Any) -> Process:
        process = Process(role, Place(**{**self.place.__dict__, **changes}))
        self.processes.append(process)
        return process

    def effects(self, name: str = "reader") -> list[str]:
        try:
            db = sqlite3.connect(f"{self.place.folder}/inbox-{name}.sqlite", timeout=30)
            found = db.execute("SELECT id FROM effect ORDER BY number").fetchall()
            db.close()
        except sqlite3.OperationalError:
            return []
        return [row[0] for row in found]

    def settle(self, what: str, *names: str, seconds: float = 60) -> None:
        """Wait for the end, and compare all three."""
        for name in names or ("reader",):
            try:
                eventually(partial(self._complete, name), seconds, name)
            except AssertionError as late:
                said = "\n".join(process.said() for process in self.processes[-3:])
                raise AssertionError(f"{late}: {len(self.effects(name))}\n{said}") from late
            logged, handled = self.log.ids(), self.effects(name)
            assert len(logged) == self.acknowledged
            assert handled == logged, "another order, a loss or a repeat"
            eventually(partial(self._sound, name), 30, "reconciled")
        print(f"\n  {what}: {self.acknowledged} acknowledged = log = {names or ('reader',)}")

    def _complete(self, name: str) -> bool:
        return len(self.effects(name)) >= self.acknowledged

    def _sound(self, name: str) -> bool:
        return self.bus.subscribers.reconcile(name).sound

    def pause(self, process: Process) -> None:
        """Stop a process while it holds no lock of a SQLite file.

        One that is stopped inside a write holds up everybody until it wakes or dies (decision
        0032): nobody can overtake it, and that is not what is asked here.
        """
        files = [Path(self.place.folder) / name for name in ("relay.sqlite", "bus.sqlite")]
        for _ in range(100):
            process.send(signal.SIGSTOP)
            if all(_writable(file) for file in files if file.exists()):
                return
            process.send(signal.SIGCONT)
            time.sleep(0.02)
        raise AssertionError("never found between two writes")

    def close(self) -> None:
        for process in self.processes:
            if process.alive:
                process.send(signal.SIGCONT)
            process.end(signal.SIGKILL)
        for subscriber in self.bus.ledger.subscribers():
            self.bus.subscribers.detach(subscriber.name)
        topology = self.bus.topology()
        topology.destroy()
        topology.close()
        self.bus.close()
        self.log.close()


def _writable(file: Path) -> bool:
    # longer than a write of somebody who is awake
    db = sqlite3.connect(file, timeout=1.0, isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        db.close()
    return True


def a_drill(url: str, folder: Path, prefix: str) -> Iterator[Drill]:
    drill = Drill(Place(str(folder), url, prefix.rstrip(".")))
    try:
        yield drill
    finally:
        drill.close()


@pytest.fixture(params=["embedded", "rabbitmq"])
def drill(request: pytest.FixtureRequest, tmp_path: Path, amqp_prefix: str) -> Iterator[Drill]:
    if request.param == "embedded":
        url = f"sqlite:///{tmp_path / 'bus.sqlite'}"
    else:
        url = request.getfixturevalue("own_broker").url
    yield from a_drill(url, tmp_path, amqp_prefix)


@pytest.fixture
def file_drill(tmp_path: Path, amqp_prefix: str) -> Iterator[Drill]:
    yield from a_drill(f"sqlite:///{tmp_path / 'bus.sqlite'}", tmp_path, amqp_prefix)


@pytest.fixture
def broker_drill(own_broker: Broker, tmp_path: Path, amqp_prefix: str) -> Iterator[Drill]:
    yield from a_drill(own_broker.url, tmp_path, amqp_prefix)


@pytest.fixture
def proxy(own_broker: Broker) -> Iterator[Proxy]:
    proxy = Proxy(own_broker.port)
    yield proxy
    proxy.close()


# --- processes that are killed or paused


def test_relay_killed_between_publishing_and_remembering(drill: Drill, full: bool) -> None:
    times = 20 if full else 3
    drill.bus.subscribers.subscribe("reader", ["#"], 0)
    drill.start("subscriber")
    for _ in range(times):
        drill.write(40)
        drill.start("relay", hang_after=0).kill_when_hanging()
    drill.write(40)
    drill.start("relay")
    drill.settle(f"relay kill -9 between publish and position, {times} times")


def test_subscriber_killed_in_the_middle_of_a_batch(drill: Drill, full: bool) -> None:
    times = 20 if full else 3
    drill.bus.subscribers.subscribe("reader", ["#"], 0)
    drill.start("relay")
    for number in range(times):
        drill.write(120)
        drill.start("subscriber", hang_after=57 + number).kill_when_hanging()
    drill.start("subscriber")
    drill.settle(f"subscriber kill -9 mid-batch, {times} times")


def test_a_paused_relay_is_overtaken_and_comes_back_too_late(drill: Drill, full: bool) -> None:
    drill.bus.subscribers.subscribe("reader", ["#"], 0)
    drill.start("subscriber")
    first = drill.start("relay", holder="first")
    drill.write(200)
    for round_ in range(3 if full else 1):
        eventually(lambda: drill.bus.ledger.holder() != "")
        second = drill.start("relay", holder=f"next-{round_}")
        with drill.writing():
            time.sleep(0.5)
            drill.pause(first)
            eventually(lambda: drill.bus.ledger.holder() == f"next-{round_}", 40)  # noqa: B023
            time.sleep(0.5)
            first.send(signal.SIGCONT)
            time.sleep(1.0)
        assert first.alive
        assert second.alive
        first.end()
        first = second
    drill.settle("lease stolen from a paused relay, which then resumed")


def test_a_relay_paused_inside_a_write_delays_and_loses_nothing(
    file_drill: Drill, full: bool
) -> None:
    file_drill.bus.subscribers.subscribe("reader", ["#"], 0)
    file_drill.start("subscriber")
    first = file_drill.start("relay", holder="first")
    second = file_drill.start("relay", holder="second")
    with file_drill.writing(pause=0.002):
        for _ in range(20 if full else 5):
            time.sleep(0.4)
            first.send(signal.SIGSTOP)
            second.send(signal.SIGSTOP)
            time.sleep(0.3)
            first.send(signal.SIGCONT)
            second.send(signal.SIGCONT)
    file_drill.settle("relays paused anywhere, inside writes as well")


def test_a_subscriber_that_was_away(drill: Drill, full: bool) -> None:
    away = 10_000 if full else 2_000
    drill.bus.subscribers.subscribe("reader", ["#"], 0)
    drill.start("relay")
    drill.start("subscriber").end()
    drill.write(away)
    eventually(lambda: drill.bus.ledger.progress().position == drill.log.head(), 60)
    drill.start("subscriber")
    drill.settle(f"a subscriber away for {away} events")


def test_a_late_subscriber_attached_while_events_flow(drill: Drill, full: bool) -> None:
    drill.write(3000 if full else 600)
    drill.start("relay")
    with drill.writing(pause=0.002):
        for number in range(4):
            drill.bus.subscribers.subscribe(f"late-{number}", ["#"], 0)
            drill.start("subscriber", name=f"late-{number}")
            time.sleep(0.3)
    drill.settle("late subscribers while events flow", *(f"late-{n}" for n in range(4)))


def test_a_queue_deleted_under_its_consumer(drill: Drill) -> None:
    drill.bus.subscribers.subscribe("reader", ["#"], 0)
    drill.start("relay")
    drill.start("subscriber")
    drill.write(200)
    eventually(lambda: len(drill.effects()) > 100)
    topology = drill.bus.topology()
    with drill.writing():
        time.sleep(0.3)
        topology.remove("reader")
        time.sleep(0.5)
    topology.close()
    drill.settle("queue deleted under its consumer")


# --- a broker that goes away


def test_broker_stopped_and_started(broker_drill: Drill, own_broker: Broker) -> None:
    with _flowing(broker_drill):
        own_broker.stop()
        time.sleep(1)
        own_broker.start()
    broker_drill.settle("broker stopped and started")


def test_broker_killed(broker_drill: Drill, own_broker: Broker, full: bool) -> None:
    for _ in range(3 if full else 1):
        with _flowing(broker_drill):
            time.sleep(
                4
            )  # a broker writes what was declared to its disk every two or three seconds
            own_broker.kill()
            own_broker.start()
    broker_drill.settle("broker kill -9")


def test_memory_alarm(broker_drill: Drill, own_broker: Broker) -> None:
    with _flowing(broker_drill):
        own_broker.control("set_vm_memory_high_watermark", "0.00001")
        time.sleep(1)
        held = len(broker_drill.effects())
        time.sleep(3)
        own_broker.control("set_vm_memory_high_watermark", "0.4")
    assert broker_drill.acknowledged > held, "nothing was written while the alarm was on"
    broker_drill.settle("memory alarm")


def test_connection_stalled(broker_drill: Drill, proxy: Proxy, full: bool) -> None:
    seconds = 35 if full else 8
    broker_drill.place.url = f"amqp://guest:guest@127.0.0.1:{proxy.port}//"
    with _flowing(broker_drill), proxy.stalled():
        time.sleep(seconds)
    broker_drill.settle(f"connections stalled for {seconds} s")


def test_connection_reset_in_the_middle_of_confirms(
    broker_drill: Drill, proxy: Proxy, full: bool
) -> None:
    times = 20 if full else 5
    broker_drill.place.url = f"amqp://guest:guest@127.0.0.1:{proxy.port}//"
    with _flowing(broker_drill):
        for _ in range(times):
            broker_drill.write(400)
            time.sleep(0.35)
            proxy.reset()
    broker_drill.settle(f"connections reset {times} times mid-confirm")


@contextmanager
def _flowing(drill: Drill) -> Generator[None]:
    """Relay and subscriber at work, and commits going on."""
    if not drill.processes:
        drill.bus.subscribers.subscribe("reader", ["#"], 0)
        drill.start("relay")
        drill.start("subscriber")
    drill.write(300)
    eventually(lambda: len(drill.effects()) >= 100, 60)
    with drill.writing():
        time.sleep(0.3)
        yield
