"""The log folded again, up to a position or time: `replay`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from typing import Annotated

import typer

from adapters.bootstrap import Register, open_register, replayed
from adapters.canonical_json import canonical
from adapters.cli.common.date_options import NOW, day, known_position
from adapters.queries.entries import log_entries
from projections.models import MODELS


def replay(
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME|POSITION", help="Up to this recorded time or position (default: all)."
        ),
    ] = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of",
            parser=day,
            metavar="DATE",
            help="Only what held on this day, as known at the position.",
        ),
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="The entries themselves, not what they come to.")
    ] = False,
) -> None:
    """Fold the log up to a position or time, and print the state it comes to.

    Lines of canonical JSON, the same bytes for the same log and position: the first says what was
    replayed, then comes every row of every read model, with the days it holds and the positions
    between which it was believed. Read from the log alone; the live read models are not touched.
    """
    with open_register() as register:
        end = known_position(register, until or NOW, "--until").position
        for line in _events(register, end) if events else _state(register, end, as_of):
            sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()


def _events(register: Register, end: int) -> Iterator[bytes]:
    return (canonical(each.row().plain()).encode() for each in log_entries(register, 0, end))


def _state(register: Register, end: int, as_of: date | None) -> Iterator[bytes]:
    on = as_of.isoformat() if as_of else None
    told_first = {"register": register.settings.register_id, "until": end, "as_of": on}
    yield canonical({"replayed": told_first}).encode()
    with replayed(register, end) as views:
        for model in MODELS:
            if as_of is None:
                head = b'{"model":"' + model.name.encode() + b'","phase":'
                yield from (head + line + b"}" for line in views.dump(model))
                continue
            for held in views.reader(model).every(as_of):
                told = {
                    "model": model.name,
                    "key": held.key,
                    "certain": held.certain,
                    "row": held.state.model_dump(mode="json"),
                }
                yield canonical(told).encode()


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(replay)
