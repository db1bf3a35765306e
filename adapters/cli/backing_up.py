"""One portable file with the whole log: `backup`, `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.bootstrap import back_up, check_backup, restore_backup, set_up
from adapters.cli.output import console, number_of
from adapters.folder import claim


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
) -> None:
    """Back the log up into one file, while others go on writing.

    Read models are derived and are not in it; nor is the register's key, which is kept apart.
    """
    made = back_up(settings.load(), target)
    console().print(
        f"{target}: {number_of(made.rows, 'entry', 'entries')} up to position {made.head}, "
        f"epoch {made.epoch}, sha256 {made.digest}. Keep the register's key apart from it."
    )


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `alliance backup` wrote.")],
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")] = "a backup was restored",
    verify: Annotated[bool, typer.Option("--verify", help="Only check the file.")] = False,
) -> None:
    """Make an empty log what a backup holds, and open a new epoch.

    Whoever read further than the backup refuses to go on until it is told how.
    """
    chosen = settings.load()
    if verify:
        found = check_backup(source)
        console().print(
            f"{source}: sound, {number_of(found.rows, 'entry', 'entries')} "
            f"up to position {found.head}, "
            f"epoch {found.epoch}, sha256 {found.digest}."
        )
        return
    claim(chosen)
    epoch = restore_backup(chosen, source, reason)
    console().print(
        f"Restored through position {epoch.restored_through}; epoch {epoch.epoch} follows "
        f"{epoch.previous}."
    )
    set_up(chosen)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(backup)
    app.command()(restore)
