"""Documents over the API: those that papers name, their bytes, and attaching one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response

from adapters.files import FILE_NAME
from adapters.queries.documents import documents
from adapters.queries.rows import Row
from adapters.web.api.described import rows_of_type
from adapters.web.asked import Ask
from adapters.web.attached import DocumentBytes, as_document
from adapters.web.roles import READS, RECORDS

router = APIRouter(default_response_class=Response)

Digest = Annotated[str, Path(description="The SHA-256 of its bytes.", pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Query(description="The file's name, without a path.", pattern=FILE_NAME)]
OCTETS = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_SENT = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Its bytes, in its own media type.", "content": OCTETS},
}


class AttachedRow(Row):
    """A document as it is kept: its digest, the name it first had, its type, and its bytes."""

    sha256: str
    name: str
    media_type: str
    size: int


@router.get(
    "/documents",
    operation_id="list_documents",
    responses=rows_of_type(documents),
    dependencies=[READS],
)
def list_documents(asked: Ask) -> Response:
    """List the originals that papers name, and whether each is attached."""
    rows = [row.plain() for row in documents(asked.register, asked.at)]
    return JSONResponse(rows, headers={"Cache-Control": "no-store"})


@router.get(
    "/documents/{sha256}",
    operation_id="document_content",
    responses=_BYTES,
    dependencies=[READS],
)
def document_content(request: Request, asked: Ask, sha256: Digest) -> Response:
    """The bytes of a document that a paper names."""
    return as_document(request, asked, sha256)


@router.post(
    "/documents",
    operation_id="attach_document",
    status_code=201,
    responses={201: {"description": "It is attached.", "model": AttachedRow}},
    openapi_extra={"requestBody": {"required": True, "content": _SENT}},
    dependencies=[RECORDS],
)
def attach_document(request: Request, asked: Ask, body: DocumentBytes, name: Name) -> Response:
    """Attach a document by its bytes; the same bytes again change nothing.

    A paper names it by `source: { name, sha256 }`, and it is shown where that paper may be seen.
    """
    kind = request.headers.get("content-type", "")
    kept = asked.register.attach(name, kind, body, asked.recorder)
    row = AttachedRow(
        sha256=kept.sha256, name=kept.name, media_type=kept.media_type, size=kept.size
    )
    headers = {"Cache-Control": "no-store", "Location": f"/api/v1/documents/{kept.sha256}"}
    return JSONResponse(row.plain(), 201, headers)
