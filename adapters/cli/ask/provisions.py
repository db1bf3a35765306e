"""Provisions of the policy: `list provisions`, `policy [PROVISION]`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer, asked
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, number_of
from adapters.queries.moment import Moment
from adapters.queries.policy.provisions import ProvisionRow, proposed_addresses, provisions


def list_provisions(
    search: Annotated[
        str | None, typer.Option(help="Only those with these words in heading, text or items.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the provisions in force, or what was proposed before any were."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(provisions, register, at, search=search)
        proposed = [] if rows or emptied else proposed_addresses(register, at)
    columns = {"address": "provision", "version": "version", "heading": "heading"}
    sure = sum(row.certain for row in rows)
    may = f", and {len(rows) - sure} that may be" if sure < len(rows) else ""
    said = f"{number_of(sure, 'provision')} in force on {at.on}{may}."
    answer(
        rows,
        ProvisionRow,
        columns,
        form,
        at,
        emptied or (said if rows else only_proposed(proposed, at)),
    )


def only_proposed(proposed: list[str], at: Moment) -> str:
    """Return a sentence that nothing is in force, and what was proposed by then."""
    if not proposed:
        return f"Nothing is in force on {at.on}, and nothing is proposed."
    return f"Nothing is in force on {at.on}; proposed: {', '.join(proposed)}."


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("provisions")(list_provisions)
