"""Refuse requests: always as problem+json (RFC 9457), but streams so that a browser comes back."""

from __future__ import annotations

import asyncio
import json
import re
import resource
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

import h11
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, JsonValue
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from adapters.minutes.mistakes import FileMistake, InvalidFile
from adapters.queries.entries import NoSuchEntry
from adapters.queries.explanations import NoSuchFact
from adapters.queries.moment import InCamera, NothingRecorded, NotYet
from adapters.queries.policy.document import NothingInForce
from adapters.web.asked import Asked
from adapters.web.roles import RateLimited
from application.command_bus import Moved
from application.minutes import InvalidMinutes
from application.minutes_mistakes import Mistake
from application.ports import Damaged, Unreadable
from domain.shared.mistakes import mistake_in_words
from domain.shared.problems import Conflict, Invalid, Problem, Refusal

_log = structlog.get_logger("web")

OURS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
"""Host names that are answered: others are refused, against the rebinding of DNS names."""
MOST_REQUESTS = 200
"""Requests answered at a time; streams have limits of their own."""
STREAMS = ("/feed/events/stream", "/live")
_FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
MOST_CONNECTIONS = min(1024, _FILES // 2) if _FILES > 0 else 512
"""Open connections; one more is closed at once. Half of the file descriptors stay for others."""
ACCEPTED_AT_A_TIME = min(64, MOST_CONNECTIONS // 8)
"""So many connections are accepted before they are counted: file descriptors must last for them."""
REQUEST_SECONDS = 10.0
"""The limit for sending a whole request, or `FAST_ENOUGH` bytes more of it."""
FAST_ENOUGH = 500_000
PROGRAMS = ("/api/", "/feed", "/evidence")
"""Paths for programs, which never want a page."""
LATER_SECONDS = 5
LATER = {"Retry-After": str(LATER_SECONDS)}
STREAM = "text/event-stream"


GUARDS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""Limits for a browser: no script but our own file, nothing from elsewhere, no frame around a page.

With `no-referrer` a browser would say of our own forms that they come from nowhere.
"""


class Refused(BaseModel):
    """The fields of a refusal. Others may be added; a program goes by `status`.

    `problem` is the kind, `details` are its fields: what was asked for, and names `near` it.
    `mistakes` are the same in words, or each parameter that makes no sense.
    """

    title: str
    status: int
    detail: str
    problem: str | None = None
    mistakes: list[str] | None = None
    details: dict[str, JsonValue] | None = None


def refusal(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer to a request that is refused."""
    said = Refused(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)
    return JSONResponse(
        said.model_dump(exclude_none=True), status, headers, "application/problem+json"
    )


def come_back(reason: str, seconds: int = LATER_SECONDS) -> Response:
    """Refuse a stream for now: a browser connects again after an empty stream, never after 503."""
    body = f"retry: {seconds}000\n: {reason}\n\n"
    later = {"Retry-After": str(seconds), "Cache-Control": "no-store"}
    return Response(body, media_type=STREAM, headers=later)


def refuse_in_one_way(app: FastAPI, host: str = "") -> None:
    """Have all that the application refuses, or fails at, told as problem+json.

    `host` is a name of the server besides those of this machine.
    """
    app.add_middleware(Door, host=host)
    for kind in (HTTPException, RequestValidationError, Problem, Exception):
        app.add_exception_handler(kind, _told)


class Door:
    """Lets in what asks for us by name, as long as there is room."""

    def __init__(self, app: ASGIApp, host: str = "") -> None:
        self._app, self._host = app, host.lower()
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _guarded(send)
        host = Request(scope).headers.get("host", "")
        if not OURS.fullmatch(host) and not (self._host and host.lower() == self._host):
            await refusal(400, "this server has another name")(scope, receive, send)
        elif _from_elsewhere(Request(scope)):
            elsewhere = refusal(403, "this was sent by a page of another site")
            await elsewhere(scope, receive, send)
        elif scope["path"] in STREAMS:
            await self._app(scope, receive, send)
        elif self._inside >= MOST_REQUESTS:
            await refusal(503, "too many requests at a time", LATER)(scope, receive, send)
        else:
            self._inside += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._inside -= 1


def _from_elsewhere(request: Request) -> bool:
    """True if a browser says that another site had it send this, which would record something."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    origin, host = request.headers.get("origin"), request.headers.get("host", "")
    if origin is not None:
        return origin.lower() not in (f"http://{host}".lower(), f"https://{host}".lower())
    return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def _guarded(send: Send) -> Send:
    """Send with the limits for a browser, whatever the answer is."""

    async def further(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, limits in GUARDS.items():
                headers.setdefault(name, limits)  # of a document they are narrower
        await send(message)

    return further


class Protocol(H11Protocol):
    """uvicorn's HTTP with limits on connections and slow requests, and refusals as problem+json."""

    _deadline: asyncio.TimerHandle | None = None
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()  # no answer: a browser tries again by itself
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Begin to wait for the rest of a request, or end that wait where it has come."""
        sending = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if not sending or self.timeout_keep_alive_task is not None:
            self._unwatch()
        elif self._deadline is None:
            self._received = 0
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self._too_slow)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self._received > FAST_ENOUGH:  # a document that takes its time
            self._watch()
        elif not self.transport.is_closing():
            self._refuse(408, f"the request was not complete in {REQUEST_SECONDS:g} s")

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, msg)

    def _refuse(self, status: int, reason: str) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle and cycle.response_started and self.conn.their_state is not h11.IDLE:
            self.transport.close()  # this request is answered already
            return
        answer = refusal(status, reason, {"Connection": "close"})
        head = b"".join(b"%s: %s\r\n" % header for header in answer.raw_headers)
        line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
        self.transport.write(b"%s%s\r\n%s" % (line, head, answer.body))
        self.transport.close()


def _told(request: Request, error: Exception) -> Response:
    """Answer with a problem: problem+json, or a page if a browser asked for one."""
    if isinstance(error, HTTPException) and error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    if isinstance(error, RateLimited) and request.headers.get("accept") == STREAM:
        return come_back(error.detail, error.seconds)
    asked: Asked | None = getattr(request.state, "asked", None)
    if asked is not None and isinstance(error, Refusal):
        asked.note_refusal(error.rule, error.title)
    answer = _refused(error, request.url.path, asked)
    if "location" in answer.headers:
        return answer
    browser = "text/html" in request.headers.get("accept", "")
    render = getattr(request.app.state, "problem_page", None)
    if not browser or render is None or request.url.path.startswith(PROGRAMS):
        return answer
    kept = {n: v for n, v in answer.headers.items() if n in ("retry-after", "www-authenticate")}
    text = render(json.loads(bytes(answer.body)), asked)
    return HTMLResponse(text, answer.status_code, kept)


def _refused(error: Exception, path: str, asked: Asked | None) -> JSONResponse:
    """Answer for an error. Paths, addresses and faults of the program are not for a reader."""
    match error:
        case HTTPException(status_code=404, detail="Not Found"):
            return refusal(404, f"there is nothing at {path}")
        case HTTPException():
            return refusal(error.status_code, error.detail, error.headers)
        case RequestValidationError():
            mistakes = [
                f"{'.'.join(str(part) for part in each['loc'])}: {mistake_in_words(each)}"
                for each in error.errors()
            ]
            return refusal(422, "the request makes no sense here", mistakes=mistakes)
        case NothingRecorded():
            return refusal(404, _nothing(error, asked), **_details(error))
        case NoSuchFact() | NoSuchEntry() | NothingInForce():
            return refusal(404, error.title, **_details(error))
        case _:
            return _not_recorded(error) or _failed(error)


def _not_recorded(error: Exception) -> JSONResponse | None:
    """Answer where what is sent is not as it should be, or a rule or the record forbids it."""
    match error:
        case Moved():
            return refusal(412, error.title, **_details(error))
        case InvalidMinutes() | InvalidFile():
            told = [_mistake(each) for each in error.mistakes]
            return refusal(422, error.title, problem=type(error).__name__, mistakes=told)
        case Invalid():
            return refusal(422, error.title, **_details(error))
        case Refusal():
            return refusal(409, f"refused by rule {error.rule}: {error.title}", **_details(error))
        case Conflict():
            return refusal(409, error.title, **_details(error))
        case _:
            return None


def _failed(error: Exception) -> JSONResponse:
    """Answer where the fault is the register's."""
    match error:
        case Unreadable():
            _log.error("damaged", problem=str(error))
            row = {name: error.details[name] for name in ("position", "stream", "version")}
            return refusal(500, error.title, **_details(error, row))
        case Damaged():
            _log.error("damaged", problem=str(error))
            return refusal(500, error.title, problem=type(error).__name__)
        case Problem():  # the log is away, or not set up: a reader asks again
            return refusal(503, error.title, LATER, problem=type(error).__name__)
        case _:
            return refusal(500, "a fault of the program: please report it")


def _mistake(mistake: Mistake | FileMistake) -> str:
    """A mistake with its place: a line and a field of a file, or a field of a command."""
    if isinstance(mistake, FileMistake):
        return mistake.inside()
    return f"{'.'.join(map(str, mistake.path))}: {mistake.message}"


def _nothing(error: NothingRecorded, asked: Asked | None) -> str:
    """Say that nothing is known of a name up to a position, or that it did not hold yet."""
    what, name = next(iter(error.details.items()), ("name", ""))
    if name == "" or what in ("near", "known"):  # an empty name is not among the details
        return "a name is empty, and nothing has that"
    if isinstance(error, NotYet) and asked:
        return f"the {what} {name} is recorded, and nothing of it held by {asked.at.on}"
    if isinstance(error, InCamera):
        return f"the {what} {name} is held in camera, and nothing of it may be shown"
    until = f" up to position {asked.known}" if asked else ""
    other = f": {name} is {' and '.join(error.this_is)}" if error.this_is else ""
    return f"nothing about the {what} {name}{until}{other}"


def _details(error: Problem, shown: Mapping[str, object] | None = None) -> dict[str, Any]:
    found = error.details if shown is None else shown
    mistakes = [f"{name.replace('_', ' ')}: {_words(said)}" for name, said in found.items()]
    details = {name: _plain(said) for name, said in found.items()}
    return {"problem": type(error).__name__, "mistakes": mistakes, "details": details}


def _words(said: object) -> str:
    if isinstance(said, list | tuple):
        return ", ".join(map(str, cast("tuple[object, ...]", said))) or "none"
    return str(said)


def _plain(said: object) -> JsonValue:
    if isinstance(said, list | tuple):
        return [_plain(each) for each in cast("tuple[object, ...]", said)]
    return said if isinstance(said, int | str | bool | None) else str(said)
