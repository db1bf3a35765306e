"""Acts whose basis has changed since: `list basis-changed`."""

from __future__ import annotations

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, number_of
from adapters.queries.basis_changed import basis_changed


def list_basis_changed(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List acts whose provision was not in force then, or whose decision was changed since."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = basis_changed(register, at)
    columns = {
        "on": "on",
        "entry": "act",
        "stream": "of",
        "decision": "decision",
        "provision": "provision",
        "rested_on": "rested on version",
        "in_force_then": "in force then",
        "changed": "changed since",
        "because": "because",
    }
    acts = {(row.stream, row.version) for row in rows}
    said = f"{number_of(len(acts), 'act')} rested on a rule or decision that was corrected later."
    if not acts:
        said = "No act rests on a rule or decision that was corrected later."
    answer(rows, columns, form, at, said)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("basis-changed")(list_basis_changed)
