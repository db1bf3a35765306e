"""Detaching subscribers under their readers on RabbitMQ 3.10: its dead-letter worker never crashes.

A queue that is declared while it is deleted crashes that worker; after some crashes its supervisor
gives up, and every declaration of a quorum queue fails with 541 until the broker restarts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from adapters.bus.bus import Bus
from adapters.bus.messages.names import Names
from application.ports import Log
from tests.adapters.bus.fakes import FakeLog, eventually
from tests.adapters.bus.filelog import FileLog
from tests.drills.bus_processes import Place, Process
from tests.support.broker import Broker

pytestmark = [pytest.mark.drill, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the full numbers are wanted."""
    return "drill" in str(request.config.getoption("-m"))


@pytest.fixture
def sound_broker(own_broker: Broker) -> Iterator[Broker]:
    """A broker whose dead-letter worker must not crash during this test."""
    before = own_broker.dead_letter_crashes
    yield own_broker
    assert own_broker.dead_letter_crashes == before
    assert not own_broker.dead_letters_gone


@pytest.mark.parametrize("readers", [1, 2, 4])
def test_detaching_under_readers(
    readers: int, sound_broker: Broker, tmp_path: Path, full: bool
) -> None:
    rounds = 50 if full else 3
    log = FakeLog()
    log.many(5)
    state = f"sqlite:///{tmp_path / 'relay.sqlite'}"
    bus = Bus(
        cast("Log", log),
        "toronto",
        sound_broker.url,
        state,
        tmp_path,
        Names(f"detaching-{readers}"),
    )
    bus.setup()
    problems = list[Exception]()

    def receive(stop: threading.Event) -> None:
        try:
            bus.subscribers.receive("reader", lambda *_: None, stop)
        except Exception as problem:
            problems.append(problem)

    for _ in range(rounds):
        bus.subscribers.subscribe("reader", ["#"], 0)
        stop = threading.Event()
        threads = [threading.Thread(target=receive, args=(stop,)) for _ in range(readers)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        bus.subscribers.detach("reader")
        eventually(lambda: not any(each.is_alive() for each in threads), 20, "each ends by itself")  # noqa: B023
        stop.set()
    bus.close()
    assert problems == []
    print(f"\n  {rounds} times detached under {readers} readers: 0 crashes of the broker's worker")


def test_processes_that_subscribe_and_detach(
    sound_broker: Broker, tmp_path: Path, full: bool
) -> None:
    seconds = 60 if full else 5
    log = FileLog(tmp_path / "log.sqlite")
    place = Place(str(tmp_path), sound_broker.url, "coming-and-going")
    bus = Bus(log.port(), "toronto", place.url, place.state, tmp_path, Names(place.prefix))
    bus.setup()
    processes = [Process("subscribing", replace(place, holder=str(number))) for number in range(4)]
    eventually(lambda: len(list(tmp_path.glob("ready-*"))) == 4, 60, "four processes at work")
    time.sleep(seconds)
    for process in processes:
        process.end()
    bus.close()
    log.close()
    said = [process.said().strip() for process in processes]
    assert [process.code for process in processes] == [0] * 4, said
    assert all(int(each.split()[0]) > 0 for each in said)
    calls = sum(int(each.split()[0]) for each in said)
    print(f"\n  {calls} calls of 4 processes in {seconds} s: 0 crashes of the broker's worker")
