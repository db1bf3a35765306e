"""Answers as they are sent: JSON, CSV, a sheet or a page; and the answers that a server keeps."""

from __future__ import annotations

import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters import clock
from adapters.exports import sheets
from adapters.web.asked import Asked
from adapters.web.memento import headers_of
from domain.shared.problems import Problem

FOR_GOOD = "public, max-age=31536000, immutable"
OWN_FOR_GOOD = "private, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

QUARTER = 15 * 60 * 1_000_000
KEPT_SECONDS = 60.0
"""The longest that an answer is kept; what depends on neither log nor day is so old at most."""
MOST_ANSWERS, MOST_BYTES = 500, 300_000
"""Answers that are kept, and the size of the largest."""
KEEPABLE = "keepable"
"""The name in a request's state by which an answer says that it depends on log and day alone."""
_POSITION = re.compile(rb"(^|&)known_at=[0-9]+(&|$)")


WHOLE = 2
"""Messages of an answer that is sent at once: its head and its body."""


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
    request.scope["state"][KEEPABLE] = asked.cited.whole and not asked.person.signed_in
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


class State(NamedTuple):
    """The state that answers are of: the end of the log, and a quarter of an hour.

    Days begin at a quarter of an hour in every time zone.
    """

    head: int
    quarter: int


class Answer(NamedTuple):
    """An answer as it was sent, the route that made it, and until when it is kept."""

    route: object
    headers: list[tuple[bytes, bytes]]
    tag: bytes
    body: bytes
    until: float


class KeptAnswers:
    """Sends what was answered before, where log and day are still the same.

    It is for readers who are all shown the same: with sign-in each request is judged by itself.
    """

    def __init__(self, app: ASGIApp, head: Callable[[], int]) -> None:
        self._app, self._head = app, head
        self._state: State | None = None
        self._kept: OrderedDict[tuple[str, bytes], Answer] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_be_kept(scope):
            await self._app(scope, receive, send)
            return
        state = await self._look()
        key = (scope["path"], scope["query_string"])
        answer = self._kept.get(key)
        if state is None:
            await self._app(scope, receive, send)
        elif answer is not None and time.monotonic() < answer.until:
            await _sent(answer, scope, send)
        elif Headers(scope=scope).get("if-none-match"):
            await self._app(scope, receive, send)
        else:
            await self._made(key, state, scope, receive, send)

    async def _look(self) -> State | None:
        """Ask for the end of the log; forget answers of another one."""
        try:
            head = await run_in_threadpool(self._head)
        except Problem:  # the route itself says what is wrong
            return None
        state = State(head, clock.now() // QUARTER)
        if state != self._state:
            self._kept.clear()
            self._state = state
        return state

    async def _made(
        self,
        key: tuple[str, bytes],
        state: State,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        sent: list[Message] = []

        async def noted(message: Message) -> None:
            if len(sent) < WHOLE + 1:  # a stream has many
                sent.append(message)
            await send(message)

        scope.setdefault("state", {})
        await self._app(scope, receive, noted)
        if len(sent) != WHOLE or sent[0]["status"] != 200 or not scope["state"].get(KEEPABLE):
            return
        headers, body = list(sent[0]["headers"]), sent[1].get("body", b"")
        tag = Headers(raw=headers).get("etag", "").encode()
        of_state = tag.startswith(b'"%d.' % state.head) or bool(_POSITION.search(key[1]))
        if of_state and state == self._state and len(body) <= MOST_BYTES:
            until = time.monotonic() + KEPT_SECONDS
            self._kept[key] = Answer(scope.get("route"), headers, tag, body, until)
            while len(self._kept) > MOST_ANSWERS:
                self._kept.popitem(last=False)


def _may_be_kept(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    query = scope["query_string"]
    by_time = b"known_at=" in query and not _POSITION.search(query)
    return not by_time and b"accept-datetime" not in dict(scope["headers"])


async def _sent(answer: Answer, scope: Scope, send: Send) -> None:
    scope["route"] = answer.route  # measured as the route's own
    given = Headers(scope=scope).get("if-none-match", "")
    same = answer.tag.decode() in [each.strip().removeprefix("W/") for each in given.split(",")]
    headers = answer.headers
    if same:
        left_out = (b"content-length", b"content-type")
        headers = [pair for pair in headers if pair[0].lower() not in left_out]
    await send({"type": "http.response.start", "status": 304 if same else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if same else answer.body})
