"""The two clocks of a fact: what the register said of it, by the day it held and when it was known.

Days and positions at which nothing about the fact changes do not divide the map.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, takewhile
from typing import Any, NamedTuple

from adapters import clock
from adapters.bootstrap import Register
from adapters.queries.explanations import fact_as_called, subject_of
from adapters.queries.moment import Moment, as_known
from adapters.queries.named.places import Names
from adapters.queries.rows import Row
from domain.shared.history import Recorded
from domain.shared.messages import Event
from projections.engine.read_model import LAST_DAY
from projections.explanation.facts import FactAnswer, entries_concerning, fact_on_days

FIRST_DAY = date.min
"""The first day that can be asked about."""


class AreaRow(Row):
    """The answer about a fact on some days, as known at some positions.

    It says so of each day from `held_from` to `held_to`, if asked at a position from `known_from`
    to `known_to`; null is without end. `candidates` are all that may be so, as `why` has them: one
    alone is sure, `null` is nothing. `recorded_at` is the time of `known_from`.
    """

    fact: str
    known_from: int
    known_to: int | None
    recorded_at: str | None
    held_from: date | None
    held_to: date | None
    candidates: tuple[Any, ...]
    determinate: bool


class Band(NamedTuple):
    """Positions, both included, between which nothing about the fact was recorded.

    `recorded_at` is the time of the commit that ends at `first`, `None` before the first one.
    """

    first: int
    last: int
    recorded_at: int | None

    def knows(self, entry: Recorded[Event]) -> bool:
        """True if an entry is known there: a commit is known from its end."""
        return self.recorded_at is not None and entry.recorded_at <= self.recorded_at


class Days(NamedTuple):
    """Days, both included, on which the fact is the same in each band."""

    first: date
    last: date


class Area(NamedTuple):
    """An answer, and the rectangle of bands and days that it fills: ends are not included."""

    answer: FactAnswer
    bands: tuple[int, int]
    days: tuple[int, int]


class Clocks(NamedTuple):
    """The map of a fact: its bands from the oldest, its days in order, and the areas on it.

    Areas cover the map and do not overlap.
    """

    fact: str
    bands: Sequence[Band]
    days: Sequence[Days]
    areas: Sequence[Area]

    def rows(self) -> Iterator[AreaRow]:
        """Yield the areas, the last known first, then by day."""
        for area in sorted(self.areas, key=lambda a: (-a.bands[1], a.days)):
            band, held = self.bands[area.bands[0]], self.days[area.days[0]].first
            until = self.bands[area.bands[1] - 1].last
            last = self.days[area.days[1] - 1].last
            yield AreaRow(
                fact=self.fact,
                known_from=band.first,
                known_to=None if area.bands[1] == len(self.bands) else until,
                recorded_at=clock.recorded_time_shown(band.recorded_at)
                if band.recorded_at
                else None,
                held_from=None if held == FIRST_DAY else held,
                held_to=None if last == LAST_DAY else last,
                candidates=area.answer.candidates,
                determinate=area.answer.determinate,
            )


def two_clocks(register: Register, fact: str, at: Moment) -> Clocks:
    """Return the map of a fact up to the position asked about, for all days.

    Places are called as on the day asked about. Raises `NoSuchFact` and `NothingRecorded`, as `why`
    does.
    """
    subject = subject_of(register, fact, at)
    streams = [*as_known(register, subject.streams, at).values()]
    own = [entry for entries in streams for entry in entries_concerning(subject, entries)]
    days = _days(own)
    bands = _bands(register, own, at)
    each_band = [
        fact_on_days(
            subject,
            [[*takewhile(band.knows, entries)] for entries in streams],
            [held.first for held in days],
        )
        for band in bands
    ]
    bands, said = _without_repeats(bands, each_band)
    days, said = _joined(days, said)
    names = Names(register, at)
    areas = [
        area._replace(
            answer=FactAnswer(fact_as_called(str(subject), area.answer.candidates, names, at.on))
        )
        for area in _areas(said)
    ]
    return Clocks(str(subject), bands, days, areas)


def _days(entries: Sequence[Recorded[Event]]) -> list[Days]:
    """Return the days between those from which any entry, standing or not, may or surely holds."""
    spans = [entry.event.effective_from for entry in entries]
    begins = {span.first for span in spans} | {span.last for span in spans}
    starts = sorted({FIRST_DAY, *(day for day in begins if FIRST_DAY < day <= LAST_DAY)})
    ends = [*(day - timedelta(1) for day in starts[1:]), LAST_DAY]
    return [Days(first, last) for first, last in zip(starts, ends, strict=True)]


def _bands(register: Register, entries: Sequence[Recorded[Event]], at: Moment) -> list[Band]:
    """Yield the positions between commits that recorded an entry, up to the one asked about."""
    head = register.log.head() if at.known is None else at.known
    times = sorted({entry.recorded_at for entry in entries})
    starts = [(0, None), *((register.log.position_at(time), time) for time in times)]
    ends = [*(position - 1 for position, _ in starts[1:]), head]
    return [Band(first, last, time) for (first, time), last in zip(starts, ends, strict=True)]


Said = Sequence[Sequence[FactAnswer]]
"""An answer for each band, from the oldest, and each of the days."""


def _without_repeats(bands: Sequence[Band], said: Said) -> tuple[list[Band], Said]:
    """Join bands that say the same as the one before them."""
    kept: list[Band] = []
    rows: list[Sequence[FactAnswer]] = []
    for band, row in zip(bands, said, strict=True):
        if rows and rows[-1] == row:
            kept[-1] = kept[-1]._replace(last=band.last)
        else:
            kept.append(band)
            rows.append(row)
    return kept, rows


def _joined(days: Sequence[Days], said: Said) -> tuple[list[Days], Said]:
    """Join days that are the same in every band."""
    columns = [*zip(days, zip(*said, strict=True), strict=True)]
    groups = [[*each] for _, each in groupby(columns, key=lambda column: column[1])]
    joined = [Days(group[0][0].first, group[-1][0].last) for group in groups]
    return joined, [*zip(*(group[0][1] for group in groups), strict=True)]


def _areas(said: Said) -> Iterator[Area]:
    """Yield rectangles of one answer: days of a band first, then bands with the same days."""
    open_: dict[tuple[int, int], Area] = {}
    for number, row in enumerate(said):
        runs = {
            (group[0], group[-1] + 1): row[group[0]]
            for _, each in groupby(range(len(row)), key=row.__getitem__)
            for group in [[*each]]
        }
        for days, area in [*open_.items()]:
            if runs.get(days) != area.answer:
                yield open_.pop(days)
        for days, answer in runs.items():
            first = open_[days].bands[0] if days in open_ else number
            open_[days] = Area(answer, (first, number + 1), days)
    yield from open_.values()
