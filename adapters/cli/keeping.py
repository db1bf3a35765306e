"""How the register is kept: `status`."""

from __future__ import annotations

import typer

from adapters.bootstrap import open_register
from adapters.cli.output import Format, FormatOption, console, show
from adapters.settings import without_password


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
        epoch, url = register.log.epoch(), without_password(register.settings.database_url)
    show(rows, {"what": "what", "live": "live", "position": "position"}, form)
    if form is Format.TABLE:
        console().print(f"\nRegister {register.settings.register_id!r} at {url}, epoch {epoch}.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(status)
