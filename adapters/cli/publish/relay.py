"""`relay`: publish the log on the bus."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import bootstrap, telemetry
from adapters.cli.common.until_stopped import until_told, when_there


def relay(
    accept_restore: Annotated[
        bool,
        typer.Option(
            help="After a backup was restored: go back to its end, then publish from there."
        ),
    ] = False,
) -> None:
    """Publish recorded events on the bus until stopped. A second relay waits and takes over."""
    stop = until_told()

    def begin() -> None:
        with bootstrap.open_bus() as bus:
            relay = bus.relay()
            if accept_restore:
                relay.accept_restore()
            relay.run(stop)

    with telemetry.span_of_sending("relay"):
        when_there(begin, stop)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(relay)
