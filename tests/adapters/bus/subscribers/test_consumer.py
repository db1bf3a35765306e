"""From the queue into the inbox, with everything that goes wrong on the way."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from amqp.exceptions import InternalError
from sqlalchemy import Connection
from structlog.testing import capture_logs

from adapters.bus.kombu_types import Consumer
from adapters.bus.messages.cloud_event import Event, Received, messages
from adapters.bus.subscribers.consumer import QueueGone, Subscription
from adapters.bus.subscribers.inbox import Inbox, Outcome
from adapters.bus.subscribers.inbox_transaction import Handle
from adapters.bus.transports.connection import BrokerFailed, connect
from adapters.bus.transports.publisher import Publisher
from application.ports import DerivedAway
from tests.adapters.bus.conftest import Bus
from tests.adapters.bus.fakes import SOURCES, FakeLog, eventually, running


class Seen:
    """A handler that remembers."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def __call__(self, event: Event, work: Connection) -> None:
        self.ids.append(event["id"])


@pytest.fixture
def inbox(bus: Bus) -> Iterator[Inbox]:
    inbox = Inbox(bus.state, "reader", attempts=2, retry_seconds=0.01)
    inbox.create()
    yield inbox
    inbox.close()


def publish(bus: Bus, log: FakeLog) -> None:
    with Publisher(bus.url, bus.names.exchange) as publisher:
        publisher.send(messages(log.rows, SOURCES))


def test_each_event_is_handled_once_and_in_order(bus: Bus, inbox: Inbox) -> None:
    queue, log, seen = bus.queue("reader"), FakeLog(), Seen()
    log.many(300)
    publish(bus, log)
    with running(Subscription(bus.url, queue, inbox, seen)):
        eventually(lambda: len(seen.ids) == 300)
        publish(bus, log)
        eventually(lambda: bus.topology.depth("reader").waiting == 0)
    assert seen.ids == log.ids()
    assert {receipt.id for receipt in inbox.receipts()} == set(log.ids())


def test_foreign_messages_go_to_the_dead_letters_and_hurt_nobody(bus: Bus, inbox: Inbox) -> None:
    queue, log, seen = bus.queue("reader"), FakeLog(), Seen()
    log.many(3)
    with bus.topology._channel() as channel:
        for number, headers in enumerate(({}, {"compression": "application/x-gzip"}, {}, {})):
            body = [b"not json", b"not gzip", b"{}", b""][number]
            garbage = channel.prepare_message(
                body, content_type="application/data", headers=headers, properties={}
            )
            channel.basic_publish(garbage, exchange="", routing_key=queue)
    publish(bus, log)
    with running(Subscription(bus.url, queue, inbox, seen)) as problems:
        eventually(lambda: len(seen.ids) == 3 or problems)
        assert not problems
        eventually(lambda: bus.topology.depth("reader").dead == 4)
    assert not problems
    assert seen.ids == log.ids()


