"""One portable file with the whole log: `backup`, `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.bootstrap import (
    back_up,
    back_up_personal_keys,
    check_backup,
    restore_backup,
    restore_personal_keys,
    set_up,
)
from adapters.cli.common.errors import after_storing
from adapters.cli.common.output import console, number_of
from adapters.folder import claim_folder
from adapters.keys import KeyAway
from application.ports import SubjectKeysAway


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    personal_keys: Annotated[
        bool,
        typer.Option("--personal-keys", help="The keys of personal values instead of the log."),
    ] = False,
) -> None:
    """Back the log up into one file, while others go on writing.

    Read models are derived and are not in it; nor are the register's key and those of personal
    values, which are kept apart. A copy of the latter can read what is destroyed after it: keep
    the newest one only.
    """
    if personal_keys:
        keys = back_up_personal_keys(settings.load(), target)
        console().print(f"{target}: {number_of(keys, 'key')}. Keep it apart from the log's backup.")
        return
    made = back_up(settings.load(), target)
    console().print(
        f"{target}: {number_of(made.rows, 'entry', 'entries')} up to position {made.head}, "
        f"epoch {made.epoch}, sha256 {made.digest}. Keep the register's key apart from it."
    )


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `alliance backup` wrote.")],
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")] = "a backup was restored",
    verify: Annotated[bool, typer.Option("--verify", help="Only check the file.")] = False,
    personal_keys: Annotated[
        bool,
        typer.Option("--personal-keys", help="The file is a copy of the keys of personal values."),
    ] = False,
) -> None:
    """Fill an empty log from a backup, and open a new epoch.

    Whoever read further than the backup refuses to go on until it is told how. Personal values
    that were destroyed since the backup are not restored, and keys neither.
    """
    chosen = settings.load()
    if personal_keys:
        keys = restore_personal_keys(chosen, source)
        console().print(f"{chosen.personal_keys}: {number_of(keys, 'key')}. Run alliance setup.")
        return
    if verify:
        found = check_backup(source)
        console().print(
            f"{source}: sound, {number_of(found.rows, 'entry', 'entries')} "
            f"up to position {found.head}, "
            f"epoch {found.epoch}, sha256 {found.digest}."
        )
        return
    claim_folder(chosen)
    epoch = restore_backup(chosen, source, reason)
    with after_storing("the log"):
        console().print(
            f"Restored through position {epoch.restored_through}; epoch {epoch.epoch} follows "
            f"{epoch.previous}."
        )
        try:
            set_up(chosen)
        except SubjectKeysAway:
            console().print(
                "It holds personal values: put their keys back by alliance restore FILE "
                "--personal-keys, then run alliance setup."
            )
        except KeyAway:
            console().print(
                "The restored register can be read now. Before you record, "
                f"put the register's key at {chosen.keys} and run alliance setup."
            )


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(backup)
    app.command()(restore)
