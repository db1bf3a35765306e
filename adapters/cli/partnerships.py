"""Partner cities and targeted ones: `list partnerships`, `list targeted`, `show partnership`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_register
from adapters.cli.moments import AsOf, KnownAt, moment, uncertain
from adapters.cli.output import Format, FormatOption, Row, console, number_of, show
from adapters.cli.places import place_of
from adapters.moments import Moment
from domain.cities import folded
from domain.instruments import Classification
from projections.register import REGISTER, Relationship
from projections.timeline import Held


class Order(StrEnum):
    """How partnerships are sorted."""

    CLASS = "class"
    CITY = "city"
    ESTABLISHED = "established"


PARTNERSHIP = {
    "city": "city",
    "country": "country",
    "established": "since",
    "description": "described as",
    "classification": "class",
}


def list_partnerships(
    classification: Annotated[Classification | None, typer.Option(help="Only this class.")] = None,
    country: Annotated[str | None, typer.Option(help="Only this country, by name or code.")] = None,
    region: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Only names, present or former, with this in them.")
    ] = None,
    sort: Annotated[Order, typer.Option(help="How to sort.")] = Order.CLASS,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List partnerships, and beside them the targeted cities, which are none."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = [
            h
            for h in register.reader(REGISTER).every(at.on, at.known)
            if _wanted(h.state, country, region, search)
        ]
        rows = [
            relationship(h)
            for h in held
            if h.state.established and classification in (None, h.state.classification)
        ]
        targeted = [] if classification else [relationship(h) for h in held if h.state.targeted]
    keys: Mapping[Order, Callable[[Row], Any]] = {
        Order.CLASS: lambda r: (_CLASSES.index(r["classification"]), r["country"], r["city"]),
        Order.CITY: lambda r: r["city"],
        Order.ESTABLISHED: lambda r: (r["established"], r["city"]),
    }
    rows.sort(key=keys[sort])
    show(rows, PARTNERSHIP, form)
    if form is Format.TABLE:
        _count(rows, targeted, at)


_CLASSES = (Classification.INTERNATIONAL.value, Classification.HISTORICAL.value, None)


def _count(rows: Sequence[Row], targeted: Sequence[Row], at: Moment) -> None:
    say = console().print
    counts = {c: sum(r["classification"] == c for r in rows) for c in _CLASSES}
    unclassified = f", {counts[None]} without a class" if counts[None] else ""
    say(
        f"\n{number_of(len({r['code'] for r in rows}), 'partnership')} on {at.on}: "
        f"{counts['International']} International, {counts['Historical']} Historical{unclassified}."
    )
    if targeted:
        names = ", ".join(sorted({r["city"] for r in targeted}))
        cities = number_of(len({r["code"] for r in targeted}), "targeted city", "targeted cities")
        say(f"{cities} (no partnership): {names}.")
    uncertain([*rows, *targeted], at)


def _wanted(row: Relationship, country: str | None, region: str | None, search: str | None) -> bool:
    if country and folded(country) not in (folded(row.country), folded(row.country_name)):
        return False
    if region and folded(region) != folded(row.region or ""):
        return False
    names = (row.name, *row.other_names)
    return not search or any(folded(search) in folded(name) for name in names)


def relationship(held: Held[Relationship]) -> dict[str, Any]:
    """A relationship as a flat row; `certain` is false where the record cannot tell."""
    row = held.state
    return {
        "code": row.city,
        "city": row.name,
        "country": row.country_name,
        "country_code": row.country,
        "established": str(row.established) if row.established else None,
        "description": row.description,
        "classification": row.classification.value if row.classification else None,
        "reason": row.reason,
        "targeted": row.targeted,
        "region": row.region,
        "other_names": list(row.other_names),
        "decision": row.decision,
        "certain": held.certain,
    }


def list_targeted(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List targeted cities: informal relationships, with no agreement."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        held = register.reader(REGISTER).every(at.on, at.known, {"targeted": True})
        rows = [relationship(h) for h in held]
    show(rows, {"city": "city", "country": "country", "decision": "by"}, form)
    if form is Format.TABLE:
        uncertain(rows, at)


def show_partnership(
    city: Annotated[str, typer.Argument(help="The city, by code or any name it has had.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one city's relationship, and how it came about."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        reader = register.reader(REGISTER)
        place = place_of(register, city, at)
        code = place.code
        answer = list(reader.every(at.on, at.known, {"city": code}))
        phases = [p for p in reader.history(code, at.known) if p.state]
    rows = [relationship(h) for h in answer]
    story = [
        {
            "from": str(p.first) if p.first == p.last else f"{p.first}/{p.last}",
            "classification": p.state.classification,
            "established": str(p.state.established) if p.state.established else None,
            "targeted": p.state.targeted,
            "decision": p.state.decision,
        }
        for p in phases
        if p.state
    ]
    story = [each for before, each in pairwise([{}, *story]) if _change(each) != _change(before)]
    if form is not Format.TABLE:
        show(rows, {}, form)
        return
    say = console().print
    if not rows:
        say(f"{place.name}, {place.country_name} ({code}): nothing holds on {at.on}.")
    for row in rows:
        say(f"{row['city']}, {row['country']} ({row['code']})")
        for name in ("other_names", "established", "description", "classification", "reason"):
            if row[name]:
                value = ", ".join(row[name]) if isinstance(row[name], list) else row[name]
                say(f"  {name.replace('_', ' ')}: {value}")
        if not row["certain"]:
            say(f"  not determinate on {at.on}")
    say("")
    headings = {"from": "from", "established": "since", "classification": "class"}
    show(story, {**headings, "targeted": "targeted", "decision": "by"}, Format.TABLE)


def _change(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "from"}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("partnerships")(list_partnerships)
    app.command("targeted")(list_targeted)
    app.command("partnership")(show_partnership)
