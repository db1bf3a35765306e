"""How decisions come in: `setup` and `record`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.bootstrap import Register, open_register, set_up
from adapters.cli.output import Format, FormatOption, Row, console, number_of, show
from adapters.cli.progress import counted, progress
from adapters.minutes import MinutesFile, read_files
from adapters.settings import without_password
from application.handling import Outcome
from domain.kernel import Problem


def setup(
    log_only: Annotated[
        bool,
        typer.Option("--log-only", help="Only the log, which another user may own (PostgreSQL)."),
    ] = False,
) -> None:
    """Create what the register is kept in: the log, read models and a key. Safe to repeat."""
    chosen = settings.load()
    set_up(chosen, log_only=log_only)
    what = "The log of register" if log_only else "The register"
    where = without_password(chosen.database_url)
    console().print(f"{what} {chosen.register_id!r} is set up at {where}.")


def record(
    files: Annotated[
        list[Path], typer.Argument(help="Minutes files, or folders of them, as YAML.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be recorded; record nothing.")
    ] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record minutes: each file whole or not at all, and no file when any has a mistake."""
    with open_register() as register:
        with progress("reading minutes") as told:
            read = read_files(files, register.settings.actor, told)
        outcomes = _recorded(register, read, dry_run=dry_run)
        _tell(read, outcomes, form, dry_run=dry_run)
        if not dry_run:
            with progress("bringing read models up to date") as told:
                register.catch_up(told)


def _tell(
    read: Sequence[MinutesFile], outcomes: Sequence[Outcome], form: Format, *, dry_run: bool
) -> None:
    rest = iter(outcomes)
    rows = [[_row(next(rest), file) for _ in file.minutes.requests] for file in read]
    if form is not Format.TABLE:
        show([row for each in rows for row in each], {}, form)
        return
    columns = {"line": "line", "what": "what", "outcome": "outcome"}
    for file, each in zip(read, rows, strict=True):
        show(each, columns, form, title=str(file.file))
    _sum_up(outcomes, dry_run=dry_run)


def _recorded(
    register: Register, files: tuple[MinutesFile, ...], *, dry_run: bool
) -> tuple[Outcome, ...]:
    """What each item came to. All are decided before the first is stored.

    A problem with a later file names in its details what was `recorded_before_it`.
    """
    batches = [file.minutes.requests for file in files]
    with progress("deciding") as told:
        outcomes = register.desk.rehearse(*batches, on_progress=told)
    if dry_run:
        return outcomes
    done: list[Outcome] = []
    with progress("recording") as told:
        for number, batch in enumerate(counted(batches, told)):
            try:
                done += register.desk.handle(*batch)
            except Problem as problem:
                if number:
                    before = tuple(str(file.file) for file in files[:number])
                    problem.details["recorded_before_it"] = before
                raise
    return tuple(done)


def _row(outcome: Outcome, file: MinutesFile) -> Row:
    kinds = Counter(recorded.event.TOPIC.rsplit(".", 1)[0] for recorded in outcome.events)
    events = ", ".join(f"{kind} × {n}" if n > 1 else kind for kind, n in kinds.items())
    meeting, _, what = outcome.id.partition("/")
    return {
        "file": str(file.file),
        "line": file.line(outcome.id),
        "meeting": meeting,
        "what": what.replace("/", " ", 1),
        "item": outcome.id,
        "kind": outcome.kind,
        "repeated": outcome.repeated,
        "events": sum(kinds.values()),
        "outcome": "recorded before" if outcome.repeated else events or "already so",
    }


def _sum_up(outcomes: Sequence[Outcome], *, dry_run: bool) -> None:
    new = [outcome for outcome in outcomes if not outcome.repeated]
    events = sum(len(outcome.events) for outcome in new)
    done = "would be recorded" if dry_run else "recorded"
    repeated = len(outcomes) - len(new)
    said = f"{number_of(len(new), 'item')} {done} as {number_of(events, 'event')}"
    if repeated:
        said += f"; {repeated} recorded before, nothing changed" if new else ""
    if not new:
        every = number_of(repeated, "item was", "items were")
        said = f"{every if repeated == 1 else f'All {every}'} recorded before; nothing changed"
    console().print(said + ".")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(setup)
    app.command()(record)
