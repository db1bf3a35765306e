"""The pages of the register and of one city."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.queries.discrepancies import discrepancies
from adapters.queries.explanations import explain
from adapters.queries.facts.clocks import two_clocks
from adapters.queries.moment import NothingRecorded
from adapters.queries.partnerships import Order, PartnershipRow, partnership, partnerships, targeted
from adapters.queries.policy.categories import categories_on, has_categories
from adapters.web.asked import Ask, Asked
from adapters.web.pages.clocks import drawn
from adapters.web.pages.layout import Text, marks_of, page
from adapters.web.roles import READS
from domain.instruments import PartnershipState
from projections.explanation.account import Role, Step

router = APIRouter(include_in_schema=False, dependencies=[READS])


UNTOLD = (None, PartnershipState.ACTIVE)
"""States of a partnership that are not counted apart."""


@router.get("/partnerships")
def show_register(
    request: Request,
    asked: Ask,
    classification: Text = None,
    country: Text = None,
    region: Text = None,
    description: Text = None,
    search: Text = None,
    sort: Order = Order.CLASS,
) -> Response:
    """Every partnership, with filters and their counts, and the targeted cities beside them."""
    chosen = {
        "classification": classification,
        "country": country,
        "region": region,
        "description": description,
        "search": search,
    }
    given = {name: value or None for name, value in chosen.items()}
    rows = partnerships(
        asked.register,
        asked.at,
        classification=given["classification"],
        country=given["country"],
        region=given["region"],
        description=given["description"],
        search=given["search"],
        sort=sort,
    )
    narrowed = any(given.values())
    beside = targeted(
        asked.register,
        asked.at,
        country=country or None,
        region=region or None,
        search=search or None,
    )
    known = [category.name for category in categories_on(asked.register, asked.at)]
    classes = has_categories(asked.register) or any(map(_classed, rows))
    certain = [row for row in rows if row.certain]
    counts = Counter(row.classification or "No class" for row in certain if classes)
    counts.update(row.state for row in certain if row.state not in UNTOLD)
    filters = ", ".join(f"{name} {value}" for name, value in given.items() if value)
    return page(
        request,
        asked,
        "partnerships.html",
        "register",
        csv="/partnerships.csv",
        rows=rows,
        classes=classes,
        marks=marks_of(known),
        targets=[] if classification or description else beside,
        counts=[*counts.items(), ("Targeted", len(beside))],
        facets=_facets(rows),
        chosen=given,
        sort=sort.value,
        said=f"Only {filters}." if narrowed else "All. Choose a column heading to sort by it.",
    )


def _classed(row: PartnershipRow) -> bool:
    return row.classification is not None or row.former_category is not None


def _facets(rows: Iterable[PartnershipRow]) -> list[tuple[str, str, list[tuple[str, int]]]]:
    """Filters of the rows, with counts: the largest first."""
    rows = list(rows)
    fields = (
        ("Class", "classification", "classification"),
        ("Region", "region", "region"),
        ("Country", "country", "country"),
        ("Agreement", "description", "description"),
    )
    found = [
        (title, name, Counter(str(v) for row in rows if (v := getattr(row, field))).most_common())
        for title, name, field in fields
    ]
    return [facet for facet in found if facet[2]]


@router.get("/partnerships/{city}")
def city(request: Request, asked: Ask, city: str) -> Response:
    """One city: what it is on the day, and its story."""
    story = partnership(asked.register, city, asked.at)
    clocks = two_clocks(asked.register, f"partnership/{story.place.code}", asked.at)
    return page(
        request,
        asked,
        "city.html",
        "register",
        about=f"partnership/{story.place.code}",
        place=story.place,
        rows=story.rows,
        before=story.before,
        classes=has_categories(asked.register) or any(map(_classed, story.rows)),
        marks=marks_of(c.name for c in categories_on(asked.register, asked.at)),
        **_told_of(asked, story.place.code),
        clocks=drawn(asked, clocks, f"/partnerships/{story.place.code}"),
    )


def _told_of(asked: Asked, code: str) -> dict[str, Any]:
    """The story of a city without what only allowed it, and where the papers disagree about it."""
    told: Sequence[Step] = ()
    bodies: Mapping[int, str] = {}
    for kind in ("partnership", "targeted"):
        with suppress(NothingRecorded):
            account, named = explain(asked.register, f"{kind}/{code}", asked.at)
            steps = [step for step in account.steps if step.role is not Role.ALLOWS]
            if not any(map(_changed, told)) and (any(map(_changed, steps)) or not told):
                told, bodies = steps, named
    apart = discrepancies(asked.register, asked.at, about=code)
    return {"story": told, "bodies": bodies, "apart": apart}


def _changed(step: Step) -> bool:
    return step.role in (Role.CHANGES, Role.CHANGED_BEFORE)
