"""Bodies: `list bodies`, `show body`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, number_of
from adapters.queries.bodies import BodyRow, bodies, body

COLUMNS = {
    "body": "body",
    "name": "name",
    "other_names": "other names",
    "succeeds": "in the place of",
    "acts_for": "acts for",
    "ended": "ended",
    "successors": "successors",
}


def list_bodies(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List the bodies of a day, and former ones with their successors."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = bodies(register, at)
    there = sum(row.ended is None for row in rows)
    said = f"{number_of(there, 'body', 'bodies')} on {at.on}, {len(rows) - there} former."
    answer(rows, BodyRow, COLUMNS, form, at, said, in_full=True)


def show_body(
    name: Annotated[str, typer.Argument(help="Its id, or any name that it has had.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one body on a day, or its end and its successors."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = body(register, name, at)
    answer(rows, BodyRow, COLUMNS, form, at, "", in_full=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("bodies")(list_bodies)
    app.command("body")(show_body)
