"""A year's work: `plan YEAR`, and `list plans`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.ask.missions import ENTRY
from adapters.cli.common.answers import answer, uncertain
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.number_options import year as a_year
from adapters.cli.common.output import Format, FormatOption, blank, number_of, show, tell
from adapters.queries.plans import PlanRow, plan, plans


def list_plans(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List every year's plan, and how far each is."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = plans(register, at)
    columns = {
        "year": "year",
        "stage": "stage",
        "since": "since",
        "visits": "official visits",
        "missions": "missions",
        "others": "study groups",
        "approved_by": "approved by",
    }
    answer(rows, PlanRow, columns, form, at, f"{number_of(len(rows), 'plan')} on {at.on}.")


def show_plan(
    year: Annotated[
        int, typer.Argument(parser=a_year, metavar="YEAR", help="The year, such as 2002.")
    ],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show a year's plan: what it lists, against the limits in force, and what the rules advise."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        found = plan(register, year, at)
    if form is not Format.TABLE:
        rows = [{"row": "plan", **row.plain()} for row in found.plans]
        rows += [{"row": "entry", **row.plain()} for row in found.entries]
        rows += [{"row": "finding", **row.plain()} for row in found.findings]
        show(rows, {}, form)
        return
    for each in found.plans:
        _tell(each)
    if found.plans:
        _tell_differences(found.plans[-1])
    if not found.plans:
        tell(f"No plan of {year} is drafted.")
    if found.entries:
        blank()
        show(found.entries, ENTRY, form)
    uncertain([*found.plans, *found.entries], at)
    columns = {"rule": "rule", "answer": "answer"}
    if any(finding.mission for finding in found.findings):
        columns["mission"] = "mission"
    columns |= {"reason": "reason", "provision": "provision"}
    show(found.findings, columns, form, title="\nWhat the rules say")


def _tell(row: PlanRow) -> None:
    tell(f"Plan of {row.year}: {row.stage}, since {row.since}.")
    tell(
        f"Official visits: {len(row.visits)}; outbound missions: {len(row.missions)}; "
        f"study groups: {len(row.others)}."
    )


def _tell_differences(row: PlanRow) -> None:
    for difference in row.differences:
        tell(
            f"Two provisions differ on the {difference.limit} visits: {difference.applies.value} "
            f"by {difference.applies.provision} applies, and {difference.besides.value} is said by "
            f"{difference.besides.provision}."
        )


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("plan")(show_plan)
    app.command("plans")(list_plans)
