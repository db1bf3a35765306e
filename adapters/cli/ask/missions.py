"""Missions, outbound and inbound: `missions`, `mission`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer, asked, uncertain
from adapters.cli.common.date_options import AsOf, KnownAt, Year, moment
from adapters.cli.common.fields import tell_fields, tell_steps
from adapters.cli.common.output import Format, FormatOption, number_of, show, tell
from adapters.queries.entries import StoryStep
from adapters.queries.missions import MissionRow, WholeMission, mission, missions, money
from adapters.queries.rows import FindingRow
from domain.missions.mission import Step
from domain.missions.outline import Direction
from domain.shared.findings import Finding

ENTRY = {
    "mission": "mission",
    "direction": "direction",
    "cities": "cities",
    "timing": "timing",
    "step": "step",
    "budget": "budget",
    "listed": "in the plan",
}


def list_missions(
    year: Year = None,
    direction: Annotated[Direction | None, typer.Option(help="Only these.")] = None,
    step: Annotated[Step | None, typer.Option(help="Only at this step.")] = None,
    city: Annotated[str | None, typer.Option(help="Only with this city, by any name.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List missions, outbound and inbound, and how far each is."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        filters = {"year": year, "direction": direction, "step": step, "city": city}
        rows, emptied = asked(missions, register, at, **filters)
    columns = {"year": "year", **ENTRY, "delegation": "travellers", "host": "host"}
    out = sum(row.direction == Direction.OUTBOUND.value for row in rows)
    said = (
        f"{number_of(len(rows), 'mission')} on {at.on}: {out} outbound, {len(rows) - out} inbound."
    )
    answer(rows, MissionRow, columns, form, at, emptied or said)


def show_mission(
    name: Annotated[str, typer.Argument(help="The mission, as it was proposed.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one mission: its steps so far, its documents, and what the rules said to each step."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = mission(register, name, at)
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    for row in rows:
        _tell(row)
    uncertain(rows, at)


def _tell(row: WholeMission) -> None:
    of = "an official" if row.official else "a study"
    tell(f"{row.mission}: {row.step} since {row.since}", strong=True)
    tell(f"{row.direction}, {of} mission of {row.year}: {', '.join(row.cities)}")
    told = row.plain()
    fields = ("timing", "listed", "rationale", "goals", "one_city_because", "economic_case")
    further = ("host", "welcome_by", "welcome_on", "welcome_given", "documents", "decision")
    tell_fields({LISTED.get(n, n): told[n] for n in (*fields, *further)}, 2)
    if row.costs:
        show_budget(row)
    if row.travellers:
        columns = {"name": "traveller", "office": "office", "seat": "seat", "pays": "pays"}
        show(row.travellers, columns, Format.TABLE, title="\nThe delegation")
    tell("\nSteps", strong=True)
    tell_steps(_saying_once(row.steps), SHOWN_ABOVE)
    show_findings(row.findings, "What the rules said")


def _saying_once(steps: Iterable[StoryStep]) -> Iterator[StoryStep]:
    """Yield the steps without the answers of rules that an earlier step told already."""
    told: set[Finding] = set()
    for step in steps:
        news = tuple(each for each in step.findings if each not in told)
        told.update(news)
        yield step.model_copy(update={"findings": news})


LISTED = {"listed": "in the plan"}
SHOWN_ABOVE = {"mission", "outline", "travellers"}
"""Fields of steps that are told of the mission as a whole."""


def show_budget(row: WholeMission) -> None:
    """Print the budget by category, then what others contribute."""
    costs = [
        {"category": name, "amount": money(row.currency, cents)}
        for name, cents in row.costs.items()
    ]
    costs += [{"category": "all together", "amount": row.budget or ""}]
    costs += [
        {"category": f"contributed by {each.by}", "amount": money(each.currency, each.cents)}
        for each in row.contributions
    ]
    columns = {"category": "category", "amount": "amount"}
    show(costs, columns, Format.TABLE, title="\nBudget")


def show_findings(rows: Sequence[FindingRow], title: str) -> None:
    """Print the answers of the rules, as a table under a title."""
    columns = {"rule": "rule", "answer": "answer", "reason": "reason", "provision": "provision"}
    show(rows, columns, Format.TABLE, title=f"\n{title}")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("missions")(list_missions)
    app.command("mission")(show_mission)
