"""Acts whose basis has changed since: `list basis-changed`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.moments import AsOf, KnownAt, Moment, moment
from adapters.cli.output import Format, FormatOption, console, show
from projections.policy_text import POLICY_TEXT
from projections.reliance import RELIANCE, in_force_then


def list_basis_changed(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List acts that rested on a provision version which, as known now, was not in force then."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = list(basis_changed(register, at))
    columns = {
        "on": "on",
        "entry": "act",
        "stream": "of",
        "decision": "decision",
        "provision": "provision",
        "rested_on": "rested on version",
        "in_force_then": "in force then",
    }
    show(rows, columns, form)
    if form is Format.TABLE:
        console().print(f"\n{len(rows)} acts rest on what was not in force, as known now.")


def basis_changed(register: Register, at: Moment) -> Iterator[dict[str, Any]]:
    """Such acts as flat rows, one for each provision."""
    texts = register.reader(POLICY_TEXT)
    for held in register.reader(RELIANCE).every(at.on, at.known):
        for ref in held.state.provisions:
            then = in_force_then(held.state.on, texts.history(ref.address, at.known))
            if ref.version not in {state.version for state in then}:
                yield {
                    "on": str(held.state.on),
                    "entry": held.state.entry,
                    "stream": held.state.stream,
                    "version": held.state.version,
                    "decision": held.state.decision,
                    "provision": ref.address,
                    "rested_on": ref.version,
                    "in_force_then": then[0].version if then else None,
                    "certain": held.certain,
                }


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("basis-changed")(list_basis_changed)
