"""A subscriber's dead letters: what they are, giving events back, and dropping the rest.

They are looked at where they lie. None is settled before it is in the subscriber's queue again, or
in our records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog

from adapters.bus.envelope import Message, Origin, epoch_of, messages
from adapters.bus.in_hand import InHand, in_hand
from adapters.bus.inbox import Inbox
from adapters.bus.ledger import Subscriber
from adapters.bus.names import Names
from adapters.bus.publishing import Publisher
from adapters.bus.reading_log import PAGE, start_of_commit
from adapters.bus.received import Foreign, Received, body_of, bytes_of, read
from adapters.bus.reconciling import held_through, taken_by
from adapters.bus.standing import DeadLetter, Kind
from application.ports import Log
from domain.kernel import Conflict, Invalid

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
                    said = bytes_of(found.message)[:_SHOWN].decode(errors="backslashreplace")
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

    def _found(self, hand: InHand) -> list[_Found]:
        had = taken_by(self._log, self._register, self._inbox)
        return [self._one(message, had) for message in hand.messages]

    def _one(self, message: Any, had: set[str]) -> _Found:
        received: Received | None = None
        said: Message | None = None
        kind: Kind = "foreign"
        try:
            received = read(body_of(message))
        except Foreign as foreign:
            because = str(foreign)
        else:
            said = self._said(received)
            kind, because = self._judged(said, had)
        death, body = _death(message), bytes_of(message)
        keys = death.get("routing-keys")
        letter = DeadLetter(
            letter=hashlib.sha256(body).hexdigest()[:12],
            kind=kind,
            because=because,
            source=received.source if received else None,
            id=received.id if received else None,
            reason=str(death.get("reason", "unknown")),
            exchange=str(death.get("exchange", "")),
            routing_keys=tuple(map(str, keys)) if isinstance(keys, list) else (),
            died_at=_seconds(death.get("time")),
            bytes=len(body),
        )
        return _Found(letter, message, said if kind == "event" else None)

    def _judged(self, said: Message | None, had: set[str]) -> tuple[Kind, str]:
        """What a letter is to a subscriber that `had` these ids, and why."""
        if said is None:
            return "foreign", "the log does not hold it"
        if not self._subscriber.asked_for(said.position, said.type):
            return "foreign", "the subscriber did not ask for it"
        if said.id in had:
            return "handled", "handled, or set aside"
        return "event", "still to be handled"

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

    def _hand(self) -> AbstractContextManager[InHand]:
        name = self._subscriber.name
        return in_hand(self._url, self._names.dead_queue(name), self._names.looking(name))


_YEAR_10000 = 253_402_300_800


def _named(found: list[_Found], name: str | None) -> list[_Found]:
    if name is None:
        return sorted(found, key=lambda each: each.event.position if each.event else 0)
    named = [each for each in found if name in (each.letter.letter, each.letter.id)]
    if not named:
        raise NoDeadLetter(letter=name, known=tuple(each.letter.letter for each in found))
    return named


def _death(message: Any) -> dict[str, Any]:
    """The latest of a message's deaths; empty where what says so is not the bus's."""
    deaths = message.headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    return last if isinstance(last, dict) else {}


def _seconds(when: object) -> float | None:
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return float(when) if isinstance(when, int | float) and 0 <= when < _YEAR_10000 else None
