"""`serve`: the feed over HTTP, on this machine."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from adapters import bootstrap, bootstrap_evidence, bootstrap_registers, settings, telemetry
from adapters.cli.common.number_options import number
from adapters.cli.common.until_stopped import until_told
from adapters.settings import Settings
from application.ports import Stop

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def serve(
    port: Annotated[
        int | None,
        typer.Option(
            parser=number(1, 65535), metavar="PORT", help="Another port than ALLIANCE_LISTEN has."
        ),
    ] = None,
) -> None:
    """Serve the register on this machine: pages, API, feed, and the tree of sealed events.

    Of several registers, those that ALLIANCE_REGISTERS names, each is at its own address, such as
    /toronto/.
    """
    from adapters.web.app import serve as run  # noqa: PLC0415
    from adapters.web.app import several  # noqa: PLC0415  (heavy: only where it is used)

    stop = until_told()
    chosen = settings.load()
    with ExitStack() as stack:
        stack.enter_context(telemetry.span_of_sending("serve"))
        if chosen.registers:
            bootstrap_registers.carried()
            app = several(
                lambda: list(bootstrap_registers.carried()),
                lambda name: _application(_at_its_place(name), stop, stack),
                chosen,
            )
        else:
            app = _application(chosen, stop, stack)
        host, usual = chosen.address
        run(app, stop, host, port or usual)


def _at_its_place(name: str) -> Settings:
    found = bootstrap_registers.carried()[name]
    return found.model_copy(update={"public_url": f"{found.public}/{name}"})


def _application(settings: Settings, stop: Stop, stack: ExitStack) -> ASGIApp:
    """Return the application of a register, open until the stack is closed."""
    from adapters.web.app import create_app  # noqa: PLC0415

    with ExitStack() as opening:
        bus = opening.enter_context(bootstrap.open_bus(settings))
        feed = bus.feed
        public = settings.model_copy(update={"in_camera": False})
        register = opening.enter_context(bootstrap.open_register(public))
        tree = None
        if settings.origin:
            tree = opening.enter_context(bootstrap_evidence.open_tree(settings)).store
        people = opening.enter_context(bootstrap.open_people(settings))
        app = create_app(feed, feed.documents(), stop, register, tree, bus.ledger, people)
        stack.push(opening.pop_all())
    return app


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(serve)
