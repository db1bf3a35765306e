"""Several registers on one server: each at `/{register}/…`, opened when it is first asked for."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from html import escape

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.web.asked import PLACE
from adapters.web.problems import LATER, LATER_SECONDS, refusal
from domain.shared.problems import Problem

NAME = re.compile(r"/([a-z0-9]+(?:-[a-z0-9]+)*)(/.*)?")
LINK = re.compile(rb'((?:href|src|action|formaction|data-live|hx-[a-z]+)=")/(?!/)')
"""An address on a page; in text a quotation mark is written as `&#34;`."""
LINKS = re.compile(rb"(?m)^</")
WRITTEN_IN = {
    "text/html": (LINK, rb"\1%s/"),
    "application/atom+xml": (LINK, rb"\1%s/"),
    "application/link-format": (LINKS, rb"<%s/"),
}
"""The addresses in an answer of each kind, and what is written in their place."""
NO_STORE = {"Cache-Control": "no-store"}

_log = structlog.get_logger("registers")


class Registers:
    """The application of several registers; one that cannot be opened is 503, and no other is.

    `names` gives the registers, `open_one` makes the application of one of them, as it is at the
    root of a server: addresses that it writes are led to its own place.
    """

    def __init__(self, names: Callable[[], Sequence[str]], open_one: Callable[[str], ASGIApp]):
        self._names, self._open_one = names, open_one
        self._opened: dict[str, ASGIApp] = {}
        self._failed: dict[str, tuple[float, Problem]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        found = NAME.fullmatch(scope["path"])
        name, rest = (found[1], found[2]) if found else ("", None)
        if scope["path"] in ("/", "/health", "/ready"):
            answer = await run_in_threadpool(self._own, scope["path"])
        else:
            app = await run_in_threadpool(self._app, name)
            if not isinstance(app, Response) and rest:
                await _led(app, f"/{name}", scope, receive, send)
                return
            to = Response(None, 308, {"Location": f"/{name}/"})
            answer = app if isinstance(app, Response) else to
        await answer(scope, receive, send)

    def _own(self, path: str) -> Response:
        """Answer for the server itself: it lives, it reaches the log, these are its registers."""
        if path == "/health":
            return PlainTextResponse("ok\n", headers=NO_STORE)
        try:
            names = self._names()
        except Problem as problem:
            return _refused(503, problem)
        if path == "/ready":
            return JSONResponse({"registers": list(names)}, headers=NO_STORE)
        items = "".join(f'<li><a href="/{name}/">{escape(name)}</a></li>' for name in names)
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Registers</title>'
            f"</head><body><main><h1>Registers</h1><ul>{items}</ul></main></body></html>\n"
        )
        return HTMLResponse(page, headers=NO_STORE)

    def _app(self, name: str) -> ASGIApp | Response:
        """The application of a register, else the answer that says why there is none."""
        if name in self._opened:
            return self._opened[name]
        try:
            if name not in self._names():
                return refusal(404, "there is no such register here", NO_STORE)
        except Problem as problem:
            return _refused(503, problem)
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            again, why = self._failed.get(name, (0.0, Problem()))
            if name not in self._opened and time.monotonic() < again:
                return _refused(503, why)
            try:
                if name not in self._opened:
                    self._opened[name] = self._open_one(name)
            except Problem as found:
                _log.warning("not served", register=name, problem=f"{found.title} {found}")
                self._failed[name] = (time.monotonic() + LATER_SECONDS, found)
                return _refused(503, found)
            return self._opened[name]


def _refused(status: int, problem: Problem) -> Response:
    kind = type(problem).__name__
    return refusal(status, problem.title, LATER | NO_STORE, problem=kind)


async def _led(app: ASGIApp, place: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Ask a register's application at the root, and lead the addresses it gives to its place."""
    begun: Message | None = None
    kind, body = "", b""

    async def leading(message: Message) -> None:
        nonlocal begun, kind, body
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            _lead_headers(headers, place)
            kind = headers.get("content-type", "").partition(";")[0]
            if kind in WRITTEN_IN:
                begun = message
                return
        if begun is None or message["type"] != "http.response.body":
            await send(message)
            return
        body += message.get("body", b"")
        if message.get("more_body"):
            return
        address, led = WRITTEN_IN[kind]
        written = address.sub(led % place.encode(), body)
        headers = MutableHeaders(scope=begun)
        if "content-length" in headers and scope["method"] != "HEAD":
            headers["content-length"] = str(len(written))
        elif "content-length" in headers:
            del headers["content-length"]
        await send(begun)
        await send({"type": "http.response.body", "body": written})

    path = scope["path"][len(place) :]
    raw = scope.get("raw_path", b"")[len(place) :]
    await app({**scope, "path": path, "raw_path": raw, PLACE: place}, receive, leading)


def _lead_headers(headers: MutableHeaders, place: str) -> None:
    location = headers.get("location", "")
    if location.startswith("/") and not location.startswith("//"):
        headers["location"] = place + location
    if "link" in headers:
        headers["link"] = headers["link"].replace("</", f"<{place}/")
    cookies = headers.getlist("set-cookie")
    if cookies:
        del headers["set-cookie"]
        for cookie in cookies:
            led = re.sub(r"(?i)(; *path=)/", rf"\1{place}/", cookie)
            headers.append("set-cookie", led)
