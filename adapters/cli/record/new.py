"""Files to fill in: `new city`, and `new KIND` of any item."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import Annotated

import typer

CITY = "city"


def new(
    what: Annotated[
        str,
        typer.Argument(
            metavar="city|KIND",
            help="`city`, the founding record of a register; or a kind of item, such as decide.",
        ),
    ],
) -> None:
    """Print a minutes file to fill in, with comments. It records as it is in an empty register.

    An item that rests on others, such as a decision on its matter, needs them recorded before.
    """
    from adapters.minutes.items import example_minutes, skeleton_of_city, skeleton_of_item  # noqa: PLC0415  (only here)

    known = (CITY, *sorted(example_minutes()))
    if what not in known:
        near = get_close_matches(what, known, 3)
        meant = f"is {', '.join(near)} meant?" if near else f"known are {', '.join(known)}"
        raise typer.BadParameter(f"{what!r} is neither `city` nor a kind of item; {meant}")
    sys.stdout.write(skeleton_of_city() if what == CITY else skeleton_of_item(what))


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(new)
