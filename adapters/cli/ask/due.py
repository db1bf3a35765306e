"""`due`: what is due or late, yearly letters included."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption
from adapters.queries.deadlines import due
from projections.deadlines import Status


def list_due(
    every: Annotated[
        bool,
        typer.Option("--all", help="What is granted without a year as well, and what is done."),
    ] = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what is late or due: reports, documents, and what the table grants every year."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = due(register, at, every=every)
    columns = {"status": "status", "due": "due", "kind": "what", "subject": "for", "says": "says"}
    late = sum(row.status == Status.OVERDUE.value for row in rows)
    answer(rows, columns, form, at, f"On {at.on}: {late} overdue of {len(rows)}.")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("due")(list_due)
