"""The page of refusals, for auditors, and the same for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from adapters.web.asked import Ask
from adapters.web.pages.layout import rendered
from adapters.web.roles import AUDITS

router = APIRouter(include_in_schema=False, dependencies=[AUDITS])
NO_STORE = {"Cache-Control": "no-store"}
Rule = Annotated[str | None, Query(description="Only refusals by this rule, such as B2.")]


@router.get("/refusals")
def refusals(request: Request, asked: Ask, rule: Rule = None) -> Response:
    """Refusals: who, when, by which rule."""
    rows = asked.people.refusals.newest(rule) if asked.people else ()
    text = rendered(asked, "refusals.html", part="", csv="", rows=rows, rule=rule)
    return HTMLResponse(text, headers=NO_STORE)


@router.get("/api/v1/refusals")
def refusals_for_programs(request: Request, asked: Ask, rule: Rule = None) -> Response:
    """The same rows; `who` is a pseudonym."""
    rows = asked.people.refusals.newest(rule) if asked.people else ()
    return JSONResponse([row._asdict() for row in rows], headers=NO_STORE)
