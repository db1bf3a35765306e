"""The two time axes of every question: as of a day, as known at a recorded time or position."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import takewhile
from typing import Annotated, cast

import typer

from adapters import clock
from adapters.bootstrap import Register
from adapters.cli.numbers import POSITION
from adapters.cli.output import Row, tell
from domain.history import Recorded
from domain.kernel import Event, Fact, Invalid, StreamId
from projections.timeline import LAST_DAY

Entries = Mapping[StreamId, Sequence[Recorded[Event]]]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(text: str) -> date:
    """A day, written as 2001-12-06 and no other way."""
    if not _DAY.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not a day such as 2001-12-06")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: {error}") from None


def instant(text: str) -> int:
    """A recorded time, ISO 8601 with its zone, in microseconds since 1970 UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a position nor a time such as 2026-11-23T14:05:00Z"
        ) from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} does not say its zone; write 2026-11-23T14:05:00Z")
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=day, metavar="DATE", help="What held on this day; today unless said."
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="TIME|POSITION",
        help="What the register knew at a recorded time or log position; now unless said.",
    ),
]


class NothingRecorded(Invalid):
    """Nothing is recorded under this name, as far as was known; the lists have the names.

    They are those of `alliance list`, `alliance missions` and `alliance requests`.
    """


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a question stands on both axes; `known` is a position, `None` for all that is known."""

    on: date
    known: int | None


def uncertain(rows: Iterable[Row], at: Moment) -> None:
    """Say so where the record cannot tell what held on the day."""
    names = sorted({_name(row) for row in rows if not row["certain"]})
    if names:
        tell(
            f"Not determinate on {at.on}, all that may hold is shown: {', '.join(names)}. "
            "The record does not say on which day it took hold, or ended."
        )


def _name(row: Row) -> str:
    return next((str(row[n]) for n in ("city", "name", "address", "item") if row.get(n)), "")


def position(register: Register, text: str) -> int:
    """A log position, given as such or as a recorded time."""
    if POSITION.fullmatch(text):
        return int(text)
    return register.log.position_at(instant(text))


def whole(register: Register, known: int) -> int:
    """The position, or the end of the commit before it where it stands inside one."""
    following = next(register.log.entries(known), None)
    if following is None:
        return known
    return min(known, register.log.position_at(following.recorded_at - 1))


def moment(register: Register, as_of: date | None, known_at: str | None) -> Moment:
    """Read both options. A position inside a commit is taken for the end of the one before."""
    known = None if known_at is None else whole(register, position(register, known_at))
    return Moment(min(as_of or clock.today(), LAST_DAY), known)


def as_known(
    register: Register, streams: Sequence[StreamId], at: Moment
) -> Mapping[StreamId, Sequence[Recorded[Event]]]:
    """Streams, as far as they were known."""
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
    """All that was recorded at a time: one commit."""
    before = register.log.position_at(recorded_at - 1)
    return takewhile(lambda entry: entry.recorded_at == recorded_at, register.log.entries(before))
