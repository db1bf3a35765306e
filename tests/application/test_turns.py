"""Turns of many registers: each gets its own, whatever becomes of another."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from application.ports import Stop
from application.turns import Turns

NAMES = [f"city-{number}" for number in range(12)]
SECONDS = 20.0


class Work:
    """Notes each turn; a name of `broken` fails, one of `slow` does not look at its `Stop`."""

    def __init__(self) -> None:
        self.turns = Counter[str]()
        self.broken: set[str] = set()
        self.slow: dict[str, float] = {}
        self.problems: list[tuple[str, str, float]] = []
        self.names, self.new = list(NAMES), list[str]()

    def __call__(self, name: str, stop: Stop) -> bool:
        self.turns[name] += 1
        if name in self.broken:
            raise ValueError(name)
        time.sleep(self.slow.get(name, 0.0))
        while not stop.wait(0.01):
            pass
        return False

    def news(self) -> list[str]:
        found, self.new = self.new, []
        return found

    def tell_of_all(self) -> bool:
        self.new = list(self.names)
        return True

    def told(self, name: str, problem: Exception, seconds: float) -> None:
        self.problems.append((name, str(problem), seconds))


@contextmanager
def going(work: Work, at_a_time: int = 2) -> Generator[None]:
    taking = Turns(
        lambda: work.names,
        work.news,
        work,
        work.told,
        at_a_time=at_a_time,
        turn_seconds=0.05,
        first_pause=0.05,
    )
    stop = threading.Event()
    thread = threading.Thread(target=taking.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SECONDS)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.turns.IDLE_SECONDS", 0.02)
    monkeypatch.setattr("application.turns.NAMES_SECONDS", 0.1)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_every_register_gets_a_turn_with_fewer_places_than_registers() -> None:
    work = Work()
    with going(work):
        until(lambda: len(work.turns) == len(NAMES))
    assert work.problems == []


def test_a_register_keeps_its_place_while_no_other_waits() -> None:
    work = Work()
    with going(work, at_a_time=len(NAMES)):
        until(lambda: len(work.turns) == len(NAMES))
        time.sleep(0.3)
    assert set(work.turns.values()) == {1}


def test_one_that_fails_is_named_and_tried_again_after_longer_pauses() -> None:
    work = Work()
    work.broken = {"city-3"}
    with going(work):
        until(lambda: work.turns["city-3"] >= 4 and len(work.turns) == len(NAMES))
    assert {(name, said) for name, said, _ in work.problems} == {("city-3", "city-3")}
    assert [seconds for _, _, seconds in work.problems][:4] == [0.05, 0.1, 0.2, 0.4]


def test_one_that_was_mended_pauses_as_at_first_when_it_fails_again() -> None:
    work = Work()
    work.names, work.broken = ["city-0", "city-1", "city-2"], {"city-0"}
    with going(work):
        until(lambda: work.turns["city-0"] >= 3)
        work.broken = set()
        until(lambda: work.turns["city-0"] >= 4)
        work.new = ["city-0", "city-1", "city-2"]
        failed = len(work.problems)
        work.broken = {"city-0"}
        work.names.append("city-3")  # it waits, so that one of the others gives up its place
        until(lambda: work.tell_of_all() and len(work.problems) > failed)
    assert work.problems[failed][2] == 0.05


def test_a_slow_one_holds_up_its_own_place_only() -> None:
    work = Work()
    work.slow = {"city-0": 1.5}
    begun = time.monotonic()
    with going(work):
        until(lambda: len(work.turns) == len(NAMES))
        assert time.monotonic() - begun < 1.5


def test_news_of_a_register_bring_its_turn() -> None:
    work = Work()
    with going(work):
        until(lambda: len(work.turns) == len(NAMES))
        before = work.turns["city-5"]
        work.new = ["city-5"]
        until(lambda: work.turns["city-5"] > before)


def test_a_register_that_is_set_up_later_is_carried_as_well() -> None:
    work = Work()
    with going(work):
        work.names.append("later")
        until(lambda: work.turns["later"])
