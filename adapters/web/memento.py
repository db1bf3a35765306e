"""Earlier states of knowledge, by the protocol of web archives (RFC 7089, Memento).

`known_at` is the time travelled to: a page is its own time gate, a page with `known_at` is a
memento, and `/timemap` lists those of a page: one for each commit of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.web.asked import Asked, ReadingRoom
from adapters.web.roles import READS
from domain.shared.log_facts import CommandRecorded

router = APIRouter(dependencies=[READS])
LINKS = "application/link-format"
MOST = 1000
"""Mementos in one part of a time map; the last one links to the next part."""


def at(recorded_at: int) -> str:
    """A recorded time as HTTP writes it."""
    return format_datetime(datetime.fromtimestamp(recorded_at / 1e6, UTC), usegmt=True)


def headers_of(asked: Asked) -> dict[str, str]:
    """Links to the original and its time map; `Memento-Datetime` of a memento."""
    original = asked.here(known_at=None)
    links = [
        f'<{original}>; rel="original timegate"',
        f'<{time_map(original)}>; rel="timemap"; type="{LINKS}"',
    ]
    found = {"Vary": "Accept-Datetime", "Link": ", ".join(links)}
    if "known_at" in asked.given and asked.known:
        _, recorded_at = asked.register.log.recorder.last(asked.known)
        found["Memento-Datetime"] = at(recorded_at)
    return found


def time_map(original: str) -> str:
    """The address of the time map of a page."""
    return f"/timemap{original}"


def negotiated(request: Request, room: ReadingRoom) -> None:
    """Lead whoever names a time to what was known then. 400 for what is no time."""
    wanted = request.headers.get("accept-datetime")
    if wanted is None or "known_at" in request.query_params:
        return
    try:
        time = parsedate_to_datetime(wanted)
    except ValueError:
        example = "Thu, 06 Dec 2001 12:00:00 GMT"
        raise HTTPException(
            400, f"Accept-Datetime: {wanted!r} is no time such as {example}"
        ) from None
    if time.tzinfo is None:
        raise HTTPException(400, f"Accept-Datetime: {wanted!r} does not say its zone")
    end = int(time.timestamp() * 1_000_000) + 999_999  # the whole of that second
    first = next(_commits(room, 0), (1, 0))[0]
    position = room.register.log.position_at(end) or first
    to = request.url.include_query_params(known_at=position)
    answer = {"Location": f"{to.path}?{to.query}", "Vary": "Accept-Datetime"}
    raise HTTPException(302, headers=answer)


@router.get(
    "/timemap/{path:path}",
    operation_id="time_map",
    responses={
        200: {
            "description": "Every state of the page, by the time of recording.",
            "content": {LINKS: {"schema": {"type": "string"}}},
        }
    },
)
def show_time_map(
    request: Request, path: str, after: Annotated[int, Query(ge=0, le=10**18)] = 0
) -> Response:
    """The states of a page: what it said after each commit, as links (RFC 7089)."""
    room: ReadingRoom = request.app.state.room
    given = request.url.remove_query_params(["after", "known_at"]).query
    original = f"/{path}" + (f"?{given}" if given else "")
    joined = "&" if given else "?"
    found = [*islice(_commits(room, after), MOST + 1)]
    lines = [
        f'<{original}>; rel="original timegate"',
        f'<{time_map(original)}>; rel="self"; type="{LINKS}"',
        *(
            f'<{original}{joined}known_at={position}>; rel="memento"; datetime="{at(when)}"'
            for position, when in found[:MOST]
        ),
    ]
    if len(found) > MOST:
        following = f"{time_map(original)}{joined}after={found[MOST - 1][0]}"
        lines.append(f'<{following}>; rel="timemap"; type="{LINKS}"')
    body = ",\n".join(lines) + "\n"
    return Response(body, 200, {"Cache-Control": "no-cache"}, LINKS)


def _commits(room: ReadingRoom, after: int) -> Iterator[tuple[int, int]]:
    """The last position of each commit after a position, and when it was recorded."""
    log, seen = room.register.log, 0
    kind = CommandRecorded.TOPIC.partition(".v")[0]
    for opening in log.like(after, room.head(), kinds=(kind,)):
        if opening.recorded_at != seen:
            seen = opening.recorded_at
            yield log.position_at(seen), seen
