"""How decisions come in: `setup` and `record`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.common.errors import after_storing
from adapters.cli.common.output import Format, FormatOption, console, number_of, show, tell
from adapters.cli.common.progress import counted, progress
from adapters.minutes.files import MinutesFile, read_files
from adapters.queries.named.bodies import today
from adapters.queries.rows import FindingRow
from application.command_bus import Outcome
from domain.shared.problems import Problem


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
            read = read_files(files, register.settings.recorder, told)
        outcomes = _recorded(register, read, dry_run=dry_run)
        if dry_run:
            _tell(read, outcomes, form, today(register), dry_run=True)
            return
        with after_storing("the minutes"):
            _tell(read, outcomes, form, today(register), dry_run=False)
            with progress("bringing read models up to date") as told:
                register.catch_up(told)


def _tell(
    read: Sequence[MinutesFile],
    outcomes: Sequence[Outcome],
    form: Format,
    now: date,
    *,
    dry_run: bool,
) -> None:
    rest = iter(outcomes)
    rows = [[_row(next(rest), file) for _ in file.minutes.envelopes] for file in read]
    if form is not Format.TABLE:
        show([row for each in rows for row in each], {}, form)
        return
    columns = {"line": "line", "what": "what", "outcome": "outcome"}
    for file, each in zip(read, rows, strict=True):
        show(each, columns, form, title=str(file.file))
        _tell_advice(each)
        meeting = file.minutes.meeting
        if meeting.on.first > now:
            tell(f"The meeting is to come: the lists of today show none of it before {meeting.on}.")
    _sum_up(outcomes, dry_run=dry_run)


def _tell_advice(rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        for finding in () if row["repeated"] else row["advice"]:
            provision = f" ({finding['provision']})" if finding["provision"] else ""
            tell(
                f"Rule {finding['rule']}, {finding['answer']}, on {row['what']} "
                f"(line {row['line']}): {finding['reason']}{provision}"
            )


def _recorded(
    register: Register, files: tuple[MinutesFile, ...], *, dry_run: bool
) -> tuple[Outcome, ...]:
    """Return the outcome of each item, deciding all files before the first is stored.

    A problem with a later file names in its details what was `recorded_before_it`.
    """
    batches = [file.minutes.envelopes for file in files]
    if dry_run or len(batches) > 1:
        with progress("deciding") as told:
            outcomes = register.command_bus.rehearse(*batches, on_progress=told)
        if dry_run:
            return outcomes
    done: list[Outcome] = []
    with progress("recording") as told:
        for number, batch in enumerate(counted(batches, told)):
            try:
                done += register.command_bus.handle(*batch)
            except Problem as problem:
                if number:
                    before = tuple(str(file.file) for file in files[:number])
                    problem.details["recorded_before_it"] = before
                raise
    return tuple(done)


def _row(outcome: Outcome, file: MinutesFile) -> dict[str, Any]:
    kinds = Counter(recorded.event.TOPIC.rsplit(".", 1)[0] for recorded in outcome.events)
    events = ", ".join(f"{kind} × {n}" if n > 1 else kind for kind, n in kinds.items())
    meeting, kind, item = outcome.id.split("/", 2)
    item = item.removeprefix(f"{file.minutes.meeting.matter}/")
    return {
        "file": str(file.file),
        "line": file.line(outcome.id),
        "meeting": meeting,
        "what": f"{kind} {item}",
        "item": outcome.id,
        "kind": outcome.kind,
        "repeated": outcome.repeated,
        "events": sum(kinds.values()),
        "outcome": "recorded before" if outcome.repeated else events or "already so",
        "advice": [row.plain() for row in _advice(outcome)],
    }


def _advice(outcome: Outcome) -> Iterable[FindingRow]:
    """Return findings on the item that a clerk should see at once."""
    findings = dict.fromkeys(f for e in outcome.events for f in getattr(e.event, "findings", ()))
    return (row for row in map(FindingRow.told, findings) if row.is_advice)


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
    app.command()(record)
