"""The pages of lists, each with filters, search and order: matters, what is due, missions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.queries.deadlines import cities_of, grouped
from adapters.queries.lists import ListName
from adapters.web.asked import Ask
from adapters.web.filters import Narrowed, narrowed
from adapters.web.pages.layout import page
from adapters.web.roles import READS
from adapters.web.tables import TABLES, accepts, rows_of

router = APIRouter(include_in_schema=False, dependencies=[READS])


class Column(NamedTuple):
    """A field of the rows as a column, and its heading."""

    field: str
    label: str


class Listing(NamedTuple):
    """A list as a page: what it is, its columns, and where each row leads.

    `link` and `anchor` are filled with the fields of the row.
    """

    name: ListName
    title: str
    lede: str
    empty: str
    columns: tuple[Column, ...]
    link: str = ""
    part: str = "lists"


def _columns(*given: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(*each) for each in given)


LISTINGS = (
    Listing(
        ListName.MATTERS,
        "Matters",
        "What came before the bodies, and how each matter stands.",
        "No matter",
        _columns(
            ("title", "Matter"), ("matter", "Number"), ("on", "Opened"), ("result", "Standing")
        ),
        "/matters/{matter}",
        "matters",
    ),
    Listing(
        ListName.DECISIONS,
        "Decisions",
        "What the bodies resolved, in the order of days.",
        "No decision",
        _columns(("title", "Decision"), ("body", "Body"), ("on", "Day"), ("result", "Decided")),
        "/matters/{matter}#{item}",
        "decisions",
    ),
    Listing(
        ListName.MOTIONS,
        "Motions",
        "What was moved, and what became of it.",
        "No motion",
        _columns(("title", "Motion"), ("body", "Body"), ("on", "Day"), ("result", "Result")),
        "/matters/{matter}#{item}",
        "decisions",
    ),
    Listing(
        ListName.DUE,
        "What is due",
        "Reports, documents, letters and matters that are owed or late, the most pressing first.",
        "Nothing due",
        _columns(("says", "Duty"), ("subject", "Of"), ("due", "Due"), ("status", "Status")),
        part="due",
    ),
    Listing(
        ListName.DEADLINES,
        "Deadlines",
        "Duties with their days: overdue, due, owed without a date, and done.",
        "No duty",
        _columns(
            ("says", "Duty"),
            ("subject", "Of"),
            ("owed_by", "Owed by"),
            ("due", "Due"),
            ("status", "Status"),
        ),
        part="due",
    ),
    Listing(
        ListName.DISCREPANCIES,
        "Discrepancies",
        "Where the sources disagree with themselves. None is settled without a decision.",
        "No discrepancy",
        _columns(
            ("title", "Discrepancy"), ("number", "Number"), ("since", "Since"), ("status", "Status")
        ),
        "/discrepancies/{discrepancy}",
        "discrepancies",
    ),
    Listing(
        ListName.BODIES,
        "Bodies",
        "Who decides and who advises, and whose place each took.",
        "No body",
        _columns(
            ("name", "Body"), ("body", "Id"), ("ended", "Ended"), ("successors", "Successors")
        ),
        "/bodies/{body}",
    ),
    Listing(
        ListName.AGREEMENTS,
        "Agreements",
        "What was agreed, with whom, since when and until when.",
        "No agreement",
        _columns(
            ("agreement", "Agreement"),
            ("kind", "Kind"),
            ("places", "With"),
            ("since", "Since"),
            ("expires", "Expires"),
            ("status", "Status"),
            ("succeeded_by", "Succeeded by"),
        ),
        "/agreements/{agreement}",
    ),
    Listing(
        ListName.TARGETED,
        "Targeted cities",
        "Cities with which ties are worth building without an agreement. None is a partnership.",
        "No targeted city",
        _columns(("city", "City"), ("country", "Country"), ("decision", "Decided by")),
        "/partnerships/{code}",
        "register",
    ),
    Listing(
        ListName.CATEGORIES,
        "Categories",
        "The classes of partnership that the policy names, what each implies, and who decides.",
        "No category",
        _columns(
            ("name", "Category"),
            ("implies", "Implies"),
            ("approver", "Decided by"),
            ("partners", "Partners"),
            ("provision", "Provision"),
        ),
        "/policy/{provision}",
        "policy",
    ),
    Listing(
        ListName.PROVISIONS,
        "Provisions",
        "Every provision that may be in force, in the order of the policy.",
        "No provision",
        _columns(
            ("heading", "Provision"),
            ("address", "Address"),
            ("version", "Version"),
            ("decision", "Decided by"),
        ),
        "/policy/{address}",
        "policy",
    ),
    Listing(
        ListName.STUDIES,
        "Studies",
        "Editions of studies that reports cite. A citation is no decision.",
        "No study",
        _columns(
            ("edition", "Edition"), ("study", "Study"), ("authors", "Authors"), ("on", "Cited on")
        ),
        "/studies/{edition}",
    ),
    Listing(
        ListName.BASIS_CHANGED,
        "Acts whose basis changed",
        "Acts that rested on a rule, decision or fact that is known to be otherwise now.",
        "No act whose basis changed",
        _columns(
            ("entry", "Act"),
            ("stream", "In"),
            ("on", "Decided"),
            ("decision", "Decision"),
            ("changed", "What is no longer so"),
        ),
    ),
    Listing(
        ListName.EXPLORATIONS,
        "Explorations",
        "Looks at possible relationships.",
        "No exploration",
        _columns(("name", "Exploration"), ("purpose", "Purpose"), ("basis", "Basis")),
        "/explorations/{subject}",
    ),
    Listing(
        ListName.MISSIONS,
        "Missions",
        "Outbound and inbound missions, and how far each is.",
        "No mission",
        _columns(
            ("mission", "Mission"),
            ("cities", "Cities"),
            ("direction", "Direction"),
            ("timing", "Timing"),
            ("step", "Step"),
        ),
        "/missions/{mission}",
        "plans",
    ),
    Listing(
        ListName.PLANS,
        "Plans",
        "Each year's plan: the visits and missions that it counts, and how far it is.",
        "No plan",
        _columns(
            ("year", "Year"),
            ("visits", "Visits"),
            ("missions", "Missions"),
            ("since", "Since"),
            ("stage", "Stage"),
        ),
        "/plans/{year}",
        "plans",
    ),
    Listing(
        ListName.REQUESTS,
        "Requests",
        "Requests for a relationship, and how far each is.",
        "No request",
        _columns(
            ("place", "From"),
            ("request", "Request"),
            ("received", "Received"),
            ("report_due", "Report due"),
            ("stage", "Stage"),
        ),
        "/requests/{request}",
    ),
)
"""Every list that is a page; `TABLES` has the question behind each, and its filters."""


def _page_of(listing: Listing) -> Callable[[Request, Ask], Response]:
    def listed(request: Request, asked: Ask) -> Response:
        name = listing.name
        return page(
            request,
            asked,
            "list.html",
            listing.part,
            f"/{name.value}.csv",
            found=_lines(name, narrowed(request, asked, rows_of(name, asked), TABLES[name])),
            listing=listing,
            path=f"/{name.value}",
            sorts=TABLES[name].sorts,
            every=LISTINGS,
        )

    return accepts(listed, TABLES[listing.name].parameters)


def _lines(name: ListName, found: Narrowed) -> Narrowed:
    """Return the lines of a page: what is owed to many cities is one of them."""
    if name is not ListName.DUE:
        return found
    groups = grouped(found.rows)
    lines = [g.first.model_copy(update={"subject": cities_of(g)}) for g in groups]
    return found._replace(rows=lines)


for _listing in LISTINGS:
    router.add_api_route(f"/{_listing.name.value}", _page_of(_listing))
