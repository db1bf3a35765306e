"""How a mistake in the record is put right: `correct`."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import date
from typing import Annotated, Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.common.date_options import day
from adapters.cli.common.errors import after_storing
from adapters.cli.common.number_options import number
from adapters.cli.common.output import Format, FormatOption, console, show
from adapters.queries.entries import deciding_body_of, stream_named
from adapters.queries.moment import Moment
from adapters.queries.named.bodies import today
from application.command_bus import Envelope, Outcome
from domain.corrections import CorrectRecord
from domain.shared.dates import When
from domain.shared.messages import Citation, DecisionRef, Event


def correct(
    stream: Annotated[
        str, typer.Argument(help="The entry's stream, such as partnership/kiev; see the log.")
    ],
    version: Annotated[
        int, typer.Argument(help="Its version there.", parser=number(1), metavar="VERSION")
    ],
    reason: Annotated[str, typer.Option(help="Why the entry is wrong.")],
    office: Annotated[
        str | None, typer.Option("--by", help="The office that answers for the correction.")
    ] = None,
    decision: Annotated[
        str | None, typer.Option(help="Or the decision behind it, as matter/decision.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="What it should say; JSON or plain."),
    ] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take the entry back; nothing takes its place.")
    ] = False,
    on: Annotated[
        date | None, typer.Option(parser=day, metavar="DATE", help="The day (default: today).")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="The paper that shows the mistake.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Record nothing.")] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """Correct an entry of the log by a new one; the old one stays readable, as known then."""
    if (office is None) == (decision is None):
        raise typer.BadParameter("give --by OFFICE or --decision MATTER/DECISION")
    if withdraw == bool(changes):
        raise typer.BadParameter("give --set FIELD=VALUE or --withdraw")
    if not reason or office == "":
        raise typer.BadParameter("--reason and --by must not be empty")
    with open_register() as register:
        register.catch_up()
        command = CorrectRecord(
            on=When.day(on or today(register)),
            stream=stream_named(register, stream, Moment(today(register), None)),
            version=version,
            reason=reason,
            authority=office or _reference(register, decision or ""),
            changed=dict(_change(text) for text in changes or ()),
            withdraw=withdraw,
            cites=tuple(Citation(document=paper) for paper in source or ()),
        )
        envelope = Envelope(f"correction/{command.item}", command, register.settings.recorder)
        command_bus = register.command_bus
        (outcome,) = command_bus.rehearse([envelope]) if dry_run else command_bus.handle(envelope)
    with nullcontext() if dry_run else after_storing("the correction"):
        _tell(outcome, form, dry_run=dry_run)


def _tell(outcome: Outcome, form: Format, *, dry_run: bool) -> None:
    rows = [
        {
            "stream": entry.stream,
            "version": entry.version,
            "topic": entry.event.TOPIC,
            "replaces": entry.event.replaces.version,
            "recorded": "before" if outcome.repeated else "no" if dry_run else "yes",
        }
        for entry in outcome.events
        if isinstance(entry.event, Event) and entry.event.replaces
    ]
    show(rows, {name: name for name in rows[0]} if rows else {}, form)
    if form is Format.TABLE and not dry_run:
        console().print("\nWhat was believed before is still answered with --known-at.")


def _change(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"{text!r} is not FIELD=VALUE")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _reference(register: Register, decision: str) -> DecisionRef:
    matter, _, name = decision.partition("/")
    body = deciding_body_of(register, f"{matter}/{name}")
    return DecisionRef(matter=matter, decision=name, body=body)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(correct)
