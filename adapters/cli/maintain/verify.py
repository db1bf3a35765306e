"""Prove that what is kept was not altered: `verify projections`, `verify log`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.bootstrap import compare_log, open_register
from adapters.bootstrap_evidence import audit_if_sealed
from adapters.cli.common.errors import CONFLICT
from adapters.cli.common.output import Format, FormatOption, console, ending_in, number_of, show
from adapters.cli.common.progress import progress
from adapters.cli.maintain.read_models import NameOrAll, models_named

verify = typer.Typer(no_args_is_help=True, help="Prove that what is kept was not altered.")
CELLS = {"model": "read model", "kind": "row is", "key": "key", "from": "from", "says": "differs"}


@verify.command("projections")
def verify_projections(
    name: NameOrAll = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put right from the log what differs.")
    ] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """Fold the log again and name every row that is altered, missing or invented.

    Where the log is sealed, it is compared with its seals first: read models follow the log, and
    are not blamed for what was altered there.
    """
    rows: list[dict[str, object]] = []
    sealed = _log_is_as_sealed(form)
    with open_register() as register:
        for model in models_named(name):
            maintenance = register.views.maintenance
            with progress(f"checking {model.name}"):
                act = maintenance.repair if repair else maintenance.verify
                rows += [
                    {"model": model.name, **each.as_json()} for each in act(model, register.log)
                ]
    with ending_in(typer.Exit(CONFLICT) if rows and not repair else None):
        show(rows, CELLS, form)
        if form is Format.TABLE:
            done = "put right from the log" if repair else "found"
            console().print(f"\n{number_of(len(rows), 'row')} differing from the log {done}.")
            if rows and not sealed:
                console().print(
                    "The log is not sealed, so that a difference may as well be the log's: "
                    "alliance verify log --against BACKUP"
                )


def _log_is_as_sealed(form: Format) -> bool:
    """True if the log is as it was sealed, False if it is not sealed; ends where it is altered."""
    with progress("comparing the log with its seals"):
        found = audit_if_sealed(settings.load())
    if found is None or not found.differences:
        return found is not None
    rows = [
        {
            "model": "log",
            "kind": each.kind,
            "key": f"{each.stream} {each.version}" if each.version else each.stream,
            "from": "",
            "known_from": each.position,
            "columns": {},
            "says": ", ".join(each.columns),
        }
        for each in found.differences
    ]
    with ending_in(typer.Exit(CONFLICT)):
        show(rows, CELLS, form)
        if form is Format.TABLE:
            console().print(
                f"\nThe log itself has {number_of(len(rows), 'row')} not as sealed; "
                "no read model was compared with it."
            )
    return False


@verify.command("log")
def verify_log(
    against: Annotated[
        Path | None,
        typer.Option(help="A file that `alliance backup` wrote; without, what was sealed."),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Compare the log with what was sealed, or a backup; name rows altered, missing or invented.

    Each column is compared, and each sealed personal value with its digest: one may be missing
    only where an event destroyed it. What was recorded since is counted, and no difference.
    """
    with progress("comparing"):
        found = compare_log(settings.load(), against)
    rows = [
        {
            "kind": each.kind,
            "position": each.position,
            "stream": each.stream,
            "version": each.version,
            "columns": list(each.columns),
            "says": ", ".join(each.columns),
        }
        for each in found.differences
    ]
    with ending_in(typer.Exit(CONFLICT) if rows else None):
        headings = {"kind": "row is", "position": "position", "stream": "stream", "says": "differs"}
        show(rows, headings, form)
        if form is Format.TABLE:
            erased = f" {number_of(found.erased, 'personal value')} erased." if found.erased else ""
            console().print(
                f"\n{number_of(found.compared, 'row')} compared with "
                f"{against or 'what was sealed'}: {number_of(len(rows), 'differs', 'differ')}. "
                f"{number_of(found.since, 'row')} recorded since.{erased}"
            )


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(verify, name="verify")
