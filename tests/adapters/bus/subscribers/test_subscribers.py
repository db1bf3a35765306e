"""Subscribers as the command line sees them: subscribe, list, reconcile, detach, feed."""

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from sqlalchemy import Connection, text

from adapters.bus.bus import Bus as RegisterBus
from adapters.bus.bus import HasSubscribers
from adapters.bus.messages.cloud_event import Event, Sources, messages
from adapters.bus.messages.feed import Feed, PastTheEnd
from adapters.bus.subscribers.subscribers import NoSubscriber, OtherTopics
from adapters.bus.transports.connection import BrokenTopology, BusLost
from adapters.bus.transports.topology import PREFETCHED_BATCHES
from adapters.cli.publish.subscribers import NotAPosition
from application.ports import DerivedAway, Log, Unreadable
from tests.adapters.bus.conftest import Bus, reading, relaying, run
from tests.adapters.bus.fakes import FakeLog, eventually, running

pytestmark = pytest.mark.deletes_queues


def test_a_subscriber_reconciles_with_the_log(bus: Bus, house: RegisterBus, log: FakeLog) -> None:
    log.many(120)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 120)
        eventually(lambda: bus.topology.depth("reader").waiting == 0)
        found = house.subscribers.reconcile("reader")
    assert found.sound
    assert (found.in_log, found.confirmed, found.expected, found.handled) == (120, 120, 120, 120)
    assert seen == log.ids()


def test_a_receipt_that_is_missing_is_found_and_named(house: RegisterBus, log: FakeLog) -> None:
    log.many(20)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 20)
    inbox = house.subscribers.inbox("reader")
    with inbox._engine.begin() as db:
        db.execute(text("DELETE FROM inbox_receipt WHERE id = :id"), {"id": log.ids()[3]})
    inbox.close()
    found = house.subscribers.reconcile("reader")
    assert (found.sound, found.missing, found.first_open) == (False, 1, log.ids()[3])
    done = run(house, "subscribers", "reconcile", "reader")
    assert done.exit_code == 4
    said = " ".join(done.output.split())
    assert said.endswith(f"1 event is missing; the first is {log.ids()[3]}.")


def test_a_log_that_differs_from_what_was_confirmed_is_found(
    house: RegisterBus, log: FakeLog
) -> None:
    log.many(20)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house):
        eventually(lambda: house.ledger.published().count == 20)
    log.rows[5] = log.rows[5]._replace(version=99)
    assert not house.subscribers.reconcile("reader").same


def test_what_is_handled_while_the_question_is_asked_is_not_unexpected(
    house: RegisterBus, log: FakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.many(20)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 20 and house.ledger.published().count == 20)
        before = house.ledger.published()
        log.many(5)
        eventually(lambda: len(seen) == 25)
    monkeypatch.setattr(house.ledger, "published", lambda: before)
    found = house.subscribers.reconcile("reader")
    assert (found.expected, found.handled, found.unexpected, found.sound) == (20, 20, 0, True)


@pytest.mark.parametrize(
    "invented",
    ["position = 1000", "id = 'partnership/NOWHERE/1'", "source = 'https://example.org'"],
)
def test_a_receipt_for_what_the_log_does_not_hold_is_unexpected(
    house: RegisterBus, log: FakeLog, invented: str
) -> None:
    log.many(5)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 5)
    inbox = house.subscribers.inbox("reader")
    with inbox._engine.begin() as db:
        db.execute(text("CREATE TABLE spare AS SELECT * FROM inbox_receipt LIMIT 1"))
        db.execute(text("UPDATE spare SET id = 'partnership/SPARE/1'"))
        db.execute(text(f"UPDATE spare SET {invented}"))  # noqa: S608 - ours
        db.execute(text("INSERT INTO inbox_receipt SELECT * FROM spare"))
    inbox.close()
    found = house.subscribers.reconcile("reader")
    assert (found.unexpected, found.missing, found.sound) == (1, 0, False)


