"""Every page: the start, the register, the policy, matters, lists, the log, the stylesheet."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from adapters.web.asked import Ask
from adapters.web.pages import (
    clocks,
    documents,
    drafts,
    journal,
    lists,
    live,
    log,
    matters,
    paper,
    partnerships,
    policy,
    record,
    sign_in,
    things,
)
from adapters.web.pages.layout import HERE
from adapters.web.roles import EVERYBODY, READS

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[READS])
def start(asked: Ask) -> Response:
    """The register."""
    return RedirectResponse(asked.link("/partnerships"))


@router.get("/static/pages.css", dependencies=[EVERYBODY])
def stylesheet() -> Response:
    """The one stylesheet."""
    content = (HERE / "static" / "pages.css").read_bytes()
    return Response(content, 200, {"Cache-Control": "max-age=3600"}, "text/css; charset=utf-8")


for _part in (
    paper,  # an address with `.pdf` before things of any name
    partnerships,
    policy,
    matters,
    clocks,
    lists,
    things,
    live,
    documents,
    log,
    record,
    sign_in,
    drafts,
    journal,
):
    router.routes.extend(_part.router.routes)
