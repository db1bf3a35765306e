"""Dead letters: seen, given back, dropped with a record, and what a reconciliation says of them."""

import json
import re
import time
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from adapters.bus.bus import Bus as RegisterBus
from adapters.bus.messages.cloud_event import Sources, messages
from adapters.bus.subscribers.dead_letters import NoDeadLetter, NotPending, StillPending
from adapters.bus.subscribers.queue_browser import MOST_DELIVERIES, QueueInUse
from adapters.bus.subscribers.status import DeadLetterReport, Reconciliation
from adapters.bus.transports.connection import BrokenTopology
from tests.adapters.bus.conftest import Bus, reading, relaying, run
from tests.adapters.bus.fakes import FakeLog, eventually

GARBAGE = b"not json \xff"


@pytest.fixture
def house(house: RegisterBus, log: FakeLog) -> RegisterBus:
    """A register with a subscriber whose queue has two events, of one stream each."""
    house.subscribers.subscribe("reader", ["#"], 0)
    log.many(2)
    with relaying(house):
        eventually(lambda: next(house.subscribers.statuses()).attached)
        eventually(lambda: house.ledger.progress().position == log.head())
    return house


def publish(bus: Bus, *bodies: bytes, queue: str | None = None, **headers: object) -> None:
    """Somebody writes into the subscriber's queue, or into another."""
    with bus.topology._channel() as channel:
        for body in bodies:
            message = channel.prepare_message(
                body, content_type="text/plain", headers=headers, properties={}
            )
            channel.basic_publish(
                message, exchange="", routing_key=queue or bus.names.queue("reader")
            )


def bury(bus: Bus, count: int) -> None:
    """What lies in the queue is rejected, as by a reader that cannot read it."""
    reader = bus.reader(bus.names.queue("reader"))
    for message in reader.read(count):
        message.reject()
    reader.connection.release()
    eventually(lambda: bus.topology.depth("reader").dead == count)


def letters(house: RegisterBus) -> Sequence[DeadLetterReport]:
    with house.subscribers.dead_letters("reader") as found:
        return found.all()


def verdict(house: RegisterBus) -> tuple[Reconciliation, str]:
    found = house.subscribers.reconcile("reader")
    done = run(house, "subscribers", "reconcile", "reader")
    assert done.exit_code == (0 if found.sound else 4)
    return found, " ".join(done.output.rpartition("\n\n")[2].split())


