"""How the register is kept: `status`."""

from __future__ import annotations

import typer

from adapters.addresses import without_password
from adapters.bootstrap import open_register
from adapters.bootstrap_log import log_warnings
from adapters.cli.common.output import Format, FormatOption, console, show
from projections.models import MODELS


def status(form: FormatOption = Format.TABLE) -> None:
    """Say where the log ends and how far each read model has read."""
    with open_register() as register:
        head = register.log.head()
        own = {register.views.table(model).name for model in MODELS}
        rows = [
            {"what": "log", "this_program": True, "position": head, "behind": 0},
            *(
                {
                    "what": table.table_name,
                    "this_program": table.table_name in own,
                    "position": table.position,
                    "behind": head - table.position,
                }
                for table in register.views.registered()
            ),
        ]
        warnings = log_warnings(register.settings)
        epoch, url = register.log.epoch(), without_password(register.settings.database_url)
    columns = {"what": "what", "this_program": "of this program", "position": "position"}
    show(rows, columns, form)
    if form is Format.TABLE:
        console().print(f"\nRegister {register.settings.register_id!r} at {url}, epoch {epoch}.")
        for warning in warnings:
            console().print(f"Mind: {warning}.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(status)
