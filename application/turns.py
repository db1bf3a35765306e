"""Turns of many registers in one process: a few at a time, and none waits for another's trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from application.ports import Stop

AT_A_TIME = 4
"""Registers that are open at once: each has connections of its own."""
TURN_SECONDS, IDLE_SECONDS = 1.0, 0.25
"""A register keeps its place so long, less if it has nothing to do, longer while no other waits."""
LOOK_SECONDS = 30.0
"""Each register gets a turn at least so often, whether its log has grown or not."""
NEWS_SECONDS, NAMES_SECONDS = 0.05, 10.0
"""Seconds between two questions to the log: who has new entries, and which registers there are."""
FIRST_PAUSE, LAST_PAUSE = 1.0, 300.0
"""Seconds before a register that failed is tried again: twice as long each time."""
STEP_SECONDS = 0.02


@dataclass(slots=True)
class _Place:
    """One register: when its next turn is due, and how long it pauses if that fails."""

    due: float = 0.0
    pause: float = FIRST_PAUSE
    failed: bool = False
    working: bool = False
    news: bool = False


@dataclass
class Turns:
    """Work for every register in turn.

    `names` gives the registers, `news` those with new entries since it was last asked. `work` works
    for one until its `Stop` is set, and returns true if something is left to do. A register whose
    work fails is told to `on_problem` with the seconds until it is tried again; the others go on.
    """

    names: Callable[[], Iterable[str]]
    news: Callable[[], Iterable[str]]
    work: Callable[[str, Stop], bool]
    on_problem: Callable[[str, Exception, float], object]
    at_a_time: int = AT_A_TIME
    turn_seconds: float = TURN_SECONDS
    first_pause: float = FIRST_PAUSE
    _places: dict[str, _Place] = field(default_factory=dict[str, _Place], init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False)

    def run(self, stop: Stop) -> None:
        """Give turns until told to stop; the turns that are going on then end first."""
        workers = [
            threading.Thread(target=self._keep_working, args=(stop,), name=f"turn {number}")
            for number in range(self.at_a_time)
        ]
        names_at = news_at = 0.0
        for worker in workers:
            worker.start()
        try:
            while not stop.is_set():
                now = time.monotonic()
                if now >= names_at:
                    names_at = now + (NAMES_SECONDS if self._asked(self._take_names) else 1.0)
                if now >= news_at:
                    news_at = now + (NEWS_SECONDS if self._asked(self._take_news) else 1.0)
                stop.wait(NEWS_SECONDS)
        finally:
            with self._changed:
                self._changed.notify_all()
            for worker in workers:
                worker.join()

    def waiting(self) -> Sequence[str]:
        """Return the registers whose turn is due and that have none."""
        now = time.monotonic()
        with self._changed:
            return [n for n, p in self._places.items() if not p.working and p.due <= now]

    def _asked(self, ask: Callable[[], object]) -> bool:
        try:
            ask()
        except Exception as problem:  # the log is away: every register finds out by itself
            self.on_problem("", problem, 1.0)
            return False
        return True

    def _take_names(self) -> None:
        found = set(self.names())
        with self._changed:
            for name in found - self._places.keys():
                self._places[name] = _Place()
            for name in self._places.keys() - found:
                if not self._places[name].working:
                    del self._places[name]
            self._changed.notify_all()

    def _take_news(self) -> None:
        found = list(self.news())
        with self._changed:
            for name in found:
                place = self._places.get(name)
                if place is not None:
                    place.news = True
                    if not place.failed:
                        place.due = min(place.due, time.monotonic())
            if found:
                self._changed.notify_all()

    def _keep_working(self, stop: Stop) -> None:
        while not stop.is_set():
            with self._changed:
                name = self._next()
                if name is None:
                    self._changed.wait(NEWS_SECONDS)
                    continue
                place = self._places[name]
                place.working, place.news = True, False
            self._work(name, place, stop)

    def _next(self) -> str | None:
        now = time.monotonic()
        due = [(p.due, n) for n, p in self._places.items() if not p.working and p.due <= now]
        return min(due)[1] if due else None

    def _work(self, name: str, place: _Place, stop: Stop) -> None:
        wait = LOOK_SECONDS
        try:
            left = self.work(name, _Turn(self, stop))
            place.failed, place.pause = False, self.first_pause
            if left or place.news:
                wait = 0.0
        except Exception as problem:
            wait = place.pause if place.failed else self.first_pause
            place.failed, place.pause = True, min(LAST_PAUSE, wait * 2)
            self.on_problem(name, problem, wait)
        finally:
            with self._changed:
                place.due, place.working = time.monotonic() + wait, False


class _Turn:
    """One register's turn: over when all is to end, or when it was long enough and others wait.

    Whoever waits has nothing to do, so that the turn may be shorter.
    """

    def __init__(self, turns: Turns, stop: Stop) -> None:
        self._turns, self._stop = turns, stop
        self._began, self._over = time.monotonic(), False

    def is_set(self) -> bool:
        return self._stop.is_set() or self._is_over(self._turns.turn_seconds)

    def wait(self, timeout: float, /) -> bool:
        until = time.monotonic() + timeout
        while not self._stop.is_set() and not self._is_over(IDLE_SECONDS):
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._stop.wait(min(left, STEP_SECONDS))
        return True

    def _is_over(self, after: float) -> bool:
        late = time.monotonic() >= self._began + after
        self._over = self._over or (late and bool(self._turns.waiting()))
        return self._over
