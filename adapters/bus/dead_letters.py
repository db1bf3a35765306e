"""A subscriber's dead letters: what they are, giving events back, and dropping the rest.

They are looked at where they lie. None is settled before it is in the subscriber's queue again, or
in our records.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog

from adapters.bus.connection import connect, drop, lost
from adapters.bus.consuming import body_of
from adapters.bus.envelope import Message, Origin, epoch_of, messages
from adapters.bus.inbox import Inbox
from adapters.bus.ledger import Subscriber
from adapters.bus.names import Names
from adapters.bus.publishing import Publisher
from adapters.bus.reading_log import PAGE, start_of_commit, taken
from adapters.bus.received import Foreign, Received, read
from adapters.bus.reconciling import held_through, taken_by
from adapters.bus.standing import DeadLetter
from adapters.bus.untyped import AmqpError, NotFound, Producer
from application.ports import Log
from domain.kernel import Conflict, Invalid

LOOKS = 10
"""A letter that was looked at so often is put back as new: RabbitMQ 4 drops it after the 20th."""
PATIENCE_SECONDS = 2.0
_SHOWN = 2000

_log = structlog.get_logger("bus")


class NoDeadLetter(Invalid):
    """No dead letter of this subscriber is called that.

    Details: the `letter`, and those `known`.
    """


class NotAnEvent(Invalid):
    """Only an event that is still to be handled goes back to a subscriber: drop this letter."""


class AnEvent(Conflict):
    """An event that is still to be handled is not dropped: give it back."""


class LookedAt(Conflict):
    """Another command looks at these dead letters: ask again."""


class _Found(NamedTuple):
    """A letter, the message it is in hand as, and the event of the log that it is, if any."""

    letter: DeadLetter
    message: Any
    event: Message | None


class DeadLetters:
    """One subscriber's, on either transport. Raises `BusLost` and `LookedAt`."""

    def __init__(
        self, log: Log, register: str, url: str, names: Names, subscriber: Subscriber, inbox: Inbox
    ) -> None:
        self._log, self._register, self._url, self._names = log, register, url, names
        self._subscriber, self._inbox = subscriber, inbox

    def all(self) -> Sequence[DeadLetter]:
        """What lies there, in the order it came."""
        with self._hand() as hand:
            return [found.letter for found in self._found(hand)]

    def give_back(self, name: str | None = None) -> int:
        """Put events that are still to be handled back into the queue, in the order of the log.

        All, or the one of this letter or id; how many. Raises `NoDeadLetter`, `NotAnEvent` and
        `BrokenTopology`.
        """
        queue, given = self._names.queue(self._subscriber.name), 0
        with self._hand() as hand, Publisher(self._url, self._names.exchange) as publisher:
            for found in _named(self._found(hand), name):
                if found.event:
                    publisher.send([found.event], queue=queue)
                    hand.settle(found.message)
                    self._say("dead letter given back", found.letter)
                    given += 1
                elif name:
                    raise NotAnEvent(letter=found.letter.letter, reason=found.letter.because)
        return given

    def drop(self, name: str | None = None) -> int:
        """Drop what is no event still to be handled, with a record of each.

        All, or the one of this letter or id; how many. Raises `NoDeadLetter` and `AnEvent`.
        """
        dropped = 0
        with self._hand() as hand:
            for found in _named(self._found(hand), name):
                if not found.event:
                    said = _body(found.message)[:_SHOWN].decode(errors="backslashreplace")
                    self._say("dead letter dropped", found.letter, body=said)
                    hand.settle(found.message)
                    dropped += 1
                elif name:
                    raise AnEvent(letter=found.letter.letter, id=found.letter.id)
        return dropped

    def _say(self, event: str, letter: DeadLetter, **more: str) -> None:
        told = {name: getattr(letter, name) for name in letter.__slots__}
        _log.warning(event, subscriber=self._subscriber.name, **told, **more)

    # --- what they are

    def _found(self, hand: _Hand) -> list[_Found]:
        taken_ones = taken_by(self._log, self._register, self._inbox)
        return [self._one(message, taken_ones) for message in hand.messages]

    def _one(self, message: Any, taken_ones: set[str]) -> _Found:
        received: Received | None = None
        said: Message | None = None
        try:
            received = read(body_of(message))
            said = self._said(received)
        except Foreign as foreign:
            because = str(foreign)
        else:
            because = self._because(said, taken_ones)
        wanted = said is not None and because == _STILL
        death, body = _death(message), _body(message)
        keys = death.get("routing-keys")
        letter = DeadLetter(
            letter=hashlib.sha256(body).hexdigest()[:12],
            kind="event" if wanted else "handled" if because == _HANDLED else "foreign",
            because=because,
            source=received.source if received else None,
            id=received.id if received else None,
            reason=str(death.get("reason", "unknown")),
            exchange=str(death.get("exchange", "")),
            routing_keys=tuple(map(str, keys)) if isinstance(keys, list) else (),
            died_at=_seconds(death.get("time")),
            bytes=len(body),
        )
        return _Found(letter, message, said if wanted else None)

    def _because(self, said: Message | None, taken_ones: set[str]) -> str:
        if said is None:
            return "the log does not hold it"
        if said.position <= self._subscriber.start or not taken(said, self._subscriber.topics):
            return "the subscriber did not ask for it"
        return _HANDLED if said.id in taken_ones else _STILL

    def _said(self, received: Received) -> Message | None:
        """What this log said, where it is what was received, byte for byte."""
        origin = Origin(self._register, epoch_of(received.source))
        if origin.source != received.source:
            return None
        if received.position > min(held_through(self._log, received.source), self._log.head()):
            return None
        here = start_of_commit(self._log, received.position - 1)
        for message in messages(self._log.raw_after(here, PAGE).rows, origin):
            if message.position == received.position:
                return message if message.body == received.body else None
        return None

    @contextmanager
    def _hand(self) -> Generator[_Hand]:
        """All of them in hand; what is not settled lies there again afterwards."""
        connection = connect(self._url, heartbeat=0)
        try:
            connection.connect()
            hand = _Hand(connection.channel(), self._names.dead_queue(self._subscriber.name))
            try:
                yield hand
            finally:
                hand.put_back()
        except (AmqpError, *connection.connection_errors, OSError) as error:
            raise lost(self._url, error) from error
        finally:
            drop(connection)


