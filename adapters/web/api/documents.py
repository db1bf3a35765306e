"""Answers in formats of others: Akoma Ntoso, iCalendar, Atom."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.queries.deadlines import deadlines
from adapters.queries.matters import decisions
from adapters.web.answers import sent
from adapters.web.api.described import document
from adapters.web.asked import Ask
from adapters.web.roles import READS

router = APIRouter(default_response_class=Response, dependencies=[READS])


@router.get(
    "/deadlines.ics", operation_id="deadlines_as_calendar", responses=document("text/calendar")
)
def calendar_of_deadlines(request: Request, asked: Ask) -> Response:
    """Deadlines as iCalendar: done ones as well, each with a name that stays."""
    from adapters.exports.calendar import Entry, calendar  # noqa: PLC0415  (heavy)

    found = deadlines(asked.register, asked.at, every=True)
    entries = [Entry(each.key, each.duty, each.status) for each in found]
    content = calendar(entries, asked.register.settings.register_id, asked.evidence)
    return sent(request, asked, content, "text/calendar; charset=utf-8")


@router.get(
    "/policy.xml",
    operation_id="policy_as_akoma_ntoso",
    responses=document("application/akn+xml"),
)
def policy_as_akoma_ntoso(request: Request, asked: Ask) -> Response:
    """The policy in force as Akoma Ntoso."""
    from adapters.exports.akoma_ntoso import akoma_ntoso  # noqa: PLC0415  (heavy)
    from adapters.queries.policy.document import policy_document  # noqa: PLC0415

    content = akoma_ntoso(policy_document(asked.register, asked.at), evidence=asked.evidence)
    return sent(request, asked, content, "application/akn+xml")


@router.get(
    "/decisions.atom", operation_id="decisions_as_feed", responses=document("application/atom+xml")
)
def feed_of_decisions(request: Request, asked: Ask) -> Response:
    """The decisions as an Atom feed, the last recorded first."""
    from adapters.exports.atom import atom  # noqa: PLC0415  (heavy)

    found = decisions(asked.register, asked.at)
    content = atom(asked.register, found, asked.cite(), asked.evidence)
    return sent(request, asked, content, "application/atom+xml")
