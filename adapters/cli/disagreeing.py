"""Where the sources disagree: `list discrepancies`, `show discrepancy`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_register
from adapters.cli.moments import AsOf, KnownAt, NothingRecorded, moment, uncertain
from adapters.cli.output import Format, FormatOption, console, number_of, show
from projections.discrepancies import DISCREPANCIES, Discrepancy
from projections.timeline import Held


class Status(StrEnum):
    """Whether a decision settled it."""

    OPEN = "open"
    SETTLED = "settled"


def list_discrepancies(
    status: Annotated[Status | None, typer.Option(help="Only open, or only settled ones.")] = None,
    about: Annotated[
        str | None, typer.Option(help="Only those about this provision, city or exploration.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List where the sources disagree with themselves, and what settled it."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        where = {"status": status.value} if status else None
        held = register.reader(DISCREPANCIES).every(at.on, at.known, where)
        rows = [discrepancy(h) for h in held if about is None or about in h.state.about]
    rows.sort(key=lambda row: (row["number"] is None, row["number"] or 0, row["discrepancy"]))
    columns = {"number": "no.", "discrepancy": "discrepancy", "title": "what disagrees"}
    show(rows, {**columns, "figures": "figures", "status": "status", "decision": "by"}, form)
    if form is Format.TABLE:
        open_ones = sum(row["status"] == Status.OPEN for row in rows)
        listed = number_of(len(rows), "discrepancy", "discrepancies")
        console().print(f"\n{listed} on {at.on}, {open_ones} open.")
        uncertain(rows, at)


def show_discrepancy(
    name: Annotated[str, typer.Argument(help="The discrepancy, such as standing-of-kiev.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one discrepancy with its places, and which decision settled it."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = register.reader(DISCREPANCIES).every(at.on, at.known, {"discrepancy": name})
        rows = [discrepancy(h) for h in held]
    if not rows:
        raise NothingRecorded(discrepancy=name)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        console().print(f"{row['discrepancy']}: {row['title']} (since {row['since']})\n")
        places = [
            {
                "place": ", ".join(filter(None, (p["at"]["document"], p["at"]["place"]))),
                "says": p["says"],
                "figure": p["figure"],
            }
            for p in row["passages"]
        ]
        show(places, {"place": "place", "says": "says", "figure": "figure"}, Format.TABLE)
        said = f"Settled by {row['decision']}: {row['how']}" if row["decision"] else "Open."
        console().print(f"\n{said}")
    uncertain(rows, at)


def discrepancy(held: Held[Discrepancy]) -> dict[str, Any]:
    """A discrepancy as a flat row; `figures` are those of its places, in their order."""
    row = held.state.model_dump(mode="json")
    figures = [p["figure"] for p in row["passages"] if p["figure"] is not None]
    return {**row, "figures": figures, "certain": held.certain}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("discrepancies")(list_discrepancies)
    app.command("discrepancy")(show_discrepancy)
