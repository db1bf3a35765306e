"""Recording by programs: one command, or the minutes of a meeting, under `/api/v1`.

`Idempotency-Key` names a command: sent again it gives the first outcome, with another body 422.
`If-Match` names the position that the sender has seen, as the ETag of an answer begins with it:
where anything that the act rests on was recorded since, nothing is stored, and 412 names it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from adapters.minutes.files import read_content
from adapters.queries.facts.prospect import FactChange, NewEntry, Prospect, TextChange, prospect
from adapters.queries.rows import FindingRow
from adapters.web.asked import Ask, Asked, place_of
from adapters.web.posted import as_object, content_of_request
from adapters.web.roles import RECORDS
from application.command_bus import Contradicts, Envelope, Outcome
from application.minutes import command_of_item
from domain.catalogue import commands
from domain.shared.log_facts import CommandRecorded

router = APIRouter(default_response_class=Response, dependencies=[RECORDS])

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SEEN = re.compile(r'(?:W/)?"([0-9]{1,18})(?:\.[^"]*)?"')

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="A name for this request, such as a UUID."),
]
Match = Annotated[
    str | None, Header(alias="If-Match", description='The position that was seen, such as "299".')
]
DryRun = Annotated[bool, Query(description="Say what would change, and store nothing.")]
Body = Annotated[tuple[str, bytes], Depends(content_of_request)]

_SENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class RecordedEvent(BaseModel):
    """An event that a command led to, and its place in the log."""

    position: int
    stream: str
    version: int
    topic: str


class CommandOutcome(BaseModel):
    """The events of one command; `repeated` if it was recorded before."""

    command: str
    kind: str
    repeated: bool
    events: list[RecordedEvent]


class CommandOutcomes(BaseModel):
    """The outcome of every command that was sent."""

    outcomes: list[CommandOutcome]


class Prospects(BaseModel):
    """The changes that commands would make, the texts and facts as they would be."""

    items: int
    repeated: int
    entries: list[NewEntry]
    texts: list[TextChange]
    facts: list[FactChange]
    findings: list[FindingRow]
    lapses: list[str]
    duties: list[str]


class DryRunAnswer(BaseModel):
    """The answer to `dry_run`: nothing was stored."""

    would_change: Prospects


class WaitingDraft(BaseModel):
    """The address of a draft that waits for a second person."""

    draft: str


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A dry run, or all of it was recorded before.",
        "model": DryRunAnswer | CommandOutcomes,
    },
    201: {"description": "It is recorded.", "model": CommandOutcomes},
}
_WAITS: dict[int | str, dict[str, Any]] = {
    202: {"description": "It waits for a second person.", "model": WaitingDraft}
}


@router.post(
    "/commands/{kind}",
    operation_id="record_command",
    status_code=201,
    responses=_ANSWERS,
    openapi_extra=_SENT,
)
def record_command(
    request: Request,
    asked: Ask,
    kind: str,
    body: Body,
    key: Key = None,
    match: Match = None,
    dry_run: DryRun = False,
) -> Response:
    """Record one command, given by the fields that it has in a minutes file."""
    if kind not in commands:
        known = ", ".join(commands)
        raise HTTPException(404, f"no command is called {kind}; known are {known}")
    if key is None or not _KEY.fullmatch(key):
        raise HTTPException(
            400, "Idempotency-Key: name the request with letters, digits, dots and dashes"
        )
    command = command_of_item(kind, as_object(body[1]))
    if asked.people and asked.people.four_eyes and not dry_run:
        raise HTTPException(
            403, "rule of four eyes: send it to /api/v1/minutes, where it waits for a second person"
        )
    envelope = Envelope(f"api/{key}", command, asked.recorder)
    try:
        return _answered(asked, (envelope,), _seen(match), dry_run=dry_run)
    except Contradicts as error:
        raise HTTPException(
            422, f"Idempotency-Key: {key} named another request before ({error.title})"
        ) from None


@router.post(
    "/minutes",
    operation_id="record_minutes",
    status_code=201,
    responses={**_ANSWERS, **_WAITS},
    openapi_extra=_SENT,
)
def record_minutes(
    request: Request, asked: Ask, body: Body, match: Match = None, dry_run: DryRun = False
) -> Response:
    """Record the minutes of a meeting, as YAML or JSON; recording them twice changes nothing."""
    read = read_content(Path("minutes"), body[1], asked.recorder)
    if asked.people and asked.people.four_eyes and not dry_run:
        asked.register.command_bus.rehearse(read.minutes.envelopes)
        title = f"{read.minutes.meeting.id}: {len(read.minutes.envelopes)} acts"
        name = asked.people.drafts.add(asked.recorder, body[1].decode("utf-8-sig"), title)
        return JSONResponse(
            {"draft": f"{place_of(request)}/drafts/{name}"}, 202, {"Cache-Control": "no-store"}
        )
    return _answered(asked, read.minutes.envelopes, _seen(match), dry_run=dry_run)


def _seen(match: str | None) -> int | None:
    if match is None:
        return None
    found = _SEEN.fullmatch(match.strip())
    if not found:
        raise HTTPException(400, f'If-Match: {match} is not a position such as "299"')
    return int(found[1])


def _answered(
    asked: Asked, envelopes: Sequence[Envelope], seen: int | None, *, dry_run: bool
) -> Response:
    """Store the commands, or say what would come of them."""
    bus = asked.register.command_bus
    if dry_run:
        outcomes = bus.rehearse(envelopes)
        return JSONResponse({"would_change": _plain(prospect(asked.register, outcomes))})
    outcomes = bus.handle(*envelopes, seen=seen)
    new = any(not outcome.repeated for outcome in outcomes)
    told = {"outcomes": [_told(outcome) for outcome in outcomes]}
    return JSONResponse(told, 201 if new else 200, {"Cache-Control": "no-store"})


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "command": outcome.id,
        "kind": outcome.kind,
        "repeated": outcome.repeated,
        "events": [
            {
                "position": entry.position,
                "stream": entry.stream,
                "version": entry.version,
                "topic": entry.event.TOPIC,
            }
            for entry in outcome.events
            if not isinstance(entry.event, CommandRecorded)
        ],
    }


def _plain(found: Prospect) -> dict[str, Any]:
    return {
        "items": found.items,
        "repeated": found.repeated,
        "entries": [row.plain() for row in found.entries],
        "texts": [row.plain() for row in found.texts],
        "facts": [row.plain() for row in found.facts],
        "findings": [row.plain() for row in found.findings],
        "lapses": list(found.lapses),
        "duties": list(found.duties),
    }
