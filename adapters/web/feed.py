"""The feed over HTTP: pages by position, server-sent events, schemas. Read-only."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Protocol

import structlog
from fastapi import APIRouter, Header, HTTPException, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import StringConstraints

from adapters.topics import LONGEST, PATTERN, check_topics
from adapters.web.problems import STREAM, come_back
from adapters.web.roles import FOLLOWS
from application.ports import Damaged, Stop, Unavailable, Unreadable
from domain.shared.problems import Problem

_log = structlog.get_logger("feed")

MOST = 1000
"""Events a page may hold."""
MOST_BYTES = 4_000_000
"""Bytes after which a page ends, whatever was asked for."""
MOST_STREAMS = 600
"""Server-sent streams at a time."""
KEPT_READINGS = 8
"""Readings of the log that streams at the same place share."""
KEEP_ALIVE_SECONDS = 15.0
FARTHEST = 2**63 - 1
ONCE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""An answer is good for now only, and is what it says it is."""

Pattern = Annotated[str, StringConstraints(pattern=PATTERN, max_length=LONGEST)]
Topics = Annotated[
    list[Pattern] | None,
    Query(max_length=20, description="Topic patterns: * is one word, # any number of them."),
]
After = Annotated[int, Query(ge=0, le=FARTHEST, description="Events after this position.")]


