"""Deadlines: `deadlines`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format
from adapters.queries.deadlines import Deadline, DeadlineRow, deadlines
from adapters.queries.moment import Moment, evidence_of
from projections.deadlines import Status


class DeadlineFormat(StrEnum):
    """How deadlines are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    ICS = "ics"


def list_deadlines(
    every: Annotated[bool, typer.Option("--all", help="What is done as well.")] = False,
    only: Annotated[
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
        at = moment(register, as_of, known_at, form)
        found = deadlines(register, at, every=every, only=only)
        name = register.settings.register_id
        evidence = evidence_of(register, at.known) if form is DeadlineFormat.ICS else ""
    if form is DeadlineFormat.ICS:
        from adapters.exports.calendar import Entry, calendar  # noqa: PLC0415  (only here)

        entries = [Entry(each.key, each.duty, each.status) for each in found]
        sys.stdout.write(calendar(entries, name, evidence).decode())
        return
    columns = {
        "status": "status",
        "due": "due",
        "kind": "what",
        "subject": "subject",
        "says": "says",
        "owed_by": "owed by",
        "owed_to": "to",
        "since": "since",
        "decision": "by decision",
    }
    rows = [each.row for each in found]
    if form is DeadlineFormat.TABLE:
        # What no paper states is said, and not left blank.
        rows = [row.model_copy(update=_unstated(row)) for row in rows]
    answer(rows, DeadlineRow, columns, Format(form.value), at, _summary(found, at))


def _unstated(row: DeadlineRow) -> dict[str, str]:
    return {name: "not named" for name in ("owed_by", "owed_to") if getattr(row, name) is None}


def _summary(found: Sequence[Deadline], at: Moment) -> str:
    counts = {status: sum(each.status is status for each in found) for status in Status}
    return (
        f"On {at.on}: {counts[Status.OVERDUE]} overdue, {counts[Status.DUE]} due, "
        f"{counts[Status.OWED]} owed with no date stated."
    )


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("deadlines")(list_deadlines)
