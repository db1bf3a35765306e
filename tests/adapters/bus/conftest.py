"""One bus of each kind, fresh for each test, and removed after it."""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection
from typer.testing import CliRunner, Result

from adapters.bus.bus import Bus as RegisterBus
from adapters.bus.kombu_types import Consumer, Queue
from adapters.bus.messages.cloud_event import Event
from adapters.bus.messages.names import Names
from adapters.bus.transports.connection import connect, drop_connection
from adapters.bus.transports.topology import Topology
from adapters.cli.main import app
from application.ports import Log
from tests.adapters.bus.fakes import FakeLog

TRANSPORTS = ("embedded", "rabbitmq")


class Reader:
    """Consumes a queue by hand."""

    def __init__(self, url: str, queue: str, prefetch: int = 1000) -> None:
        self.connection = connect(url)
        self.channel = self.connection.channel()
        self.found: list[Any] = []
        self.consumer = Consumer(
            self.channel,
            [Queue(queue, no_declare=True)],
            on_message=self.found.append,
            on_decode_error=lambda message, _error: self.found.append(message),
            auto_declare=False,
        )
        self.consumer.qos(prefetch_count=prefetch)
        try:
            self.consumer.consume()
        except Exception:
            self.die()
            raise

    def read(self, count: int, seconds: float = 5.0, *, first: float = 0.0) -> list[Any]:
        """Up to `count` messages; fewer where none comes at `first`, or no more within the time."""
        try:
            if count and not self.found:
                self.connection.drain_events(timeout=max(first, seconds))
            while len(self.found) < count:
                self.connection.drain_events(timeout=seconds)
        except TimeoutError:
            pass
        found, self.found[:] = list(self.found), []
        return found

    def die(self) -> None:
        """As a process would: nothing is said to the bus."""
        drop_connection(self.connection)


@dataclass
class Bus:
    """Where a test finds its bus; `subscribers` are removed at the end."""

    url: str
    names: Names
    topology: Topology
    folder: Path
    subscribers: list[str] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)

    @property
    def embedded(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def state(self) -> str:
        """URL of the database for the relay's own position and the inboxes."""
        return f"sqlite:///{self.folder / 'relay.sqlite'}"

    def reader(self, queue: str, prefetch: int = 1000) -> Reader:
        self.readers.append(Reader(self.url, queue, prefetch))
        return self.readers[-1]

    def queue(self, name: str, *topics: str) -> str:
        """A subscriber's queue, bound."""
        self.subscribers.append(name)
        queue = self.topology.declare_queue(name)
        self.topology.bind(name, topics or ("#",))
        return queue


@pytest.fixture(params=TRANSPORTS)
def bus(request: pytest.FixtureRequest, tmp_path: Path, amqp_prefix: str) -> Iterator[Bus]:
    if request.param == "embedded":
        url = f"sqlite:///{tmp_path / 'bus.sqlite'}"
    elif request.node.get_closest_marker("deletes_queues"):
        url = request.getfixturevalue("own_broker").url
    else:
        url = request.getfixturevalue("amqp_url")
    yield from a_bus(url, tmp_path, amqp_prefix)


@pytest.fixture
def broker(tmp_path: Path, amqp_url: str, amqp_prefix: str) -> Iterator[Bus]:
    yield from a_bus(amqp_url, tmp_path, amqp_prefix)


@pytest.fixture
def file_bus(tmp_path: Path, amqp_prefix: str) -> Iterator[Bus]:
    yield from a_bus(f"sqlite:///{tmp_path / 'bus.sqlite'}", tmp_path, amqp_prefix)


def a_bus(url: str, folder: Path, prefix: str) -> Iterator[Bus]:
    names = Names(prefix.rstrip("."))
    topology = Topology(url, names)
    topology.declare()
    bus = Bus(url, names, topology, folder)
    try:
        yield bus
    finally:
        for reader in bus.readers:
            reader.die()
        topology.destroy(bus.subscribers)
        topology.close()


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def house(bus: Bus, log: FakeLog) -> Iterator[RegisterBus]:
    """A register on the bus; its subscribers are detached at the end."""
    with opened(bus, log) as house:
        yield house
        for subscriber in house.ledger.subscribers():
            house.subscribers.detach(subscriber.name)


@contextmanager
def opened(bus: Bus, log: FakeLog) -> Generator[RegisterBus]:
    """A register whose log this is."""
    house = RegisterBus(cast("Log", log), "toronto", bus.url, bus.state, bus.folder, bus.names)
    house.setup()
    try:
        yield house
    finally:
        house.close()


def run(house: RegisterBus, *words: str) -> Result:
    """Run a command on this register."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("adapters.bootstrap.open_bus", lambda: nullcontext(house))
        return CliRunner().invoke(app, words)


@contextmanager
def relaying(house: RegisterBus) -> Generator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=house.relay().run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


@contextmanager
def reading(house: RegisterBus, name: str, *poisoned: str) -> Generator[list[str]]:
    seen, stop = list[str](), threading.Event()

    def handle(event: Event, _work: Connection) -> None:
        if event["id"] in poisoned:
            raise ValueError("poisoned")
        seen.append(event["id"])

    thread = threading.Thread(target=house.subscribers.receive, args=(name, handle, stop))
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(30)
