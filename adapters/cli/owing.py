"""What is owed to whom by when: `deadlines`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.moments import AsOf, KnownAt, moment, uncertain
from adapters.cli.output import Format, console, show
from adapters.moments import Moment
from projections.deadlines import DEADLINES, Due, Status, late, reported_years, status
from projections.timeline import Held


class DeadlineFormat(StrEnum):
    """How deadlines are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    ICS = "ics"


def deadlines(
    every: Annotated[bool, typer.Option("--all", help="What is done as well.")] = False,
    wanted: Annotated[
        Status | None, typer.Option("--status", help="Only what stands so on the day.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: Annotated[
        DeadlineFormat,
        typer.Option("--format", "-f", help="A table, rows for programs, or a calendar."),
    ] = DeadlineFormat.TABLE,
) -> None:
    """List what is due, overdue, and owed with no date stated."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        found = [
            (held, stands)
            for held, stands in standing(register, at)
            if (every or wanted or stands is not Status.DONE) and wanted in (None, stands)
        ]
        name = register.settings.register_id
    if form is DeadlineFormat.ICS:
        from adapters.exports.calendar import Entry, calendar  # noqa: PLC0415  (only here)

        entries = [Entry(held.key, held.state, stands) for held, stands in found]
        sys.stdout.write(calendar(entries, name).decode())
        return
    rows = [deadline(held, stands) for held, stands in found]
    columns = {
        "status": "status",
        "due": "due",
        "kind": "what",
        "subject": "subject",
        "owed_by": "owed by",
        "owed_to": "to",
        "since": "since",
        "decision": "by decision",
    }
    show(rows, columns, Format(form.value))
    if form is DeadlineFormat.TABLE:
        _count(rows, at)
        uncertain(rows, at)


def standing(register: Register, at: Moment) -> Sequence[tuple[Held[Due], Status]]:
    """Every duty with how it stands, the most pressing first."""
    held = list(register.reader(DEADLINES).every(at.on, at.known))
    years = reported_years(h.state for h in held)
    found = [(h, status(h.state, at.on, years)) for h in held]
    return sorted(found, key=lambda pair: (_ORDER.index(pair[1]), _due(pair[0]), pair[0].key))


_ORDER = (Status.OVERDUE, Status.DUE, Status.OWED, Status.DONE)


def _due(held: Held[Due]) -> str:
    return str(held.state.due.last) if held.state.due else ""


def deadline(held: Held[Due], stands: Status) -> dict[str, Any]:
    """A duty as a flat row; `late` says that it was done after its day."""
    row = held.state.model_dump(mode="json")
    return {
        "status": stands.value,
        **row,
        "late": late(held.state),
        "certain": held.certain,
    }


def _count(rows: Sequence[dict[str, Any]], at: Moment) -> None:
    counts = {status: sum(row["status"] == status for row in rows) for status in _ORDER}
    console().print(
        f"\nOn {at.on}: {counts[Status.OVERDUE]} overdue, {counts[Status.DUE]} due, "
        f"{counts[Status.OWED]} owed with no date stated."
    )


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(deadlines)
