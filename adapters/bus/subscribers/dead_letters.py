"""A subscriber's dead letters: list them, requeue events, discard the rest.

They are read in the dead-letter queue itself. A letter leaves it only after it is in the
subscriber's queue again, or in our log records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog

from adapters.bus.messages.cloud_event import (
    NO_TRACES,
    Foreign,
    Message,
    Received,
    body_of,
    bytes_of,
    messages,
    read_message,
)
from adapters.bus.messages.feed import PAGE, Feed, raw_page, start_of_commit
from adapters.bus.messages.names import Names
from adapters.bus.relay.ledger import Subscriber
from adapters.bus.subscribers.inbox import Inbox
from adapters.bus.subscribers.queue_browser import QueueBrowser, browse_queue
from adapters.bus.subscribers.reconciliation import event_ids_in
from adapters.bus.subscribers.status import DeadLetterReport
from adapters.bus.transports.publisher import Publisher
from domain.shared.problems import Conflict, Invalid

_SHOWN = 2000

_log = structlog.get_logger("bus")


class NoDeadLetter(Invalid):
    """This subscriber has no dead letter of this name.

    Details: the `letter`, and those `known`.
    """

    letter: str
    known: tuple[str, ...]


class NotPending(Invalid):
    """This dead letter is not an event that is still to be handled: discard it."""

    letter: str
    reason: str


class StillPending(Conflict):
    """This dead letter is an event that is still to be handled: requeue it."""

    letter: str
    id: str | None


class _Found(NamedTuple):
    """A letter, the unacknowledged message, and the event to requeue if it is pending."""

    letter: DeadLetterReport
    message: Any
    event: Message | None


class DeadLetters:
    """The dead letters of one subscriber. Raises `BusLost` and `QueueInUse`."""

    def __init__(
        self, feed: Feed, url: str, names: Names, subscriber: Subscriber, inbox: Inbox
    ) -> None:
        self._feed, self._url, self._names = feed, url, names
        self._subscriber, self._inbox = subscriber, inbox

    def all(self) -> Sequence[DeadLetterReport]:
        """Return all dead letters in the order in which they came."""
        with self._browse() as browser:
            return [found.letter for found in self._found(browser)]

    def requeue(self, name: str | None = None) -> int:
        """Send pending events to the subscriber's queue again, in the order of the log.

        All, or the one of this letter or event id. Return how many. Raises `NoDeadLetter`,
        `NotPending` and `BrokenTopology`.
        """
        queue, requeued = self._names.queue(self._subscriber.name), 0
        with self._browse() as browser, Publisher(self._url, self._names.exchange) as publisher:
            for found in _named(self._found(browser), name):
                if found.event:
                    publisher.send([found.event], queue=queue)
                    browser.settle(found.message)
                    self._record("dead letter requeued", found.letter)
                    requeued += 1
                elif name:
                    raise NotPending(letter=found.letter.letter, reason=found.letter.because)
        return requeued

    def discard(self, name: str | None = None) -> int:
        """Delete letters that are not pending, with a log record of each.

        All, or the one of this letter or event id. Return how many. Raises `NoDeadLetter` and
        `StillPending`.
        """
        discarded = 0
        with self._browse() as browser:
            for found in _named(self._found(browser), name):
                if not found.event:
                    body = bytes_of(found.message)[:_SHOWN].decode(errors="backslashreplace")
                    self._record("dead letter discarded", found.letter, body=body)
                    browser.settle(found.message)
                    discarded += 1
                elif name:
                    raise StillPending(letter=found.letter.letter, id=found.letter.id)
        return discarded

    def _record(self, event: str, letter: DeadLetterReport, **more: str) -> None:
        told = {name: getattr(letter, name) for name in letter.__slots__}
        _log.warning(event, subscriber=self._subscriber.name, **told, **more)

    # --- which letters are pending

    def _found(self, browser: QueueBrowser) -> list[_Found]:
        handled = event_ids_in(self._inbox, self._feed)
        return [self._one(message, handled) for message in browser.messages]

    def _one(self, message: Any, handled: set[str]) -> _Found:
        received: Received | None = None
        event: Message | None = None
        pending = False
        try:
            received = read_message(body_of(message))
        except Foreign as foreign:
            because = f"not a message of a register: {foreign}"
        else:
            event = self._in_log(received)
            pending, because = self._judged(event, handled)
        death, body = _death(message), bytes_of(message)
        keys = death.get("routing-keys")
        letter = DeadLetterReport(
            letter=hashlib.sha256(body).hexdigest()[:12],
            pending=pending,
            because=because,
            source=received.source if received else None,
            id=received.id if received else None,
            reason=str(death.get("reason", "unknown")),
            exchange=str(death.get("exchange", "")),
            routing_keys=tuple(map(str, keys)) if isinstance(keys, list) else (),
            died_at=_seconds(death.get("time")),
            bytes=len(body),
        )
        return _Found(letter, message, event if pending else None)

    def _judged(self, event: Message | None, handled: set[str]) -> tuple[bool, str]:
        """Say whether a letter is pending for this subscriber, and why."""
        if event is None:
            return False, "not in this log"
        if not self._subscriber.wants(event.position, event.type):
            return False, "not subscribed to"
        if event.id in handled:
            return False, "handled or parked already"
        return True, "still to be handled"

    def _in_log(self, received: Received) -> Message | None:
        """Return the event of the log that has the same bytes, if there is one.

        Messages that were sent by an earlier version have no leaf of the evidence, and the log
        knows no trace.
        """
        if received.position > self._feed.head():
            return None
        here = start_of_commit(self._feed.log, received.position - 1)
        page = raw_page(self._feed.log, here, PAGE)
        cause, trace = (received.event.get(name) for name in ("causation", "traceparent"))
        traces = {str(cause): str(trace)} if trace else NO_TRACES
        for leaves in dict.fromkeys((self._feed.leaves, None)):
            for message in messages(page.rows, self._feed.sources(), traces, leaves):
                if message.position == received.position and message.body == received.body:
                    return message
        return None

    def _browse(self) -> AbstractContextManager[QueueBrowser]:
        name = self._subscriber.name
        return browse_queue(self._url, self._names.dead_queue(name), self._names.browser_lock(name))


_YEAR_10000 = 253_402_300_800


def _named(found: list[_Found], name: str | None) -> list[_Found]:
    if name is None:
        return sorted(found, key=lambda each: each.event.position if each.event else 0)
    named = [each for each in found if name in (each.letter.letter, each.letter.id)]
    if not named:
        raise NoDeadLetter(letter=name, known=tuple(each.letter.letter for each in found))
    return named


def _death(message: Any) -> dict[str, Any]:
    """Read the latest entry of `x-death`; empty if a publisher wrote something else there."""
    deaths = message.headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    return last if isinstance(last, dict) else {}


def _seconds(when: object) -> float | None:
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return float(when) if isinstance(when, int | float) and 0 <= when < _YEAR_10000 else None
