"""Acts whose basis has changed since: `list basis-changed`."""

from __future__ import annotations

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, number_of
from adapters.queries.basis_changed import BasisRow, basis_changed


def list_basis_changed(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List acts that rested on a rule, decision or fact that is known to be otherwise now."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = basis_changed(register, at)
    columns = {
        "on": "on",
        "entry": "act",
        "stream": "of",
        "changed": "changed since",
        "because": "because",
        "decision": "decision",
        "provision": "provision",
        "rested_on": "rested on version",
        "in_force_then": "in force then",
    }
    acts = {(row.stream, row.version) for row in rows}
    said = f"{number_of(len(acts), 'act')} rested on what is known to be otherwise now."
    if not acts:
        said = "No act rested on what is known to be otherwise now."
    answer(rows, BasisRow, columns, form, at, said, in_full=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("basis-changed")(list_basis_changed)
