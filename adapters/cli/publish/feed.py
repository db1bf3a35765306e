"""`feed`: events as JSON Lines, straight from the log."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.common.number_options import number
from adapters.cli.common.until_stopped import until_told


def feed(
    first: Annotated[
        int,
        typer.Option(
            "--from", parser=number(), metavar="POSITION", help="Only events after this position."
        ),
    ] = 0,
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Only these events: * is one word, # any number. Repeat for several."),
    ] = None,
    follow: Annotated[bool, typer.Option(help="Go on with events recorded later.")] = False,
) -> None:
    """Write events as JSON Lines, straight from the log."""
    stop = until_told()
    with bootstrap.open_bus() as bus:
        events, here = bus.feed, first
        events.check_topics(topic or ())
        while not stop.is_set():
            events.check_position(here)
            for message in events.messages(here, topic or ["#"]):
                sys.stdout.write(message.body.decode() + "\n")
                here = message.position
            sys.stdout.flush()
            if not follow:
                return
            stop.wait(0.2)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(feed)
