"""The pages of one mission, request, exploration, discrepancy or plan: fields, findings, steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from starlette.responses import Response

from adapters.bootstrap import Register
from adapters.queries.bodies import body
from adapters.queries.discrepancies import discrepancy
from adapters.queries.explorations import exploration
from adapters.queries.missions import mission
from adapters.queries.moment import Moment, NothingRecorded
from adapters.queries.plans import plan
from adapters.queries.requests import agreement
from adapters.queries.requests import request as one_request
from adapters.queries.rows import Row
from adapters.queries.studies import study
from adapters.web.asked import Ask
from adapters.web.pages.layout import page
from adapters.web.roles import READS

router = APIRouter(include_in_schema=False, dependencies=[READS])


class Thing(NamedTuple):
    """A kind of thing with a page: its list, its question, and the fields that the page names.

    `fact` is the kind by which it can be explained, `standing` the field that says how far it is,
    both empty where there is none; `fields` are told in their order, where they say something.
    """

    path: str
    label: str
    fact: str
    key: str
    title: str
    standing: str
    fields: Sequence[str]
    part: str
    question: Callable[[Register, str, Moment], Sequence[Row]]


THINGS = (
    Thing(
        "/missions",
        "Missions",
        "mission",
        "mission",
        "mission",
        "step",
        (
            *("direction", "year", "cities", "timing", "since", "official", "listed", "host"),
            *("budget", "rationale", "goals", "economic_case", "one_city_because", "documents"),
            "decision",
        ),
        "plans",
        mission,
    ),
    Thing(
        "/requests",
        "Requests",
        "request",
        "request",
        "place",
        "stage",
        (
            *("request", "asks", "arrangement", "received", "since", "report_due", "overdue"),
            *("late", "recommended", "positive_case", "decision"),
        ),
        "lists",
        one_request,
    ),
    Thing(
        "/explorations",
        "Explorations",
        "exploration",
        "subject",
        "name",
        "basis",
        ("purpose", "places", "decided_on", "report_owed", "decision"),
        "lists",
        exploration,
    ),
    Thing(
        "/agreements",
        "Agreements",
        "agreement",
        "agreement",
        "description",
        "status",
        (
            *("kind", "places", "parties", "since", "expires", "partnership", "renews"),
            *("renewed_by", "succeeded_by", "ended_by", "decision"),
        ),
        "lists",
        agreement,
    ),
    Thing(
        "/studies",
        "Studies",
        "",
        "edition",
        "study",
        "",
        ("edition", "authors", "on"),
        "lists",
        study,
    ),
    Thing(
        "/bodies",
        "Bodies",
        "body",
        "body",
        "name",
        "",
        ("other_names", "succeeds", "acts_for", "residual", "ended", "successors"),
        "lists",
        body,
    ),
    Thing(
        "/discrepancies",
        "Discrepancies",
        "discrepancy",
        "discrepancy",
        "title",
        "status",
        ("number", "since", "about", "decision", "how"),
        "discrepancies",
        discrepancy,
    ),
)


def _page_of(thing: Thing) -> Callable[[Request, Ask, str], Response]:
    def show(request: Request, asked: Ask, name: str) -> Response:
        rows: Sequence[Any] = thing.question(asked.register, name, asked.at)
        return page(
            request,
            asked,
            "thing.html",
            thing.part,
            thing=thing,
            rows=rows,
            told=_told(thing, rows),
            tables=[_tables(row) for row in rows],
        )

    return show


def _told(thing: Thing, rows: Sequence[Any]) -> list[list[tuple[str, object]]]:
    """The fields of each row that say something, with their labels."""
    return [
        [
            (field.replace("_", " ").capitalize(), getattr(row, field))
            for field in thing.fields
            if getattr(row, field, None) not in (None, (), "")
        ]
        for row in rows
    ]


def _tables(row: Any) -> list[tuple[str, Sequence[str], list[tuple[object, ...]]]]:
    """Fields that name one thing after the other, each as a table: its title, head and lines."""
    found: list[tuple[str, Sequence[str], list[tuple[object, ...]]]] = []
    signed: Mapping[str, str] = getattr(row, "signed", {})
    ratified: Mapping[str, str] = getattr(row, "ratified", {})
    if signed or ratified:
        lines = [(who, signed.get(who), ratified.get(who)) for who in {**signed, **ratified}]
        found.append(("Signatures", ("Party", "Signed", "Ratified"), [*lines]))
    for field, title, head in _OF_EACH:
        if told := getattr(row, field, None):
            found.append((title, head, [*told.items()]))
    return found


_OF_EACH = (
    ("roles", "Roles", ("Role", "Held by")),
    ("tiers", "Tiers", ("Tier", "Cities")),
    ("marks", "Marks", ("Mark", "Cities")),
)

for _thing in THINGS:
    router.add_api_route(f"{_thing.path}/{{name}}", _page_of(_thing))


@router.get("/plans/{year}")
def show_plan(
    request: Request, asked: Ask, year: Annotated[int, PathParameter(ge=1900, le=2999)]
) -> Response:
    """A year's plan against the limits in force: its missions, and the rules' answers."""
    found = plan(asked.register, year, asked.at)
    if not found.plans and not found.entries:
        raise NothingRecorded(fact=f"plan/{year}")
    return page(request, asked, "plan.html", "plans", year=year, found=found)
