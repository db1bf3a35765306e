"""The two clocks of a fact as a drawing and a table, and as a page of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.queries.facts.clocks import FIRST_DAY, Area, Band, Clocks, Days, two_clocks
from adapters.web.asked import Ask, Asked
from adapters.web.pages.layout import day_in_words, fact_in_words, page, short_day
from adapters.web.roles import READS
from projections.engine.read_model import LAST_DAY

router = APIRouter(include_in_schema=False, dependencies=[READS])

LABELS = 148
"""Pixels left for the names of the bands."""
HEAD = 66
"""Pixels above for the names of the days."""
NARROWEST, WIDE_ENOUGH = 112, 740
BAND = 76
LETTER = 7.2
"""Pixels of an average letter in the drawing."""


class Cell(NamedTuple):
    """An area as it is drawn and listed: where it leads, what it says, where it lies."""

    href: str
    here: bool
    css: str
    said: str
    held: str
    known: str
    determinate: bool
    lines: Sequence[str]
    x: int
    y: int
    width: int
    height: int


class DrawnAxis(NamedTuple):
    """A name on an axis, in two lines, and where it stands."""

    at: int
    one: str
    other: str


class Map(NamedTuple):
    """A map of two clocks, measured for the drawing."""

    width: int
    height: int
    columns: Sequence[DrawnAxis]
    rows: Sequence[DrawnAxis]
    cells: Sequence[Cell]

    @property
    def listed(self) -> list[Cell]:
        """The areas as the table has them: the last known first."""
        return sorted(self.cells, key=lambda cell: (-cell.y - cell.height, cell.x))


@router.get("/clocks/{fact:path}")
def clocks(request: Request, asked: Ask, fact: str) -> Response:
    """The two clocks of any fact that can be explained."""
    found = two_clocks(asked.register, fact, asked.at)
    return page(
        request,
        asked,
        "clocks.html",
        "register",
        fact=found.fact,
        drawn=drawn(asked, found, f"/why/{found.fact}"),
    )


def drawn(asked: Asked, clocks: Clocks, leads_to: str) -> Map:
    """The map with its measures; each area leads to the page `leads_to` at a point in it."""
    column = max(NARROWEST, WIDE_ENOUGH // len(clocks.days))
    cells = [_cell(asked, clocks, area, column, leads_to) for area in clocks.areas]
    return Map(
        width=LABELS + column * len(clocks.days) + 2,
        height=HEAD + BAND * len(clocks.bands) + 2,
        columns=[DrawnAxis(LABELS + n * column + 6, *_above(d)) for n, d in enumerate(clocks.days)],
        rows=[DrawnAxis(HEAD + n * BAND, *_beside(b)) for n, b in enumerate(clocks.bands)],
        cells=cells,
    )


def _cell(asked: Asked, clocks: Clocks, area: Area, column: int, leads_to: str) -> Cell:
    (band, bands_end), (day, days_end) = area.bands, area.days
    first, last = clocks.days[day].first, clocks.days[days_end - 1].last
    known, until = clocks.bands[band].first, clocks.bands[bands_end - 1].last
    said = " or ".join(fact_in_words(state) for state in area.answer.candidates)
    brief = " or ".join(fact_in_words(state, brief=True) for state in area.answer.candidates)
    width = column * (days_end - day)
    height = BAND * (bands_end - band)
    here = first <= asked.at.on <= last and known <= asked.known <= until
    nothing = area.answer.candidates in ((None,), (False,))
    return Cell(
        href=asked.link(
            leads_to,
            as_of=asked.at.on if first <= asked.at.on <= last else _within(first, last),
            known_at=asked.known if here or until >= asked.known else until,
        ),
        here=here,
        css="a3" if not area.answer.determinate else "" if nothing else "a1",
        said=said,
        held=_held(first, last),
        known=f"{known}–{until}",
        determinate=area.answer.determinate,
        lines=[*_fitting(brief, width, height - 18 * here)],
        x=LABELS + column * day,
        y=HEAD + BAND * band,
        width=width,
        height=height,
    )


def _within(first: object, last: object) -> object:
    """A day of the area that is worth asking about: its first, or its last where it has none."""
    return last if first == FIRST_DAY else first


def _fitting(text: str, width: int, height: int) -> Iterator[str]:
    """As many lines of a text as there is room for; the last ends in … where there are more."""
    wrapped = textwrap.wrap(text, max(8, int((width - 20) / LETTER)))
    room = max(1, (height - 14) // 18)
    yield from wrapped[: room - 1]
    if wrapped[room - 1 :]:
        more = wrapped[room:]
        yield wrapped[room - 1] + (" …" if more else "")


def _above(days: Days) -> tuple[str, str]:
    if days == (FIRST_DAY, LAST_DAY):
        return "on any day", ""
    if days.first == FIRST_DAY:
        return "to", short_day(days.last)
    if days.last == LAST_DAY:
        return short_day(days.first), "and after"
    return short_day(days.first), "" if days.first == days.last else f"to {short_day(days.last)}"


def _beside(band: Band) -> tuple[str, str]:
    when = band.recorded_at
    day = (
        f"since {short_day(datetime.fromtimestamp(when / 1e6, UTC).date())}" if when else "no entry"
    )
    return f"{band.first}–{band.last}", day


def _held(first: object, last: object) -> str:
    if (first, last) == (FIRST_DAY, LAST_DAY):
        return "Any day"
    if first == FIRST_DAY:
        return f"To {day_in_words(str(last))}"
    if last == LAST_DAY:
        return f"{day_in_words(str(first))} and after"
    return day_in_words(f"{first}/{last}")
