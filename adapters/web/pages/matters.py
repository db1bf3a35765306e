"""The pages of a matter, and of why a fact is so."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.queries.explanations import explain
from adapters.queries.matters import matter
from adapters.web.asked import Ask
from adapters.web.pages.layout import page
from adapters.web.roles import READS

router = APIRouter(include_in_schema=False, dependencies=[READS])


@router.get("/matters/{name}")
def show_matter(request: Request, asked: Ask, name: str) -> Response:
    """A matter from first report to disposition."""
    rows = matter(asked.register, name, asked.at)
    return page(
        request, asked, "matter.html", "matters", about=f"matter/{rows[0].matter}", rows=rows
    )


@router.get("/why/{fact:path}")
def why(request: Request, asked: Ask, fact: str) -> Response:
    """Why a fact is so, as a time-line."""
    account, bodies = explain(asked.register, fact, asked.at)
    return page(request, asked, "why.html", "register", account=account, bodies=bodies)
