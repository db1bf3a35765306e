"""Attached documents over HTTP: how one is received, and how its bytes are sent."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.files import MOST_BYTES
from adapters.queries.documents import document
from adapters.web.asked import Asked
from adapters.web.posted import Posted, body_of, form_within

MOST = MOST_BYTES + 2**16
"""Bytes of a request: the largest document, and the rest of its form."""
SEALED_OFF = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The limits for a browser that shows a document after all: it runs nothing and loads nothing."""


async def _form(request: Request) -> Posted:
    return await form_within(request, MOST)


async def _bytes(request: Request) -> bytes:
    return await body_of(request, MOST)


DocumentForm = Annotated[Posted, Depends(_form)]
DocumentBytes = Annotated[bytes, Depends(_bytes)]


def as_document(request: Request, asked: Asked, sha256: str) -> Response:
    """The bytes of a document that a paper names, as a file to keep: a browser shows none of it.

    Raises `NothingRecorded` where no paper that may be seen names it, and 404 where it is named
    but not attached.
    """
    row = document(asked.register, sha256, asked.at)
    try:
        content = asked.register.attachments.content(sha256)
    except KeyError:
        raise HTTPException(
            404,
            f"{row.name} is named by {row.matter}/{row.document} with this digest, "
            "and is not attached to this register",
        ) from None
    headers = {
        "ETag": f'"{sha256}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename=\"{sha256[:12]}\"; filename*=UTF-8''"
        + quote(row.name.replace("/", "_").replace("\\", "_"), safe=""),
        "Content-Security-Policy": SEALED_OFF,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Repr-Digest": f"sha-256=:{_base64(sha256)}:",
    }
    given = request.headers.get("if-none-match", "")
    if headers["ETag"] in [each.strip().removeprefix("W/") for each in given.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, row.media_type)


def _base64(sha256: str) -> str:
    return b64encode(bytes.fromhex(sha256)).decode()
