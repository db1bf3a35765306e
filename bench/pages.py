"""Pages and API beside the bare framework that returns the same bytes, with 16 connections.

    python -m bench pages

Each side is a process of its own: the same uvicorn, and FastAPI with one route that has the bytes
in memory. Their turns alternate. A never asked answer is of another day each time.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response

from adapters.bootstrap import open_register, set_up
from adapters.bus.messages.feed import Feed
from adapters.minutes.files import read_files
from adapters.settings import Settings
from adapters.web.app import create_app, serve
from bench.pairs import Figure, compare

RECORDS = Path(__file__).parents[1] / "records" / "toronto-2001"
CONNECTIONS, REQUESTS, PAIRS = 16, 320, 6
FIXED = "as_of=2001-12-06&known_at=188"
LIST, PAGE = f"/api/v1/partnerships?{FIXED}", f"/partnerships?{FIXED}"
START_SECONDS = 30.0
FIRST_VIEW = 40_000
"""Bytes that a first view may take, compressed: page, stylesheet and script."""


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="alliance-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        _record(folder)
        ours = stack.enter_context(_Server("serve_register", folder))
        listed, page = ours.get(LIST), ours.get(PAGE)
        (folder / "list").write_bytes(listed.body)
        (folder / "page").write_bytes(page.body)
        bare = stack.enter_context(_Server("serve_bare", folder))
        tag = f"If-None-Match: {listed.tag}\r\n"
        days = (date(1990, 1, 1) + timedelta(days=n) for n in count())
        never = (f"/api/v1/partnerships?as_of={day}&known_at=188" for day in days)
        sides = (
            ("list, kept", "/list", lambda: LIST, "", 0.7),
            ("list, unchanged by ETag", "/list", lambda: LIST, tag, 0.9),
            ("list, never asked before", "/list", lambda: next(never), "", 0.15),
            ("page, kept", "/page", lambda: PAGE, "", 0.4),
        )
        for what, path, address, headers, target in sides:
            yield compare(
                what,
                "FastAPI, same bytes",
                _asking(ours.port, address, headers),
                _asking(bare.port, partial(str, path), ""),
                target,
                PAIRS,
            )
        shown = [PAGE, "/static/pages.css", "/static/live.js"]
        size = sum(len(gzip.compress(ours.get(each).body)) for each in shown)
        room = FIRST_VIEW / size
        yield Figure("first view, bytes", "40 KB", size, FIRST_VIEW, room, room, room, 1, 1.0)


def _settings(folder: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{folder / 'log.sqlite'}", actor="bench")


def _record(folder: Path) -> None:
    set_up(_settings(folder))
    with open_register(_settings(folder)) as register:
        for file in read_files([RECORDS], "bench"):
            register.command_bus.handle(*file.minutes.envelopes)


def serve_register(folder: Path, port: int) -> None:
    """Serve pages and API of a register until killed."""
    with open_register(_settings(folder)) as register:
        feed = Feed(register.log, register.settings.register_id)
        stop = threading.Event()
        serve(create_app(feed, {}, stop, register), stop, port=port)


def serve_bare(folder: Path, port: int) -> None:
    """Serve the bytes of files until killed."""
    app = FastAPI()
    kinds = {"list": "application/json", "page": "text/html; charset=utf-8"}
    held = {name: (folder / name).read_bytes() for name in kinds}

    @app.get("/{name}")
    def answer(name: str) -> Response:
        return Response(held[name], media_type=kinds[name])

    serve(app, threading.Event(), port=port)


class _Answer:
    def __init__(self, head: bytes, body: bytes) -> None:
        self.body = body
        lines = head.decode().split("\r\n")
        told = {name.lower(): said for name, _, said in (line.partition(": ") for line in lines)}
        self.tag = told.get("etag", "")


class _Server:
    """A server in a process of its own, by the function that serves."""

    def __init__(self, function: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        code = (
            f"from pathlib import Path; from bench.pages import {function}; "
            f"{function}(Path({str(folder)!r}), {self.port})"
        )
        self._process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)

    def __enter__(self) -> _Server:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise TimeoutError("the server did not start")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def get(self, path: str) -> _Answer:
        """One answer, over a connection of its own."""
        return asyncio.run(_one(self.port, path))


async def _one(port: int, path: str) -> _Answer:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await _ask(reader, writer, path, "")
    finally:
        writer.close()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, headers: str
) -> _Answer:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    _, _, rest = head.lower().partition(b"content-length: ")
    length = int(rest.partition(b"\r\n")[0] or 0)
    return _Answer(head, await reader.readexactly(length) if length else b"")


def _asking(port: int, address: Callable[[], str], headers: str) -> Callable[[], int]:
    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(REQUESTS // CONNECTIONS):
            await _ask(reader, writer, address(), headers)
        writer.close()

    async def every() -> None:
        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))

    def ask() -> int:
        asyncio.run(every())
        return REQUESTS

    return ask
