"""The log, filtered; one entry of it whole; the tree of what led to what: `log`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from textwrap import wrap
from typing import Annotated

import typer

from adapters import clock
from adapters.bootstrap import Register, open_register
from adapters.cli.common.date_options import day, instant, position
from adapters.cli.common.fields import correcting, tell_fields, tell_findings
from adapters.cli.common.number_options import number, year
from adapters.cli.common.output import Format, FormatOption, room, show, tell
from adapters.cli.common.people import naming
from adapters.cli.explain.log_tree import print_tree
from adapters.exports.sheets import csv_line
from adapters.queries.entries import (
    LogEntry,
    LogFilter,
    WholeEntry,
    content_of,
    log_entries,
    log_filter,
    require_actor,
    whole_entry,
)
from domain.shared.log_facts import (
    CommandRecorded,
    EpochOpened,
    EvidenceBegunAnew,
    EvidenceKeysRotated,
    PersonalDataDestroyed,
)
from domain.shared.messages import Event, Fact
from projections.explanation.descriptions import event_in_words

POLL_SECONDS = 0.5


def log(
    asked: Annotated[
        str | None,
        typer.Argument(
            metavar="[POSITION|COMMAND]", help="Show this one entry whole, or this command."
        ),
    ] = None,
    first: Annotated[str, typer.Option("--from", help="After this position or time.")] = "0",
    stream: Annotated[
        str | None, typer.Option(help="Only this stream, or those under it; * stands for any text.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only this kind of event or command, such as decision-taken."),
    ] = None,
    body: Annotated[
        str | None, typer.Option(help="Only what this body did or decided, by id or name.")
    ] = None,
    about: Annotated[
        str | None,
        typer.Option(
            "--about",
            "--place",
            help="Only what speaks of this place, country, body, provision or other thing, by any "
            "of its names.",
        ),
    ] = None,
    matter: Annotated[
        str | None, typer.Option(help="Only what is on this matter, or by a decision on it.")
    ] = None,
    of_year: Annotated[
        int | None,
        typer.Option("--year", parser=year, metavar="YEAR", help="Decided or taking hold in it."),
    ] = None,
    grep: Annotated[
        str | None, typer.Option(help="Only what has this in any of its texts.")
    ] = None,
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
    """Print the log, one entry of it whole, or the tree of what led to one and what came of it.

    Every command stands before the events it led to, with who recorded it and when. JSON comes as
    one line an entry, so that it can be followed.
    """
    with open_register() as register:
        end = None if until is None else position(register, until, "--until")
        if tree is not None:
            print_tree(register, tree, form, end)
            return
        if asked is not None:
            _show_one(whole_entry(register, asked), form, naming(register))
            return
        wanted = log_filter(
            register,
            stream=stream,
            kinds=tuple(kind or ()),
            body=body,
            actor=actor,
            on=on,
            grep=grep,
            about=about,
            matter=matter,
            year=of_year,
        )
        start = position(register, first, "--from")
        if since is not None:
            start = max(start, register.log.position_at(instant(since, "--since") - 1))
        entries = (
            _followed(register, start) if follow else log_entries(register, start, end, wanted)
        )
        some = _write(islice(filter(wanted.keeps, entries), limit), form, naming(register))
        if actor is not None and not some:
            require_actor(register, actor)
        if form is Format.TABLE and not some:
            _tell_none(wanted, start, end)


def _followed(register: Register, start: int) -> Iterator[LogEntry]:
    """Yield entries after a position, and those that are recorded from now on."""
    while True:
        for logged in log_entries(register, start):
            start = logged.entry.position
            yield logged
        time.sleep(POLL_SECONDS)


def _tell_none(wanted: LogFilter, start: int, end: int | None) -> None:
    asked = {name: value for name, value in wanted._asdict().items() if value not in (None, ())}
    named = ", ".join(
        f"--{'kind' if name == 'kinds' else name} "
        + (" ".join(value) if isinstance(value, tuple) else str(value))
        for name, value in asked.items()
    )
    upto = f" up to {end}" if end is not None else ""
    having = f" that has {named}" if named else ""
    sys.stderr.write(f"The log has no entry after position {start}{upto}{having}.\n")


def _write(entries: Iterable[LogEntry], form: Format, named: Callable[[str], str]) -> bool:
    """Print entries one after the other, as they come; return whether there was any."""
    some = False
    for logged in entries:
        written = _written(logged, form, first=not some)
        sys.stdout.write(named(written) if form is Format.TABLE else written)
        sys.stdout.flush()
        some = True
    return some


def _written(logged: LogEntry, form: Format, *, first: bool) -> str:
    match form:
        case Format.CSV:
            cells = logged.row().plain()
            return (csv_line(cells) if first else "") + csv_line(cells.values())
        case Format.JSON:
            return json.dumps(logged.row().plain(), ensure_ascii=False) + "\n"
        case Format.TABLE:
            return _line(logged) + "\n"


def _line(logged: LogEntry) -> str:
    """Return an entry as one line, with its words wrapped under its head on a narrow terminal."""
    entry = logged.entry
    at = clock.recorded_time_shown(entry.recorded_at)[:19]
    where = f"{entry.stream} {entry.version}"
    head = f"{entry.position:>8}  {at}Z  {entry.event.TOPIC:<30}  {where:<34}"
    words = said(entry.event)
    width = room()
    if width is None or len(head) + 2 + len(words) <= width:
        return f"{head}  {words}"
    first = f"{entry.position:>8}  {at}Z  {entry.event.TOPIC}  {where}"
    lines = [line for part in (first, words) for line in wrap(part, max(width - 10, 20))]
    return lines[0] + "".join(f"\n          {line}" for line in lines[1:])


def said(fact: Fact) -> str:
    """Return an entry in a few words; a correction says what it replaces, and why."""
    if isinstance(fact, CommandRecorded):
        return f"{fact.kind} by {fact.actor}"
    if isinstance(fact, EpochOpened):
        backup = f"backup {fact.backup[:12]} of epoch {fact.previous}"
        return f"restored from {backup}, up to position {fact.restored_through}: {fact.reason}"
    if isinstance(fact, PersonalDataDestroyed):
        by = f"{fact.authority.matter}/{fact.authority.decision}"
        return f"{len(fact.parts)} personal values of {fact.subject} destroyed by {by}"
    if isinstance(fact, EvidenceKeysRotated):
        return f"new keys sign the evidence: {fact.reason}"
    if isinstance(fact, EvidenceBegunAnew):
        origin, size, *_ = fact.head.splitlines()
        return f"{fact.origin} follows {origin} with {size} entries: {fact.reason}"
    if isinstance(fact, Event):
        words = event_in_words(fact).says
        told = f"{fact.effective_from}" + (f": {words}" if words != fact.TOPIC else "")
        return f"{told}; {correcting(fact.replaces)}" if fact.replaces else told
    return ""


def _show_one(found: WholeEntry, form: Format, named: Callable[[str], str]) -> None:
    """Print one entry: when, by whom, on what authority, and all that it says."""
    if form is not Format.TABLE:
        show([found.logged.row()], {}, form)
        return
    entry, opening = found.logged
    fact = entry.event
    tell(
        f"{entry.position}  {fact.TOPIC.rpartition('.')[0]}  ({entry.stream} {entry.version})",
        strong=True,
    )
    by = f" by {named(opening.actor)}, as {opening.command}" if opening else ""
    tell(f"recorded at {clock.recorded_time_shown(entry.recorded_at)}{by}", indent=2)
    if not isinstance(fact, Event):
        tell_fields(fact.model_dump(mode="json"), 2)
        return
    convention = " (no other day is stated)" if fact.by_convention else ""
    tell(f"decided on {fact.decided_on}, takes hold on {fact.effective_from}{convention}", indent=2)
    if fact.authority:
        decision = f"{fact.authority.matter}/{fact.authority.decision}"
        tell(f"by decision {decision} ({fact.authority.body})", indent=2)
    if found.corrects and fact.replaces:
        tell(
            f"{correcting(fact.replaces)}; it stands at position {found.corrects.position}",
            indent=2,
        )
    later = found.corrected_by
    if later and (why := later.event.replaces):
        tell(f"was corrected at position {later.position}: {why.reason}", indent=2)
    tell_fields(content_of(fact), 2)
    tell_fields(fact.model_dump(mode="json", include={"cites"}), 2)
    tell_findings(getattr(fact, "findings", ()), 2)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(log)