class Entry(Protocol):
    """A message: its type, its position, and its bytes."""

    @property
    def type(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def body(self) -> bytes: ...


class Source(Protocol):
    """A source of events: the feed of the bus, or one of a test."""

    def messages(self, after: int, topics: Sequence[str] = ("#",)) -> Iterator[Entry]: ...
    def head(self) -> int: ...


class SharedSource:
    """The source of all streams: its end is asked once for all, and so is what comes after a place.

    `known` is the end as it was last seen.
    """

    def __init__(self, source: Source, poll: float) -> None:
        self._source, self._poll = source, poll
        self._lock = threading.Lock()
        self._looked = 0.0
        self._kept: OrderedDict[tuple[int, tuple[str, ...], int], tuple[list[Entry], int]] = (
            OrderedDict()
        )
        self.known = -1

    def is_due(self) -> bool:
        """True for the first that asks after a poll's time: that one looks at the log."""
        now = time.monotonic()
        due = now - self._looked >= self._poll
        if due:
            self._looked = now
        return due

    def next(self, after: int, topics: Sequence[str]) -> tuple[list[Entry], int]:
        """Return the next events of a stream, and the position after which to read on."""
        with self._lock:
            head = self.known = self._source.head()  # also where a backup was restored
            if after > head:
                raise _beyond(head)
            place = (after, tuple(topics), head)
            if place not in self._kept:
                self._kept[place] = _next(self._source, after, topics, head)
                if len(self._kept) > KEPT_READINGS:
                    self._kept.popitem(last=False)
            return self._kept[place]


def feed(
    source: Source,
    schemas: Mapping[str, Mapping[str, Any]],
    stop: Stop,
    poll_seconds: float = 0.2,
) -> APIRouter:
    """Make the routes. `schemas` holds the published documents by file name.

    A topic that matches no published type is refused. Streams end when `stop` is set.
    """
    types = sorted(name.removesuffix(".json") for name in schemas if name != "asyncapi.json")
    router = APIRouter(tags=["feed"], dependencies=[FOLLOWS])
    streams = threading.BoundedSemaphore(MOST_STREAMS)
    shared = SharedSource(source, poll_seconds)

    @router.get("/events", summary="A page of events after a position")
    def events(
        after: After = 0,
        topic: Topics = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    ) -> Response:
        """Ask again with `after` set to `next`; `next` equal to `after` says there is no more.

        A position beyond the end of the log answers 409: a backup was restored behind the reader.
        """
        check_topics(topic or (), types)
        head = _head(source, after)
        found, ended = _some(source, after, topic or ["#"], limit)
        here = found[-1].position if found else after
        following = max(here, head) if ended else here
        bodies = [message.body for message in found]
        page = b'{"events":[%s],"next":%d,"head":%d}' % (b",".join(bodies), following, head)
        return Response(page, media_type="application/json", headers=ONCE)

    @router.get("/events/stream", summary="Events as they are recorded (server-sent events)")
    def stream(
        after: After = 0,
        topic: Topics = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Each event's id is its position; a client that reconnects goes on after the last one."""
        check_topics(topic or (), types)
        start = _resumed(last_event_id, after)
        try:
            _head(source, start)
        except Unavailable as away:
            return come_back(away.title)
        if not streams.acquire(blocking=False):
            return come_back("too many streams at a time")
        lines = _lines(shared, start, topic or ["#"], poll_seconds, stop)
        return StreamingResponse(
            _released(lines, streams.release),
            media_type=STREAM,
            headers={**ONCE, "X-Accel-Buffering": "no"},
        )

    @router.get("/asyncapi.json", summary="Every message, as an AsyncAPI 3 document")
    def asyncapi() -> JSONResponse:
        found = schemas.get("asyncapi.json")
        if found is None:
            raise HTTPException(404, "this register publishes no messages")
        return JSONResponse(found)

    @router.get("/schemas", summary="Which messages have a schema")
    def names() -> list[str]:
        return types

    @router.get("/schemas/{type_}", summary="The JSON Schema of one message type")
    def schema(type_: str) -> JSONResponse:
        found = schemas.get(f"{type_}.json")
        if found is None or type_ == "asyncapi":
            raise HTTPException(404, "no such message type")
        return JSONResponse(found, media_type="application/schema+json")

    return router


def _resumed(last_event_id: str | None, after: int) -> int:
    if last_event_id is None:
        return after
    digits = last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 20
    if not digits or int(last_event_id) > FARTHEST:
        raise HTTPException(400, "Last-Event-ID is the position of an event")
    return int(last_event_id)


def _head(source: Source, after: int) -> int:
    """Return the end of the log; 409 for a reader beyond it, who would miss events."""
    head = source.head()
    if after > head:
        raise _beyond(head)
    return head


def _beyond(head: int) -> HTTPException:
    return HTTPException(409, f"the log ends at {head}: a backup was restored")


async def _lines(
    source: SharedSource, after: int, topics: Sequence[str], poll: float, stop: Stop
) -> AsyncGenerator[bytes]:
    yield b"retry: 2000\n\n"
    quiet_since = time.monotonic()
    begun = False
    while not stop.is_set():
        found: list[Entry] = []
        try:
            if not begun or source.known != after or source.is_due():
                found, after = await run_in_threadpool(source.next, after, topics)
            begun = True
        except HTTPException:
            return
        except (Unreadable, Damaged) as damage:
            _log.error("damaged", problem=str(damage))
            return
        except Problem:  # away for now: the stream goes on when it is back
            pass
        for message in found:
            quiet_since = time.monotonic()
            yield b"id: %d\ndata: %s\n\n" % (message.position, message.body)
        if time.monotonic() - quiet_since > KEEP_ALIVE_SECONDS:
            quiet_since = time.monotonic()
            yield b": still here\n\n"
        if not found:
            await asyncio.sleep(poll)


def _next(source: Source, after: int, topics: Sequence[str], head: int) -> tuple[list[Entry], int]:
    found, ended = _some(source, after, topics, MOST)
    here = found[-1].position if found else after
    return found, max(here, head) if ended else here


def _some(
    source: Source, after: int, topics: Sequence[str], limit: int
) -> tuple[list[Entry], bool]:
    """Return up to `limit` events, and whether there are no more for now.

    A damaged entry raises `Unreadable` only if it is the first: events before it are returned.
    """
    found, size = list[Entry](), 0
    try:
        for message in islice(source.messages(after, topics), limit):
            found.append(message)
            size += len(message.body)
            if size > MOST_BYTES:
                return found, False
    except Unreadable:
        if not found:
            raise
        return found, False
    return found, len(found) < limit


async def _released(
    lines: AsyncGenerator[bytes], release: Callable[[], None]
) -> AsyncGenerator[bytes]:
    try:
        async for line in lines:
            yield line
    finally:
        release()
