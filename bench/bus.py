"""The bus: confirms in windows, the inbox in batches, the embedded transport, and end to end.

python -m bench bus
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

from adapters.bus.bus import Bus
from adapters.bus.kombu_types import Connection, Consumer, Exchange, Producer, Queue
from adapters.bus.messages.cloud_event import Message, messages
from adapters.bus.messages.names import Names
from adapters.bus.subscribers.consumer import Subscription
from adapters.bus.subscribers.inbox import Inbox
from adapters.bus.transports.connection import connect, drop_connection
from adapters.bus.transports.publisher import Publisher
from adapters.bus.transports.topology import Topology
from bench.pairs import Figure, compare
from tests.adapters.bus.fakes import SOURCES, FakeLog
from tests.adapters.bus.filelog import FileLog
from tests.support.broker import amqp_server

CONFIRMED, CONSUMED, DRAINED, TRIPS = 5000, 400, 1000, 300
PAIRS = 20


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        yield embedded(Path(folder))
        with amqp_server() as url:
            with _topology(url) as names:
                yield confirms(url, names, "publish")
                yield inbox(url, names, Path(folder))
                yield from latency(url, Path(folder))
            with _topology(url) as names, closing(Topology(url, names)) as topology:
                topology.bind("other", ["#"])
                yield confirms(url, names, "publish for a subscriber")


def some(count: int) -> list[Message]:
    log = FakeLog()
    log.many(count)
    return list(messages(log.rows, SOURCES))


@contextmanager
def _topology(url: str) -> Generator[Names]:
    names = Names(f"bench.{os.getpid()}")
    topology = Topology(url, names)
    topology.declare()
    for reader in ("ours", "other"):
        topology.declare_queue(reader)
    try:
        yield names
    finally:
        topology.destroy(["ours", "other"])
        topology.close()


def confirms(url: str, names: Names, what: str) -> Figure:
    """The relay's publisher against one that waits for each message: to the stream, and to a
    subscriber's queue where one is bound."""
    found = some(CONFIRMED)
    windowed = Publisher(url, names.exchange)
    single = Connection(url, transport_options={"confirm_publish": True})
    producer = Producer(single.channel(), auto_declare=False)

    def ours() -> int:
        windowed.send(found)
        return len(found)

    def other() -> int:
        for message in found[: CONFIRMED // 5]:
            producer.publish(
                message.body,
                exchange=names.exchange,
                routing_key=message.type,
                content_type="application/json",
                content_encoding="binary",
                delivery_mode=2,
                mandatory=True,
            )
        return CONFIRMED // 5

    try:
        return compare(f"{what}, confirms in windows", "one confirm each", ours, other, 5.0, PAIRS)
    finally:
        windowed.drop()
        single.release()


def inbox(url: str, names: Names, folder: Path) -> Figure:
    """Prefetch 1000 and batches of 50 against one at a time, both with receipts and an effect."""
    number = iter(range(1_000_000))

    def reading(queue: str, prefetch: int, batch: int, count: int) -> Callable[[], int]:
        def consume() -> int:
            receipts = Inbox(f"sqlite:///{folder / f'{queue}-{next(number)}.sqlite'}", queue)
            receipts.create()
            stop, handled = threading.Event(), [0]

            def handle(_event: dict[str, Any], _work: object) -> None:
                handled[0] += 1
                if handled[0] == count:
                    stop.set()

            Subscription(
                url, names.queue(queue), receipts, handle, prefetch=prefetch, batch=batch
            ).run(stop)
            assert receipts.counts().handled == count
            receipts.close()
            return count

        return consume

    def filled(queue: str, count: int, consume: Callable[[], int]) -> Callable[[], int]:
        found = some(count)

        def fill_then_consume() -> int:
            with Publisher(url, "") as publisher:
                publisher.send(found, queue=names.queue(queue))
            started = time.perf_counter()
            consume()
            seconds.append(time.perf_counter() - started)
            return count

        seconds: list[float] = []
        fill_then_consume.seconds = seconds  # type: ignore[attr-defined]
        return fill_then_consume

    ours = filled("ours", CONSUMED, reading("ours", 1000, 50, CONSUMED))
    other = filled("other", CONSUMED // 4, reading("other", 1, 1, CONSUMED // 4))
    return _timed("consume into the inbox", "prefetch 1", ours, other, 8.0)


def _timed(
    name: str, against: str, ours: Callable[[], int], other: Callable[[], int], target: float
) -> Figure:
    """Pairs of which only the part that each notes in `seconds` counts."""
    ours()
    other()
    mine, theirs = list[float](), list[float]()
    for number in range(PAIRS):
        for which, rates in ((ours, mine), (other, theirs))[:: 1 if number % 2 else -1]:
            count = which()
            rates.append(count / cast("Any", which).seconds[-1])
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    mid, other_mid = statistics.median(mine), statistics.median(theirs)
    return Figure(name, against, mid, other_mid, middle, low, high, PAIRS, target)


def embedded(folder: Path) -> Figure:
    """Publish and drain through our file against kombu's folder of files."""
    warnings.simplefilter("ignore")
    url = f"sqlite:///{folder / 'bus.sqlite'}"
    names = Names("bench")
    topology = Topology(url, names)
    topology.declare()
    queue = topology.declare_queue("ours")
    topology.bind("ours", ["#"])
    found = some(DRAINED)
    for name in ("in", "processed", "control"):
        (folder / name).mkdir()
    plain = Connection(
        "filesystem://",
        transport_options={
            "data_folder_in": str(folder / "in"),
            "data_folder_out": str(folder / "in"),
            "control_folder": str(folder / "control"),
        },
    )
    events = Queue("plain", Exchange("plain", type="topic"), routing_key="#")

    def drain(connection: Any, channel: Any, queues: list[Any], count: int) -> None:
        arrived: list[Any] = []
        consumer = Consumer(
            channel, queues, on_message=arrived.append, auto_declare=queues[0].name == "plain"
        )
        consumer.qos(prefetch_count=1000)
        consumer.consume()
        while len(arrived) < count:
            connection.drain_events(timeout=10)
            if connection is plain:
                arrived[-1].ack()
        if connection is not plain:
            arrived[-1].ack(multiple=True)
        consumer.cancel()

    publisher = Publisher(url, names.exchange)

    def ours() -> int:
        publisher.send(found)
        connection = connect(url)
        drain(connection, connection.channel(), [Queue(queue, no_declare=True)], DRAINED)
        drop_connection(connection)
        return DRAINED

    def other() -> int:
        count = DRAINED
        with plain.channel() as channel:
            producer = Producer(channel, events.exchange)
            for message in found[:count]:
                producer.publish(
                    message.body,
                    routing_key=message.type,
                    content_type="application/json",
                    content_encoding="binary",
                    declare=[events],
                )
            drain(plain, channel, [events], count)
        return count

    try:
        return compare(
            f"embedded, publish and drain {DRAINED}", "kombu's filesystem", ours, other, 20.0, PAIRS
        )
    finally:
        publisher.drop()
        plain.release()
        topology.close()


def latency(url: str, folder: Path) -> Iterator[Figure]:
    """Commit to handler through log, relay, broker and inbox, beside the broker's round trip."""
    log = FileLog(folder / "latency-log.sqlite")
    state = f"sqlite:///{folder / 'latency.sqlite'}"
    bus = Bus(log.port(), "bench", url, state, folder)
    bus.names = Names(f"bench.{os.getpid()}.latency")
    bus.setup()
    bus.subscribers.subscribe("reader", ["#"], 0)
    stop, arrived, trips = threading.Event(), threading.Event(), list[float]()

    def handle(_event: dict[str, Any], _work: object) -> None:
        arrived.set()

    threads = [
        threading.Thread(target=bus.relay().run, args=(stop,)),
        threading.Thread(target=bus.subscribers.receive, args=("reader", handle, stop)),
    ]
    for thread in threads:
        thread.start()
    fake = FakeLog()
    plain = list(_round_trips(url))
    for number in range(TRIPS):
        arrived.clear()
        fake.many(1)
        started = time.perf_counter()
        log.append(fake)
        assert arrived.wait(30), f"event {number} did not arrive"
        if number >= 20:
            trips.append(time.perf_counter() - started)
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join(30)
    bus.subscribers.detach("reader")
    topology = bus.topology()
    topology.destroy()
    topology.close()
    bus.close()
    log.close()
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        ours, other = _at(trips, share), _at(plain, share)
        shown = f"commit to handler {name} {ours * 1000:.1f} ms"
        ratio, beside = other / ours, f"broker {other * 1000:.1f} ms"
        yield Figure(shown, beside, 1 / ours, 1 / other, ratio, ratio, ratio, len(trips), None)


def _round_trips(url: str) -> Iterator[float]:
    """Publish with a confirm to a quorum queue and receive it, on two plain connections."""
    name = f"bench.{os.getpid()}.trip"
    with (
        Connection(url, transport_options={"confirm_publish": True}) as sender,
        Connection(url) as receiver,
    ):
        channel = receiver.channel()
        channel.queue_declare(
            queue=name, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"}
        )
        arrived: list[Any] = []
        consumer = Consumer(channel, [Queue(name, no_declare=True)], on_message=arrived.append)
        consumer.consume()
        producer = Producer(sender.channel(), auto_declare=False)
        for number in range(TRIPS):
            started = time.perf_counter()
            producer.publish(b"x" * 900, exchange="", routing_key=name, delivery_mode=2)
            while not arrived:
                receiver.drain_events(timeout=10)
            if number >= 20:
                yield time.perf_counter() - started
            arrived.pop().ack()
        channel.queue_delete(queue=name)


def _at(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def run() -> list[Figure]:
    """Every figure, printed as it comes."""
    found: list[Figure] = []
    for figure in measure():
        print(figure, flush=True)
        found.append(figure)
    return found


if __name__ == "__main__":
    run()
