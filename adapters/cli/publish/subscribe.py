"""`subscribe`: receive events until stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.common.until_stopped import until_told, when_there
from adapters.cli.publish.event_handlers import ending, handler
from adapters.cli.publish.subscribers import From, Name, Topics, position_of


def subscribe(
    name: Name,
    topic: Topics = None,
    start: From = "beginning",
    run: Annotated[
        str | None,
        typer.Option(
            "--exec", help="Run this for each event; it gets the event on standard input."
        ),
    ] = None,
    output: Annotated[
        str, typer.Option(help="jsonl writes each event as a line to standard output.")
    ] = "jsonl",
) -> None:
    """Receive events until stopped, each once and in order; an event that fails is parked.

    The first start adds the subscriber; later starts go on where it was.
    """
    if output != "jsonl":
        raise typer.BadParameter("only jsonl is known", param_hint="--output")
    stop = until_told()
    handle, after = handler(run, stop), list[int]()

    def begin() -> None:
        with bootstrap.open_bus() as bus:
            if not after:  # "now" is the first attempt, however long the broker is away
                after.append(position_of(bus.feed, start))
            bus.subscribers.subscribe(name, topic, after[0])
            bus.subscribers.receive(name, handle, stop, batch=1)

    with ending():
        when_there(begin, stop)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(subscribe)
