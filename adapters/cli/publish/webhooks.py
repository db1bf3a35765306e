"""`webhooks`: add, list, run, replay parked events, remove."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.common.carried import work_until_stopped
from adapters.cli.common.number_options import number
from adapters.cli.common.output import Format, FormatOption, number_of, show
from adapters.settings import Settings
from application.ports import Stop
from domain.shared.problems import Invalid

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the webhook.")]

TURN_SECONDS = 20.0
"""An address may take 15 s to answer."""

hooks = typer.Typer(no_args_is_help=True, help="Send signed events to addresses.")


class NoWebhook(Invalid):
    """There is no webhook of this name."""

    name: str


@hooks.command()
def add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where events are posted.")],
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Only these: * is one word, # any number."),
    ] = None,
    start: Annotated[
        int,
        typer.Option(
            "--from", parser=number(), metavar="POSITION", help="Only events after this position."
        ),
    ] = 0,
    private: Annotated[
        bool, typer.Option(help="Allow http, and an address inside a private network.")
    ] = False,
) -> None:
    """Add an address and print the secret that signs its messages; it is not shown again."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        added = webhooks.add(name, url, tuple(topic or ["#"]), start, private=private)
        sys.stdout.write(f"{added.secret}\n")


@hooks.command("list")
def list_(form: FormatOption = Format.TABLE) -> None:
    """List webhooks with their position and number of parked events."""
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
    """Deliver recorded events until stopped, of each register that ALLIANCE_REGISTERS names."""

    def deliver(settings: Settings, stop: Stop) -> bool:
        with bootstrap.open_bus(settings) as bus, closing(bus.webhooks()) as webhooks:
            holder = f"{socket.gethostname()}/{os.getpid()}"
            if not settings.registers:
                webhooks.run(stop, holder)
                return False
            return webhooks.deliver_once(stop, holder)

    work_until_stopped(deliver, TURN_SECONDS)


@hooks.command()
def parked(name: Name, form: FormatOption = Format.TABLE) -> None:
    """List events that an address rejected, and later events of their streams."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        rows = [
            {"position": message.position, "id": message.id, "reason": reason}
            for message, reason in webhooks.hooks.parked(name)
        ]
    show(rows, {"position": "position", "id": "id", "reason": "reason"}, form)


@hooks.command()
def replay(name: Name) -> None:
    """Deliver parked events again, in order."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        if name not in {hook.name for hook in webhooks.hooks.all()}:
            raise NoWebhook(name=name)
        delivered, still = webhooks.replay(name)
    sys.stderr.write(f"{delivered} delivered, {number_of(still, 'stream')} still parked\n")


@hooks.command()
def remove(name: Name) -> None:
    """Remove a webhook and its parked events."""
    with bootstrap.open_bus() as bus, closing(bus.webhooks()) as webhooks:
        known = webhooks.remove(name)
    if not known:
        raise NoWebhook(name=name)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(hooks, name="webhooks")
