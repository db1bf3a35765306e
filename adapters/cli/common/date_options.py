"""The options of every question: as of a day, as known at a recorded time or position."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from adapters.bootstrap import Register
from adapters.cli.common.number_options import year
from adapters.cli.common.output import Format, blank, tell
from adapters.queries import moment as moments
from adapters.queries.moment import Known, Moment
from adapters.queries.named.bodies import today
from projections.engine.read_model import LAST_DAY


def day(text: str) -> date:
    """Return a day, written as 2001-12-06 and no other way."""
    try:
        return moments.day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def instant(text: str, option: str) -> int:
    """Return a recorded time, ISO 8601 with its zone, in microseconds since 1970 UTC."""
    try:
        return moments.instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


NOW = "now"
"""The last position, where one is asked for."""

AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=day, metavar="DATE", help="What held on this day (default: today)."
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="TIME|POSITION",
        help="What the register knew at a recorded time or log position (default: now).",
    ),
]


Year = Annotated[
    int | None,
    typer.Option(parser=year, metavar="YEAR", help="Only of this year."),
]


def position(register: Register, text: str, option: str) -> int:
    """Read a log position, inside a commit as well, or a recorded time."""
    if moments.POSITION.fullmatch(text):
        return int(text)
    return register.log.position_at(instant(text, option))


def known_position(register: Register, text: str, option: str) -> Known:
    """Read a log position, `now` or a recorded time; a fault names the `option`."""
    head = register.log.head()
    if text == NOW:
        return Known(head, past=False)
    try:
        return moments.known(register, text, head)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def moment(
    register: Register, as_of: date | None, known_at: str | None, form: StrEnum | None
) -> Moment:
    """Read both options; `form` is that of the answer, whose table begins with what was known.

    A position inside a commit is taken for the end of the one before.
    """
    on = min(as_of or today(register), LAST_DAY)
    if known_at is None:
        return Moment(on, None)
    found = known_position(register, known_at, "--known-at")
    if form is not None and form.value == Format.TABLE.value:
        asked = "" if known_at == str(found.position) else f", for {known_at}"
        tell(f"As known at position {found.position}{asked}. {found.beyond}".rstrip())
        blank()
    elif found.beyond:
        sys.stderr.write(f"{found.beyond}\n")
    return Moment(on, found.position)
