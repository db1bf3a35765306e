"""The options of every question: as of a day, as known at a recorded time or position."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import typer

from adapters import clock, moments
from adapters.bootstrap import Register
from adapters.cli.numbers import POSITION
from adapters.cli.output import Row, tell
from adapters.moments import Moment, whole
from domain.kernel import Invalid
from projections.timeline import LAST_DAY


def day(text: str) -> date:
    """A day, written as 2001-12-06 and no other way."""
    try:
        return moments.day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def instant(text: str) -> int:
    """A recorded time, ISO 8601 with its zone, in microseconds since 1970 UTC."""
    try:
        return moments.instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


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


def uncertain(rows: Iterable[Row], at: Moment) -> None:
    """Say so where the record cannot tell what held on the day."""
    names = sorted({_name(row) for row in rows if not row["certain"]})
    if names:
        tell(
            f"Not determinate on {at.on}, all that may hold is shown: {', '.join(names)}. "
            "The record does not say on which day it took hold, or ended."
        )


_NAMES = (
    *("city", "name", "address", "item", "mission", "request", "discrepancy", "subject", "stream"),
    "year",
)
"""What a row is of, in the first of these fields that it has."""


def _name(row: Row) -> str:
    return next((str(row[name]) for name in _NAMES if row.get(name)), "")


def position(register: Register, text: str) -> int:
    """A log position, given as such or as a recorded time."""
    if POSITION.fullmatch(text):
        return int(text)
    return register.log.position_at(instant(text))


def moment(register: Register, as_of: date | None, known_at: str | None) -> Moment:
    """Read both options. A position inside a commit is taken for the end of the one before."""
    known = None if known_at is None else whole(register, position(register, known_at))
    return Moment(min(as_of or clock.today(), LAST_DAY), known)
