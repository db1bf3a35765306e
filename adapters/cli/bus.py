"""How others hear of decisions: `relay`, `subscribe`, `subscribers`, `feed`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import Annotated, Any, TypeAlias

import typer

from adapters import bootstrap
from adapters.cli.errors import CONFLICT
from adapters.cli.numbers import DIGITS, number
from adapters.cli.output import Format, FormatOption, console, ending_in, number_of, show
from adapters.cli.passing_on import ending, handler
from adapters.cli.stopping import until_told
from domain.kernel import Invalid

OpenBus: TypeAlias = Callable[[], AbstractContextManager[Any]]
"""Opens the bus that the environment names (`adapters.bus.bus.Bus`; bootstrap gives it)."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the subscriber is called.")]


_LISTED = (
    *("name", "topics", "attached", "position", "lag_events", "lag_seconds"),
    *("waiting", "parked", "parked_seconds", "dead"),
)


class NotAPosition(Invalid):
    """This is neither `beginning`, `now` nor a position of the log."""


def relay_command(open_bus: OpenBus) -> Callable[..., None]:
    def relay(
        accept_restore: Annotated[
            bool,
            typer.Option(help="A backup was restored: go on from where it and we part, then run."),
        ] = False,
    ) -> None:
        """Publish what is recorded, until stopped. A second relay waits and takes over."""
        with open_bus() as bus:
            if accept_restore:
                bus.accept_restore()
            bus.relay().run(until_told())

    return relay


def subscribe_command(open_bus: OpenBus) -> Callable[..., None]:
    def subscribe(
        name: Name,
        topic: Annotated[
            list[str] | None,
            typer.Option(help="Which events: * is one word, # any number. Repeat for several."),
        ] = None,
        start: Annotated[
            str, typer.Option("--from", help="beginning, now, or a position; at the first start.")
        ] = "beginning",
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
        with open_bus() as bus:
            stop = until_told()
            handle = handler(run, stop)
            bus.subscribe(name, topic, _position(bus, start))
            with ending():
                bus.read(name, handle, stop, batch=1)

    return subscribe


def _position(bus: Any, start: str) -> int:
    if start == "beginning":
        return 0
    if start == "now":
        return int(bus.log.head())
    if not DIGITS.fullmatch(start):
        raise NotAPosition(start=start, known=("beginning", "now", "a position"))
    return int(bus.check_position(int(start)))


def subscribers_app(open_bus: OpenBus) -> typer.Typer:
    app = typer.Typer(invoke_without_command=True)

    @app.callback()
    def subscribers(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
        """List subscribers: position, lag in events and seconds, what is set aside."""
        if context.invoked_subcommand is not None:
            return
        with open_bus() as bus:
            rows = [dataclasses.asdict(situation) for situation in bus.situations()]
        show([_rounded(row) for row in rows], {c: c.replace("_", " ") for c in _LISTED}, form)

    @app.command()
    def reconcile(name: Name, form: FormatOption = Format.TABLE) -> None:
        """Compare the log with confirmed publications and with this subscriber's receipts."""
        with open_bus() as bus:
            found = bus.reconcile(name)
        row = {**dataclasses.asdict(found), "missing": found.missing, "sound": found.sound}
        with ending_in(None if found.sound else typer.Exit(CONFLICT)):
            show([row], {name: name.replace("_", " ") for name in row}, form)
            if form is Format.TABLE:
                console().print(f"\n{_verdict(found)}")

    @app.command()
    def detach(name: Name) -> None:
        """Remove a subscriber and its queue; its receipts stay."""
        with open_bus() as bus:
            bus.detach(name)

    @app.command()
    def parked(name: Name, form: FormatOption = Format.TABLE) -> None:
        """List what a subscriber could not handle, and what waits behind it."""
        with open_bus() as bus, closing(bus.inbox(bus.known(name).name)) as inbox:
            rows = [dataclasses.asdict(entry) for entry in inbox.parked()]
        show(rows, {c: c for c in ("position", "id", "stream", "reason")}, form)

    @app.command()
    def replay(
        name: Name,
        run: Annotated[
            str | None, typer.Option("--exec", help="Run this for each event, as in subscribe.")
        ] = None,
    ) -> None:
        """Handle what was set aside, stream by stream; the subscriber's position stays."""
        handle = handler(run, until_told())
        with open_bus() as bus, closing(bus.inbox(bus.known(name).name)) as inbox, ending():
            outcome = inbox.replay(handle)
        still = number_of(outcome.parked, "stream")
        sys.stderr.write(f"{outcome.handled} handled, {still} still set aside\n")

    return app


def _verdict(found: Any) -> str:
    """What a reconciliation comes to."""
    problems = {
        "What was confirmed is not what the log holds.": not found.same,
        f"{number_of(found.missing, 'event is', 'events are')} nowhere; the first is "
        f"{found.first_open}.": found.missing,
        f"{number_of(found.unexpected, 'receipt is', 'receipts are')} for what the log knows "
        "nothing of.": found.unexpected,
        f"{number_of(found.dead, 'dead letter')} to look at.": found.dead,
        f"{number_of(found.taken_back, 'receipt is', 'receipts are')} for what a restored backup "
        "took back.": found.taken_back,
    }
    return " ".join([said for said, so in problems.items() if so] + ["Sound."] * found.sound)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 1) if isinstance(v, float) else v for k, v in row.items()}


def feed_command(open_bus: OpenBus) -> Callable[..., None]:
    def feed(
        first: Annotated[
            int,
            typer.Option(
                "--from", parser=number(), metavar="POSITION", help="After this position."
            ),
        ] = 0,
        topic: Annotated[list[str] | None, typer.Option(help="Which events.")] = None,
        follow: Annotated[bool, typer.Option(help="Go on with what is recorded later.")] = False,
    ) -> None:
        """Write events as JSON Lines, straight from the log."""
        stop = until_told()
        with open_bus() as bus:
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

    return feed


def register(app: typer.Typer, open_bus: OpenBus = bootstrap.open_bus) -> None:
    """Add these commands; `open_bus` opens the bus when one of them runs."""
    for make in (relay_command, subscribe_command, feed_command):
        app.command()(make(open_bus))
    app.add_typer(subscribers_app(open_bus), name="subscribers")
