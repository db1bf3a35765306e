"""What the register needs of a bus, asked of every transport."""

import re
from typing import Any

import pytest
from amqp.exceptions import InternalError, NotAllowed

from adapters.bus.kombu_types import AmqpError, NotFound
from adapters.bus.messages.cloud_event import CONTENT_TYPE, Message, messages
from adapters.bus.transports.connection import (
    BrokenTopology,
    BrokerFailed,
    BusLost,
    BusRefuses,
    OtherArguments,
    UnsupportedBus,
    bus_lost,
    connect,
)
from adapters.bus.transports.publisher import Publisher
from adapters.bus.transports.topology import Topology, outdated_release
from domain.shared.problems import Problem
from tests.adapters.bus.conftest import Bus
from tests.adapters.bus.fakes import SOURCES, FakeLog, eventually


def some(count: int, topic: str = "partnership-formed.v1", first: int = 0) -> list[Message]:
    log = FakeLog()
    for number in range(first, first + count):
        log.commit(f"partnership/{number:05d}", topic=topic)
    return list(messages(log.rows, SOURCES))


def ids(found: list[Any]) -> list[str]:
    return [message.properties["message_id"] for message in found]


def publisher(bus: Bus) -> Publisher:
    return Publisher(bus.url, bus.names.exchange)


def test_a_message_reaches_every_queue_whose_topic_takes_it(bus: Bus) -> None:
    all_, formed = bus.queue("all"), bus.queue("formed", "partnership.formed.#")
    with publisher(bus) as bare:
        bare.send(some(2) + some(2, "partnership-lapsed.v1", first=2))
    assert len(bus.reader(all_).read(4)) == 4
    assert len(bus.reader(formed).read(3, seconds=0.5)) == 2


def test_messages_arrive_in_the_order_sent_and_as_they_were_sent(bus: Bus) -> None:
    queue = bus.queue("reader")
    sent = some(1200)
    with publisher(bus) as bare:
        bare.send(sent)
    found = bus.reader(queue, prefetch=2000).read(1200)
    assert [message.body for message in found] == [message.body for message in sent]
    assert {(m.content_type, m.delivery_info["routing_key"]) for m in found} == {
        (CONTENT_TYPE, "partnership.formed.v1")
    }


def test_what_is_not_acknowledged_comes_again_in_order_to_the_next_reader(bus: Bus) -> None:
    queue = bus.queue("reader")
    with publisher(bus) as bare:
        bare.send(some(10))
    first = bus.reader(queue)
    found = first.read(10)
    found[2].ack(multiple=True)
    first.connection.release()
    again = bus.reader(queue).read(8, seconds=1)
    assert ids(again) == ids(found[3:])
    assert all(message.delivery_info["redelivered"] for message in again)


def test_one_acknowledgement_takes_all_before_it_and_nothing_after(bus: Bus) -> None:
    queue = bus.queue("reader")
    with publisher(bus) as bare:
        bare.send(some(5))
    reader = bus.reader(queue)
    reader.read(5)[3].ack(multiple=True)
    reader.connection.release()
    eventually(lambda: bus.topology.depth("reader").waiting == 1)


def test_a_prefetch_is_a_limit(bus: Bus) -> None:
    queue = bus.queue("reader")
    with publisher(bus) as bare:
        bare.send(some(10))
    reader = bus.reader(queue, prefetch=4)
    found = reader.read(5, seconds=0.5)
    assert len(found) == 4
    found[0].ack()
    assert len(reader.read(1)) == 1


def test_a_queue_has_one_active_reader_and_the_next_takes_over(bus: Bus) -> None:
    queue = bus.queue("reader")
    first, second = bus.reader(queue), bus.reader(queue)
    with publisher(bus) as bare:
        bare.send(some(3))
        assert len(first.read(3)) == 3
        assert second.read(1, seconds=0.3) == []
        first.die()
        assert len(second.read(3)) == 3


def test_a_rejected_message_is_a_dead_letter(bus: Bus) -> None:
    queue = bus.queue("reader")
    with publisher(bus) as bare:
        bare.send(some(2))
    reader = bus.reader(queue)
    bad, good = reader.read(2)
    bad.reject()
    good.ack()
    dead = bus.reader(bus.names.dead_queue("reader")).read(1)
    assert ids(dead) == ids([bad])


def test_a_queue_that_is_not_yet_bound_takes_what_is_sent_straight_to_it(bus: Bus) -> None:
    bus.subscribers.append("late")
    queue = bus.topology.declare_queue("late")
    sent = some(3)
    with publisher(bus) as bare:
        bare.send(sent[:2], queue=queue)
        bare.send(sent[2:])
    assert ids(bus.reader(queue).read(3, seconds=0.5)) == [m.id for m in sent[:2]]


def test_bindings_stay_while_nobody_is_there(bus: Bus) -> None:
    queue = bus.queue("away")
    for part in range(3):
        with publisher(bus) as bare:
            bare.send(some(5, first=5 * part))
    assert len(bus.reader(queue).read(15)) == 15


def test_publishing_to_a_missing_exchange_is_not_a_success(bus: Bus) -> None:
    with Publisher(bus.url, "nobody-declared-this") as bare, pytest.raises(BrokenTopology):
        bare.send(some(1))


def test_sending_straight_to_a_missing_queue_is_not_a_success(bus: Bus) -> None:
    with publisher(bus) as bare, pytest.raises(BrokenTopology):
        bare.send(some(1), queue="nobody-declared-this")


