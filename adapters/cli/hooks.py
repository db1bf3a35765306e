"""Webhooks on the command line: `webhooks add|list|run|parked|replay|remove`."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.numbers import number
from adapters.cli.output import Format, FormatOption, number_of, show
from adapters.cli.stopping import until_told, when_there
from domain.kernel import Invalid

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the webhook is called.")]

hooks = typer.Typer(no_args_is_help=True, help="Send signed events to addresses.")


class NoWebhook(Invalid):
    """No webhook is called that."""


@hooks.command()
def add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where events are posted.")],
    topic: Annotated[list[str] | None, typer.Option(help="Which events. Repeatable.")] = None,
    start: Annotated[
        int,
        typer.Option(
            "--from", parser=number(), metavar="POSITION", help="Events after this position."
        ),
    ] = 0,
    private: Annotated[
        bool, typer.Option(help="Allow http, and an address inside a private network.")
    ] = False,
) -> None:
    """Add an address. Prints the secret that its messages are signed with, this once."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        added = webhooks.add(name, url, tuple(topic or ["#"]), start, private=private)
        sys.stdout.write(f"{added.secret}\n")


@hooks.command("list")
def list_(form: FormatOption = Format.TABLE) -> None:
    """List addresses with their position and what was set aside."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        rows = [
            {
                "name": hook.name,
                "url": hook.url,
                "topics": hook.topics,
                "position": webhooks.position(hook),
                "parked": len(webhooks.hooks.parked(hook.name)),
                "gone": hook.gone,
            }
            for hook in webhooks.hooks.all()
        ]
    columns = ("name", "url", "topics", "position", "parked", "gone")
    show(rows, {column: column for column in columns}, form)


@hooks.command()
def run() -> None:
    """Deliver what is recorded, until stopped."""
    stop = until_told()

    def begin() -> None:
        with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
            webhooks.run(stop, f"{socket.gethostname()}/{os.getpid()}")

    when_there(begin, stop)


@hooks.command()
def parked(name: Name, form: FormatOption = Format.TABLE) -> None:
    """List what an address rejected, and what waits behind it."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        rows = [
            {"position": message.position, "id": message.id, "reason": reason}
            for message, reason in webhooks.hooks.parked(name)
        ]
    show(rows, {"position": "position", "id": "id", "reason": "reason"}, form)


@hooks.command()
def replay(name: Name) -> None:
    """Deliver what was set aside, in order."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        if name not in {hook.name for hook in webhooks.hooks.all()}:
            raise NoWebhook(name=name)
        delivered, still = webhooks.replay(name)
    sys.stderr.write(f"{delivered} delivered, {number_of(still, 'stream')} still set aside\n")


@hooks.command()
def remove(name: Name) -> None:
    """Remove an address and what was set aside for it."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        known = webhooks.remove(name)
    if not known:
        raise NoWebhook(name=name)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(hooks, name="webhooks")
