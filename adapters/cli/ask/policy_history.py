"""Every version of a provision, and what changed from each to the next: `policy history`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import uncertain, worded
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, show, shown, tell
from adapters.queries.policy.changes import HistoryRow, provision_history


def history(
    name: Annotated[
        str, typer.Argument(metavar="PROVISION", help="Its address or heading, or a group.")
    ],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show every version of a provision up to the day, and what changed from each to the next."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = provision_history(register, name, at)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    if not rows:
        tell(f"{name} was not in force by {at.on}.")
    for row in rows:
        _tell(row)
    worded((f"{row.address} (version {row.version})", row.wording) for row in rows)
    uncertain(rows, at)


def _tell(row: HistoryRow) -> None:
    maybe = "" if row.certain else ", uncertain"
    number = "" if row.number == row.address else f" (shown as {row.number})"
    what = f"{row.address}{number} version {row.version}, {row.heading}"
    head = f"{row.since}  {what}: {row.change}{maybe}"
    tell(head, strong=True)
    if row.redline:
        tell(row.redline, indent=2)
    for term in row.terms:
        tell(f"{term.term}: {shown(term.before)} → {shown(term.after)}", indent=2)
    by = f", as amended by {', '.join(row.amended_by)}" if row.amended_by else ""
    tell(f"by decision {row.decision}{by}", indent=2)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(history)
