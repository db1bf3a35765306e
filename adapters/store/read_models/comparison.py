"""Compare two tables of a read model row by row: altered, missing or invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import Connection, TableClause, column, inspect, select, table

from adapters.store.read_models.tables import PREFIX

Cells: TypeAlias = Mapping[str, object]
IDENTITY = ("key", "place", "known_from")


class Kind(StrEnum):
    """The way in which a row differs from the one that should be there."""

    ALTERED = "altered"
    MISSING = "missing"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs: as it should be, or `None`; and as it was found, or `None`."""

    should: Cells | None
    found: Cells | None

    @property
    def kind(self) -> Kind:
        if self.found is None:
            return Kind.MISSING
        return Kind.INVENTED if self.should is None else Kind.ALTERED

    @property
    def row(self) -> Cells:
        """The cells that name the row, and all others."""
        row = self.should if self.found is None else self.found
        return row or {}

    def columns(self) -> Mapping[str, tuple[object, object]]:
        """Return the cells that differ: as they should be, and as found."""
        should, found = self.should or {}, self.found or {}
        names = dict.fromkeys((*should, *found))
        return {
            name: (should.get(name), found.get(name))
            for name in names
            if should.get(name) != found.get(name)
        }

    @property
    def says(self) -> str:
        """The fields of an altered row that differ, as found and as they should be."""
        cells = self.columns() if self.kind is Kind.ALTERED else {}
        return ", ".join(
            f"{name.removeprefix(PREFIX)} {found!r} for {should!r}"
            for name, (should, found) in cells.items()
        )

    def as_json(self) -> dict[str, object]:
        """Return the difference for programs."""
        columns = self.columns() if self.kind is Kind.ALTERED else {}
        return {
            "kind": str(self.kind),
            "key": self.row["key"],
            "from": str(self.row["valid_from_first"]),
            "known_from": self.row["known_from"],
            "says": self.says,
            "columns": {n: {"should": str(s), "found": str(f)} for n, (s, f) in columns.items()},
        }

    def __str__(self) -> str:
        row, says = self.row, self.says
        where = f"{row['key']} from {row['valid_from_first']}, known from {row['known_from']}"
        return f"{self.kind}: {where}: {says}" if says else f"{self.kind}: {where}"


def differences(
    connection: Connection, should: str, found: str, elsewhere: Connection | None = None
) -> Iterator[Difference]:
    """Yield rows that differ, in the order of their identity.

    The first table may be in a database `elsewhere`.
    """
    other = elsewhere or connection
    ours, theirs = untyped_table(other, should), untyped_table(connection, found)
    names = [cell.name for cell in ours.c]
    left, right = _rows(other, ours, names), _rows(connection, theirs, names)
    a, b = next(left, None), next(right, None)
    while a is not None or b is not None:
        if b is None or (a is not None and _identity(a) < _identity(b)):
            yield Difference(a, None)
            a = next(left, None)
        elif a is None or _identity(b) < _identity(a):
            yield Difference(None, b)
            b = next(right, None)
        else:
            if a != b:
                yield Difference(a, b)
            a, b = next(left, None), next(right, None)


def untyped_table(connection: Connection, table_name: str) -> TableClause:
    """Return a table with its cells as the driver gives them: a stored date may be no date."""
    found = inspect(connection).get_columns(table_name)
    return table(table_name, *(column(each["name"]) for each in found))


def _rows(
    connection: Connection, source: TableClause, names: Sequence[str]
) -> Iterator[dict[str, object]]:
    query = select(*(source.c[name] for name in names)).order_by(*(source.c[n] for n in IDENTITY))
    for row in connection.execute(query, execution_options={"yield_per": 1000}):
        yield {
            name: str(cell) if isinstance(cell, date) else cell
            for name, cell in zip(names, row, strict=True)
        }


def _identity(row: Cells) -> tuple[Any, ...]:
    key, place, known_from = (row[name] for name in IDENTITY)
    return (str(key).encode(), str(place).encode(), known_from)
