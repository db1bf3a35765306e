"""The log as it was written, filtered, and the tree of what led to what: `log`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fnmatch import fnmatchcase
from itertools import islice
from typing import Annotated, Any, NamedTuple

import typer

from adapters import clock
from adapters.bootstrap import Register, open_register
from adapters.cli.causing import print_tree
from adapters.cli.moments import day, instant, position
from adapters.cli.numbers import number
from adapters.cli.output import Format, FormatOption, csv_line
from adapters.moments import whole
from domain.history import Recorded
from domain.kernel import CommandRecorded, Event, Fact
from projections.described import described

POLL_SECONDS = 0.5

Opening = CommandRecorded | None


class Shown(NamedTuple):
    """An entry, and the command it belongs to."""

    entry: Recorded[Fact]
    opening: Opening


Wanted = Callable[[Shown], bool]


def log(
    first: Annotated[str, typer.Option("--from", help="After this position or time.")] = "0",
    stream: Annotated[
        str | None, typer.Option(help="Only this stream, or those under it; * stands for any text.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only this kind of event or command, such as decision-taken."),
    ] = None,
    body: Annotated[str | None, typer.Option(help="Only what this body did or decided.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this person recorded.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Recorded at this time or later.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME|POSITION", help="Recorded up to this time or position."),
    ] = None,
    on: Annotated[
        date | None, typer.Option(parser=day, metavar="DATE", help="Taking hold on this day.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(parser=number(1, 10**9), metavar="NUMBER", help="At most so many entries."),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what is recorded from now on.")
    ] = False,
    tree: Annotated[
        str | None,
        typer.Option(
            metavar="POSITION|COMMAND",
            help="What led to this event, and what came of it up to --until. Without it the log is "
            "read to its end.",
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Print the log, or the tree of what led to one event and what came of it.

    Every command stands before the events it led to, with who recorded it and when. JSON comes as
    one line an entry, so that it can be followed.
    """
    wanted = _wanted(stream, tuple(kind or ()), body, actor, on)
    with open_register() as register:
        end = None if until is None else position(register, until)
        if tree is not None:
            print_tree(register, tree, form, end)
            return
        start = position(register, first)
        if since is not None:
            start = max(start, register.log.position_at(instant(since) - 1))
        entries = _entries(register, start, end, follow=follow)
        _write(islice(filter(wanted, entries), limit), form)


def _entries(register: Register, start: int, end: int | None, *, follow: bool) -> Iterator[Shown]:
    """Entries after a position, each with its command; whole commits are read to know it."""
    at, opening = whole(register, start), None
    while True:
        for entry in register.log.entries(at, end):
            at = entry.position
            if isinstance(entry.event, CommandRecorded):
                opening = entry.event
            if entry.position > start:
                yield Shown(entry, opening)
        if not follow:
            return
        time.sleep(POLL_SECONDS)


def _wanted(
    stream: str | None,
    kinds: tuple[str, ...],
    body: str | None,
    actor: str | None,
    on: date | None,
) -> Wanted:
    tests: list[Wanted] = []
    if stream is not None:
        under = stream.rstrip("/") + "/"
        tests.append(
            lambda s: fnmatchcase(s.entry.stream, stream) or s.entry.stream.startswith(under)
        )
    if kinds:
        tests.append(lambda s: not {s.entry.event.TOPIC, *_kinds(s.entry.event)}.isdisjoint(kinds))
    if body is not None:
        tests.append(lambda s: body in _bodies(s.entry.event))
    if actor is not None:
        tests.append(lambda s: s.opening is not None and s.opening.actor == actor)
    if on is not None:
        tests.append(lambda s: _takes_hold(s.entry.event, on))
    return lambda shown: all(test(shown) for test in tests)


def _kinds(fact: Fact) -> Iterable[str]:
    yield fact.TOPIC.rpartition(".")[0]
    if isinstance(fact, CommandRecorded):
        yield fact.kind


def _bodies(fact: Fact) -> Iterable[str | None]:
    authority = fact.authority if isinstance(fact, Event) else None
    return (getattr(fact, "body", None), authority.body if authority else None)


def _takes_hold(fact: Fact, on: date) -> bool:
    return isinstance(fact, Event) and fact.effective_from.first <= on <= fact.effective_from.last


def row(shown: Shown) -> dict[str, Any]:
    """An entry as a flat row, with its content under `fact`."""
    entry, opening = shown
    return {
        "position": entry.position,
        "recorded_at": clock.shown(entry.recorded_at),
        "stream": entry.stream,
        "version": entry.version,
        "topic": entry.event.TOPIC,
        "command": opening.command if opening else None,
        "actor": opening.actor if opening else None,
        "fact": entry.event.model_dump(mode="json"),
    }


def _write(entries: Iterable[Shown], form: Format) -> None:
    """One entry after the other, as they come."""
    any_shown = False
    for shown in entries:
        sys.stdout.write(_written(shown, form, first=not any_shown))
        sys.stdout.flush()
        any_shown = True
    if form is Format.TABLE and not any_shown:
        sys.stderr.write("No entry is like that.\n")


def _written(shown: Shown, form: Format, *, first: bool) -> str:
    match form:
        case Format.CSV:
            cells = row(shown)
            return (csv_line(cells) if first else "") + csv_line(cells.values())
        case Format.JSON:
            return json.dumps(row(shown), ensure_ascii=False) + "\n"
        case Format.TABLE:
            return _line(shown) + "\n"


def _line(shown: Shown) -> str:
    entry = shown.entry
    at = clock.shown(entry.recorded_at)[:19]
    where = f"{entry.stream} {entry.version}"
    return f"{entry.position:>8}  {at}Z  {entry.event.TOPIC:<30}  {where:<34}  {said(entry.event)}"


def said(fact: Fact) -> str:
    """An entry in a few words."""
    if isinstance(fact, CommandRecorded):
        return f"{fact.kind} by {fact.actor}"
    if isinstance(fact, Event):
        words = described(fact).says
        return f"{fact.effective_from}" + (f": {words}" if words != fact.TOPIC else "")
    return ""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(log)
