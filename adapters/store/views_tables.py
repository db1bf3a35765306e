"""Read models as tables: columns from the row type, a name that carries a fingerprint, a registry.

A table is named after its read model and a fingerprint of everything that decides its content: the
row type, the version of the fold, the upcasters and the shape of the table itself. A new shape is
therefore a new table, and the old one stays until it is dropped.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, Union, cast, get_args, get_origin

from sqlalchemy import BigInteger, Boolean, Column, Date, MetaData, PrimaryKeyConstraint, Row, Table
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeEngine

from domain.dates import When
from domain.kernel import StreamId
from projections.timeline import Phase, R, ReadModel

SHAPE = 2
"""The version of the bitemporal columns below, and of their indexes."""

Text = PlainText().with_variant(PlainText(collation="C"), "postgresql")
"""Sorts by bytes on both databases."""

REGISTRY = Table(
    "views",
    MetaData(),
    Column("table_name", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("epoch", Text, nullable=False),
)
"""Which tables exist, which of each name is live, and how far each has read the log."""

PREFIX = "v_"
"""Keeps a row type's columns apart from ours."""


def fingerprint(model: ReadModel[Any], upcasting: str = "") -> str:
    """Six hexadecimal digits of all that decides what the table holds."""
    decides = [SHAPE, model.name, model.version, _without_words(model.row), upcasting]
    text = json.dumps(decides, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _without_words(row: type[R]) -> Any:
    """The row type's schema, less what is only said to people."""

    def strip(node: Any) -> Any:
        if isinstance(node, list):
            return [strip(item) for item in node]
        if isinstance(node, dict):
            words = {"title", "description", "examples"}
            return {k: strip(v) for k, v in node.items() if k not in words or isinstance(v, dict)}
        return node

    return strip(row.model_json_schema(mode="serialization"))


@dataclass(frozen=True)
class ViewTable(Generic[R]):
    """The table of one version of a read model, and rows to phases and back."""

    model: ReadModel[R]
    fingerprint: str
    table: Table
    as_json: frozenset[str]

    @staticmethod
    def of(model: ReadModel[R], upcasting: str = "", suffix: str = "") -> ViewTable[R]:
        """Describe the table; `suffix` names a copy that is built beside it."""
        return cast("ViewTable[R]", _described(model, upcasting, suffix))

    @property
    def name(self) -> str:
        return self.table.name

    def encode(self, state: R | None) -> tuple[object, ...]:
        """The row type's columns; all empty where there is no row."""
        if state is None:
            return (None,) * len(self.model.row.model_fields)
        values = self.model.row.__pydantic_serializer__.to_python(state, mode="json")
        for name in self.as_json:
            values[name] = canonical(values[name])
        return tuple(values.values())

    @staticmethod
    def row(key: str, phase: Phase[R], columns: tuple[object, ...]) -> tuple[object, ...]:
        """A whole row in the order of the table's columns."""
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

    def decode(self, row: Row[Any]) -> Phase[R]:
        """A stored row, selected with all columns of the table in order."""
        cells = tuple(row)
        place, known_from, known_to, *days = cells[1:8]
        stream, version, position, present = cells[8:12]
        state = None
        if present:
            values = dict(zip(self.model.row.model_fields, cells[12:], strict=True))
            for name in self.as_json:
                values[name] = json.loads(values[name])
            # Lax, since a database knows no enumeration and JSON no tuple.
            state = self.model.row.model_validate(values, strict=False)
        first, last, until_first, until_last = days
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


@cache
def _described(model: ReadModel[Any], upcasting: str, suffix: str) -> ViewTable[Any]:
    mark = fingerprint(model, upcasting)
    types = {name: _column_type(f.annotation) for name, f in model.row.model_fields.items()}
    table = Table(
        f"{model.name}_{mark}{suffix}",
        MetaData(),
        Column("key", Text, nullable=False),
        Column("place", Text, nullable=False),
        Column("known_from", BigInteger, nullable=False),
        Column("known_to", BigInteger, nullable=False),
        Column("valid_from_first", Date, nullable=False),
        Column("valid_from_last", Date, nullable=False),
        Column("valid_to_first", Date, nullable=False),
        Column("valid_to_last", Date, nullable=False),
        Column("stream", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("present", Boolean, nullable=False),
        *(Column(PREFIX + name, kind or Text) for name, kind in types.items()),
        PrimaryKeyConstraint("key", "place", "known_from"),
        sqlite_with_rowid=False,
    )
    return ViewTable(model, mark, table, frozenset(n for n, kind in types.items() if not kind))


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
"""The one way in which a value is written as JSON."""


def _column_type(annotation: Any) -> TypeEngine[Any] | None:
    """A column that can be compared, or None for what is stored as JSON."""
    if get_origin(annotation) in (Union, UnionType):
        rest = {arg for arg in get_args(annotation) if arg is not NoneType}
        return _column_type(rest.pop()) if len(rest) == 1 else None
    if not isinstance(annotation, type):
        return None
    if issubclass(annotation, bool):
        return Boolean()
    if issubclass(annotation, int):
        return BigInteger()
    return Text if issubclass(annotation, str | When | date) else None