def test_a_foreign_message_that_comes_last_costs_no_connection(
    bus: Bus, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, log, seen, connected = bus.queue("reader"), FakeLog(), Seen(), list[str]()

    def counted(url: str, heartbeat: int) -> Any:
        connected.append(url)
        return connect(url, heartbeat=heartbeat)

    monkeypatch.setattr("adapters.bus.subscribers.consumer.connect", counted)
    with running(Subscription(bus.url, queue, inbox, seen, batch=1)) as problems:
        with bus.topology._channel() as channel:
            garbage = channel.prepare_message(b"garbage", content_type="text/plain", properties={})
            channel.basic_publish(garbage, exchange="", routing_key=queue)
        log.many(3)
        publish(bus, log)
        eventually(lambda: len(seen.ids) == 3 or problems)
        eventually(lambda: bus.topology.depth("reader").dead == 1)
    assert not problems
    assert (seen.ids, len(connected)) == (log.ids(), 1)


def test_an_inbox_that_is_away_for_a_while_is_tried_again(
    bus: Bus, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, log, seen = bus.queue("reader"), FakeLog(), Seen()
    log.many(3)
    publish(bus, log)
    away, take = [DerivedAway(reason="the database restarts")], inbox.take

    def sometimes(batch: Sequence[Received], handle: Handle) -> Outcome:
        if away:
            raise away.pop()
        return take(batch, handle)

    monkeypatch.setattr(inbox, "take", sometimes)
    with (
        capture_logs() as said,
        running(Subscription(bus.url, queue, inbox, seen)) as problems,
    ):
        eventually(lambda: len(seen.ids) == 3 or problems)
    assert not problems
    assert seen.ids == log.ids()
    assert [line["event"] for line in said] == ["the inbox is away"]


@pytest.mark.parametrize(("failures", "ends"), [(1, False), (2, True)])
def test_a_broker_that_failed_inside_ends_a_reader_if_it_fails_again(
    failures: int, ends: bool, bus: Bus, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, log, seen = bus.queue("reader"), FakeLog(), Seen()
    log.many(3)
    publish(bus, log)
    consume = Consumer.consume
    left = [InternalError("INTERNAL_ERROR", (60, 20), "basic.consume", 541)] * failures

    def failing(consumer: Any) -> None:
        if left:
            raise left.pop()
        consume(consumer)

    monkeypatch.setattr(Consumer, "consume", failing)
    with running(Subscription(bus.url, queue, inbox, seen)) as problems:
        eventually(lambda: len(seen.ids) == 3 or problems)
    assert [type(problem) for problem in problems] == ([BrokerFailed] if ends else [])
    assert seen.ids == ([] if ends else log.ids())


def test_a_handler_that_takes_its_time_costs_no_connection(broker: Bus) -> None:
    queue, log, seen = broker.queue("reader"), FakeLog(), Seen()
    log.many(2)
    publish(broker, log)
    inbox = Inbox(broker.state, "reader")
    inbox.create()

    def handle(event: Event, work: Connection) -> None:
        time.sleep(0 if seen.ids else 4)
        seen(event, work)

    slow = Subscription(broker.url, queue, inbox, handle, batch=1, heartbeat=1)
    with capture_logs() as said, running(slow):
        eventually(lambda: len(seen.ids) == 2)
    inbox.close()
    assert seen.ids == log.ids()
    assert said == []


def test_it_is_said_that_events_are_set_aside(bus: Bus, inbox: Inbox) -> None:
    queue, log = bus.queue("reader"), FakeLog()
    log.many(3)
    publish(bus, log)

    def handle(event: Event, _work: Connection) -> None:
        if event["id"] == log.ids()[1]:
            raise ValueError("poisoned")

    with capture_logs() as said, running(Subscription(bus.url, queue, inbox, handle)):
        eventually(lambda: len(inbox.receipts()) == 2)
    told = [each["events"] for each in said if each["event"].startswith("parked")]
    assert told == [1]


@pytest.mark.deletes_queues
def test_a_deleted_queue_is_noticed(bus: Bus, inbox: Inbox) -> None:
    queue, log, seen = bus.queue("reader"), FakeLog(), Seen()
    log.many(1)
    publish(bus, log)
    with running(Subscription(bus.url, queue, inbox, seen)) as problems:
        eventually(lambda: seen.ids)
        bus.topology.remove("reader")
        eventually(lambda: problems)
    assert isinstance(problems[0], QueueGone)


def test_a_missing_queue_is_noticed(bus: Bus, inbox: Inbox) -> None:
    with pytest.raises(QueueGone):
        Subscription(bus.url, "nobody-declared-this", inbox, Seen()).run(threading.Event())


def test_a_second_subscriber_of_the_same_name_waits(bus: Bus, inbox: Inbox) -> None:
    queue, log = bus.queue("reader"), FakeLog()
    first, second = Seen(), Seen()
    with running(Subscription(bus.url, queue, inbox, first)):
        log.many(2)
        publish(bus, log)
        eventually(lambda: len(first.ids) == 2)
        with running(Subscription(bus.url, queue, inbox, second)):
            log.many(2)
            publish(bus, log)
            eventually(lambda: len(first.ids) == 4)
    assert second.ids == []
