"""`due`: what is due or late, yearly letters included."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer, asked
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, tell
from adapters.queries.deadlines import FEW, DueRow, cities_of, due, grouped
from projections.deadlines import Status


def list_due(
    every: Annotated[
        bool,
        typer.Option("--all", help="What is granted without a year as well, and what is done."),
    ] = False,
    about: Annotated[
        str | None, typer.Option(help="Only what is for or about this place or thing, by any name.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what is late or due: reports, documents, and what the table grants every year."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(partial(due, every=every), register, at, about=about)
    columns = {"status": "status", "due": "due", "kind": "what", "subject": "for", "says": "says"}
    late = sum(row.status == Status.OVERDUE.value for row in rows)
    said = emptied or f"On {at.on}: {late} overdue of {len(rows)}."
    if form is Format.TABLE:
        groups = grouped(rows)
        lines = [g.first.model_copy(update={"subject": cities_of(g)}) for g in groups]
        answer(lines, DueRow, columns, form, at, said)
        if any(len(group.cities) > FEW for group in groups):
            tell("\n--about CITY shows one city by itself, and --format json every one.")
    else:
        answer(rows, DueRow, columns, form, at, said)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("due")(list_due)
