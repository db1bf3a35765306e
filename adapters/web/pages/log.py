"""The pages of the log and of one entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby, islice
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from pydantic import BeforeValidator
from starlette.responses import Response

from adapters.queries.entries import (
    LogEntry,
    NoSuchEntry,
    causes_of,
    log_entries,
    log_filter,
    whole_entry,
)
from adapters.web.asked import Ask
from adapters.web.pages.layout import Text, page
from adapters.web.roles import READS
from domain.shared.dates import When
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Event
from projections.explanation.causes import Branch
from projections.explanation.descriptions import event_in_words

Year = Annotated[int | None, BeforeValidator(lambda text: text or None), Query(ge=1, le=9999)]
"""A year; a form sends an empty one."""
LINES = 100
"""Entries on one page of the log."""

router = APIRouter(include_in_schema=False, dependencies=[READS])


class LogLine(NamedTuple):
    """An entry as the page of the log shows it."""

    logged: LogEntry
    kind: str
    says: str
    on: When | None
    corrects: bool


def _line(logged: LogEntry) -> LogLine:
    fact = logged.entry.event
    kind = fact.TOPIC.rpartition(".")[0].replace("-", " ")
    match fact:
        case CommandRecorded():
            return LogLine(logged, "command", fact.command, None, corrects=False)
        case Event():
            says = event_in_words(fact).says
            return LogLine(logged, kind, says, fact.effective_from, fact.replaces is not None)
        case _:
            return LogLine(logged, kind, "", None, corrects=False)


@router.get("/log")
def log(
    request: Request,
    asked: Ask,
    stream: Text = None,
    kind: Text = None,
    grep: Text = None,
    about: Text = None,
    matter: Text = None,
    body: Text = None,
    year: Year = None,
    after: Annotated[int, Query(ge=0, le=10**18)] = 0,
) -> Response:
    """Entries of the log in the order of recording, a page at a time."""
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
    lines = [_line(each) for each in islice(found, LINES + 1)]
    following = lines[LINES - 1].logged.entry.position if len(lines) > LINES else None
    given = {"stream": stream, "kind": kind, "grep": grep, "about": about, "matter": matter}
    given |= {"body": body, "year": str(year) if year else None}
    chosen = {name: value or None for name, value in given.items()}
    return page(
        request,
        asked,
        "log.html",
        "log",
        "/log.csv",
        following=asked.here(after=following) if following else "",
        lines=lines[:LINES],
        chosen=chosen,
        after=after,
        onward=following,
    )


@router.get("/log/{position}")
def log_entry(
    request: Request, asked: Ask, position: Annotated[int, PathParameter(ge=1, le=10**18)]
) -> Response:
    """One entry whole: its days, its authority, all that it says, and what corrected it."""
    if position > asked.known:
        raise NoSuchEntry(asked=str(position), until=asked.known)
    found = whole_entry(asked.register, str(position))
    event = found.logged.entry.event
    grown = _folded(causes_of(asked.register, str(position), asked.known), position)
    return page(
        request,
        asked,
        "entry.html",
        "log",
        found=found,
        line=_line(found.logged),
        event=event if isinstance(event, Event) else None,
        row=found.logged.row(),
        grown=grown,
        written=json.dumps(found.logged.row().fact, ensure_ascii=False, indent=2),
    )


class Grown(NamedTuple):
    """Entries of one kind that one entry led to, and what each of them led to.

    Of many alike, `further` are folded away. `asked` is true of the entry that the page is of.
    """

    kind: str
    entries: Sequence[tuple[LogLine, Sequence[Grown]]]
    asked: bool

    @property
    def alike(self) -> bool:
        """True if there are so many that they are told as one line."""
        return len(self.entries) > FEW and not self.asked


FEW = 3
"""So many entries of a kind stand by themselves in the tree of causes."""


def _folded(branches: Sequence[Branch], asked: int) -> list[Grown]:
    """The tree of causes, with entries of one kind in a row told together."""
    lines = [(_line(LogEntry(branch.entry, None)), branch) for branch in branches]
    told: list[Grown] = []
    for kind, alike in groupby(lines, key=lambda each: each[0].kind):
        group = [(line, _folded(branch.grown, asked)) for line, branch in alike]
        here = any(line.logged.entry.position == asked for line, _ in group)
        told.append(Grown(kind, group, here))
    return told
