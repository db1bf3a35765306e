"""Studies of world cities: `list studies`, `show study`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer, uncertain
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.fields import tell_fields
from adapters.cli.common.output import Format, FormatOption, number_of, show, tell
from adapters.queries.studies import StudyRow, studies, study


def list_studies(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List the editions of studies that reports cite."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = studies(register, at)
    columns = {"edition": "edition", "study": "study", "authors": "authors", "on": "cited on"}
    answer(
        rows, StudyRow, columns, form, at, f"{number_of(len(rows), 'edition')} cited by {at.on}."
    )


def show_study(
    name: Annotated[str, typer.Argument(help="The study or one of its editions.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show a study as it is cited: its tiers, and the marks beside its cities."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = study(register, name, at)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        tell(f"{row.study}, {row.edition}: cited on {row.on}", strong=True)
        told = row.plain()
        tell_fields({"authors": told["authors"], "cites": told["cites"]}, 2)
        for tier, cities in row.tiers.items():
            tell(f"{tier} ({len(cities)}): {', '.join(cities)}", indent=2)
        for mark, cities in row.marks.items():
            tell(f"marked {mark}: {', '.join(cities)}", indent=2)
    uncertain(rows, at)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("studies")(list_studies)
    app.command("study")(show_study)
