"""Forms and bodies that are sent to be recorded: read with limits, from this site alone.

A form carries a token that only this site's own cookie can have, so that no other site can have a
browser send one. A program sends a media type that no form can have.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from adapters.minutes.yaml_tree import MOST_BYTES
from adapters.web.asked import Asked

MOST_FIELDS = 500
COOKIE = "alliance-form"
TOKEN = "token"  # noqa: S105  (the name of a field)
FORM, UPLOAD = "application/x-www-form-urlencoded", "multipart/form-data"
JSON, YAML = "application/json", ("application/yaml", "application/x-yaml", "text/yaml")


class Posted(NamedTuple):
    """The fields of a form, and the file that was sent with it."""

    words: Mapping[str, str]
    file: str
    content: bytes | None
    media_type: str = ""


async def body_of(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body of a request; 413 beyond the limit, unless said that for a minutes file."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most:
            raise HTTPException(413, f"what is sent is larger than {most} bytes")
    return bytes(content)


async def form_of(request: Request) -> Posted:
    """The form in a request. 415 for another media type, 400 for what cannot be read."""
    return await form_within(request, MOST_BYTES)


async def form_within(request: Request, most: int) -> Posted:
    """The form in a request, which may be of so many bytes."""
    kind = _media_type(request)
    if kind not in (FORM, UPLOAD):
        raise HTTPException(415, f"send a form ({FORM} or {UPLOAD})")
    content = await body_of(request, most)
    if kind == FORM:
        try:
            pairs = parse_qsl(content.decode(), True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise HTTPException(400, f"the form cannot be read: {error}") from None
        return Posted(dict(pairs), "", None)

    async def whole() -> AsyncGenerator[bytes]:
        yield content

    parser = MultiPartParser(
        request.headers, whole(), max_files=1, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES
    )
    try:
        parts = await parser.parse()
    except (MultiPartException, ValueError, KeyError) as error:
        raise HTTPException(400, f"the form cannot be read: {error}") from None
    words = {name: said for name, said in parts.multi_items() if isinstance(said, str)}
    sent = next((s for _, s in parts.multi_items() if isinstance(s, UploadFile)), None)
    found = (
        Posted(words, sent.filename or "", await sent.read(), sent.content_type or "")
        if sent
        else None
    )
    await parts.close()
    return found or Posted(words, "", None)


async def content_of_request(request: Request) -> tuple[str, bytes]:
    """The body of a program's request and its media type: JSON or YAML, else 415."""
    kind = _media_type(request)
    if kind != JSON and kind not in YAML:
        raise HTTPException(415, f"send {JSON} or {YAML[0]}")
    return kind, await body_of(request)


def as_object(content: bytes) -> dict[str, Any]:
    """JSON as an object; 400 for anything else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"this cannot be read as JSON: {error}") from None
    if not isinstance(found, dict):
        raise HTTPException(400, "this is not a JSON object")
    return found


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def token_of(request: Request, asked: Asked) -> tuple[str, str]:
    """The cookie of this browser, new where it has none, and the token of it and its session."""
    cookie = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    return cookie, asked.register.command_bus.keys.digest(
        f"form\0{cookie}\0{asked.person.session}".encode()
    )


def set_form_cookie(response: Response, cookie: str) -> Response:
    """Set the cookie, which no script and no other site gets, and keep the page from caches."""
    response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", path="/")
    response.headers["Cache-Control"] = "no-store"
    return response


def require_token(request: Request, asked: Asked, words: Mapping[str, str]) -> None:
    """Raise 403 if a form does not carry the token of this browser's cookie."""
    known = request.cookies.get(COOKIE)
    given = words.get(TOKEN, "")
    expected = token_of(request, asked)[1]
    if known is None or not secrets.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(403, "this form is not from this site, or too old: open it again")