def test_the_list_shows_lag_and_what_is_parked(house: RegisterBus, log: FakeLog) -> None:
    log.many(10, streams=2)
    house.subscribers.subscribe("reader", ["#"], 0)
    before = next(house.subscribers.statuses())
    assert (before.attached, before.lag_events, before.position) == (False, 10, 0)
    assert before.lag_seconds > 0
    with relaying(house), reading(house, "reader", log.ids()[2]) as seen:
        eventually(lambda: len(seen) == 6, seconds=30)
        eventually(lambda: next(house.subscribers.statuses()).lag_events == 0)
    after = next(house.subscribers.statuses())
    assert (after.attached, after.handled, after.parked) == (True, 6, 4)
    assert after.parked_seconds is not None
    assert house.subscribers.reconcile("reader").sound


@contextmanager
def lost_queue(
    bus: Bus, house: RegisterBus, log: FakeLog, *, handled: int = 0, waiting: int = 0
) -> Generator[list[str]]:
    """A relay at work whose subscriber handled so much when its queue was lost, with the rest."""
    log.many(handled)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house):
        with reading(house, "reader") as seen:
            eventually(lambda: len(seen) == handled)
        log.many(waiting)
        eventually(lambda: house.ledger.progress().position == log.head())
        eventually(lambda: next(house.subscribers.statuses()).attached)
        bus.topology.remove("reader")
        yield seen


def test_what_a_reader_has_in_hand_is_neither_lost_nor_out_of_sight(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    log.many(5)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house):
        eventually(lambda: next(house.subscribers.statuses()).attached)
        eventually(lambda: house.ledger.published().count == 5)
    reader = bus.reader(bus.names.queue("reader"))
    assert len(reader.read(5)) == 5
    in_queue = 5 if bus.embedded else 0
    eventually(lambda: bus.topology.depth("reader").waiting == in_queue)
    situation = next(house.subscribers.statuses())
    assert (situation.lag_events, situation.waiting) == (5, in_queue)
    assert bool(situation.unseen) is not bus.embedded
    listed = run(house, "subscribers").stdout
    assert (
        "Messages that a reader has not acknowledged yet count as lag" in listed
    ) is not bus.embedded
    found = house.subscribers.reconcile("reader")
    assert (found.open, found.missing, found.unseen) == (5, 0, 5 - in_queue)
    assert found.sound is bus.embedded
    if not found.sound:
        done = run(house, "subscribers", "reconcile", "reader")
        assert "5 events are at the reader or missing" in done.stdout
    reader.die()
    eventually(lambda: bus.topology.depth("reader") == (5, 0, 0))
    assert house.subscribers.reconcile("reader").sound


def test_a_queue_deleted_under_its_reader_loses_nothing(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    log.many(30)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 30)
        bus.topology.remove("reader")
        log.many(30)
        eventually(lambda: len(seen) == 60)
    assert seen == log.ids()


