"""How the register is kept: `log`, `status`, `rebuild`."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from adapters import clock
from adapters.bootstrap import open_register
from adapters.cli.moments import position
from adapters.cli.output import Format, FormatOption, console, show
from domain.kernel import CommandRecorded, Event


def log(
    first: Annotated[str, typer.Option("--from", help="After this position or time.")] = "0",
    form: FormatOption = Format.TABLE,
) -> None:
    """Print the log: every command with who recorded it, and every event it led to."""
    with open_register() as register:
        entries = register.log.entries(position(register, first))
        if form is Format.JSON:
            for entry in entries:
                row = {
                    "position": entry.position,
                    "recorded_at": clock.shown(entry.recorded_at),
                    "stream": entry.stream,
                    "version": entry.version,
                    "topic": entry.event.TOPIC,
                    "fact": entry.event.model_dump(mode="json"),
                }
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        rows = [
            {
                "position": entry.position,
                "recorded_at": clock.shown(entry.recorded_at)[:19] + "Z",
                "stream": f"{entry.stream} {entry.version}",
                "topic": entry.event.TOPIC,
                "says": entry.event.actor
                if isinstance(entry.event, CommandRecorded)
                else str(entry.event.effective_from)
                if isinstance(entry.event, Event)
                else "",
            }
            for entry in entries
        ]
    show(rows, {name: name.replace("_", " ") for name in rows[0]} if rows else {}, form)


def status(form: FormatOption = Format.TABLE) -> None:
    """Say where the log ends and how far each read model has read."""
    with open_register() as register:
        head = register.log.head()
        rows = [
            {"what": "log", "live": True, "position": head, "behind": 0},
            *(
                {
                    "what": table.table_name,
                    "live": table.live,
                    "position": table.position,
                    "behind": head - table.position,
                }
                for table in register.views.registered()
            ),
        ]
        epoch, url = register.log.epoch(), register.settings.database_url
    show(rows, {"what": "what", "live": "live", "position": "position"}, form)
    if form is Format.TABLE:
        console().print(f"\nRegister {register.settings.register_id!r} at {url}, epoch {epoch}.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(log)
    app.command()(status)
