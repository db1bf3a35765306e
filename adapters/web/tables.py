"""Lists that pages and API share: the rows of each, and by what they can be narrowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from starlette.responses import Response

from adapters.queries.deadlines import due
from adapters.queries.lists import LISTS, ListName
from adapters.queries.rows import Row
from adapters.web.asked import Asked
from adapters.web.filters import Facet, ListShape

YEAR = Facet("Year", "on", by_year=True)

TABLES: Mapping[ListName, ListShape] = {
    ListName.MATTERS: ListShape(
        (Facet("Standing", "result"), YEAR), ("title", "matter", "on", "result")
    ),
    ListName.DECISIONS: ListShape(
        (Facet("Body", "body"), Facet("Decided", "result"), YEAR, Facet("Matter", "matter")),
        ("title", "body", "on", "result"),
    ),
    ListName.MOTIONS: ListShape(
        (Facet("Body", "body"), Facet("Result", "result"), YEAR, Facet("Matter", "matter")),
        ("title", "body", "on", "result"),
    ),
    ListName.DUE: ListShape(
        (Facet("Status", "status"), Facet("Kind", "kind"), Facet("Owed by", "owed_by")),
        ("says", "subject", "due", "status"),
    ),
    ListName.DEADLINES: ListShape(
        (Facet("Status", "status"), Facet("Kind", "kind"), Facet("Owed by", "owed_by")),
        ("says", "subject", "owed_by", "due", "status"),
    ),
    ListName.DISCREPANCIES: ListShape(
        (Facet("Status", "status"), Facet("About", "about")),
        ("title", "number", "since", "status"),
    ),
    ListName.AGREEMENTS: ListShape(
        (
            Facet("Kind", "kind"),
            Facet("Status", "status"),
            Facet("Since", "since", by_year=True),
            Facet("Place", "places"),
        ),
        ("agreement", "kind", "since", "expires", "status"),
    ),
    ListName.TARGETED: ListShape((Facet("Country", "country"),), ("city", "country")),
    ListName.CATEGORIES: ListShape((), ("name", "partners")),
    ListName.PROVISIONS: ListShape((), ("heading", "address", "version")),
    ListName.STUDIES: ListShape((), ("edition", "study", "on")),
    ListName.BASIS_CHANGED: ListShape((Facet("Act", "entry"), YEAR), ("entry", "stream", "on")),
    ListName.BODIES: ListShape((), ("name", "body")),
    ListName.EXPLORATIONS: ListShape((Facet("Basis", "basis"),), ("name", "basis")),
    ListName.MISSIONS: ListShape(
        (
            Facet("Year", "year"),
            Facet("Direction", "direction"),
            Facet("Step", "step"),
            Facet("City", "cities"),
        ),
        ("mission", "direction", "timing", "step"),
    ),
    ListName.PLANS: ListShape((Facet("Stage", "stage"),), ("year", "since", "stage")),
    ListName.REQUESTS: ListShape(
        (
            Facet("Stage", "stage"),
            Facet("Year", "received", by_year=True),
            Facet("Report overdue", "overdue"),
        ),
        ("place", "request", "received", "report_due", "stage"),
    ),
}
"""Filters and orders of each list; the others have search alone."""

PLAIN = ListShape()


def shape_of(name: ListName) -> ListShape:
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
