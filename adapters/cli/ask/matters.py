"""Matters, decisions, motions and explorations: `list`, `show`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer, asked, uncertain, worded
from adapters.cli.common.date_options import AsOf, KnownAt, Year, moment
from adapters.cli.common.fields import tell_fields, tell_findings, tell_steps
from adapters.cli.common.output import Format, FormatOption, blank, number_of, show, tell
from adapters.queries.explorations import ExplorationRow, exploration, explorations
from adapters.queries.matters import ItemRow, WholeItem, decisions, matters, motions, papers_silent
from adapters.queries.matters import matter as matter_whole
from adapters.queries.named.matters import held_in_camera

Search = Annotated[str | None, typer.Option(help="Only those with these words in them.")]
Body = Annotated[str | None, typer.Option(help="Only of this body, by id or name.")]
OfMatter = Annotated[str | None, typer.Option("--matter", help="Only on this matter.")]


def list_matters(
    year: Year = None,
    search: Search = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List matters, and how each stands."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(matters, register, at, year=year, search=search)
        held = held_in_camera(register, at)
    columns = {"matter": "matter", "on": "opened", "title": "title", "result": "state"}
    said = emptied or f"{number_of(len(rows), 'matter')} on {at.on}."
    said += f" Held in camera, so that nothing of them may be shown: {', '.join(held)}." * bool(
        held
    )
    answer(rows, ItemRow, {**columns, "since": "since"}, form, at, said)


def list_decisions(
    year: Year = None,
    search: Search = None,
    body: Body = None,
    matter: OfMatter = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what the bodies decided."""
    filters = {"year": year, "search": search, "body": body, "matter": matter}
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(decisions, register, at, **filters)
    columns = {"matter": "matter", "item": "decision", "on": "on", "body": "body"}
    columns |= {"result": "decided", "voted": "vote", "title": "summary"}
    said = emptied or f"{number_of(len(rows), 'decision')} on {at.on}."
    answer(rows, ItemRow, _named_in(rows, columns), form, at, said, in_full=True)
    if form is Format.TABLE:
        _tell_silent(rows)


def list_motions(
    year: Year = None,
    search: Search = None,
    body: Body = None,
    matter: OfMatter = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the motions, and what became of each."""
    filters = {"year": year, "search": search, "body": body, "matter": matter}
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(motions, register, at, **filters)
    columns = {"matter": "matter", "item": "motion", "on": "on", "body": "body"}
    columns |= {"by": "mover", "seconded_by": "seconder", "result": "result", "voted": "vote"}
    columns |= {"title": "motion in words"}
    said = emptied or f"{number_of(len(rows), 'motion')} on {at.on}."
    answer(rows, ItemRow, _named_in(rows, columns), form, at, said, in_full=True)
    if form is Format.TABLE:
        _tell_silent(rows)
        worded((row.called, wording) for row in rows for wording in row.wordings)


OF_THE_VOTE = ("by", "seconded_by", "voted")
"""Columns that stand only where the papers say something in one of the rows."""


def _named_in(rows: Sequence[ItemRow], columns: Mapping[str, str]) -> Mapping[str, str]:
    silent = {name for name in OF_THE_VOTE if all(getattr(row, name) is None for row in rows)}
    return {name: heading for name, heading in columns.items() if name not in silent}


def _tell_silent(rows: Sequence[ItemRow]) -> None:
    if silent := papers_silent(rows):
        blank()
        tell(silent)


def list_explorations(
    search: Search = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what is being explored, and where a report is owed."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows, emptied = asked(explorations, register, at, search=search)
    columns = {
        "name": "exploration",
        "basis": "basis",
        "report_owed": "report owed",
        "decision": "by",
        "purpose": "purpose",
    }
    owed = sum(row.report_owed for row in rows)
    said = f"{number_of(len(rows), 'exploration')} on {at.on}; {number_of(owed, 'report')} owed."
    answer(rows, ExplorationRow, columns, form, at, emptied or said)


def show_exploration(
    name: Annotated[str, typer.Argument(help="The exploration, by its subject, name or place.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one exploration, and every step with all that it says."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = exploration(register, name, at)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        owed = "a report is owed" if row.report_owed else "no report is owed"
        tell(f"{row.name}: {row.basis}, {owed}", strong=True)
        told = row.plain()
        fields = ("purpose", "places", "reported_in", "decision", "cites")
        tell_fields({field: told[field] for field in fields}, 2)
        tell_steps(row.steps, ("subject", "name", "places"))
    uncertain(rows, at)


def show_matter(
    name: Annotated[str, typer.Argument(help="The matter, such as 2001-12-4.", metavar="MATTER")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show a matter from first report to disposition."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = matter_whole(register, name, at)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        _tell(row)
    _tell_silent(rows)
    worded((row.item, wording) for row in rows for wording in row.wordings)
    if hidden := sum(row.withheld for row in rows):
        held = number_of(hidden, "entry", "entries")
        tell(f"It goes on in camera: {held} of this matter may not be shown.", strong=True)
    uncertain(rows, at)


def _tell(row: WholeItem) -> None:
    body = f", {row.body}" if row.body else ""
    result = f": {row.result}" if row.result else ""
    tell(f"{row.on}  {row.kind} {row.item}{body}{result}", strong=True)
    seconded = f"seconded by {row.seconded_by}" if row.seconded_by else None
    by = ", ".join(filter(None, (row.by, seconded)))
    tell(row.title + (f" ({by})" if by else ""), indent=4)
    linked = {
        "number": row.numbers,
        "considered with": row.together_with,
        "split into": row.split_into,
        "part of": (row.out_of,) if row.out_of else (),
        "in camera": (row.in_camera,) if row.in_camera else (),
    }
    tell_fields({name: ", ".join(names) for name, names in linked.items() if names}, indent=4)
    if row.left:
        tell(f"left: {', '.join(row.left)}", indent=4)
    if row.later:
        tell(f"later: {', '.join(row.later)}", indent=4)
    if row.voted:
        tell(f"vote: {row.voted}", indent=4)
    if row.computed:
        tell(f"as moved: {row.computed}", indent=4)
        tell(f"as declared: {row.declared}", indent=4)
    tell_findings(row.findings, indent=4)
    tell_fields(row.content, indent=4)
    if row.cites:
        places = (", ".join(filter(None, (c.document, c.place))) for c in row.cites)
        tell(f"source: {'; '.join(places)}", indent=4)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("matters")(list_matters)
    app.command("decisions")(list_decisions)
    app.command("explorations")(list_explorations)
    app.command("matter")(show_matter)
    app.command("motions")(list_motions)
    app.command("exploration")(show_exploration)