def test_a_queue_deleted_while_nobody_reads_loses_nothing(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    with lost_queue(bus, house, log, handled=20, waiting=20) as before:
        log.many(20)
        eventually(lambda: house.ledger.published().count == 60)
        house.subscribers.subscribe("reader", None, 0)
        with reading(house, "reader") as after:
            eventually(lambda: len(before) + len(after) == 60)
    assert before + after == log.ids()


def test_asking_again_for_a_lost_queue_that_fails_half_way_is_made_good(
    bus: Bus, house: RegisterBus, log: FakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue that stands is taken for one that the relay sends to."""
    with lost_queue(bus, house, log, waiting=10):
        with monkeypatch.context() as away:
            problem = DerivedAway(reason="the database restarts")
            away.setattr(house.ledger, "send_again", raising(problem))
            with pytest.raises(DerivedAway):
                house.subscribers.subscribe("reader", None, 0)
        house.subscribers.subscribe("reader", None, 0)
        with reading(house, "reader") as seen:
            eventually(lambda: len(seen) == 10)
    assert seen == log.ids()


def raising(problem: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise problem

    return fail


@pytest.mark.parametrize(
    "problem", [BusLost(reason="it restarts"), DerivedAway(reason="it restarts")]
)
def test_a_bus_that_goes_away_as_a_lost_queue_is_asked_for_again_ends_no_reader(
    bus: Bus,
    house: RegisterBus,
    log: FakeLog,
    problem: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problems, send_again = [problem, problem], house.ledger.send_again

    def sometimes(name: str) -> None:
        if problems:
            raise problems.pop()
        send_again(name)

    monkeypatch.setattr(house.ledger, "send_again", sometimes)
    with lost_queue(bus, house, log, handled=5) as before, reading(house, "reader") as after:
        log.many(5)
        eventually(lambda: len(after) == 5)
    assert (before + after, problems) == (log.ids(), [])


@pytest.mark.parametrize("step", ["send_again", "subscriber"])
def test_a_reader_that_restores_its_queue_while_it_is_detached_ends_and_leaves_no_queue(
    bus: Bus, house: RegisterBus, log: FakeLog, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    bus.subscribers.append("reader")
    with lost_queue(bus, house, log):
        does = getattr(house.ledger, step)
        detaching = list[threading.Thread]()

        def detach_meanwhile(name: str) -> Any:
            if not detaching:
                detaching.append(
                    threading.Thread(target=house.subscribers.detach, args=("reader",))
                )
                detaching[0].start()
                time.sleep(0.1)
                assert detaching[0].is_alive(), "the reader holds the lock"
            return does(name)

        stop = threading.Event()
        given_up = threading.Timer(20, stop.set)
        given_up.start()
        monkeypatch.setattr(house.ledger, step, detach_meanwhile)
        house.subscribers.receive("reader", lambda *_: None, stop)
        given_up.cancel()
        assert not stop.is_set()
        detaching[0].join()
    assert house.ledger.subscribers() == []
    assert not bus.topology.has_queue("reader")


def test_a_queue_that_is_lost_amid_a_wider_subscription_brings_what_the_narrower_did_not_want(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    """It received the last event of the log before, and not the first ones."""
    bus.subscribers.append("reader")
    log.many(3)
    log.commit("city/US-CHI", topic="city-targeted.v1")
    house.subscribers.subscribe("reader", ["city.#"], 0)
    with relaying(house), reading(house, "reader") as narrow:
        eventually(lambda: narrow == ["city/US-CHI/1"])
    house.subscribers.detach("reader")

    house.subscribers.subscribe("reader", ["#"], 0)
    unsent = house.subscribers.reconcile("reader")
    assert (unsent.expected, unsent.handled, unsent.open, unsent.unsent) == (4, 1, 3, 3)
    assert (unsent.missing, unsent.sound) == (0, True)
    situation = next(house.subscribers.statuses())
    assert (situation.position, situation.lag_events) == (0, 3)

    with relaying(house):
        eventually(lambda: next(house.subscribers.statuses()).attached)
        bus.topology.remove("reader")
        found = house.subscribers.reconcile("reader")
        assert (found.missing, found.first_open) == (3, log.ids()[0])
        with reading(house, "reader") as wide:
            eventually(lambda: len(wide) == 3)
    assert wide == log.ids()[:3]
    situation = next(house.subscribers.statuses())
    assert (situation.position, situation.lag_events) == (log.head(), 0)


def test_a_narrower_subscription_counts_only_what_it_asked_for(
    house: RegisterBus, log: FakeLog
) -> None:
    log.many(3)
    log.commit("city/US-CHI", topic="city-targeted.v1")
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 4)
    house.subscribers.detach("reader")
    house.subscribers.subscribe("reader", ["city.#"], 0)
    found = house.subscribers.reconcile("reader")
    assert (found.expected, found.handled, found.unexpected, found.sound) == (1, 1, 0, True)


def test_a_queue_that_is_lost_after_a_restore_brings_what_the_new_epoch_said(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    """The subscriber is ahead of the restored log: its place is where the two part."""
    with lost_queue(bus, house, log, handled=30):
        pass
    restored_to(log, 20)
    log.many(5)
    assert house.relay().accept_restore() == 20
    with relaying(house):
        eventually(lambda: house.ledger.published().count == 15)
    house.subscribers.subscribe("reader", None, 0)
    with relaying(house), reading(house, "reader") as after:
        eventually(lambda: len(after) == 5)
    assert after == log.ids()[10:]


def test_reconciling_after_a_restore_tells_what_it_took_back_from_what_is_wrong(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    log.many(30)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as before:
        eventually(lambda: len(before) == 30)
    restored_to(log, 20)
    log.many(5)
    house.relay().accept_restore()
    with relaying(house):
        eventually(lambda: house.ledger.published().count == 15)
    found = house.subscribers.reconcile("reader")
    assert (found.taken_back, found.open, found.waiting, found.sound) == (20, 5, 5, True)
    with relaying(house), reading(house, "reader") as after:
        eventually(lambda: len(after) == 5)
        eventually(lambda: bus.topology.depth("reader").waiting == 0)
    found = house.subscribers.reconcile("reader")
    assert found.sound
    assert (found.expected, found.handled, found.unexpected, found.taken_back) == (15, 15, 0, 20)

    inbox = house.subscribers.inbox("reader")
    with inbox._engine.begin() as db:
        wanted = {"id": log.ids()[-1], "source": "/registers/toronto/epochs/2"}
        gone = "DELETE FROM inbox_receipt WHERE id = :id AND source = :source"
        assert db.execute(text(gone), wanted).rowcount == 1
    inbox.close()
    found = house.subscribers.reconcile("reader")
    assert (found.sound, found.missing, found.first_open) == (False, 1, log.ids()[-1])


def restored_to(log: FakeLog, position: int) -> None:
    """A backup of so much takes the log's place, and opens a new epoch."""
    del log.rows[position:]
    log.versions = {row.stream: row.version for row in log.rows}
    log.restored(epoch="2", shared=position)


def test_detaching_ends_the_reader_and_removes_the_queue(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    log.many(1)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: seen)
        house.subscribers.detach("reader")
        eventually(lambda: not bus.topology.has_queue("reader"))
    assert list(house.subscribers.statuses()) == []
    with pytest.raises(NoSubscriber):
        house.subscribers.detach("reader")
    with pytest.raises(NoSubscriber):
        house.subscribers.reconcile("reader")


def test_what_a_program_with_receipts_of_its_own_has_taken_is_not_called_lost(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    log.many(3)
    assert run(house, "subscribers", "add", "reader", "--topic", "#").exit_code == 0
    with relaying(house):
        eventually(lambda: bus.topology.depth("reader").waiting == 3)
        reader = bus.reader(bus.names.queue("reader"))
        for message in reader.read(3)[:2]:
            message.ack()
        reader.connection.release()
        eventually(lambda: bus.topology.depth("reader") == (1, 0, 0))
    found = house.subscribers.reconcile("reader")
    assert (found.open, found.waiting, found.missing, found.unseen) == (3, 1, 0, 0)
    assert (found.external, found.sound) == (True, True)
    done = run(house, "subscribers", "reconcile", "reader")
    assert "It keeps its own receipts" in " ".join(done.output.split())


def test_a_reader_who_takes_one_at_a_time_has_few_in_hand_when_it_is_detached(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    bus.subscribers.append("reader")
    log.many(100)
    house.subscribers.subscribe("reader", ["#"], 0)
    stop, seen = threading.Event(), list[str]()
    given_up = threading.Timer(20, stop.set)

    def handle(event: Any, _work: object) -> None:
        if not seen:
            house.subscribers.detach("reader")
        seen.append(event["id"])

    with relaying(house):
        eventually(lambda: bus.topology.depth("reader").waiting == 100)
        given_up.start()
        house.subscribers.receive("reader", handle, stop, batch=1)
        given_up.cancel()
    assert not stop.is_set()
    assert 0 < len(seen) <= PREFETCHED_BATCHES


def test_a_known_subscriber_keeps_its_topics(house: RegisterBus, log: FakeLog) -> None:
    house.subscribers.subscribe("reader", ["city.#"], 5)
    again = house.subscribers.subscribe("reader", None, 0)
    assert (again.topics, again.start) == (("city.#",), 5)
    with pytest.raises(OtherTopics):
        house.subscribers.subscribe("reader", ["#"], 0)


def test_a_name_that_nobody_has_is_no_new_inbox(house: RegisterBus) -> None:
    done = run(house, "subscribers", "parked", "raeder")
    assert isinstance(done.exception, NoSubscriber)
    assert not list(house._folder.glob("inbox-*"))


def test_the_feed_from_any_position_says_the_same(log: FakeLog) -> None:
    log.commit(*(f"partnership/{n}" for n in range(300)))
    log.many(5)
    whole = list(messages(log.rows, Sources("toronto", [("1", 0)])))
    for after in (0, 1, 2, 150, 299, 301, 302, 305, log.head()):
        found = list(Feed(cast("Log", log), "toronto").messages(after))
        assert found == [m for m in whole if m.position > after], after


def test_after_a_restore_the_relay_goes_on_in_the_new_epoch(
    house: RegisterBus, log: FakeLog
) -> None:
    log.many(10)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 10)
    assert house.relay().accept_restore() is None

    restored_to(log, 10)
    before = log.ids()
    log.many(8)
    assert house.relay().accept_restore() == 10
    with relaying(house), reading(house, "reader") as seen:
        eventually(lambda: len(seen) == 8)
        eventually(lambda: house.subscribers.reconcile("reader").same)
    assert seen == log.ids()[len(before) :]
    assert next(house.subscribers.statuses()).position == log.head()


def test_removing_the_bus_deletes_what_setup_declared(
    bus: Bus, house: RegisterBus, log: FakeLog
) -> None:
    log.many(3)
    house.subscribers.subscribe("reader", ["#"], 0)
    refused = run(house, "bus", "remove")
    assert isinstance(refused.exception, HasSubscribers)
    assert refused.exception.details == {"subscribers": ("reader",)}
    assert bus.topology.has_queue("reader")
    done = run(house, "bus", "remove", "--with-subscribers")
    assert (done.exit_code, house.ledger.subscribers()) == (0, [])
    assert not bus.topology.has_queue("reader")
    with pytest.raises(BrokenTopology):
        bus.topology.check()
    with running(house.relay()) as problems:
        eventually(lambda: problems)
    assert isinstance(problems[0], BrokenTopology)
    house.setup()
    bus.topology.check()


# --- the command line


def test_feed_ends_at_a_damaged_row_and_names_it(house: RegisterBus, log: FakeLog) -> None:
    log.many(3)
    log.rows[3] = log.rows[3]._replace(state=b"\xff")
    done = run(house, "feed")
    assert isinstance(done.exception, Unreadable)
    assert done.exception.details["position"] == 4
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == log.ids()[:1]


def test_feed_writes_json_lines(house: RegisterBus, log: FakeLog) -> None:
    log.many(3)
    done = run(house, "feed", "--from", "2")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == log.ids()[1:]


def test_subscribers_is_a_list_for_programs_too(house: RegisterBus, log: FakeLog) -> None:
    log.many(2)
    house.subscribers.subscribe("reader", ["partnership.#"], 0)
    done = run(house, "subscribers", "--format", "json")
    row = json.loads(done.stdout)[0]
    assert (row["name"], row["topics"], row["lag_events"]) == ("reader", ["partnership.#"], 2)
    done = run(house, "subscribers", "reconcile", "reader", "-f", "json")
    assert json.loads(done.stdout)[0]["sound"]
    assert run(house, "subscribers", "detach", "reader").exit_code == 0


def test_a_position_that_is_none_is_refused(house: RegisterBus) -> None:
    done = run(house, "subscribe", "reader", "--from", "yesterday")
    assert isinstance(done.exception, NotAPosition)


@pytest.mark.parametrize("command", ["subscribe reader --from", "feed --from"])
def test_a_position_past_the_end_is_refused(house: RegisterBus, log: FakeLog, command: str) -> None:
    log.many(3)
    for position in (log.head() + 1, 2**64):
        done = run(house, *command.split(), str(position))
        assert isinstance(done.exception, PastTheEnd)
        assert done.exception.details == {"position": position, "head": log.head()}
    assert not house.ledger.subscribers()


def test_a_handler_that_is_busy_holds_up_nobody_who_asks(house: RegisterBus, log: FakeLog) -> None:
    log.many(3)
    busy, done = threading.Event(), threading.Event()

    def handle(_event: Event, _work: Connection) -> None:
        busy.set()
        done.wait(20)

    stop = threading.Event()
    house.subscribers.subscribe("reader", ["#"], 0)
    thread = threading.Thread(target=house.subscribers.receive, args=("reader", handle, stop))
    with relaying(house):
        thread.start()
        try:
            assert busy.wait(10)
            asked = time.monotonic()
            assert next(house.subscribers.statuses()).handled == 0
            assert time.monotonic() - asked < 5
        finally:
            stop.set()
            done.set()
            thread.join(30)
