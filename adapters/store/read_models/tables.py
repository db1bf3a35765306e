"""The table of a read model: columns from the row type, and a name with a fingerprint.

A table is named after its read model and a fingerprint of everything that decides its content: the
row type, the version of the fold, the upcasters and the shape of the table itself. A new shape is
therefore a new table, and the old one stays until it is dropped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, Union, cast, get_args, get_origin

from adapters.canonical_json import canonical
from domain.shared.dates import When
from domain.shared.messages import StreamId
from projections.engine.read_model import Phase, R, ReadModel

SHAPE = 2
"""The version of the bitemporal columns below, and of their indexes."""

PREFIX = "v_"
"""Keeps a row type's columns apart from ours."""

FRAME = (
    "key",
    "place",
    "known_from",
    "known_to",
    "valid_from_first",
    "valid_from_last",
    "valid_to_first",
    "valid_to_last",
    "stream",
    "version",
    "position",
    "present",
)
"""The columns that every table begins with."""


class Cell(Enum):
    """The type of a column; only columns that are not JSON can be compared."""

    TRUTH = "truth"
    NUMBER = "number"
    TEXT = "text"
    JSON = "json"


def fingerprint(model: ReadModel[Any], upcasting: str = "") -> str:
    """Return six hexadecimal digits of all that decides what the table holds."""
    decides = [SHAPE, model.name, model.version, _without_words(model.row), upcasting]
    text = json.dumps(decides, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _without_words(row: type[R]) -> Any:
    """Return the row type's schema without descriptions for people."""

    def strip(node: Any) -> Any:
        if isinstance(node, list):
            return [strip(item) for item in node]
        if isinstance(node, dict):
            words = {"title", "description", "examples"}
            return {k: strip(v) for k, v in node.items() if k not in words or isinstance(v, dict)}
        return node

    return strip(row.model_json_schema(mode="serialization"))


@dataclass(frozen=True, eq=False)
class ViewTable(Generic[R]):
    """The table of one version of a read model, and rows to phases and back."""

    model: ReadModel[R]
    fingerprint: str
    name: str
    cells: Mapping[str, Cell]
    as_json: frozenset[str]

    @staticmethod
    def of(model: ReadModel[R], upcasting: str = "", suffix: str = "") -> ViewTable[R]:
        """Describe the table; `suffix` names a copy that is built beside it."""
        return cast("ViewTable[R]", _described(model, upcasting, suffix))

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns in their order."""
        return (*FRAME, *(PREFIX + name for name in self.cells))

    def encode(self, state: R | None) -> tuple[object, ...]:
        """Return the row type's columns; all empty where there is no row."""
        if state is None:
            return (None,) * len(self.model.row.model_fields)
        values = self.model.row.__pydantic_serializer__.to_python(state, mode="json")
        for name in self.as_json:
            values[name] = canonical(values[name])
        return tuple(values.values())

    @staticmethod
    def row(key: str, phase: Phase[R], columns: tuple[object, ...]) -> tuple[object, ...]:
        """Return a whole row in the order of the table's columns."""
        return (
            key,
            phase.place,
            phase.known_from,
            phase.known_to,
            phase.first,
            phase.last,
            phase.until_first,
            phase.until_last,
            phase.stream,
            phase.version,
            phase.position,
            phase.state is not None,
            *columns,
        )

    def decode(self, row: Sequence[Any]) -> Phase[R]:
        """Return a stored row, selected with all columns of the table in order."""
        place, known_from, known_to = row[1:4]
        first, last, until_first, until_last = map(_day, row[4:8])
        stream, version, position, present = row[8:12]
        state = None
        if present:
            values = dict(zip(self.cells, row[12:], strict=True))
            for name in self.as_json:
                values[name] = json.loads(values[name])
            # Lax, since a database knows no enumeration and JSON no tuple.
            state = self.model.row.model_validate(values, strict=False)
        return Phase(
            place,
            StreamId(stream),
            version,
            position,
            first,
            last,
            until_first,
            until_last,
            state,
            known_from,
            known_to,
        )


def _day(cell: date | str) -> date:
    """Return a day; SQLite has no days, and keeps them as text."""
    return date.fromisoformat(cell) if isinstance(cell, str) else cell


@cache
def _described(model: ReadModel[Any], upcasting: str, suffix: str) -> ViewTable[Any]:
    mark = fingerprint(model, upcasting)
    cells = {name: _cell(field.annotation) for name, field in model.row.model_fields.items()}
    as_json = frozenset(name for name, cell in cells.items() if cell is Cell.JSON)
    return ViewTable(model, mark, f"{model.name}_{mark}{suffix}", cells, as_json)


def _cell(annotation: Any) -> Cell:
    if get_origin(annotation) in (Union, UnionType):
        rest = {arg for arg in get_args(annotation) if arg is not NoneType}
        return _cell(rest.pop()) if len(rest) == 1 else Cell.JSON
    if not isinstance(annotation, type):
        return Cell.JSON
    if issubclass(annotation, bool):
        return Cell.TRUTH
    if issubclass(annotation, int):
        return Cell.NUMBER
    return Cell.TEXT if issubclass(annotation, str | When | date) else Cell.JSON
