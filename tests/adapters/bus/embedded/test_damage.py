"""A bus file that is damaged, deleted or of another time: nothing altered is ever delivered."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.bus.bus import Bus as RegisterBus
from adapters.bus.embedded.file import BusFile
from adapters.bus.messages.cloud_event import messages
from adapters.bus.subscribers.consumer import Subscription
from adapters.bus.subscribers.inbox import Inbox
from adapters.bus.transports.connection import BrokenTopology, connect
from adapters.bus.transports.publisher import Publisher
from adapters.bus.transports.topology import Depth, Topology
from application.ports import Damaged
from tests.adapters.bus.conftest import Bus, opened, reading, relaying, run
from tests.adapters.bus.fakes import SOURCES, FakeLog, eventually, running


def the_file(bus: Bus) -> Path:
    return Path(bus.url.removeprefix("sqlite:///"))


def altered(bus: Bus, statement: str, *values: Any) -> None:
    db = sqlite3.connect(the_file(bus))
    with db:
        assert db.execute(statement, values).rowcount == 1
    db.close()


def some(count: int) -> list[Any]:
    log = FakeLog()
    log.many(count)
    return list(messages(log.rows, SOURCES))


@pytest.fixture
def queue(file_bus: Bus) -> str:
    """A queue with three messages, of which a test alters the second."""
    queue = file_bus.queue("reader")
    with Publisher(file_bus.url, file_bus.names.exchange) as publisher:
        publisher.send(some(3))
    return queue


@pytest.mark.parametrize(
    "change",
    [
        "body = CAST(replace(CAST(body AS TEXT), 'Historical', 'Hisuorical') AS BLOB)",
        "body = CAST(body AS TEXT) || ' '",
        "properties = replace(properties, 'binary', 'cinary')",
        "properties = CAST(X'ff' || CAST(properties AS BLOB) AS TEXT)",
        "routing_key = 'partnership.reclassified.v3'",
        "exchange = ''",
        "digest = X'00'",
        "queue = 'alliance.other'",
    ],
)
def test_a_message_that_is_not_as_it_was_stored_is_found_and_never_delivered(
    file_bus: Bus, queue: str, tmp_path: Path, change: str
) -> None:
    altered(file_bus, f"UPDATE message SET {change} WHERE id = 2")  # noqa: S608 - ours
    with pytest.raises(Damaged) as found:
        file_bus.topology.check()
    assert found.value.details["reason"] == "message 2 is not as it was stored"
    if "queue" in change:
        return
    inbox = Inbox(f"sqlite:///{tmp_path / 'inbox.sqlite'}", "reader")
    inbox.create()
    with pytest.raises(Damaged) as met:
        Subscription(file_bus.url, queue, inbox, lambda _event, _work: None).run(threading.Event())
    inbox.close()
    assert met.value.details == {
        "file": str(the_file(file_bus)),
        "reason": "message 2 is not as it was stored",
        "mend": "stop relay and subscribers, delete the file with its -wal and -shm, run alliance"
        " setup, and start them again: what was not handled is sent again",
    }


def test_a_message_that_is_not_as_it_was_stored_is_no_sound_dead_letter(
    file_bus: Bus, queue: str
) -> None:
    altered(file_bus, "UPDATE message SET routing_key = 'partnership.x.v1' WHERE id = 2")
    file = BusFile(the_file(file_bus))
    with pytest.raises(Damaged) as found:
        file.bury(queue, [1, 2], "rejected")
    file.close()
    assert found.value.details["reason"] == "message 2 is not as it was stored"
    assert file_bus.topology.depth("reader") == Depth(waiting=3, dead=0)


def test_a_message_that_its_index_lost_is_found_by_who_reads_and_by_who_asks(
    file_bus: Bus, queue: str
) -> None:
    """Such a file has no altered message, and one less to deliver."""
    db = sqlite3.connect(the_file(file_bus))
    db.execute("PRAGMA writable_schema = ON")
    with db:
        where = "WHERE name = 'message_by_queue'"
        index = "CREATE INDEX message_by_queue ON message (queue, id) WHERE id <> 2"
        db.execute(f"UPDATE sqlite_master SET sql = ? {where}", [index])  # noqa: S608 - ours
    db.close()
    db = sqlite3.connect(the_file(file_bus))
    with db:
        db.execute("REINDEX message_by_queue")
        db.execute("PRAGMA writable_schema = ON")
        plain = "CREATE INDEX message_by_queue ON message (queue, id)"
        db.execute(f"UPDATE sqlite_master SET sql = ? {where}", [plain])  # noqa: S608 - ours
    db.close()
    missing = "row 2 missing from index message_by_queue"
    with pytest.raises(Damaged) as asked:
        file_bus.topology.check()
    assert asked.value.details["reason"] == missing
    with pytest.raises(Damaged) as met:
        file_bus.reader(queue).read(3)
    assert met.value.details["reason"] == missing


@pytest.fixture
def house(file_bus: Bus) -> Iterator[RegisterBus]:
    with opened(file_bus, FakeLog()) as house:
        yield house


def the_log(house: RegisterBus) -> FakeLog:
    return cast("FakeLog", house.feed.log)


@pytest.mark.parametrize("command", ["subscribers", "subscribers reconcile reader"])
def test_a_damaged_page_is_told_to_who_asks_for_subscribers(
    file_bus: Bus, house: RegisterBus, command: str
) -> None:
    the_log(house).many(40)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house):
        eventually(lambda: house.ledger.published().count == 40)
    file_bus.topology.close()
    db = sqlite3.connect(the_file(file_bus))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    with the_file(file_bus).open("r+b") as file:
        file.seek(-4096, 2)
        file.write(b"\xff" * 4096)
    done = run(house, *command.split())
    assert isinstance(done.exception, Damaged)
    assert done.exception.details["file"] == str(the_file(file_bus))


def test_a_file_of_an_older_program_is_not_read_as_if_it_were_ours(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, queue, body)")
    db.close()
    with pytest.raises(Damaged) as found:
        connect(f"sqlite:///{path}").channel()
    assert found.value.details["reason"] == "an older program made it"


def test_a_file_that_was_deleted_is_made_again_and_nothing_is_missed(
    file_bus: Bus, house: RegisterBus
) -> None:
    """What the error says to do."""
    log = the_log(house)
    log.many(30)
    house.subscribers.subscribe("reader", ["#"], 0)
    with relaying(house), reading(house, "reader") as before:
        eventually(lambda: len(before) == 30)
    log.many(10)
    with relaying(house):
        eventually(lambda: house.ledger.published().count == 40)
    delete(file_bus)
    house.setup()
    house.subscribers.subscribe("reader", None, 0)
    with relaying(house), reading(house, "reader") as after:
        log.many(10)
        eventually(lambda: len(before) + len(after) == 50)
    assert before + after == log.ids()
    assert house.subscribers.reconcile("reader").sound


def test_a_relay_whose_file_was_deleted_does_not_go_on_in_the_dark(
    file_bus: Bus, house: RegisterBus
) -> None:
    log = the_log(house)
    log.many(5)
    with running(house.relay()) as problems:
        eventually(lambda: house.ledger.published().count == 5)
        delete(file_bus)
        log.many(5)
        eventually(lambda: problems)
    assert isinstance(problems[0], BrokenTopology)
    assert house.ledger.published().count == 5


def delete(bus: Bus) -> None:
    for suffix in ("", "-wal", "-shm"):
        the_file(bus).with_name(f"bus.sqlite{suffix}").unlink(missing_ok=True)


def test_a_bus_that_is_none_ends_the_relay_at_once(house: RegisterBus) -> None:
    house._url = "redis://127.0.0.1"
    the_log(house).many(1)
    with running(house.relay()) as problems:
        eventually(lambda: problems, seconds=3)
    assert "Redis" in problems[0].details["reason"]  # type: ignore[attr-defined]
    assert house.ledger.holder() == ""


def test_a_damaged_file_ends_the_relay_at_once(file_bus: Bus, house: RegisterBus) -> None:
    file_bus.topology.close()
    delete(file_bus)
    the_file(file_bus).write_bytes(b"not a database" * 1000)
    the_log(house).many(1)
    with running(house.relay()) as problems:
        eventually(lambda: problems, seconds=3)
    assert isinstance(problems[0], Damaged)
    delete(file_bus)
    Topology(file_bus.url, file_bus.names).declare()
