"""Notices on open pages: how many entries about the same were recorded since they were made.

A page is never changed under its reader's eyes. It says how many there are, and leads to them.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from adapters.web.asked import ReadingRoom
from adapters.web.pages.layout import HERE
from adapters.web.problems import STREAM, come_back
from adapters.web.roles import EVERYBODY, READS
from domain.shared.log_facts import CommandRecorded
from domain.shared.problems import Problem

router = APIRouter(include_in_schema=False)
POLL_SECONDS = 0.4
KEEP_ALIVE_SECONDS = 15.0
MOST_LISTENERS = 600
MOST_COUNTED = 100


class Watch:
    """The end of the log, asked once for all listeners."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._head, self._asked = 0, 0.0
        self.listeners = 0

    def head(self, room: ReadingRoom) -> int:
        """The end of the log, at most so old as one waits between two looks."""
        with self._lock:
            if time.monotonic() - self._asked > POLL_SECONDS / 2:
                self._head, self._asked = room.register.log.head(), time.monotonic()
            return self._head


def counted(room: ReadingRoom, about: str, after: int, head: int) -> int:
    """Entries after a position on the streams that begin so; commands are none."""
    found = 0
    for entry in room.register.log.like(after, head, about):
        found += not isinstance(entry.event, CommandRecorded)
        if found >= MOST_COUNTED:
            break
    return found


@router.get("/static/live.js", dependencies=[EVERYBODY])
def script() -> Response:
    """The one script: it shows the notice."""
    content = (HERE / "static" / "live.js").read_bytes()
    return Response(content, 200, {"Cache-Control": "max-age=3600"}, "text/javascript")


@router.get("/live", dependencies=[READS])
async def live(
    request: Request,
    after: Annotated[int, Query(ge=0, le=10**18)],
    about: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Server-sent events: the number of entries since, whenever it grew."""
    watch: Watch = request.app.state.watch
    if watch.listeners >= MOST_LISTENERS:
        return come_back("too many streams at a time")
    lines = _lines(request, watch, about, after)
    return StreamingResponse(lines, media_type=STREAM, headers={"Cache-Control": "no-store"})


async def _lines(request: Request, watch: Watch, about: str, after: int) -> AsyncGenerator[bytes]:
    room: ReadingRoom = request.app.state.room
    seen, told, quiet = after, 0, time.monotonic()
    watch.listeners += 1
    try:
        yield b"retry: 3000\n\n"
        while not request.app.state.stop.is_set():
            try:
                head = await run_in_threadpool(watch.head, room)
                if head > seen:
                    found = await run_in_threadpool(counted, room, about, after, head)
                    seen = head
                    if found > told:
                        told, quiet = found, time.monotonic()
                        yield b"id: %d\ndata: %d\n\n" % (head, found)
            except Problem:
                pass  # away for now: the stream goes on when it is back
            if time.monotonic() - quiet > KEEP_ALIVE_SECONDS:
                quiet = time.monotonic()
                yield b": still here\n\n"
            await asyncio.sleep(POLL_SECONDS)
    finally:
        watch.listeners -= 1
