"""The moment of a question: as of a day, as known at a time or position."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import takewhile
from typing import NamedTuple, cast

from adapters import clock
from adapters.bootstrap import Register
from domain.shared.history import Recorded
from domain.shared.messages import Event, Fact, StreamId
from domain.shared.problems import Invalid


class NothingRecorded(Invalid):
    """Nothing is recorded under this name, as far as was known; the lists have the names.

    The first field says what was asked for; `near` are names like it, or `known` all there are.
    Where the name is of a thing of another kind, `this_is` says of which, and `ask` how to ask.
    """

    city: str = ""
    country: str = ""
    region: str = ""
    classification: str = ""
    agreement: str = ""
    about: str = ""
    discrepancy: str = ""
    document: str = ""
    exploration: str = ""
    matter: str = ""
    item: str = ""
    kind: str = ""
    body: str = ""
    actor: str = ""
    mission: str = ""
    request: str = ""
    study: str = ""
    provision: str = ""
    fact: str = ""
    stream: str = ""
    near: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    this_is: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    as_of: str = ""


class NotYet(NothingRecorded):
    """It is recorded, and nothing of it held on this day: ask about a later one with --as-of."""


class InCamera(NothingRecorded):
    """The matter is held in camera: nothing of it may be shown."""


POSITION = re.compile(r"[0-9]{1,18}")
"""A log position, in digits."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(text: str) -> date:
    """Return a day, written as 2001-12-06 and no other way. Raises `ValueError`."""
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text!r} is not a day such as 2001-12-06")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None


def instant(text: str) -> int:
    """Return microseconds since 1970 UTC of an ISO 8601 time with zone. Raises `ValueError`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is neither a position nor a time such as 2026-11-23T14:05:00Z"
        ) from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} does not say its zone; write 2026-11-23T14:05:00Z")
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


@dataclass(frozen=True, slots=True)
class Moment:
    """Both dates of a question; `known` is a position, `None` for all that is known."""

    on: date
    known: int | None


class Known(NamedTuple):
    """The position that is meant, whether it is past for good, and what to say if it is not."""

    position: int
    past: bool
    beyond: str = ""


def known(register: Register, text: str, head: int) -> Known:
    """Read a log position or a recorded time as a position at which a commit ends.

    `head` is the end of the log. Raises `ValueError`.
    """
    if POSITION.fullmatch(text):
        asked = int(text)
        if asked > head:
            said = f"Position {text} is not recorded yet; this is position {head}."
            return Known(head, past=False, beyond=said)
        return Known(whole(register, asked), past=True)
    time = instant(text)
    # only a later entry shows that no other will bear an earlier time
    found = register.log.position_at(time)
    if time > clock.now():
        return Known(found, past=False, beyond=f"The time {text} has not come yet.")
    return Known(found, past=found < head)


def whole(register: Register, known: int) -> int:
    """Return the position, or the end of the commit before it where it stands inside one."""
    following = next(register.log.entries(known), None)
    if following is None:
        return known
    return min(known, register.log.position_at(following.recorded_at - 1))


def as_known(
    register: Register, streams: Sequence[StreamId], at: Moment
) -> Mapping[StreamId, Sequence[Recorded[Event]]]:
    """Return streams, as far as they were known."""
    read = register.log.read(*streams) if streams else {}
    return {
        stream: [
            cast("Recorded[Event]", entry)
            for entry in entries
            if isinstance(entry.event, Event) and (at.known is None or entry.position <= at.known)
        ]
        for stream, entries in read.items()
    }


def commit(register: Register, recorded_at: int) -> Iterator[Recorded[Fact]]:
    """Return all that was recorded at a time: one commit."""
    before = register.log.position_at(recorded_at - 1)
    return takewhile(lambda entry: entry.recorded_at == recorded_at, register.log.entries(before))


def evidence_of(register: Register, known: int | None) -> str:
    """Return the line by which exports cite the head of evidence; empty where nothing is sealed."""
    return register.cite(register.log.head() if known is None else known).line
