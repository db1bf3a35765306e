"""How others hear of decisions: `relay`, `subscribe`, `feed`; see `subscribers` beside."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.numbers import number
from adapters.cli.passing_on import ending, handler
from adapters.cli.stopping import until_told, when_there
from adapters.cli.subscribers import From, Name, Topics, position_of, subscribers


def relay(
    accept_restore: Annotated[
        bool,
        typer.Option(help="A backup was restored: go on from where it and we part, then run."),
    ] = False,
) -> None:
    """Publish what is recorded, until stopped. A second relay waits and takes over."""
    stop = until_told()

    def begin() -> None:
        with bootstrap.open_bus() as bus:
            if accept_restore:
                bus.accept_restore()
            bus.relay().run(stop)

    when_there(begin, stop)


def subscribe(
    name: Name,
    topic: Topics = None,
    start: From = "beginning",
    run: Annotated[
        str | None,
        typer.Option("--exec", help="Run this for each event, given on standard input."),
    ] = None,
    output: Annotated[
        str, typer.Option(help="jsonl writes each event as a line to standard output.")
    ] = "jsonl",
) -> None:
    """Receive events until stopped: each once, in order, or set aside with its stream.

    The first start registers the subscriber; later ones go on where it was.
    """
    if output != "jsonl":
        raise typer.BadParameter("only jsonl is known", param_hint="--output")
    stop = until_told()
    handle, after = handler(run, stop), list[int]()

    def begin() -> None:
        with bootstrap.open_bus() as bus:
            if not after:  # what is now stays so, however long the broker is away
                after.append(position_of(bus, start))
            bus.subscribe(name, topic, after[0])
            bus.read(name, handle, stop, batch=1)

    with ending():
        when_there(begin, stop)


def feed(
    first: Annotated[
        int,
        typer.Option("--from", parser=number(), metavar="POSITION", help="After this position."),
    ] = 0,
    topic: Annotated[list[str] | None, typer.Option(help="Which events.")] = None,
    follow: Annotated[bool, typer.Option(help="Go on with what is recorded later.")] = False,
) -> None:
    """Write events as JSON Lines, straight from the log."""
    stop = until_told()
    with bootstrap.open_bus() as bus:
        bus.check_topics(topic or ())
        here = first
        while not stop.is_set():
            bus.check_position(here)
            for message in bus.messages(here, topic or ["#"]):
                sys.stdout.write(message.body.decode() + "\n")
                here = message.position
            sys.stdout.flush()
            if not follow:
                return
            stop.wait(0.2)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (relay, subscribe, feed):
        app.command()(command)
    app.add_typer(subscribers, name="subscribers")