class _Hand:
    """What a command has in hand of a queue."""

    def __init__(self, channel: Any, queue: str) -> None:
        self._channel, self._queue = channel, queue
        self._left: dict[int, Any] = {}
        until = time.monotonic() + PATIENCE_SECONDS
        with suppress(NotFound):
            # the embedded bus counts what is in hand, and a broker does not
            while self._there() not in (0, len(self._left)):
                if time.monotonic() > until:
                    raise LookedAt(queue=queue)
                self._get()
        self.messages = tuple(self._left.values())

    def _there(self) -> int:
        return int(self._channel.queue_declare(queue=self._queue, passive=True).message_count)

    def _get(self) -> None:
        while (raw := self._channel.basic_get(queue=self._queue, no_ack=False)) is not None:
            message = self._channel.message_to_python(raw)
            self._left[message.delivery_tag] = message

    def settle(self, message: Any) -> None:
        """It is where it belongs: take it from the queue."""
        self._channel.basic_ack(message.delivery_tag)
        del self._left[message.delivery_tag]

    def put_back(self) -> None:
        """Leave in the queue what was not settled."""
        worn = [m for m in self._left.values() if m.headers.get("x-delivery-count", 0) >= LOOKS]
        if worn:
            producer = Producer(self._channel, auto_declare=False)
            with producer.batch(max_size=len(worn)):
                for message in worn:
                    self._again(producer, message)
            for message in worn:
                self.settle(message)
        if self._left:
            self._channel.basic_recover(requeue=True)

    def _again(self, producer: Any, message: Any) -> None:
        producer.publish(
            _body(message),
            exchange="",
            routing_key=self._queue,
            content_type=message.content_type or "application/octet-stream",
            content_encoding="binary",
            headers={k: v for k, v in message.headers.items() if k != "x-delivery-count"},
            delivery_mode=2,
            mandatory=True,
        )


_STILL = "still to be handled"
_HANDLED = "handled, or set aside"


def _named(found: list[_Found], name: str | None) -> list[_Found]:
    if name is None:
        return sorted(found, key=lambda each: each.event.position if each.event else 0)
    named = [each for each in found if name in (each.letter.letter, each.letter.id)]
    if not named:
        raise NoDeadLetter(letter=name, known=tuple(each.letter.letter for each in found))
    return named


def _body(message: Any) -> bytes:
    return message.body.encode() if isinstance(message.body, str) else bytes(message.body)


def _death(message: Any) -> dict[str, Any]:
    """The latest of a message's deaths; empty where what says so is not the bus's."""
    deaths = message.headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    return last if isinstance(last, dict) else {}


def _seconds(when: object) -> float | None:
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return float(when) if isinstance(when, int | float) else None
