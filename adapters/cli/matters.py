"""What came before the bodies and what came of it: matters, decisions, explorations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_register
from adapters.cli.moments import AsOf, KnownAt, NothingRecorded, moment, uncertain
from adapters.cli.output import Format, FormatOption, Row, show, tell
from projections.decision_record import DECISION_RECORD, Item
from projections.explorations import EXPLORATIONS, Exploration
from projections.timeline import Held


def list_matters(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List matters, and how each stands."""
    columns = {"matter": "matter", "on": "since", "title": "title", "result": "state"}
    _items("matter", columns, as_of, known_at, form)


def list_decisions(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List what the bodies decided."""
    columns = {"matter": "matter", "item": "decision", "on": "on", "body": "body"}
    columns |= {"result": "decided", "title": "summary"}
    _items("decision", columns, as_of, known_at, form)


def _items(
    kind: str, columns: Mapping[str, str], as_of: date | None, known_at: str | None, form: Format
) -> None:
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = register.reader(DECISION_RECORD).every(at.on, at.known, {"kind": kind})
        rows = sorted((item(h) for h in held), key=lambda r: (r["on"], r["matter"], r["item"]))
    show(rows, columns, form)
    if form is Format.TABLE:
        uncertain(rows, at)


def item(held: Held[Item]) -> dict[str, Any]:
    """An item of a matter as a flat row, without the event's own content."""
    row = held.state.model_dump(mode="json", exclude={"detail"})
    return {**row, "certain": held.certain}


def list_explorations(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List what is being explored, and where a report is owed."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = [exploration(h) for h in register.reader(EXPLORATIONS).every(at.on, at.known)]
    columns = {
        "name": "exploration",
        "basis": "basis",
        "report_owed": "report owed",
        "decision": "by",
        "purpose": "purpose",
    }
    show(rows, columns, form)
    if form is Format.TABLE:
        uncertain(rows, at)


def exploration(held: Held[Exploration]) -> dict[str, Any]:
    """An exploration as a flat row."""
    return {**held.state.model_dump(mode="json"), "certain": held.certain}


def show_matter(
    matter: Annotated[str, typer.Argument(help="The matter, such as 2001-12-4.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show a matter from first report to disposition."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = register.reader(DECISION_RECORD).every(at.on, at.known, {"matter": matter})
        rows = [item(h) for h in sorted(held, key=_as_it_went)]
    if not rows:
        raise NothingRecorded(matter=matter)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        _told(row)
    uncertain(rows, at)


def _told(row: Row) -> None:
    body = f", {row['body']}" if row["body"] else ""
    result = f": {row['result']}" if row["result"] else ""
    tell(f"{row['on']}  {row['kind']} {row['item']}{body}{result}", strong=True)
    tell(row["title"] + (f" ({row['by']})" if row["by"] else ""), indent=4)
    if row["computed"]:
        tell(f"as moved: {row['computed']}", indent=4)
        tell(f"as declared: {row['declared']}", indent=4)
    for finding in row["findings"]:
        if row["kind"] == "motion" or finding["rule"] == "A2":
            tell(f"rule {finding['rule']}: {finding['reason']}", indent=4)


def _as_it_went(held: Held[Item]) -> tuple[bool, date, int]:
    return (held.state.kind != "matter", held.state.on.first, held.phase.position)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("matters")(list_matters)
    app.command("decisions")(list_decisions)
    app.command("explorations")(list_explorations)
    app.command("matter")(show_matter)
