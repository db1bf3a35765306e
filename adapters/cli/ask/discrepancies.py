"""Discrepancies between the sources: `list discrepancies`, `show discrepancy`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer, asked, uncertain
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, blank, number_of, show, tell
from adapters.queries.discrepancies import (
    DiscrepancyRow,
    DiscrepancyStatus,
    discrepancies,
    discrepancy,
)


def list_discrepancies(
    status: Annotated[
        DiscrepancyStatus | None, typer.Option(help="Only open, or only settled ones.")
    ] = None,
    about: Annotated[
        str | None, typer.Option(help="Only those about this provision, place or exploration.")
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="Only those with these words in title or passages.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List where the sources disagree with each other, and what settled it."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(
            discrepancies, register, at, status=status, about=about, search=search
        )
    columns = {
        "number": "no.",
        "discrepancy": "discrepancy",
        "title": "what disagrees",
        "status": "status",
        "figures": "figures",
        "decision": "by",
    }
    open_ones = sum(row.status == DiscrepancyStatus.OPEN for row in rows)
    listed = number_of(len(rows), "discrepancy", "discrepancies")
    answer(
        rows,
        DiscrepancyRow,
        columns,
        form,
        at,
        emptied or f"{listed} on {at.on}, {open_ones} open.",
    )


def show_discrepancy(
    name: Annotated[str, typer.Argument(help="Its name, such as standing-of-kiev, or number.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one discrepancy with its places, and which decision settled it."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = discrepancy(register, name, at)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        _tell(row)
    uncertain(rows, at)


def _tell(row: DiscrepancyRow) -> None:
    number = f"{row.number}. " if row.number else ""
    tell(f"{number}{row.discrepancy}: {row.title}", strong=True)
    said = f"settled by {row.decision}: {row.how}" if row.decision else "open"
    tell(f"Since {row.since}; {said}.")
    tell(f"About: {', '.join(row.about) or 'nothing in particular'}.")
    blank()
    passages = [
        {
            "place": ", ".join(filter(None, (p.at.document, p.at.place))),
            "says": p.says,
            "figure": p.figure,
        }
        for p in row.passages
    ]
    show(passages, {"place": "place", "says": "says", "figure": "figure"}, Format.TABLE)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("discrepancies")(list_discrepancies)
    app.command("discrepancy")(show_discrepancy)
