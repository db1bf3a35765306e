"""The year's work: `plan YEAR`, `requests`, and `due`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_register
from adapters.cli.missions import ENTRY, finding_row, held_missions, mission_row, show_findings
from adapters.cli.moments import AsOf, KnownAt, moment, uncertain
from adapters.cli.numbers import number
from adapters.cli.output import Format, FormatOption, console, show
from adapters.cli.owing import deadline, standing
from application.reviewing import Duty, duties, review
from domain.dates import When
from projections.deadlines import Status
from projections.plans import PLANS, YearPlan
from projections.requests import REQUESTS
from projections.timeline import Held


def plan(
    year: Annotated[
        int, typer.Argument(parser=number(1, 9999), metavar="YEAR", help="The year, such as 2002.")
    ],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show a year's plan: what it lists, against the limits in force, and what the rules advise."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = list(register.reader(PLANS).every(at.on, at.known, {"year": year}))
        plans = [plan_row(h) for h in held]
        entries = [mission_row(h) for h in held_missions(register, at, year)]
        found = review(register.log, year, When.day(at.on), at.known)
    if form is not Format.TABLE:
        rows = [{"row": "entry", **row} for row in entries]
        rows += [{"row": "finding", **finding_row(f)} for f in found]
        show([*({"row": "plan", **row} for row in plans), *rows], {}, form)
        return
    for each in held:
        _say_plan(each)
    if not held:
        console().print(f"No plan of {year} is drafted.")
    show(entries, ENTRY, form)
    uncertain([*plans, *entries], at)
    show_findings([finding_row(f) for f in found], "What the rules say")


def _say_plan(held: Held[YearPlan]) -> None:
    row = held.state
    say = console().print
    say(f"Plan of {row.year}: {row.stage}, since {row.since}.")
    say(
        f"Official visits: {len(row.visits)}; outbound missions: {len(row.missions)}; "
        f"study groups: {len(row.others)}."
    )
    for difference in row.differences:
        say(
            f"Two provisions differ on the {difference.limit} visits: {difference.applies.value} "
            f"by {difference.applies.provision} applies, and {difference.besides.value} is said by "
            f"{difference.besides.provision}."
        )


def plan_row(held: Held[YearPlan]) -> dict[str, Any]:
    """A plan as a flat row."""
    row = held.state.model_dump(mode="json", exclude={"findings", "differences"})
    return {**row, "discrepancies": len(held.state.differences), "certain": held.certain}


def requests(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List requests for a relationship, when each report is due, and how far each is."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = sorted(
            register.reader(REQUESTS).every(at.on, at.known), key=lambda h: str(h.state.received)
        )
        rows = [
            {
                **h.state.model_dump(mode="json", exclude={"findings"}),
                "overdue": h.state.late is None
                and h.state.report_due is not None
                and at.on.isoformat() > h.state.report_due,
                "certain": h.certain,
            }
            for h in held
        ]
    columns = {
        "request": "request",
        "place": "place",
        "stage": "stage",
        "received": "received",
        "report_due": "report due",
        "overdue": "overdue",
        "late": "reported late",
        "arrangement": "arrangement",
    }
    show(rows, columns, form)
    if form is Format.TABLE:
        uncertain(rows, at)


def due(
    every: Annotated[
        bool,
        typer.Option("--all", help="What is granted without a year as well, and what is done."),
    ] = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what is late or due: reports, documents, and what the table grants every year."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = [
            due_row(deadline(h, stands))
            for h, stands in standing(register, at)
            if every or stands is not Status.DONE
        ]
        yearly = duties(register.log, at.on.year, When.day(at.on), at.known)
        rows += _yearly(yearly, at.on.year, every=every)
    columns = {"status": "status", "due": "due", "kind": "what", "subject": "for", "says": "says"}
    show(rows, columns, form)
    if form is Format.TABLE:
        late = sum(row["status"] == Status.OVERDUE.value for row in rows)
        console().print(f"\nOn {at.on}: {late} overdue of {len(rows)}.")
        uncertain(rows, at)


def due_row(row: dict[str, Any]) -> dict[str, Any]:
    """A duty without the papers behind it."""
    names = ("status", "due", "kind", "subject", "says", "owed_by", "owed_to", "since", "decision")
    return {**{name: row[name] for name in names}, "provision": None, "certain": row["certain"]}


def _yearly(granted: Iterable[Duty], year: int, *, every: bool) -> list[dict[str, Any]]:
    return [
        {
            "status": (Status.DONE if duty.done else Status.DUE).value,
            "due": str(year) if duty.yearly else None,
            "kind": f"{duty.activity} ({duty.classification})",
            "subject": duty.city,
            "says": duty.what,
            "owed_by": None,
            "owed_to": None,
            "since": None,
            "decision": None,
            "provision": duty.provision,
            "certain": True,
        }
        for duty in granted
        if every or (duty.yearly and not duty.done and duty.activity != "outbound")
    ]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(plan)
    app.command()(requests)
    app.command()(due)
