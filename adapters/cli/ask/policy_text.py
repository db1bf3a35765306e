"""`policy text`: the policy in force, or one provision and its history."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.ask.provisions import only_proposed
from adapters.cli.common.answers import uncertain, worded
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.output import Format, FormatOption, show, shown, tell
from adapters.queries.moment import Moment
from adapters.queries.policy.provisions import (
    ProposedRow,
    ProvisionRow,
    WholeProvision,
    proposed_addresses,
    provision,
    provisions,
)
from domain.shared.wordings import wording_in_words


def text(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROVISION]",
            help="Its address, such as outbound/2, its heading, or a group (default: all).",
        ),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show the policy in force, or one provision with how it came to say what it says."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        whole = [] if name is None else provision(register, name, at)
        rows = provisions(register, at) if name is None else []
        proposed = [] if rows or whole else proposed_addresses(register, at)
    if form is not Format.TABLE:
        show(rows if name is None else whole, {}, form)
    elif name is None:
        _whole(rows, proposed, at)
    else:
        for address in dict.fromkeys(row.address for row in whole):
            _provision([row for row in whole if row.address == address], at)
        if not whole:
            tell(f"{name}: nothing of it was proposed by {at.on}.")
        uncertain(whole, at)


def _whole(rows: list[ProvisionRow], proposed: list[str], at: Moment) -> None:
    """Print the policy as people read it: every provision in force with its text."""
    if not rows:
        tell(only_proposed(proposed, at))
        return
    for row in rows:
        tell(f"{_named(row)}, {row.heading}{'' if row.certain else ' (uncertain)'}", strong=True)
        _words(row)
    worded((row.address, row.wording) for row in rows)
    uncertain(rows, at)


def _provision(whole: list[WholeProvision], at: Moment) -> None:
    rows = [row for row in whole if row.proposed_in is None]
    for row in rows:
        state = f"{_state(row, at)}, version {row.version}"
        tell(f"{_named(row)}, {row.heading} ({state})", strong=True)
        _words(row)
        tell(f"by decision {row.decision}", indent=2)
        tell(f"in {wording_in_words(row.wording)}", indent=2)
        if row.amended_by:
            tell(f"as amended before adoption by {', '.join(row.amended_by)}", indent=2)
        if row.computed:
            tell(f"the words as moved would read: {row.computed}", indent=2)
    if not any(row.in_force for row in rows):
        tell(f"{whole[0].address}: not in force on {at.on}.")
    for proposed in whole[0].proposals:
        _proposed(proposed)


def _state(row: WholeProvision, at: Moment) -> str:
    if row.takes_hold:
        return f"decided, and takes hold on {row.takes_hold}"
    state = "in force" if row.in_force else "deleted"
    return f"{state if row.certain else f'may be {state}: uncertain'} on {at.on}"


def _named(row: ProvisionRow) -> str:
    """Return a provision by its number, and by its address where that is another."""
    return row.number if row.number == row.address else f"{row.number} (recorded as {row.address})"


def _words(row: ProvisionRow) -> None:
    tell(row.text, indent=2)
    _items_and_terms(row, indent=2)


def _items_and_terms(row: ProvisionRow | ProposedRow, indent: int) -> None:
    for number, each in enumerate(row.items, 1):
        tell(f"{number}. {each}", indent=indent)
    for name, value in row.terms.items():
        tell(f"{name}: {shown(value)}", indent=indent)


def _proposed(row: ProposedRow) -> None:
    by = f"motion {row.source} ({row.body})" if row.body else row.source
    said = "to delete it" if row.text is None else row.text
    tell(f"proposed by {by}, {row.fate}: {said}", indent=2)
    if row.text is not None:
        _items_and_terms(row, indent=4)
        tell(f"in {wording_in_words(row.wording)}", indent=4)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(text)
