"""What a clerk asks and does about subscribers: `subscribers`, and what is under it."""

from __future__ import annotations

import dataclasses
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from adapters import bootstrap, logs
from adapters.cli.errors import CONFLICT
from adapters.cli.numbers import DIGITS
from adapters.cli.output import Format, FormatOption, console, ending_in, number_of, show
from adapters.cli.passing_on import ending, handler
from adapters.cli.stopping import until_told
from domain.kernel import Invalid

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the subscriber is called.")]
Topics = Annotated[
    list[str] | None,
    typer.Option("--topic", help="Which events: * is one word, # any number. Repeat for several."),
]
From = Annotated[
    str, typer.Option("--from", help="beginning, now, or a position; at the first start.")
]
Letter = Annotated[
    str | None, typer.Argument(metavar="LETTER", help="One, by its letter or its event's id.")
]

_UNSEEN = "The lag counts what readers have in hand; waiting does not, as the broker does not say."
_LISTED = (
    *("name", "topics", "attached", "position", "lag_events", "lag_seconds"),
    *("waiting", "parked", "parked_seconds", "dead"),
)


class NotAPosition(Invalid):
    """This is neither `beginning`, `now` nor a position of the log."""


subscribers = typer.Typer(invoke_without_command=True)


@subscribers.callback()
def list_(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """List subscribers: position, lag in events and seconds, what is set aside."""
    if context.invoked_subcommand is not None:
        return
    with bootstrap.open_bus() as bus:
        rows = [dataclasses.asdict(situation) for situation in bus.situations()]
    show([_rounded(row) for row in rows], {c: c.replace("_", " ") for c in _LISTED}, form)
    if form is Format.TABLE and any(row["unseen"] for row in rows):
        console().print(f"\n{_UNSEEN}")


@subscribers.command()
def add(name: Name, topic: Topics = None, start: From = "beginning") -> None:
    """Register a subscriber whose queue a program of your own takes; the relay fills it."""
    with bootstrap.open_bus() as bus:
        bus.subscribe(name, topic, position_of(bus, start), elsewhere=True)
        console().print(f"{name} is registered; its queue is {bus.names.queue(name)}.")


@subscribers.command()
def reconcile(name: Name, form: FormatOption = Format.TABLE) -> None:
    """Compare the log with confirmed publications and with this subscriber's receipts."""
    with bootstrap.open_bus() as bus:
        found = bus.reconcile(name)
    row = {**dataclasses.asdict(found), "sound": found.sound}
    with ending_in(None if found.sound else typer.Exit(CONFLICT)):
        show([row], {name: name.replace("_", " ") for name in row}, form)
        if form is Format.TABLE:
            console().print(f"\n{_verdict(found)}")


@subscribers.command()
def detach(name: Name) -> None:
    """Remove a subscriber and its queue; its receipts stay."""
    with bootstrap.open_bus() as bus:
        bus.detach(name)


@subscribers.command()
def parked(name: Name, form: FormatOption = Format.TABLE) -> None:
    """List what a subscriber could not handle, and what waits behind it."""
    with bootstrap.open_bus() as bus, closing(bus.inbox(bus.known(name).name)) as inbox:
        rows = [dataclasses.asdict(entry) for entry in inbox.parked()]
    show(rows, {c: c for c in ("position", "id", "stream", "reason")}, form)


@subscribers.command()
def replay(
    name: Name,
    run: Annotated[
        str | None, typer.Option("--exec", help="Run this for each event, as in subscribe.")
    ] = None,
) -> None:
    """Handle what was set aside, stream by stream; the subscriber's position stays."""
    handle = handler(run, until_told())
    with bootstrap.open_bus() as bus, closing(bus.inbox(bus.known(name).name)) as inbox, ending():
        outcome = inbox.replay(handle)
    still = number_of(outcome.parked, "stream")
    sys.stderr.write(f"{outcome.handled} handled, {still} still set aside\n")


@subscribers.command()
def dead(name: Name, form: FormatOption = Format.TABLE) -> None:
    """List its dead letters: what its queue could not keep, from where, why and when."""
    with bootstrap.open_bus() as bus, bus.dead_letters(name) as letters:
        rows = [dataclasses.asdict(letter) for letter in letters.all()]
    columns = ("letter", "kind", "id", "because", "reason", "died_at")
    show([_dated(row, form) for row in rows], {c: c.replace("_", " ") for c in columns}, form)


@subscribers.command()
def requeue(name: Name, letter: Letter = None) -> None:
    """Give dead letters that are events still to be handled back to its queue."""
    logs.configure()
    with bootstrap.open_bus() as bus, bus.dead_letters(name) as letters:
        given = letters.give_back(letter)
    sys.stderr.write(f"{number_of(given, 'event')} given back\n")


@subscribers.command()
def discard(name: Name, letter: Letter = None) -> None:
    """Drop dead letters that are no such events, with a record of each on standard error."""
    logs.configure()
    with bootstrap.open_bus() as bus, bus.dead_letters(name) as letters:
        dropped = letters.drop(letter)
    sys.stderr.write(f"{number_of(dropped, 'dead letter')} dropped\n")


def position_of(bus: Any, start: str) -> int:
    """The position that `--from` names. Raises `NotAPosition`."""
    if start == "beginning":
        return 0
    if start == "now":
        return int(bus.head())
    if not DIGITS.fullmatch(start):
        raise NotAPosition(start=start, known=("beginning", "now", "a position"))
    return int(bus.check_position(int(start)))


def _dated(row: dict[str, Any], form: Format) -> dict[str, Any]:
    """A person reads a moment, a program seconds since 1970."""
    if form is not Format.TABLE or row["died_at"] is None:
        return row
    return {**row, "died_at": f"{datetime.fromtimestamp(row['died_at'], UTC):%Y-%m-%d %H:%M:%SZ}"}


def _verdict(found: Any) -> str:
    """What a reconciliation comes to."""
    others = found.dead - found.dead_events
    problems = {
        "What was confirmed is not what the log holds.": not found.same,
        f"{number_of(found.missing, 'event is', 'events are')} nowhere; the first is "
        f"{found.first_open}.": found.missing,
        f"{number_of(found.unexpected, 'receipt is', 'receipts are')} for what the log knows "
        "nothing of.": found.unexpected,
        f"{number_of(found.unseen, 'event is', 'events are')} in the reader's hand or nowhere, "
        "which the broker does not say: ask again when it has nothing more to do.": found.unseen,
        f"{number_of(found.dead_events, 'event is', 'events are')} among the dead letters: "
        f"alliance subscribers requeue {found.subscriber}.": found.dead_events,
        f"{number_of(others, 'dead letter is no event', 'dead letters are no events')} to be "
        f"handled: alliance subscribers dead {found.subscriber}.": others,
        f"{number_of(found.taken_back, 'receipt is', 'receipts are')} for what a restored backup "
        "took back.": found.taken_back,
        "Its receipts are elsewhere, so that what it handled is not known here.": found.elsewhere,
    }
    return " ".join([said for said, so in problems.items() if so] + ["Sound."] * found.sound)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 1) if isinstance(v, float) else v for k, v in row.items()}
