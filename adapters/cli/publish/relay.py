"""`relay`: publish the log on the bus."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import bootstrap, telemetry
from adapters.cli.common.carried import work_until_stopped
from adapters.settings import Settings
from application.ports import Stop


def relay(
    accept_restore: Annotated[
        bool,
        typer.Option(
            help="After a backup was restored: go back to its end, then publish from there."
        ),
    ] = False,
) -> None:
    """Publish recorded events on the bus until stopped. A second relay waits and takes over.

    Of each register that ALLIANCE_REGISTERS names, if it is set.
    """

    def publish(settings: Settings, stop: Stop) -> bool:
        with bootstrap.open_bus(settings) as bus:
            relay = bus.relay()
            if accept_restore:
                relay.accept_restore()
            relay.run(stop)
            return relay.progress().position < bus.feed.head()

    with telemetry.span_of_sending("relay"):
        work_until_stopped(publish)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(relay)
