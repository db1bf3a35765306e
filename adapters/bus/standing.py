"""Where a subscriber stands, and whether everything reached it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a subscriber is: lag in events (`more` if not all were counted) and in seconds."""

    name: str
    topics: tuple[str, ...]
    attached: bool
    position: int
    lag_events: int
    more: bool
    lag_seconds: float
    waiting: int
    dead: int
    handled: int
    parked: int
    parked_seconds: float | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The log against what was confirmed, and what one subscriber has receipts for.

    `in_log` and `confirmed` count messages up to the relay's position; `same` says that they are
    the same ones in the same order. Of the `expected` ones, those neither handled nor parked are
    `open`: on their way in the queue, or missing where the queue holds fewer. Receipts that are
    `taken_back` are for what an older epoch said and a restored backup did not hold.
    """

    subscriber: str
    position: int
    in_log: int
    confirmed: int
    same: bool
    expected: int
    handled: int
    parked: int
    open: int
    waiting: int
    dead: int
    unexpected: int
    taken_back: int
    first_open: str | None

    @property
    def missing(self) -> int:
        """Events that are neither handled, nor parked, nor in the queue."""
        return max(0, self.open - self.waiting)

    @property
    def sound(self) -> bool:
        return self.same and not self.missing and not self.unexpected and not self.dead
