"""Reports on a subscriber: its status, its dead letters, its reconciliation with the log."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubscriberStatus:
    """The position of a subscriber, and its lag in events and in seconds.

    `more` says that not all events of the lag were counted. Beside those `waiting` in its queue, up
    to `unseen` messages may be unacknowledged at a reader.
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


@dataclass(frozen=True, slots=True)
class DeadLetterReport:
    """A message in a subscriber's dead-letter queue; `letter` begins the SHA-256 of its body.

    `pending` says that it is an event of the log that the subscriber has still to handle: `requeue`
    sends it again. `discard` deletes all others. `because` gives the ground.
    """

    letter: str
    pending: bool
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
    """The log compared with confirmed publications and with the receipts of one subscriber.

    `in_log` and `confirmed` count messages up to the relay's position; `same` says that they are
    the same messages in the same order. Of the `expected` events, `open` ones are neither handled
    nor parked: the relay has yet to send them (`unsent`), they are `waiting` in the queue, dead
    letters (`dead_events`), `missing`, or `unseen`: at a reader or missing, a broker does not tell.
    Receipts for events that a restored backup does not hold are counted in `taken_back`. For an
    `external` subscriber nothing counts as unseen or missing, as its receipts are not here.
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
    external: bool
    first_open: str | None

    @property
    def sound(self) -> bool:
        """True if every event is accounted for; dead letters that are not pending do not count."""
        amiss = self.missing or self.unseen or self.dead_events or self.unexpected
        return self.same and not amiss
