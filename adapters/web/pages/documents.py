"""The page of documents: originals that papers name, their bytes, and a form to attach one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from adapters.queries.documents import documents
from adapters.web.asked import Ask, Asked
from adapters.web.attached import DocumentForm, as_document
from adapters.web.pages.layout import form_page, rendered
from adapters.web.posted import require_token
from adapters.web.roles import READS, RECORDS
from domain.shared.problems import Invalid

router = APIRouter(include_in_schema=False)


@router.get("/documents", dependencies=[READS])
def show_documents(request: Request, asked: Ask) -> Response:
    """Every original that a paper names, and whether it is attached."""
    return _page(request, asked)


@router.get("/documents/{sha256}", dependencies=[READS])
def show_document(request: Request, asked: Ask, sha256: str) -> Response:
    """The bytes of a document that a paper names."""
    return as_document(request, asked, sha256)


@router.post("/documents", dependencies=[RECORDS])
def attach(request: Request, asked: Ask, form: DocumentForm) -> Response:
    """Attach a document, and show how a paper names it."""
    require_token(request, asked, form.words)
    if form.content is None or not form.file:
        return _page(request, asked, 422, mistake="Choose a file to attach")
    try:
        kept = asked.register.attach(form.file, form.media_type, form.content, asked.recorder)
    except Invalid as problem:
        reason = problem.details.get("reason", problem.title)
        return _page(request, asked, 422, mistake=f"{form.file} is not attached: {reason}")
    return _page(request, asked, kept=kept)


def _page(
    request: Request, asked: Asked, status: int = 200, mistake: str = "", kept: object = None
) -> Response:
    may = "clerk" in asked.person.roles and not asked.register.settings.read_only
    rows = documents(asked.register, asked.at)
    shown = {"rows": rows, "mistake": mistake, "kept": kept, "may": may}
    if may:
        return form_page(request, asked, "documents.html", "lists", status, **shown)
    text = rendered(asked, "documents.html", part="lists", csv="", **shown)
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})
