"""`bus`: remove what `setup` declared on the bus."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.common.output import console

bus = typer.Typer(no_args_is_help=True)


@bus.command()
def remove(
    with_subscribers: Annotated[
        bool, typer.Option("--with-subscribers", help="Detach all subscribers first.")
    ] = False,
) -> None:
    """Delete this register's exchanges, stream and queues from the bus; `setup` makes new ones.

    The log, receipts, positions and webhooks stay. Stop the relay first.
    """
    with bootstrap.open_bus() as opened:
        opened.remove(with_subscribers=with_subscribers)
        console().print(f"Removed {opened.names.exchange} and what belongs to it from the bus.")


def register(app: typer.Typer) -> None:
    """Add this command and its group."""
    app.add_typer(bus, name="bus", help="Remove what `setup` declared on the bus.")
