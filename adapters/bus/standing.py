"""Where a subscriber stands, and whether everything reached it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a subscriber is: lag in events (`more` if not all were counted) and in seconds.

    `unseen` is how many a reader may have in hand beside those `waiting`.
    """

    name: str
    topics: tuple[str, ...]
    attached: bool
    position: int
    lag_events: int
    more: bool
    lag_seconds: float
    waiting: int
    unseen: int
    dead: int
    handled: int
    parked: int
    parked_seconds: float | None


Kind: TypeAlias = Literal["event", "handled", "foreign"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What a subscriber's queue could not keep, by the beginning of its body's SHA-256.

    `kind` is `event` for one of the log's that is still to be handled, `handled` for one that was,
    or is set aside, and `foreign` for anything else; `because` says why.
    """

    letter: str
    kind: Kind
    because: str
    source: str | None
    id: str | None
    reason: str
    exchange: str
    routing_keys: tuple[str, ...]
    died_at: float | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The log against what was confirmed, and what one subscriber has receipts for.

    `in_log` and `confirmed` count messages up to the relay's position; `same` says that they are
    the same ones in the same order. Of the `expected` ones, those neither handled nor parked are
    `open`: the relay has still to send them, they are on their way in the queue, dead letters,
    `unseen` (in a reader's hand or nowhere, which a broker does not say), or missing. Receipts that
    are `taken_back` are for what an older epoch said and a restored backup did not hold. Where all
    receipts are `elsewhere`, what has left the queue is neither unseen nor missing.
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
    unsent: int
    waiting: int
    unseen: int
    missing: int
    dead: int
    dead_events: int
    unexpected: int
    taken_back: int
    elsewhere: bool
    first_open: str | None

    @property
    def sound(self) -> bool:
        """Whether nothing is amiss: no dead letter of another's making is."""
        amiss = self.missing or self.unseen or self.dead_events or self.unexpected
        return self.same and not amiss