@pytest.mark.deletes_queues
def test_a_reader_is_told_when_its_queue_is_deleted(bus: Bus) -> None:
    reader = bus.reader(bus.queue("reader"))
    reader.read(1, seconds=0.2)
    bus.topology.remove("reader")
    with pytest.raises(reader.connection.connection_errors):
        reader.read(1, seconds=2)


def test_reading_a_queue_that_is_not_there_says_so(bus: Bus) -> None:
    with pytest.raises(NotFound):
        bus.reader("nobody-declared-this")


def test_declaring_twice_changes_nothing(bus: Bus) -> None:
    bus.queue("reader")
    bus.topology.declare()
    bus.topology.declare_queue("reader")
    assert bus.topology.has_queue("reader")
    assert not bus.topology.has_queue("other")


def test_an_event_that_nobody_subscribed_to_is_still_accepted(bus: Bus) -> None:
    with publisher(bus) as bare:
        bare.send(some(3))


def test_a_broken_topology_is_noticed_by_the_next_event(broker: Bus) -> None:
    with broker.topology._channel() as channel:
        channel.queue_delete(queue=broker.names.stream)
    with publisher(broker) as bare, pytest.raises(BrokenTopology):
        bare.send(some(1))


def test_a_broker_that_is_not_there_is_a_lost_bus() -> None:
    with Publisher("amqp://guest:guest@127.0.0.1:1//", "any") as bare, pytest.raises(BusLost):
        bare.send(some(1))


def test_a_broker_that_refuses_is_told_from_one_that_is_away(broker: Bus) -> None:
    host = broker.url.rpartition("@")[2].partition("/")[0]
    for url in (f"amqp://guest:wrong@{host}//", f"amqp://guest:guest@{host}/nobody-made-this"):
        topology = Topology(url, broker.names)
        with pytest.raises(BusRefuses):
            topology.declare()
        topology.close()
        with Publisher(url, broker.names.exchange) as bare, pytest.raises(BusRefuses):
            bare.send(some(1))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("NOT_ALLOWED - vhost nobody-made-this not found", BusRefuses),
        ("NOT_ALLOWED - access to vhost '/' refused for user 'a': vhost '/' is down", BusLost),
        ("NOT_ALLOWED - access to vhost '/' refused: connection limit (1) is reached", BusLost),
        (
            "NOT_ALLOWED - connection refused for user 'a': user connection limit (1) is reached",
            BusLost,
        ),
    ],
)
def test_a_refusal_that_passes_is_no_refusal(said: str, meant: type[Problem]) -> None:
    refused = AmqpError(said, (10, 40), "Connection.open", 530)
    assert type(bus_lost("amqp://a:a@127.0.0.1//", refused)) is meant


def test_a_queue_that_somebody_declared_otherwise_is_named(broker: Bus) -> None:
    broker.subscribers.append("reader")
    with broker.topology._channel() as channel:
        channel.queue_declare(queue=broker.names.queue("reader"), durable=True, auto_delete=False)
    with pytest.raises(OtherArguments, match=r"inequivalent arg .* for queue"):
        broker.topology.declare_queue("reader")


def test_a_bus_that_was_not_set_up_is_told_by_who_looks(bus: Bus) -> None:
    bus.topology.destroy()
    with pytest.raises(BrokenTopology):
        bus.topology.check()
    bus.topology.declare()
    bus.topology.check()


@pytest.mark.parametrize("url", ["redis://127.0.0.1", "memory://", "bus.sqlite", "sqlite://"])
def test_a_bus_that_would_lose_messages_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedBus):
        connect(url)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InternalError("INTERNAL_ERROR", (50, 10), "queue.declare", 541), BrokerFailed),
        (NotFound("NOT_FOUND - no queue 'a'", (50, 10), "queue.declare", 404), BrokenTopology),
        (
            NotFound("NOT_FOUND - home node of durable queue 'a' is down", (50, 10), "", 404),
            BusLost,
        ),
        (NotAllowed("NOT_ALLOWED - vhost 'a' is down", (10, 40), "", 530), BusLost),
        (NotAllowed("NOT_ALLOWED - vhost 'a' not found", (10, 40), "", 530), BusRefuses),
        (ConnectionResetError("reset"), BusLost),
    ],
)
def test_what_a_broker_answers_is_told_by_what_helps(error: Exception, kind: type[Problem]) -> None:
    assert type(bus_lost("amqp://localhost//", error)) is kind


def test_a_broker_that_failed_is_to_be_restarted() -> None:
    assert "restart the broker" in BrokerFailed().title


@pytest.mark.parametrize(
    ("version", "named"),
    [
        ("3.10.8", True),
        ("3.10.19", True),
        ("3.10.20", False),
        ("3.11.11", True),
        ("3.11.12", False),
        ("3.12.0-rc.1", False),
        ("4.0.2", False),
        ("unknown", False),
    ],
)
def test_a_rabbitmq_that_may_lose_its_queues_is_named(version: str, named: bool) -> None:
    said = outdated_release(version)
    assert (said is not None) is named
    assert said is None or f"RabbitMQ {version}" in said


def test_the_release_of_a_broker_is_read_and_judged(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "adapters.bus.transports.topology.outdated_release", lambda release: f"judged {release}"
    )
    said = bus.topology.warning()
    if bus.embedded:
        assert said is None
    else:
        assert re.fullmatch(r"judged \d+\.\d+\.\d+.*", str(said))
