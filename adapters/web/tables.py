"""Lists that pages and API share: the rows of each, and by what they can be narrowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from starlette.responses import Response

from adapters.queries.deadlines import due
from adapters.queries.lists import LISTS, ListName
from adapters.queries.rows import Row
from adapters.web.asked import Asked
from adapters.web.filters import Facet, Shape

YEAR = Facet("Year", "on", by_year=True)

TABLES: Mapping[ListName, Shape] = {
    ListName.MATTERS: Shape(
        (Facet("Standing", "result"), YEAR), ("title", "matter", "on", "result")
    ),
    ListName.DECISIONS: Shape(
        (Facet("Body", "body"), Facet("Decided", "result"), YEAR, Facet("Matter", "matter")),
        ("title", "body", "on", "result"),
    ),
    ListName.MOTIONS: Shape(
        (Facet("Body", "body"), Facet("Result", "result"), YEAR, Facet("Matter", "matter")),
        ("title", "body", "on", "result"),
    ),
    ListName.DUE: Shape(
        (Facet("Status", "status"), Facet("Kind", "kind"), Facet("Owed by", "owed_by")),
        ("says", "subject", "due", "status"),
    ),
    ListName.DEADLINES: Shape(
        (Facet("Status", "status"), Facet("Kind", "kind"), Facet("Owed by", "owed_by")),
        ("says", "subject", "owed_by", "due", "status"),
    ),
    ListName.DISCREPANCIES: Shape(
        (Facet("Status", "status"), Facet("About", "about")),
        ("title", "number", "since", "status"),
    ),
    ListName.AGREEMENTS: Shape(
        (
            Facet("Kind", "kind"),
            Facet("Status", "status"),
            Facet("Since", "since", by_year=True),
            Facet("Place", "places"),
        ),
        ("agreement", "kind", "since", "expires", "status"),
    ),
    ListName.TARGETED: Shape((Facet("Country", "country"),), ("city", "country")),
    ListName.CATEGORIES: Shape((), ("name", "partners")),
    ListName.PROVISIONS: Shape((), ("heading", "address", "version")),
    ListName.STUDIES: Shape((), ("edition", "study", "on")),
    ListName.BASIS_CHANGED: Shape((Facet("Act", "entry"), YEAR), ("entry", "stream", "on")),
    ListName.BODIES: Shape((), ("name", "body")),
    ListName.EXPLORATIONS: Shape((Facet("Basis", "basis"),), ("name", "basis")),
    ListName.MISSIONS: Shape(
        (
            Facet("Year", "year"),
            Facet("Direction", "direction"),
            Facet("Step", "step"),
            Facet("City", "cities"),
        ),
        ("mission", "direction", "timing", "step"),
    ),
    ListName.PLANS: Shape((Facet("Stage", "stage"),), ("year", "since", "stage")),
    ListName.REQUESTS: Shape(
        (
            Facet("Stage", "stage"),
            Facet("Year", "received", by_year=True),
            Facet("Report overdue", "overdue"),
        ),
        ("place", "request", "received", "report_due", "stage"),
    ),
}
"""Filters and orders of each list; the others have search alone."""

PLAIN = Shape()


def shape_of(name: ListName) -> Shape:
    """By what a list can be narrowed."""
    return TABLES.get(name, PLAIN)


def rows_of(name: ListName, asked: Asked) -> Sequence[Row]:
    """All rows of a list; of what is due, those that are open alone."""
    if name is ListName.DUE:
        return due(asked.register, asked.at)
    return LISTS[name](asked.register, asked.at)


Handler = TypeVar("Handler", bound=Callable[..., Response])


def accepts(handler: Handler, parameters: Sequence[str]) -> Handler:
    """A handler that reads these parameters itself; `ask` lets them pass."""
    handler.parameters = parameters  # type: ignore[attr-defined]
    return handler
