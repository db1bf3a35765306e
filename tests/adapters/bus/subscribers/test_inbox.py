"""The inbox: each event takes effect once; a poisoned one holds back its own stream only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from adapters.bus.messages.cloud_event import Event, Foreign, Received, messages, read_message
from adapters.bus.subscribers.inbox import Inbox
from application.ports import Stopped
from tests.adapters.bus.fakes import SOURCES, FakeLog


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'inbox.sqlite'}"
    return str(request.getfixturevalue("fresh_postgres_url"))


@pytest.fixture
def inbox(url: str) -> Iterator[Inbox]:
    inbox = Inbox(url, "reader", attempts=3, sleep=lambda _: None)
    inbox.create()
    inbox.create()
    with inbox._engine.begin() as db:
        db.execute(text("CREATE TABLE effect (number INTEGER, id VARCHAR)"))
    yield inbox
    inbox.close()


class Handler:
    """Writes an effect in the inbox's transaction, and fails for the ids it is told to."""

    def __init__(self, *poisoned: str) -> None:
        self.poisoned = set(poisoned)
        self.calls: list[str] = []

    def __call__(self, event: Event, work: Connection) -> None:
        self.calls.append(event["id"])
        statement = text("INSERT INTO effect SELECT count(*) + 1, :id FROM effect")
        work.execute(statement, {"id": event["id"]})
        if event["id"] in self.poisoned:
            raise ValueError("cannot read this one")


def effects(inbox: Inbox) -> list[str]:
    with inbox._engine.connect() as db:
        return list(db.execute(text("SELECT id FROM effect ORDER BY number")).scalars())


def some(count: int, streams: int = 2) -> list[Received]:
    log = FakeLog()
    log.many(count, streams)
    return [read_message(message.body) for message in messages(log.rows, SOURCES)]


def test_a_batch_is_handled_in_order_with_a_receipt_each(inbox: Inbox) -> None:
    batch = some(6)
    outcome = inbox.take(batch, Handler())
    assert (outcome.handled, outcome.repeated, outcome.parked) == (6, 0, 0)
    assert effects(inbox) == [message.id for message in batch]
    assert {receipt.id for receipt in inbox.receipts()} == {message.id for message in batch}


def test_a_repeat_changes_nothing_within_a_batch_or_later(inbox: Inbox) -> None:
    batch = some(4)
    inbox.take(batch[:3] + batch[:2], Handler())
    outcome = inbox.take(batch, Handler())
    assert (outcome.handled, outcome.repeated) == (1, 3)
    assert effects(inbox) == [message.id for message in batch]


def test_the_same_id_from_another_epoch_is_another_event(inbox: Inbox) -> None:
    first = some(1)[0]
    inbox.take([first], Handler())
    assert inbox.take([first._replace(source="/registers/toronto/epochs/2")], Handler()).handled


def test_a_failure_is_tried_again_in_place_and_its_half_done_work_undone(inbox: Inbox) -> None:
    batch, handler = some(4), Handler()
    handler.poisoned = {batch[1].id}

    def mended(event: Event, work: Connection) -> None:
        if handler.calls.count(batch[1].id) == 2:
            handler.poisoned = set()
        handler(event, work)

    assert inbox.take(batch, mended).handled == 4
    assert effects(inbox) == [message.id for message in batch]
    assert handler.calls.count(batch[0].id) == 1


def test_a_poisoned_event_parks_its_stream_and_no_other(inbox: Inbox) -> None:
    batch = some(8)
    first, second = batch[:4], batch[4:]
    poisoned = first[2]
    outcome = inbox.take(first, Handler(poisoned.id))
    assert (outcome.handled, outcome.parked) == (3, 1)
    outcome = inbox.take(second, Handler(poisoned.id))
    assert (outcome.handled, outcome.parked) == (2, 2)
    assert [p.id for p in inbox.parked()] == [
        m.id for m in batch[2:] if m.stream == poisoned.stream
    ]
    assert inbox.parked()[0].reason == "ValueError: cannot read this one"
    assert inbox.counts().parked == 3
    assert inbox.counts().oldest_parked_at is not None


def test_parked_messages_are_replayed_in_order(inbox: Inbox) -> None:
    batch = some(8)
    inbox.take(batch, Handler(batch[0].id))
    assert inbox.replay(Handler()).handled == 4
    assert inbox.parked() == []
    theirs = [m.id for m in batch if m.stream == batch[0].stream]
    assert [id_ for id_ in effects(inbox) if id_ in theirs] == theirs
    assert inbox.take(batch, Handler()).repeated == 8


def test_what_fails_again_stays_parked_with_its_stream(inbox: Inbox) -> None:
    batch = some(8, streams=4)
    inbox.take(batch, Handler(batch[0].id, batch[1].id))
    outcome = inbox.replay(Handler(batch[0].id))
    assert (outcome.handled, outcome.parked) == (2, 1)
    assert [p.id for p in inbox.parked()] == [batch[0].id, batch[4].id]
    assert inbox.take(some(12, streams=4)[8:], Handler()).parked == 1


def test_a_crash_inside_a_batch_leaves_nothing_of_it(inbox: Inbox) -> None:
    batch = some(4)

    def killed(event: Event, work: Connection) -> None:
        if event["id"] == batch[2].id:
            raise KeyboardInterrupt
        Handler()(event, work)

    with pytest.raises(KeyboardInterrupt):
        inbox.take(batch, killed)
    assert effects(inbox) == []
    assert inbox.counts().handled == 0
    assert inbox.take(batch, Handler()).handled == 4


def test_two_subscribers_keep_receipts_of_their_own(inbox: Inbox, url: str) -> None:
    other = Inbox(url, "other")
    batch = some(2)
    inbox.take(batch, Handler())
    assert other.take(batch, Handler()).handled == 2
    other.close()


FINE = (
    b'{"specversion":"1.0","source":"/r","id":"a/1","partitionkey":"a","sequence":"1","type":"t"}'
)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b"[]",
        b"null",
        FINE.replace(b'"1.0"', b'"0.3"'),
        FINE.replace(b'"a/1"', b"7"),
        FINE.replace(b'"1",', b'"one",'),
        FINE.replace(b'"1",', b'"-1",'),
        FINE.replace(b'"1",', b'"9223372036854775808",'),
        FINE.replace(b'"1",', b"Infinity,"),
        FINE.replace(b'"1",', b'"' + b"9" * 5000 + b'",'),
        FINE.replace(b'"source":"', b'"source":"\\u0000'),
        FINE.replace(b'"source":"', b'"source":"\\ud800'),
        b"[" * 100_000,
    ],
)
def test_foreign_bytes_are_told_from_messages(garbage: Any) -> None:
    assert read_message(FINE).position == 1
    with pytest.raises(Foreign):
        read_message(garbage)


def test_a_handler_that_stops_keeps_what_it_took_and_sets_nothing_aside(inbox: Inbox) -> None:
    batch = some(4)

    def stopping(event: Event, _work: Connection) -> None:
        if event["id"] == batch[2].id:
            raise Stopped

    with pytest.raises(Stopped):
        inbox.take(batch, stopping)
    assert {receipt.id for receipt in inbox.receipts()} == {message.id for message in batch[:2]}
    assert inbox.parked() == []


def test_a_replay_that_stops_leaves_the_rest_set_aside_as_it_was(inbox: Inbox) -> None:
    batch = some(2)
    inbox.take(batch, Handler(batch[0].id, batch[1].id))
    before = inbox.parked()

    def stopping(_event: Event, _work: Connection) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        inbox.replay(stopping)
    assert inbox.parked() == before
