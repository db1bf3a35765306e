"""A cluster of three RabbitMQ nodes, of which each is killed: relay and consumer move on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.addresses import BadAddress, brokers
from adapters.bootstrap import open_bus, open_register, set_up
from adapters.cli.common.until_stopped import when_there
from adapters.settings import Settings
from application.command_bus import Envelope
from application.ports import Stop
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from tests import services
from tests.support.broker import Broker, private_cluster

SECONDS = 180.0


@pytest.fixture(scope="module")
def cluster() -> Generator[list[Broker]]:
    with ExitStack() as stack:
        try:
            yield stack.enter_context(private_cluster(3))
        except services.Unavailable as missing:
            pytest.skip(str(missing))


def until(true: Callable[[], object], what: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, what()
        time.sleep(0.1)


@contextmanager
def going(work: Callable[[Stop], object]) -> Generator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=when_there, args=(lambda: work(stop), stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SECONDS)


@pytest.mark.timeout(600)
def test_each_event_comes_once_and_in_order_while_each_node_is_killed(
    cluster: list[Broker], tmp_path: Path
) -> None:
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in cluster)
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'log.sqlite'}",
        bus_url=f"amqp://guest:guest@{hosts}//",
        actor="a clerk",
    )
    set_up(settings)
    received: list[str] = []

    def publish(stop: Stop) -> None:
        with open_bus(settings) as bus:
            bus.relay().run(stop)

    def receive(stop: Stop) -> None:
        with open_bus(settings) as bus:
            bus.subscribers.subscribe("reader", ["#"], 0)
            bus.subscribers.receive("reader", note, stop, batch=1)

    def note(event: dict[str, Any], _: object) -> None:
        received.append(event["partitionkey"])

    recorded: list[str] = []

    def record(several: int) -> None:
        with open_register(settings) as register:
            for _ in range(several):
                name = f"m{len(recorded)}"
                command = OpenMatter(on=When.parse("2001-11-07"), matter=name, title="Twin")
                register.command_bus.handle(Envelope(name, command, "a clerk"))
                recorded.append(f"matter/{name}")

    with going(publish), going(receive):
        record(5)
        until(lambda: received == recorded, lambda: received)
        for node in cluster:
            node.kill()
            record(5)
            until(lambda: received == recorded, lambda: received)
            node.start()
            record(5)
            until(lambda: received == recorded, lambda: received)
    assert len(recorded) == 35
    with open_bus(settings) as bus:
        assert bus.subscribers.reconcile("reader").missing == 0


def test_an_address_names_several_nodes() -> None:
    assert brokers("amqp://u:p%40@a:1,b,[::1]:3/v") == (
        "amqp://u:p%40@a:1/v",
        "amqp://u:p%40@b/v",
        "amqp://u:p%40@[::1]:3/v",
    )
    assert brokers("amqp://a//") == ("amqp://a//",)


@pytest.mark.parametrize("url", ["amqp://u:secret@a:1,b:port//", "amqp://u:secret@a,,b//"])
def test_a_node_that_cannot_be_read_is_refused_without_the_password(url: str) -> None:
    with pytest.raises(BadAddress) as refused:
        brokers(url)
    assert "cannot be read" in refused.value.reason
    assert "secret" not in str(refused.value)
