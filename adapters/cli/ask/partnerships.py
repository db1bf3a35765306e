"""Partner cities and targeted ones: `list partnerships`, `list targeted`, `show partnership`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated

import typer

from adapters.bootstrap import open_register
from adapters.cli.common.answers import answer, asked, uncertain
from adapters.cli.common.date_options import AsOf, KnownAt, moment
from adapters.cli.common.number_options import year as a_year
from adapters.cli.common.output import Format, FormatOption, number_of, show, tell
from adapters.queries.moment import Moment
from adapters.queries.partnerships import (
    CategoryRow,
    Order,
    PartnershipRow,
    WholePartnership,
    categories,
    partnership,
    partnerships,
    targeted,
)
from adapters.queries.policy.categories import categories_on, has_categories
from domain.instruments import PartnershipState

PARTNERSHIP = {
    "city": "city",
    "country": "country",
    "established": "since",
    "description": "described as",
    "classification": "class",
    "state": "state",
    "state_basis": "by",
}

Country = Annotated[str | None, typer.Option(help="Only this country, by name or code.")]
Region = Annotated[str | None, typer.Option(help="Only this region.")]
Search = Annotated[
    str | None, typer.Option(help="Only names, present or former, with this in them.")
]


def list_partnerships(
    classification: Annotated[str | None, typer.Option(help="Only this class.")] = None,
    state: Annotated[
        PartnershipState | None, typer.Option(help="Only those in this state.")
    ] = None,
    country: Country = None,
    region: Region = None,
    search: Search = None,
    description: Annotated[
        str | None, typer.Option(help="Only those whose description has this in it.")
    ] = None,
    established: Annotated[
        int | None,
        typer.Option(parser=a_year, metavar="YEAR", help="Only those of this year."),
    ] = None,
    sort: Annotated[Order, typer.Option(help="How to sort.")] = Order.CLASS,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List partnerships, and beside them the targeted cities, which are not partners."""
    where = {"country": country, "region": region, "search": search}
    only = {"classification": classification, "state": state, "description": description}
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        filters = {**only, "established": established, **where}
        question = partial(partnerships, sort=sort)
        rows, emptied = asked(question, register, at, **filters)
        narrowed = any(value is not None for value in (*only.values(), established))
        beside = [] if narrowed else targeted(register, at, **where)
        known = [category.name for category in categories_on(register, at)]
        classes = has_categories(register) or any(map(_classed, rows))
    said = emptied or _counts(rows, beside, known, at, classes=classes)
    answer(rows, PartnershipRow, _columns(rows, classes=classes), form, at, said)


def _classed(row: PartnershipRow) -> bool:
    return row.classification is not None or row.former_category is not None


def _columns(rows: Sequence[PartnershipRow], *, classes: bool) -> dict[str, str]:
    """Return the table's columns: class where the policy has any, state where one is not active."""
    without = set[str]() if classes else {"classification"}
    if all(row.state is PartnershipState.ACTIVE for row in rows):
        without |= {"state", "state_basis"}
    return {name: title for name, title in PARTNERSHIP.items() if name not in without}


def _counts(
    rows: Sequence[PartnershipRow],
    beside: Sequence[PartnershipRow],
    known: Sequence[str],
    at: Moment,
    *,
    classes: bool,
) -> str:
    counts = Counter(dict.fromkeys(known, 0))
    uncertain = {row.code for row in rows if not row.certain}
    none = ("without a class",) if classes else ()
    for row in rows:
        if row.certain:
            counts.update((row.classification,) if row.classification else none)
            counts.update(_unusual(row))
    counts.update({"uncertain": len(uncertain)} if uncertain else {})
    cities = len({row.code for row in rows})
    told = ", ".join(f"{n} {name}" for name, n in counts.items())
    said = f"{number_of(cities, 'partnership')} on {at.on}{': ' if told else ''}{told}."
    if beside:
        names = ", ".join(sorted({row.city for row in beside}))
        several = len({row.code for row in beside})
        listed = number_of(several, "targeted city", "targeted cities")
        said += f"\n{listed} (no partnership): {names}."
    return said


