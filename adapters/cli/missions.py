"""Missions, outbound and inbound: `missions`, `mission`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from adapters.bootstrap import Register, open_register
from adapters.cli.moments import AsOf, KnownAt, NothingRecorded, moment, uncertain
from adapters.cli.numbers import number
from adapters.cli.output import Format, FormatOption, Row, show
from adapters.moments import Moment
from domain.itineraries import Direction
from domain.kernel import Finding
from domain.missions import Step
from projections.missions import MISSIONS, Mission
from projections.timeline import Held

ENTRY = {
    "mission": "mission",
    "direction": "direction",
    "cities": "cities",
    "timing": "timing",
    "step": "step",
    "budget": "budget",
    "listed": "in the plan",
}


def missions(
    year: Annotated[
        int | None, typer.Option(parser=number(1, 9999), metavar="YEAR", help="Only of this year.")
    ] = None,
    direction: Annotated[Direction | None, typer.Option(help="Only these.")] = None,
    step: Annotated[Step | None, typer.Option(help="Only at this step.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List missions, outbound and inbound, and how far each is."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = [
            mission_row(h)
            for h in held_missions(register, at, year)
            if direction in (None, h.state.direction) and step in (None, h.state.step)
        ]
    show(rows, {"year": "year", **ENTRY, "delegation": "travellers", "host": "host"}, form)
    if form is Format.TABLE:
        uncertain(rows, at)


def mission(
    name: Annotated[str, typer.Argument(help="The mission, as it was proposed.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one mission: its steps so far, its documents, and what the rules said to each step."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = list(register.reader(MISSIONS).every(at.on, at.known, {"mission": name}))
    if not held:
        raise NothingRecorded(mission=name)
    rows = [
        {**mission_row(h), "findings": [finding_row(f) for f in h.state.findings]} for h in held
    ]
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        findings = row.pop("findings")
        show([{"what": k, "is": v} for k, v in row.items()], {"what": name, "is": ""}, form)
        show_findings(findings, "What the rules said")
    uncertain(rows, at)


def held_missions(register: Register, at: Moment, year: int | None) -> list[Held[Mission]]:
    """Missions of a year, or of every one, as a plan lists them."""
    wanted = {"year": year} if year else {}
    return sorted(
        register.reader(MISSIONS).every(at.on, at.known, wanted),
        key=lambda h: (h.state.year, h.state.direction, str(h.state.timing), h.key),
    )


def mission_row(held: Held[Mission]) -> dict[str, Any]:
    """A mission as a flat row; `budget` is in the currency's units, `cents` in whole cents."""
    row = held.state
    units = f"{row.currency} {(row.cents or 0) / 100:,.2f}" if row.currency else None
    shown = row.model_dump(mode="json", exclude={"findings", "cites"})
    return {**shown, "budget": units, "certain": held.certain}


def finding_row(finding: Finding) -> dict[str, Any]:
    """A rule's answer as a flat row."""
    return {
        "rule": finding.rule,
        "answer": finding.answer.value,
        "reason": finding.reason,
        "provision": str(finding.provision) if finding.provision else None,
    }


def show_findings(rows: Sequence[Row], title: str) -> None:
    """The answers of the rules, as a table under a title."""
    columns = {"rule": "rule", "answer": "answer", "reason": "reason", "provision": "provision"}
    show(rows, columns, Format.TABLE, title=f"\n{title}")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(missions)
    app.command()(mission)
