"""The register over HTTP, on this machine: `serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import bootstrap, logs
from adapters.cli.numbers import number


def serve(
    port: Annotated[
        int, typer.Option(parser=number(1, 65535), metavar="PORT", help="On 127.0.0.1.")
    ] = 8414,
) -> None:
    """Serve the feed: pages by position, server-sent events, schemas and the AsyncAPI document."""
    from adapters.web.app import create_app  # noqa: PLC0415  (heavy: only where it is used)
    from adapters.web.app import serve as run  # noqa: PLC0415

    logs.configure()
    with bootstrap.open_bus() as bus:
        run(create_app(bus, bus.documents()), port=port)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(serve)
