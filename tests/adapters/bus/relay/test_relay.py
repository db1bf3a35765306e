"""The relay: what is in the log is on the bus, once remembered, by one relay at a time."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.bus.messages.feed import Feed
from adapters.bus.relay.ledger import LeaseLost, Ledger, Published, Subscriber, SubscriberBusy
from adapters.bus.relay.relay import Relay, Restored
from adapters.bus.transports.amqp import CONFIRM_SECONDS
from adapters.bus.transports.connection import BrokenTopology, BrokerFailed, BusLost
from adapters.bus.transports.publisher import Publisher
from adapters.bus.transports.topology import Topology
from application.ports import Damaged, Log, Unreadable
from tests.adapters.bus.conftest import Bus
from tests.adapters.bus.fakes import FakeLog, eventually, running


@pytest.fixture
def ledger(bus: Bus) -> Iterator[Ledger]:
    yield from a_ledger(bus.state)


def a_ledger(url: str) -> Iterator[Ledger]:
    ledger = Ledger(url)
    ledger.create()
    yield ledger
    ledger.close()


def a_relay(
    bus: Bus,
    log: FakeLog,
    ledger: Ledger,
    holder: str = "one",
    received: Callable[[Subscriber], int] = lambda subscriber: subscriber.start,
) -> Relay:
    return Relay(
        Feed(cast("Log", log), "toronto"),
        bus.url,
        ledger,
        bus.names,
        holder=holder,
        lease_seconds=1,
        poll_seconds=0.02,
        heartbeat=2,
        received=received,
    )


def caught_up(ledger: Ledger, log: FakeLog) -> Callable[[], bool]:
    return lambda: ledger.progress().position == log.head()


def ids(found: list[Any]) -> list[str]:
    return [json.loads(message.body)["id"] for message in found]


def test_everything_in_the_log_arrives_in_order(bus: Bus, ledger: Ledger) -> None:
    queue, log = bus.queue("reader"), FakeLog()
    log.many(700)
    with running(a_relay(bus, log, ledger)):
        eventually(caught_up(ledger, log))
        log.many(5)
        eventually(caught_up(ledger, log))
    assert ids(bus.reader(queue, prefetch=1000).read(705)) == log.ids()
    assert ledger.published().count == 705


def test_a_restart_goes_on_where_the_confirms_ended(bus: Bus, ledger: Ledger) -> None:
    queue, log = bus.queue("reader"), FakeLog()
    for _ in range(3):
        log.many(10)
        with running(a_relay(bus, log, ledger)):
            eventually(caught_up(ledger, log))
    assert ids(bus.reader(queue).read(31, seconds=0.5)) == log.ids()


def test_a_late_subscriber_gets_history_and_then_what_follows(bus: Bus, ledger: Ledger) -> None:
    log = FakeLog()
    log.many(1200)
    with running(a_relay(bus, log, ledger)):
        eventually(caught_up(ledger, log))
        for name, start in (("everything", 0), ("half", 1201), ("now", log.head())):
            bus.subscribers.append(name)
            ledger.subscribe(name, ["#"], start)
        log.many(100)
        eventually(lambda: all(s.attached for s in ledger.subscribers()))
        log.many(100)
        eventually(caught_up(ledger, log))
    for name, count in (("everything", 1400), ("half", 800), ("now", 200)):
        found = bus.reader(bus.names.queue(name), prefetch=2000).read(count + 1, seconds=0.5)
        assert ids(found) == log.ids()[-count:], name


def unreadable(_: Subscriber) -> int:
    raise Damaged(file="inbox.sqlite", reason="not a database", mend="")


@pytest.mark.parametrize(("received", "count"), [(lambda _: 601, 900), (unreadable, 1200)])
def test_what_lay_in_a_queue_that_was_lost_amid_its_history_is_sent_again(
    bus: Bus, ledger: Ledger, received: Callable[[Subscriber], int], count: int
) -> None:
    log = FakeLog()
    log.many(1200)
    with running(a_relay(bus, log, ledger)):
        eventually(caught_up(ledger, log))
    ledger.subscribe("late", ["#"], 0)
    generation = ledger.acquire("before", 60)
    assert generation is not None
    ledger.sent(generation, "late", 1000)
    ledger.release(generation)
    bus.subscribers.append("late")
    with running(a_relay(bus, log, ledger, received=received)):
        eventually(lambda: ledger.subscribers()[0].attached is not None)
    found = bus.reader(bus.names.queue("late"), prefetch=2000).read(1201, seconds=0.5)
    assert ids(found) == log.ids()[-count:]


def test_who_asks_again_while_history_is_sent_is_sent_it_from_there(
    bus: Bus, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FakeLog()
    log.many(1200)
    with running(a_relay(bus, log, ledger)):
        eventually(caught_up(ledger, log))
    ledger.subscribe("late", ["#"], 0)
    bus.subscribers.append("late")
    sent, again = ledger.sent, list[int]()

    def asking(generation: int, name: str, through: int) -> None:
        sent(generation, name, through)
        if not again:  # after a first page, with nothing received
            again.append(through)
            ledger.send_again(name)

    monkeypatch.setattr(ledger, "sent", asking)
    with running(a_relay(bus, log, ledger)):
        eventually(lambda: ledger.subscribers()[0].attached is not None)
    found = bus.reader(bus.names.queue("late"), prefetch=4000).read(4000, seconds=0.5)
    assert len(found) > len(log.ids()), "what went to the queue before is sent again"
    assert ids(found)[-1200:] == log.ids()


CONFIRMED_ANEW = 2 * CONFIRM_SECONDS
"""The broker may lose a confirm while a queue is deleted; the relay then publishes again."""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["declare_queue", "sent", "bind"])
@pytest.mark.parametrize("topics", [["#"], ["city.#"], None])
@pytest.mark.deletes_queues
def test_a_subscriber_detached_while_its_history_is_sent_gets_what_it_subscribes_to_next(
    bus: Bus,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    topics: list[str] | None,
    moment: str,
) -> None:
    log = FakeLog()
    log.many(700)
    log.commit("city/US-CHI", topic="city-targeted.v1")
    with running(a_relay(bus, log, ledger)):
        eventually(caught_up(ledger, log))
    ledger.subscribe("late", ["#"], 0)
    bus.subscribers.append("late")
    where: Any = ledger if moment == "sent" else Topology
    does, begun = getattr(where, moment), list[Future[None]]()

    def change() -> None:
        other = Topology(bus.url, bus.names)
        with ledger.exclusive("late"):
            ledger.detach("late")
            other.remove("late")
            if topics:
                other.declare_queue("late")
                ledger.subscribe("late", topics, 0)
        other.close()

    def anew(*given: Any, **more: Any) -> Any:
        if not begun:
            begun.append(beside.submit(change))
            time.sleep(0.1)
            assert not begun[0].done(), "the relay holds the subscriber's lock"
        return does(*given, **more)

    monkeypatch.setattr(where, moment, anew)
    with ThreadPoolExecutor() as beside, running(a_relay(bus, log, ledger)):
        eventually(lambda: begun and begun[0].done())
        begun[0].result()
        eventually(lambda: all(each.attached for each in ledger.subscribers()))
        log.commit("city/US-CHI", topic="city-targeted.v1")
        log.many(1)
        eventually(caught_up(ledger, log), CONFIRMED_ANEW)
        if topics is None:
            eventually(lambda: not bus.topology.has_queue("late"))
            return
    wanted = log.ids() if topics == ["#"] else ["city/US-CHI/1", "city/US-CHI/2"]
    found = list[str]()
    reader = bus.reader(bus.names.queue("late"), prefetch=4000)

    def all_read() -> bool:
        found.extend(ids(reader.read(4000, seconds=0.5)))
        return wanted[-1] in found

    eventually(all_read)
    assert found[-len(wanted) :] == wanted, "repeats may go before"
    assert set(found) == set(wanted)


def test_history_has_the_subscribers_topics_only(bus: Bus, ledger: Ledger) -> None:
    log = FakeLog()
    log.many(3)
    log.commit("city/US-CHI", topic="city-targeted.v1")
    with running(a_relay(bus, log, ledger)):
        bus.subscribers.append("cities")
        ledger.subscribe("cities", ["city.#"], 0)
        eventually(lambda: ledger.subscribers()[0].attached is not None)
        log.commit("city/US-CHI", topic="city-targeted.v1")
        log.many(1)
        eventually(caught_up(ledger, log))
    found = bus.reader(bus.names.queue("cities")).read(3, seconds=0.5)
    assert ids(found) == ["city/US-CHI/1", "city/US-CHI/2"]


def test_a_second_relay_waits_and_takes_over(bus: Bus, ledger: Ledger) -> None:
    queue, log = bus.queue("reader"), FakeLog()
    log.many(10)
    with running(a_relay(bus, log, ledger, "second-in-line")) as problems:
        eventually(caught_up(ledger, log))
        with running(a_relay(bus, log, ledger, "another")):
            log.many(10)
            eventually(caught_up(ledger, log))
            assert ledger.holder() == "second-in-line"
    assert not problems
    with running(a_relay(bus, log, ledger, "another")):
        log.many(10)
        eventually(caught_up(ledger, log))
        assert ledger.holder() == "another"
    assert ids(bus.reader(queue).read(31, seconds=0.5)) == log.ids()


def test_a_holder_that_was_overtaken_saves_nothing(bus: Bus, ledger: Ledger) -> None:
    stale = ledger.acquire("paused", seconds=0.0)
    assert stale is not None
    assert ledger.acquire("next", seconds=60) == stale + 1
    with pytest.raises(LeaseLost):
        ledger.save(stale, Published(position=99))
    with pytest.raises(LeaseLost):
        ledger.renew(stale, 60)
    ledger.release(stale)
    assert ledger.holder() == "next"
    assert ledger.progress().position == 0


def test_an_overtaken_publisher_is_fenced_by_the_bus_itself(bus: Bus, ledger: Ledger) -> None:
    queue, log = bus.queue("reader"), FakeLog()
    log.many(5)
    paused, following = a_relay(bus, log, ledger), a_relay(bus, log, ledger)
    paused._generation, following._generation = 1, 2
    first, second = paused._publishing(), following._publishing()
    if not bus.embedded:  # there the one that is connected keeps the others out
        first, second = second, first
    second.send(_messages(log))
    with pytest.raises(BusLost, match=r"generation 1 is over|RESOURCE_LOCKED"):
        first.send(_messages(log))
    paused._drop()
    following._drop()
    assert ids(bus.reader(queue).read(6, seconds=0.5)) == log.ids()


def _messages(log: FakeLog) -> list[Any]:
    from adapters.bus.messages.cloud_event import messages
    from tests.adapters.bus.fakes import SOURCES

    return list(messages(log.rows, SOURCES))


def test_a_lease_is_not_extended_by_a_clock_set_back(bus: Bus, ledger: Ledger) -> None:
    assert ledger.acquire("from-the-future", seconds=10_000) is not None
    assert ledger.acquire("now", seconds=1) is not None


def test_a_broken_topology_stops_the_relay_loudly(broker: Bus) -> None:
    for ledger in a_ledger(broker.state):
        log = FakeLog()
        log.many(1)
        with broker.topology._channel() as channel:
            channel.queue_delete(queue=broker.names.stream)
        with running(a_relay(broker, log, ledger)) as problems:
            eventually(lambda: problems)
        assert isinstance(problems[0], BrokenTopology)
        assert ledger.progress().position == 0


@pytest.mark.parametrize(("failures", "ends"), [(1, False), (2, True)])
def test_a_broker_that_failed_inside_ends_the_relay_if_it_fails_again(
    failures: int, ends: bool, bus: Bus, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, log = bus.queue("reader"), FakeLog()
    log.many(5)
    send, left = Publisher.send, [BrokerFailed(reason="INTERNAL_ERROR")] * failures

    def failing(publisher: Publisher, messages: Any, to: str | None = None) -> None:
        if left:
            raise left.pop()
        send(publisher, messages, to)

    monkeypatch.setattr(Publisher, "send", failing)
    with running(a_relay(bus, log, ledger)) as problems:
        eventually(lambda: problems or caught_up(ledger, log)())
    assert [type(problem) for problem in problems] == ([BrokerFailed] if ends else [])
    if not ends:
        assert ids(bus.reader(queue).read(6, seconds=0.5)) == log.ids()


def test_a_log_restored_behind_the_relay_stops_it(bus: Bus, ledger: Ledger) -> None:
    log, restored = FakeLog(), FakeLog()
    log.many(10)
    restored.many(5)
    with running(a_relay(bus, log, ledger)):
        eventually(caught_up(ledger, log))
    with running(a_relay(bus, restored, ledger)) as problems:
        eventually(lambda: problems)
    assert isinstance(problems[0], Restored)
    assert "alliance relay --accept-restore" in problems[0].title


def test_a_log_that_cannot_be_read_for_a_while_is_tried_again(bus: Bus, ledger: Ledger) -> None:
    queue, log = bus.queue("reader"), FakeLog()
    log.many(5)
    away = [True]
    head = log.head

    def sometimes() -> int:
        if away[0]:
            raise ConnectionError("the database restarts")
        return head()

    relay = a_relay(bus, log, ledger)
    relay._log.__dict__["head"] = sometimes
    with running(relay) as problems:
        time.sleep(0.5)
        away[0] = False
        eventually(lambda: ledger.progress().position == head())
    assert not problems
    assert ids(bus.reader(queue).read(6, seconds=0.5)) == log.ids()


def test_the_ledger_works_on_postgresql(fresh_postgres_url: str, tmp_path: Path) -> None:
    for ledger in a_ledger(fresh_postgres_url):
        ledger.create()
        generation = ledger.acquire("one", 30)
        assert generation is not None
        assert ledger.acquire("two", 30) is None
        ledger.save(generation, Published().and_then(["a/1"], 7, "1"))
        assert (ledger.progress().position, ledger.published().count) == (7, 1)
        ledger.subscribe("late", ["b.#", "a.#"], 3)
        ledger.sent(generation, "late", 5)
        assert ledger.subscribe("late", ["#"], 0).sent == 5
        ledger.send_again("late")
        assert ledger.subscribe("late", ["#"], 0).sent is None
        ledger.attached(generation, "late", 7)
        assert ledger.subscribe("late", ["#"], 0).attached == 7
        with pytest.raises(LeaseLost):
            ledger.sent(generation - 1, "late", 6)
        ledger.detach("late")
        ledger.detach("late")
        assert ledger.subscriber("late") is None


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_one_at_a_time_has_the_lock_of_a_subscriber(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    url = f"sqlite:///{tmp_path / 'relay.sqlite'}"
    if kind == "postgresql":
        url = request.getfixturevalue("fresh_postgres_url")
    one, two = Ledger(url), Ledger(url)
    one.create()
    with one.exclusive("reader"):
        with pytest.raises(SubscriberBusy), two.exclusive("reader", 0.1):
            pass
        with two.exclusive("other", 0.1):
            pass
    with two.exclusive("reader", 0.1):
        pass
    one.close()
    two.close()


@pytest.mark.parametrize(
    "damage",
    [
        {"state": b'{"decided_on": "2001'},
        {"state": b'{"reason": "\xff"}'},
        {"state": b'{"reason": "\xed\xa0\x80"}'},
        {"state": b"[]"},
        {"topic": "partnership"},
        {"topic": "partnership-reclassifiee.v1"},
        {"topic": "partnership-reclassified.v9"},
    ],
)
def test_a_damaged_row_ends_the_relay_and_is_named(file_bus: Bus, damage: dict[str, Any]) -> None:
    queue, log = file_bus.queue("reader"), FakeLog()
    log.many(6)
    log.rows[7] = log.rows[7]._replace(**damage)
    for ledger in a_ledger(file_bus.state):
        with running(a_relay(file_bus, log, ledger)) as problems:
            eventually(lambda: problems)
        assert isinstance(problems[0], Unreadable)
        named = {name: problems[0].details[name] for name in ("position", "stream", "version")}
        assert named == {"position": 8, "stream": "partnership/CITY-3", "version": 1}
        assert ledger.progress().position == 6
    assert ids(file_bus.reader(queue).read(4, seconds=0.5)) == log.ids()[:3]


def test_each_event_keeps_the_epoch_in_which_it_was_recorded(bus: Bus, ledger: Ledger) -> None:
    """Live, as history of a late subscriber, and in the feed."""
    queue, log = bus.queue("live"), FakeLog()
    log.many(3)
    with running(a_relay(bus, log, ledger)):
        eventually(caught_up(ledger, log))
    log.restored("2", shared=log.head())
    relay = a_relay(bus, log, ledger)
    log.many(2)
    with running(relay):
        eventually(caught_up(ledger, log))
        bus.subscribers.append("late")
        ledger.subscribe("late", ["#"], 0)
        eventually(lambda: ledger.subscribers()[0].attached)
    sources = ["/registers/toronto/epochs/1"] * 3 + ["/registers/toronto/epochs/2"] * 2
    bodies = [message.body for message in Feed(cast("Log", log), "toronto").messages(0)]
    assert [json.loads(body)["source"] for body in bodies] == sources
    for name in (queue, bus.names.queue("late")):
        found = [bytes(message.body) for message in bus.reader(name).read(6, seconds=0.5)]
        assert found == bodies, name
