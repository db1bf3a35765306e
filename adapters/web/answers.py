"""How an answer is sent: as JSON, CSV, a sheet or a page, with what a cache may do with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from fastapi import Request
from starlette.responses import Response

from adapters.exports import sheets
from adapters.web.asked import Asked
from adapters.web.memento import headers_of

FOR_GOOD = "public, max-age=31536000, immutable"
OWN_FOR_GOOD = "private, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Plain(Protocol):
    """A row, of a question or of a comparison."""

    def model_dump(self, *, mode: str) -> dict[str, Any]: ...


def as_json(
    request: Request,
    asked: Asked,
    rows: Sequence[Plain] | Mapping[str, Any],
    following: str = "",
) -> Response:
    """Rows as the command line writes them with `--format json`."""
    plain = rows if isinstance(rows, Mapping) else _plain(rows)
    body = json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    return sent(request, asked, body, "application/json", following)


def as_csv(
    request: Request, asked: Asked, rows: Sequence[Plain], fields: Sequence[str]
) -> Response:
    """Rows as the command line writes them with `--format csv`; `fields` name them without rows."""
    content = sheets.as_csv(_plain(rows), asked.evidence, fields)
    return sent(request, asked, content, "text/csv; charset=utf-8")


def as_sheet(request: Request, asked: Asked, rows: Sequence[Plain], title: str) -> Response:
    """Rows as a workbook, which says by itself what it is of."""
    at = f"as of {asked.at.on}, as known at position {asked.known}"
    register = asked.register.settings.register_id
    about = [f"Register {register}: {title}", at, f"Address: {asked.cite()}"]
    about += [asked.evidence] if asked.evidence else []
    answer = sent(request, asked, sheets.as_xlsx(_plain(rows), title, about), SHEET)
    answer.headers["Content-Disposition"] = f'attachment; filename="{title}.xlsx"'
    return answer


def _plain(rows: Sequence[Plain]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json") for row in rows]


def _kept(asked: Asked, kind: str) -> str:
    """Cache-Control: with sign-in for the reader's own cache, and pages name the reader.

    Until all that it shows is sealed, an answer will cite another head.
    """
    fixed = asked.fixed and asked.cited.whole
    if not asked.person.signed_in:
        return FOR_GOOD if fixed else ASK_AGAIN
    page = kind.startswith("text/html")
    return OWN_FOR_GOOD if fixed and not page else f"private, {ASK_AGAIN}"


def sent(
    request: Request, asked: Asked, body: str | bytes, kind: str, following: str = ""
) -> Response:
    """The answer, or 304 where the reader has it. One at a fixed position never changes.

    The ETag begins with the position; `Content-Location` is the address of this very answer, with
    both dates fixed. `following` is that of the next page of a list (RFC 8288).
    """
    content = body.encode() if isinstance(body, str) else body
    tag = f'"{asked.known}.{sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": _kept(asked, kind),
        "Content-Location": asked.cite(),
        **headers_of(asked),
    }
    if asked.evidence:
        headers["Evidence"] = asked.evidence.removeprefix("Evidence: ")
    if following:
        headers["Link"] += f', <{following}>; rel="next"'
    given = request.headers.get("if-none-match", "")
    if tag in [each.strip().removeprefix("W/") for each in given.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, kind)