def test_a_dead_letter_says_what_it_is_from_where_why_and_when(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    publish(bus, GARBAGE)
    bury(bus, 3)
    first, second, garbage = letters(house)
    assert [first.id, second.id] == log.ids()
    assert (first.pending, first.source) == (True, "/registers/toronto/epochs/1")
    assert (garbage.pending, garbage.id, garbage.bytes) == (False, None, len(GARBAGE))
    assert garbage.because.startswith("not a message of a register: UnicodeDecodeError")
    assert (garbage.reason, garbage.exchange) == ("rejected", "")
    assert garbage.routing_keys == (bus.names.queue("reader"),)
    assert garbage.died_at is not None
    assert abs(time.time() - garbage.died_at) < 60
    assert letters(house) == [first, second, garbage], "looking changes nothing"


@pytest.mark.parametrize("time", ["noon", 1e300, -1])
def test_what_a_stranger_wrote_in_the_headers_hides_no_dead_letter(
    bus: Bus, house: RegisterBus, time: object
) -> None:
    death = {"time": time, "reason": 5, "routing-keys": "a"}
    queue = bus.names.dead_queue("reader")
    publish(bus, GARBAGE, queue=queue, **{"x-death": [death], "x-delivery-count": "many"})
    publish(bus, GARBAGE, queue=queue, **{"x-death": "plague"})
    shown = run(house, "subscribers", "dead", "reader")
    assert shown.exit_code == 0, shown.exception
    assert [(one.pending, one.reason, one.died_at) for one in letters(house)] == [
        (False, "5", None),
        (False, "unknown", None),
    ]
    with house.subscribers.dead_letters("reader") as dead:
        assert dead.discard() == 2


def test_an_event_is_known_wherever_it_stands_in_its_commit(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    log.commit(*(f"mission/{number}" for number in range(70)))
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 72)
    log.commit("mission/70", "mission/71", "mission/72")
    with relaying(house):
        eventually(lambda: house.ledger.progress().position == log.head())
    bury(bus, 3)
    assert [letter.id for letter in letters(house)] == log.ids()[-3:]
    assert {letter.because for letter in letters(house)} == {"still to be handled"}


def test_events_are_given_back_in_the_order_of_the_log_and_handled(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    publish(bus, GARBAGE)
    bury(bus, 3)
    found, said = verdict(house)
    assert (found.open, found.dead, found.dead_events, found.missing) == (2, 3, 2, 0)
    assert said == (
        "2 events are among the dead letters: alliance subscribers requeue reader. 1 dead letter "
        "is not to be handled: alliance subscribers dead reader."
    )
    with house.subscribers.dead_letters("reader") as dead:
        assert dead.requeue() == 2
        assert dead.requeue() == 0
    with reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 2)
    assert seen == log.ids()
    assert [letter.pending for letter in letters(house)] == [False]
    found, said = verdict(house)
    assert (found.handled, found.dead, found.sound) == (2, 1, True)
    assert said == "1 dead letter is not to be handled: alliance subscribers dead reader. Sound."


def test_one_is_given_back_by_its_id_or_its_letter(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    bury(bus, 2)
    with house.subscribers.dead_letters("reader") as dead:
        first, second = dead.all()
        assert dead.requeue(second.id) == 1
        assert [letter.id for letter in dead.all()] == [first.id]
        assert dead.requeue(first.letter) == 1
        with pytest.raises(NoDeadLetter) as none:
            dead.requeue(first.letter)
    assert none.value.details == {"letter": first.letter, "known": ()}
    eventually(lambda: bus.topology.depth("reader").waiting == 2)


def test_what_is_dropped_is_no_event_still_to_be_handled_and_is_on_record(
    bus: Bus, house: RegisterBus
) -> None:
    publish(bus, GARBAGE)
    publish(bus, b"{}", compression="application/x-gzip")
    bury(bus, 4)
    event, _, garbage, squeezed = letters(house)
    with house.subscribers.dead_letters("reader") as dead:
        with pytest.raises(StillPending) as kept:
            dead.discard(event.id)
        with pytest.raises(NotPending) as refused:
            dead.requeue(squeezed.letter)
        with capture_logs() as said:
            assert dead.discard(garbage.letter) == 1
            assert dead.discard() == 1
        assert [letter.pending for letter in dead.all()] == [True, True]
    assert kept.value.details["id"] == event.id
    assert refused.value.details["reason"] == (
        "not a message of a register: a header promises a compression that the body does not have"
    )
    assert [line["event"] for line in said] == ["dead letter discarded"] * 2
    assert said[0]["body"] == "not json \\xff"
    assert {name: said[0][name] for name in ("subscriber", "letter", "reason", "died_at")} == {
        "subscriber": "reader",
        "letter": garbage.letter,
        "reason": "rejected",
        "died_at": garbage.died_at,
    }


def test_what_only_looks_like_an_event_is_foreign(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    one = next(messages(log.rows, Sources("toronto", [("1", 0)])))
    other = next(messages(log.rows, Sources("elsewhere", [("1", 0)])))
    past = json.dumps({**json.loads(one.body), "sequence": f"{99:019d}"}).encode()
    late = next(messages(log.rows, Sources("toronto", [("9", 0)])))
    publish(bus, one.body + b" ", other.body, past, late.body)
    bury(bus, 6)
    log.restored("2", shared=4)
    found = letters(house)
    assert [letter.pending for letter in found] == [True] * 2 + [False] * 4
    assert {letter.because for letter in found[2:]} == {"not in this log"}


def test_an_event_that_was_handled_is_dropped_and_not_given_back(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    with reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 2)
    publish(bus, next(messages(log.rows, Sources("toronto", [("1", 0)]))).body)
    bury(bus, 1)
    assert [(each.pending, each.because) for each in letters(house)] == [
        (False, "handled or parked already")
    ]
    assert house.subscribers.reconcile("reader").sound
    with house.subscribers.dead_letters("reader") as dead:
        assert (dead.requeue(), dead.discard()) == (0, 1)


@pytest.mark.slow
def test_a_letter_that_is_looked_at_again_and_again_is_not_lost(
    bus: Bus, house: RegisterBus
) -> None:
    """RabbitMQ 4 drops what was put back twenty times, and our file what was read a hundred."""
    bury(bus, 2)
    for _ in range(110 if bus.embedded else 2 * MOST_DELIVERIES + 5):
        assert len(letters(house)) == 2
    with bus.topology._channel() as channel:
        raw = channel.basic_get(queue=bus.names.dead_queue("reader"), no_ack=True)
        headers = channel.message_to_python(raw).headers
    assert headers.get("x-delivery-count", 0) <= MOST_DELIVERIES
    assert headers["x-death"][0]["reason"] == "rejected"


@pytest.mark.slow
def test_what_is_put_back_is_there_for_who_looks_next(bus: Bus, house: RegisterBus) -> None:
    """A broker has it in the queue again a moment later."""
    bury(bus, 2)
    for _ in range(100):
        with house.subscribers.dead_letters("reader") as dead, dead._browse() as hand:
            assert len(hand.messages) == 2


def test_a_message_that_its_readers_died_with_says_so(
    bus: Bus, house: RegisterBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.bus.embedded.file.DELIVERY_LIMIT", 3)
    for _ in range(4 if bus.embedded else 101):
        reader = bus.reader(bus.names.queue("reader"), prefetch=2)
        assert len(reader.read(2)) == 2
        reader.connection.release()
    if bus.embedded:
        bus.reader(bus.names.queue("reader")).read(1, seconds=0.2)
    eventually(lambda: bus.topology.depth("reader").dead == 2)
    assert {letter.reason for letter in letters(house)} == {"delivery_limit"}


def test_a_death_that_somebody_made_up_ends_no_command(bus: Bus, house: RegisterBus) -> None:
    reader = bus.reader(bus.names.queue("reader"))
    for message in reader.read(2):
        message.ack()
    with bus.topology._channel() as channel:
        for death in ("x", 7, [1], [{"time": "yesterday", "routing-keys": 4}]):
            message = channel.prepare_message(b"x", headers={"x-death": death}, properties={})
            channel.basic_publish(message, exchange="", routing_key=bus.names.dead_queue("reader"))
    eventually(lambda: len(letters(house)) == 4)
    assert {letter.died_at for letter in letters(house)} == {None}


def test_two_who_look_at_once_do_not_see_half(
    bus: Bus, house: RegisterBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.bus.subscribers.queue_browser.WAIT_SECONDS", 0.2)
    bury(bus, 2)
    with house.subscribers.dead_letters("reader") as one, one._browse():
        with pytest.raises(QueueInUse):
            letters(house)
        with pytest.raises(QueueInUse):
            house.subscribers.reconcile("reader")
    monkeypatch.undo()
    assert len(letters(house)) == 2


@pytest.mark.deletes_queues
def test_a_subscriber_without_dead_letters_has_none(bus: Bus, house: RegisterBus) -> None:
    assert letters(house) == []
    bus.topology.remove("reader")
    assert letters(house) == []


def test_the_commands_list_give_back_and_drop(bus: Bus, house: RegisterBus, log: FakeLog) -> None:
    publish(bus, GARBAGE)
    bury(bus, 3)

    rows = json.loads(run(house, "subscribers", "dead", "reader", "--format", "json").stdout)
    assert [row["pending"] for row in rows] == [True, True, False]
    listed = run(house, "subscribers", "dead", "reader").stdout
    assert re.search(rf"{rows[2]['letter']} +no +– .* +rejected", listed)
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ", listed)
    given = run(house, "subscribers", "requeue", "reader", log.ids()[1])
    assert given.stderr.splitlines()[-1] == "1 event requeued"
    assert given.stdout == ""
    given = run(house, "subscribers", "requeue", "reader")
    assert given.stderr.splitlines()[-1] == "1 event requeued"
    dropped = run(house, "subscribers", "discard", "reader").stderr.splitlines()
    assert json.loads(dropped[0])["body"] == "not json \\xff"
    assert dropped[-1] == "1 dead letter discarded"
    assert json.loads(run(house, "subscribers", "dead", "reader", "-f", "json").stdout) == []


@pytest.mark.deletes_queues
def test_giving_back_to_a_queue_that_is_gone_keeps_the_letters(
    bus: Bus, house: RegisterBus
) -> None:
    bury(bus, 2)
    with bus.topology._channel() as channel:
        channel.queue_delete(queue=bus.names.queue("reader"))
    with house.subscribers.dead_letters("reader") as dead:
        with pytest.raises(BrokenTopology):
            dead.requeue()
        assert len(dead.all()) == 2


@pytest.mark.slow
def test_all_of_many_letters_are_dropped(bus: Bus, house: RegisterBus) -> None:
    publish(
        bus,
        *(b"garbage %d" % number for number in range(400)),
        queue=bus.names.dead_queue("reader"),
    )
    eventually(lambda: bus.topology.depth("reader").dead == 400, seconds=60)
    with house.subscribers.dead_letters("reader") as found:
        assert found.discard() == 400
    time.sleep(0.2)  # what a broker has forgotten comes back when it notices that we are gone
    assert letters(house) == []
