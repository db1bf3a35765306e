"""Lists made shorter: filters by what rows say, search in their words, and order by a column.

Search minds neither case, accents nor punctuation, and finds a place by any name it has had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException

from adapters.queries.named.places import gazetteer
from adapters.queries.rows import Row
from adapters.web.asked import Asked
from domain.shared.dates import When
from domain.shared.text import folded, texts_within

R = TypeVar("R", bound=Row)

SEARCH, SORT = "search", "sort"


class Facet(NamedTuple):
    """Filters a list by one field of its rows; a field that holds a day, by the year."""

    title: str
    field: str
    by_year: bool = False

    @property
    def name(self) -> str:
        """The parameter that chooses a value."""
        return "year" if self.by_year else self.field

    def values(self, row: Row) -> tuple[str, ...]:
        """The values of a row there, as they are chosen by."""
        said = getattr(row, self.field)
        if self.by_year:
            days = said if isinstance(said, When) else None
            return tuple(dict.fromkeys((f"{days.first.year}", f"{days.last.year}"))) if days else ()
        many = said if isinstance(said, tuple) else (said,)
        return tuple(_text(each) for each in many if each is not None)


def _text(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)


class ListShape(NamedTuple):
    """By which fields a list can be filtered, and by which it can be sorted."""

    facets: tuple[Facet, ...] = ()
    sorts: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of an address, besides the dates."""
        return (*(facet.name for facet in self.facets), SEARCH, SORT)


class Narrowed(NamedTuple):
    """The rows that are left, and for each facet the values with their counts.

    A facet counts the rows that its own choice leaves out as well, so that one can choose anew.
    """

    rows: Sequence[Any]
    counts: Sequence[tuple[Facet, Sequence[tuple[str, int]]]]
    chosen: Mapping[str, str]
    sort: str


def narrowed(request: Request, asked: Asked, rows: Sequence[R], shape: ListShape) -> Narrowed:
    """The rows that fit the parameters of a request. 400 for an order that there is not."""
    chosen = {
        name: said
        for name in shape.parameters
        if name != SORT and (said := request.query_params.get(name))
    }
    sort = request.query_params.get(SORT, "")
    if sort and sort.removeprefix("-") not in shape.sorts:
        known = ", ".join(shape.sorts)
        raise HTTPException(400, f"sort: {sort!r} is no order of this list; known are {known}")
    found = _searched(asked, rows, chosen.get(SEARCH, ""))
    counts = [(facet, _counted(found, shape, chosen, facet)) for facet in shape.facets]
    left = [row for row in found if _fits(row, shape.facets, chosen)]
    if sort:
        field = sort.removeprefix("-")
        left.sort(key=lambda row: _key(getattr(row, field)), reverse=sort.startswith("-"))
    return Narrowed(left, [each for each in counts if each[1]], chosen, sort)


def _fits(row: Row, facets: Iterable[Facet], chosen: Mapping[str, str]) -> bool:
    return all(
        folded(chosen[facet.name]) in map(folded, facet.values(row))
        for facet in facets
        if facet.name in chosen
    )


def _counted(
    rows: Sequence[Row], shape: ListShape, chosen: Mapping[str, str], facet: Facet
) -> list[tuple[str, int]]:
    others = [each for each in shape.facets if each != facet]
    fitting = (row for row in rows if _fits(row, others, chosen))
    return Counter(value for row in fitting for value in facet.values(row)).most_common()


def _searched(asked: Asked, rows: Sequence[R], search: str) -> list[R]:
    wanted = folded(search)
    if not wanted:
        return list(rows)
    places = gazetteer(asked.register, asked.at).places

    def words(row: Row) -> Iterable[str]:
        codes: Sequence[str] = getattr(row, "codes", None) or (getattr(row, "code", None) or "",)
        for code in codes:
            if code in places:
                yield from (places[code].name, *places[code].other_names)
        yield from texts_within(row.plain())

    return [row for row in rows if any(wanted in folded(text) for text in words(row))]


def _key(value: object) -> tuple[bool, int, str]:
    number = value if isinstance(value, int) else 0
    return (value is None, number, "" if value is None else folded(str(value)))
