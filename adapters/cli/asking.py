"""What stands: `list`, `show`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

import typer

from adapters.bootstrap import open_register
from adapters.cli.disagreeing import list_discrepancies, show_discrepancy
from adapters.cli.errors import NothingRecorded
from adapters.cli.facts import place_of
from adapters.cli.moments import AsOf, KnownAt, Moment, moment, uncertain
from adapters.cli.output import Format, FormatOption, Row, console, show, tell
from adapters.cli.policy import list_provisions
from adapters.cli.relying import list_basis_changed
from domain.cities import folded
from domain.instruments import Classification
from projections.decision_record import DECISION_RECORD, Item
from projections.explorations import EXPLORATIONS
from projections.register import REGISTER, Relationship
from projections.timeline import Held

listing = typer.Typer(no_args_is_help=True, help="List what stands, on a day, as then known.")
showing = typer.Typer(no_args_is_help=True, help="Show one partnership or one matter, whole.")


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


@listing.command("partnerships")
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
        f"\n{len({r['code'] for r in rows})} partnerships on {at.on}: {counts['International']} "
        f"International, {counts['Historical']} Historical{unclassified}."
    )
    if targeted:
        names = ", ".join(sorted({r["city"] for r in targeted}))
        say(f"{len({r['code'] for r in targeted})} targeted cities (no partnerships): {names}.")
    uncertain(rows + list(targeted) if isinstance(rows, list) else targeted, at)


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


@listing.command("targeted")
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


@listing.command("matters")
def list_matters(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List matters, and how each stands."""
    _items("matter", {"matter": "matter", "on": "since", "title": "title", "result": "state"})(
        as_of, known_at, form
    )


@listing.command("decisions")
def list_decisions(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List what the bodies decided."""
    columns = {"matter": "matter", "item": "decision", "on": "on", "body": "body"}
    _items("decision", {**columns, "result": "decided", "title": "summary"})(as_of, known_at, form)


def _items(kind: str, columns: Mapping[str, str]) -> Any:
    def run(as_of: Any, known_at: str | None, form: Format) -> None:
        with open_register() as register:
            at = moment(register, as_of, known_at)
            held = register.reader(DECISION_RECORD).every(at.on, at.known, {"kind": kind})
            rows = sorted((item(h) for h in held), key=lambda r: (r["on"], r["matter"], r["item"]))
        show(rows, columns, form)
        if form is Format.TABLE:
            uncertain(rows, at)

    return run


def item(held: Held[Item]) -> dict[str, Any]:
    """An item of a matter as a flat row, without the event's own content."""
    row = held.state.model_dump(mode="json", exclude={"detail"})
    return {**row, "certain": held.certain}


@listing.command("explorations")
def list_explorations(
    as_of: AsOf = None, known_at: KnownAt = None, form: FormatOption = Format.TABLE
) -> None:
    """List what is being explored, and where a report is owed."""
    with open_register() as register:
        at = moment(register, as_of, known_at)
        rows = [
            {**h.state.model_dump(mode="json"), "certain": h.certain}
            for h in register.reader(EXPLORATIONS).every(at.on, at.known)
        ]
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


@showing.command("matter")
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
    if row["kind"] == "motion":
        for finding in row["findings"]:
            tell(f"rule {finding['rule']}: {finding['reason']}", indent=4)


def _as_it_went(held: Held[Item]) -> tuple[bool, date, int]:
    return (held.state.kind != "matter", held.state.on.first, held.phase.position)


@showing.command("partnership")
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
    listing.command("provisions")(list_provisions)
    listing.command("basis-changed")(list_basis_changed)
    listing.command("discrepancies")(list_discrepancies)
    showing.command("discrepancy")(show_discrepancy)
    app.add_typer(listing, name="list")
    app.add_typer(showing, name="show")
