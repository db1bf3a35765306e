"""The tables of read models as SQLAlchemy makes and writes them, and the registry of all.

Questions are asked without it (`views_read`): to import it takes longer than to answer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeEngine

from adapters.store.views_tables import FRAME, PREFIX, Cell, ViewTable

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

_FRAME: tuple[TypeEngine[Any], ...] = (
    *(Text, Text, BigInteger(), BigInteger()),
    *(Date(), Date(), Date(), Date()),
    *(Text, BigInteger(), BigInteger(), Boolean()),
)
"""The types of the columns that every table begins with."""

_TYPES: Mapping[Cell, TypeEngine[Any]] = {
    Cell.TRUTH: Boolean(),
    Cell.NUMBER: BigInteger(),
    Cell.TEXT: Text,
    Cell.JSON: Text,
}


@cache
def table_of(view: ViewTable[Any]) -> Table:
    """The table that a view describes."""
    return Table(
        view.name,
        MetaData(),
        *(Column(name, kind, nullable=False) for name, kind in zip(FRAME, _FRAME, strict=True)),
        *(Column(PREFIX + name, _TYPES[cell]) for name, cell in view.cells.items()),
        PrimaryKeyConstraint("key", "place", "known_from"),
        sqlite_with_rowid=False,
    )
