"""`serve`: the feed over HTTP, on this machine."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from adapters import bootstrap, bootstrap_evidence, settings, telemetry
from adapters.cli.common.number_options import number
from adapters.cli.common.until_stopped import until_told


def serve(
    port: Annotated[
        int | None,
        typer.Option(
            parser=number(1, 65535), metavar="PORT", help="Another port than ALLIANCE_LISTEN has."
        ),
    ] = None,
) -> None:
    """Serve the register on this machine: pages, API, feed, and the tree of sealed events."""
    from adapters.web.app import create_app  # noqa: PLC0415  (heavy: only where it is used)
    from adapters.web.app import serve as run  # noqa: PLC0415

    stop = until_told()
    with ExitStack() as stack:
        stack.enter_context(telemetry.span_of_sending("serve"))
        bus = stack.enter_context(bootstrap.open_bus())
        feed = bus.feed
        public = settings.load().model_copy(update={"in_camera": False})
        register = stack.enter_context(bootstrap.open_register(public))
        named = register.settings.origin
        tree = stack.enter_context(bootstrap_evidence.open_tree()).store if named else None
        host, usual = register.settings.address
        people = stack.enter_context(bootstrap.open_people(register.settings))
        app = create_app(feed, feed.documents(), stop, register, tree, bus.ledger, people)
        run(app, stop, host, port or usual)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(serve)
