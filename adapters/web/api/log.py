"""The log: its entries after a position, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from adapters.queries.entries import LogRow, NoSuchEntry, log_entries, log_filter, whole_entry
from adapters.web.answers import SHEET, as_csv, as_json, as_sheet
from adapters.web.api.described import document, says
from adapters.web.asked import Ask
from adapters.web.roles import READS

router = APIRouter(default_response_class=Response, dependencies=[READS])
Text = Annotated[str | None, Query()]
Year = Annotated[int | None, Query(ge=1, le=9999)]
MOST = 1000
"""Entries in one answer; `after` asks for those that follow."""


class LogPage(NamedTuple):
    """Entries of one answer, and the address of those that follow, where there are any."""

    rows: Sequence[LogRow]
    following: str


def log_rows(
    asked: Ask,
    stream: Text = None,
    kind: Text = None,
    grep: Text = None,
    about: Text = None,
    matter: Text = None,
    body: Text = None,
    year: Year = None,
    after: Annotated[int, Query(ge=0, le=10**18)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> LogPage:
    """Entries of the log after a position, by the filters of a request."""
    wanted = log_filter(
        asked.register,
        stream=stream,
        kinds=(kind,) if kind else (),
        grep=grep,
        about=about,
        matter=matter,
        body=body,
        year=year,
    )
    found = log_entries(asked.register, after, asked.known, wanted)
    rows = [each.row() for each in islice(found, limit + 1)]
    more = len(rows) > limit
    return LogPage(rows[:limit], asked.here(after=rows[limit - 1].position) if more else "")


LogRows = Annotated[LogPage, Depends(log_rows)]


@router.get("/log", operation_id="list_log", responses=says(list[LogRow]))
def list_entries(request: Request, asked: Ask, page: LogRows) -> Response:
    """Entries of the log after a position, in the order of recording; `Link` has the next page."""
    return as_json(request, asked, page.rows, page.following)


@router.get("/log.csv", operation_id="list_log_csv", responses=document("text/csv"))
def list_entries_csv(request: Request, asked: Ask, page: LogRows) -> Response:
    """Entries of the log as CSV."""
    return as_csv(request, asked, page.rows, LogRow.fields())


@router.get("/log.xlsx", operation_id="list_log_xlsx", responses=document(SHEET))
def list_entries_xlsx(request: Request, asked: Ask, page: LogRows) -> Response:
    """Entries of the log as a sheet."""
    return as_sheet(request, asked, page.rows, "log")


@router.get("/log/{position}", operation_id="show_log_entry", responses=says(list[LogRow]))
def show_entry(
    request: Request, asked: Ask, position: Annotated[int, Path(ge=1, le=10**18)]
) -> Response:
    """One entry of the log."""
    if position > asked.known:
        raise NoSuchEntry(asked=str(position), until=asked.known)
    return as_json(request, asked, [whole_entry(asked.register, str(position)).logged.row()])
