"""`setup`: create a new register."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import settings
from adapters.addresses import without_password
from adapters.bootstrap import set_up
from adapters.cli.common.output import console


def setup(
    log_only: Annotated[
        bool,
        typer.Option("--log-only", help="Only the log, which another user may own (PostgreSQL)."),
    ] = False,
    new_key: Annotated[
        bool,
        typer.Option("--new-key", help="Make another key where the register's is lost for good."),
    ] = False,
    remove_old: Annotated[
        bool,
        typer.Option(
            "--remove-old",
            help="Remove read models of other versions of the program, once none of them runs.",
        ),
    ] = False,
) -> None:
    """Create a register, or what is missing of one: log, read models and key.

    Safe to repeat, and needed after each update.
    """
    chosen = settings.load()
    removed = set_up(chosen, log_only=log_only, new_key=new_key, remove_old=remove_old)
    what = "The log of register" if log_only else "The register"
    where = without_password(chosen.database_url)
    for table in removed:
        console().print(f"{table} is removed.")
    console().print(f"{what} {chosen.register_id!r} is set up at {where}.")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(setup)