def _unusual(row: PartnershipRow) -> Iterator[str]:
    """Yield the state of a partnership that is not active."""
    if row.state not in (None, PartnershipState.ACTIVE):
        yield f"{row.state}"


def list_targeted(
    country: Country = None,
    region: Region = None,
    search: Search = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List targeted cities: informal relationships, with no agreement."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        where = {"country": country, "region": region, "search": search}
        rows, emptied = asked(targeted, register, at, **where)
    several = number_of(len({row.code for row in rows}), "targeted city", "targeted cities")
    said = f"{several} on {at.on}."
    answer(
        rows,
        PartnershipRow,
        {"city": "city", "country": "country", "decision": "by"},
        form,
        at,
        emptied or said,
    )


def list_categories(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List the categories that the policy names, and what each implies."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        rows = categories(register, at)
    columns = {
        "name": "category",
        "partners": "partners",
        "implies": "implies",
        "requires": "requires",
        "approver": "given by",
        "provision": "provision",
        "decision": "by",
    }
    several = number_of(len({row.category for row in rows}), "category", "categories")
    answer(rows, CategoryRow, columns, form, at, f"{several} on {at.on}.")


def show_partnership(
    city: Annotated[str, typer.Argument(help="The city, by code or any name it has had.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one city's relationship, and how it came about."""
    with open_register() as register:
        at = moment(register, as_of, known_at, form)
        story = partnership(register, city, at)
    if form is not Format.TABLE:
        show([*story.rows, *story.before], {}, form)
        return
    place = story.place
    if not story.rows and not story.before:
        named = f"{place.name}, {place.country_name} ({place.code})"
        tell(f"{named}: no partner and not targeted on {at.on}.")
    for row in story.rows:
        _tell(row, at)
    if story.rows:
        tell("\nHow it came about\n")
        columns = {"since": "from", "established": "established", "classification": "class"}
        steps = story.rows[-1].steps
        if not any(step.classification for step in steps):
            del columns["classification"]
        if any(step.state not in (None, PartnershipState.ACTIVE) for step in steps):
            columns["state"] = "state"
        if any(step.roles for step in steps):
            columns["roles"] = "roles"
        show(steps, {**columns, "targeted": "targeted", "decision": "by"}, form)
    for row in story.before:
        tell(f"\n{place.name} took over the territory of:")
        _tell(row, at)
    uncertain([*story.rows, *story.before], at)


def _tell(row: WholePartnership, at: Moment) -> None:
    tell(f"{row.city}, {row.country} ({row.code})", strong=True)
    told = {
        "other names": ", ".join(row.other_names),
        "kind": None if row.kind == "city" else row.kind,
        "part of": row.part_of,
        "no more": f"its territory is that of {', '.join(row.successors)}"
        if row.successors
        else None,
        "region": row.region,
        "established": row.established,
        "description": row.description,
        "classification": row.classification,
        "formerly": row.former_category and f"{row.former_category}, no longer a category",
        "reason": row.reason,
        "state": _state(row),
        **row.roles,
        "agreements": ", ".join(row.agreements),
        "reported": row.reported and f"{row.reported}, without a decision",
        "ended by": row.ended_by,
        "targeted": "yes" if row.targeted else None,
        "by decision": row.decision,
    }
    for name, value in told.items():
        if value:
            tell(f"{name}: {value}", indent=2)
    if not row.certain:
        tell(f"uncertain on {at.on}", indent=2)


def _state(row: PartnershipRow) -> str | None:
    """Return a state that is not the usual one, with what was said of it."""
    if row.state is None or row.state_basis is None:
        return None
    last = row.until or row.condition
    told = [f"{row.state} until {last}" if last else f"{row.state}"]
    told += [f"its suspension until {row.ran_out} ran out"] if row.ran_out else []
    told += [f"by {row.state_by}"] if row.state_by else []
    told += ["reported, without a decision"] if row.state_basis == "report" else []
    told += [row.state_reason] if row.state_reason else []
    return "; ".join(told)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("partnerships")(list_partnerships)
    app.command("targeted")(list_targeted)
    app.command("categories")(list_categories)
    app.command("partnership")(show_partnership)
