"""`subscribers`: list, add, reconcile and detach subscribers; parked events and dead letters."""

from __future__ import annotations

import dataclasses
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from adapters import bootstrap, logs
from adapters.cli.common.errors import CONFLICT
from adapters.cli.common.number_options import DIGITS
from adapters.cli.common.output import Format, FormatOption, console, ending_in, number_of, show
from adapters.cli.common.until_stopped import until_told
from adapters.cli.publish.event_handlers import ending, handler
from domain.shared.problems import Invalid

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the subscriber.")]
Topics = Annotated[
    list[str] | None,
    typer.Option(
        "--topic", help="Only these events: * is one word, # any number. Repeat for several."
    ),
]
From = Annotated[
    str,
    typer.Option("--from", help="beginning, now, or after a position; for a new subscriber."),
]
Letter = Annotated[
    str | None, typer.Argument(metavar="LETTER", help="Only the letter of this name or event id.")
]

_UNSEEN = "Messages that a reader has not acknowledged yet count as lag, but not as waiting."
_LISTED = (
    *("name", "topics", "attached", "position", "lag_events", "lag_seconds"),
    *("waiting", "parked", "parked_seconds", "dead"),
)


class NotAPosition(Invalid):
    """--from takes `beginning`, `now` or a position of the log."""

    start: str
    known: tuple[str, ...]


subscribers = typer.Typer(invoke_without_command=True)


@subscribers.callback()
def list_(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """List subscribers: position, lag in events and seconds, parked events, dead letters."""
    if context.invoked_subcommand is not None:
        return
    with bootstrap.open_bus() as bus:
        rows = [dataclasses.asdict(status) for status in bus.subscribers.statuses()]
    show([_rounded(row) for row in rows], {c: c.replace("_", " ") for c in _LISTED}, form)
    if form is Format.TABLE and any(row["unseen"] for row in rows):
        console().print(f"\n{_UNSEEN}")


@subscribers.command()
def add(name: Name, topic: Topics = None, start: From = "beginning") -> None:
    """Add a subscriber whose queue a program of your own consumes; the relay fills it."""
    with bootstrap.open_bus() as bus:
        bus.subscribers.subscribe(name, topic, position_of(bus.feed, start), external=True)
        console().print(f"The queue of subscriber {name} is {bus.names.queue(name)}.")


@subscribers.command()
def reconcile(name: Name, form: FormatOption = Format.TABLE) -> None:
    """Compare the log with what was published and with this subscriber's receipts."""
    with bootstrap.open_bus() as bus:
        found = bus.subscribers.reconcile(name)
    row = {**dataclasses.asdict(found), "sound": found.sound}
    with ending_in(None if found.sound else typer.Exit(CONFLICT)):
        show([row], {name: name.replace("_", " ") for name in row}, form)
        if form is Format.TABLE:
            console().print(f"\n{_verdict(found)}")


@subscribers.command()
def detach(name: Name) -> None:
    """Remove a subscriber and its queue; its receipts stay."""
    with bootstrap.open_bus() as bus:
        bus.subscribers.detach(name)


@subscribers.command()
def parked(name: Name, form: FormatOption = Format.TABLE) -> None:
    """List events that failed at this subscriber, and later events of their streams."""
    with bootstrap.open_bus() as bus, _inbox(bus, name) as inbox:
        rows = [dataclasses.asdict(entry) for entry in inbox.parked()]
    show(rows, {c: c for c in ("position", "id", "stream", "reason")}, form)


@subscribers.command()
def replay(
    name: Name,
    run: Annotated[
        str | None, typer.Option("--exec", help="Run this for each event, as in subscribe.")
    ] = None,
) -> None:
    """Handle parked events again, stream by stream; the subscriber's position stays."""
    handle = handler(run, until_told())
    with bootstrap.open_bus() as bus, _inbox(bus, name) as inbox, ending():
        outcome = inbox.replay(handle)
    still = number_of(outcome.parked, "stream")
    sys.stderr.write(f"{outcome.handled} handled, {still} still parked\n")


@subscribers.command()
def dead(name: Name, form: FormatOption = Format.TABLE) -> None:
    """List dead letters: rejected or undeliverable messages, with reason and time."""
    with bootstrap.open_bus() as bus, bus.subscribers.dead_letters(name) as letters:
        rows = [dataclasses.asdict(letter) for letter in letters.all()]
    columns = ("letter", "pending", "id", "because", "reason", "died_at")
    show([_dated(row, form) for row in rows], {c: c.replace("_", " ") for c in columns}, form)


@subscribers.command()
def requeue(name: Name, letter: Letter = None) -> None:
    """Send dead letters that are still to be handled to the subscriber's queue again."""
    logs.configure()
    with bootstrap.open_bus() as bus, bus.subscribers.dead_letters(name) as letters:
        requeued = letters.requeue(letter)
    sys.stderr.write(f"{number_of(requeued, 'event')} requeued\n")


@subscribers.command()
def discard(name: Name, letter: Letter = None) -> None:
    """Delete all other dead letters, with a record of each on standard error."""
    logs.configure()
    with bootstrap.open_bus() as bus, bus.subscribers.dead_letters(name) as letters:
        discarded = letters.discard(letter)
    sys.stderr.write(f"{number_of(discarded, 'dead letter')} discarded\n")


def position_of(feed: Any, start: str) -> int:
    """Return the position that `--from` names. Raises `NotAPosition` and `PastTheEnd`."""
    if start == "beginning":
        return 0
    if start == "now":
        return int(feed.head())
    if not DIGITS.fullmatch(start):
        raise NotAPosition(start=start, known=("beginning", "now", "a position"))
    return int(feed.check_position(int(start)))


def _inbox(bus: Any, name: str) -> Any:
    return closing(bus.subscribers.inbox(bus.subscribers.get(name).name))


def _dated(row: dict[str, Any], form: Format) -> dict[str, Any]:
    """Format the time of death for the table; programs get seconds since 1970."""
    if form is not Format.TABLE or row["died_at"] is None:
        return row
    return {**row, "died_at": f"{datetime.fromtimestamp(row['died_at'], UTC):%Y-%m-%d %H:%M:%SZ}"}


def _verdict(found: Any) -> str:
    """Sum a reconciliation up in sentences."""
    others = found.dead - found.dead_events
    findings = {
        "What was published is not what the log holds.": not found.same,
        f"{number_of(found.missing, 'event is', 'events are')} missing; the first is "
        f"{found.first_open}.": found.missing,
        f"{number_of(found.unexpected, 'receipt is', 'receipts are')} for events that are not in "
        "the log.": found.unexpected,
        f"{number_of(found.unseen, 'event is', 'events are')} at the reader or missing, which the "
        "broker does not tell: ask again when the reader has no more to do.": found.unseen,
        f"{number_of(found.dead_events, 'event is', 'events are')} among the dead letters: "
        f"alliance subscribers requeue {found.subscriber}.": found.dead_events,
        f"{number_of(others, 'dead letter is', 'dead letters are')} not to be handled: "
        f"alliance subscribers dead {found.subscriber}.": others,
        f"{number_of(found.taken_back, 'receipt is', 'receipts are')} for events that a restored "
        "backup does not hold.": found.taken_back,
        "It keeps its own receipts, so what it has handled is not known here.": found.external,
    }
    return " ".join([said for said, so in findings.items() if so] + ["Sound."] * found.sound)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 1) if isinstance(v, float) else v for k, v in row.items()}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(subscribers, name="subscribers")
