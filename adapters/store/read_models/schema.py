"""Tables of read models created, dropped and registered, each with its saved position.

Questions are asked without it (`reader`): to import it takes longer than to answer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeEngine

from adapters.database.sqlalchemy_engine import SETTING_UP
from adapters.store.read_models.reader import NoSuchTable, OfAnotherRegister
from adapters.store.read_models.tables import FRAME, PREFIX, Cell, ViewTable
from application.followers import Progress
from projections.engine.read_model import OPEN

Text = PlainText().with_variant(PlainText(collation="C"), "postgresql")
"""Sorts by bytes on both databases."""

REGISTRY = Table(
    "views",
    MetaData(),
    Column("table_name", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("register", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("epoch", Text, nullable=False),
)
"""The registry: tables, the register of each, and the position that each has read to."""
_C = REGISTRY.c

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
    """Return the table that a view describes."""
    return Table(
        view.name,
        MetaData(),
        *(Column(name, kind, nullable=False) for name, kind in zip(FRAME, _FRAME, strict=True)),
        *(Column(PREFIX + name, _TYPES[cell]) for name, cell in view.cells.items()),
        PrimaryKeyConstraint("key", "place", "known_from"),
        sqlite_with_rowid=False,
    )


def own_progress(connection: Connection, table_name: str) -> Progress:
    """Return the position of the table, as this transaction sees it; locked while one writes."""
    query = select(_C.position, _C.epoch).where(_C.table_name == table_name)
    if connection.get_execution_options().get("alliance_writes"):
        query = query.with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoSuchTable(read_model=table_name)
    return Progress(row.position, row.epoch)


def save_progress(connection: Connection, table_name: str, progress: Progress) -> None:
    connection.execute(
        update(REGISTRY)
        .where(_C.table_name == table_name)
        .values(position=progress.position, epoch=progress.epoch)
    )


def set_up(connection: Connection, register: str) -> None:
    """Create the registry if it is missing. Raises `OfAnotherRegister`."""
    _wait_to_create(connection)
    REGISTRY.create(connection, checkfirst=True)
    others = select(_C.register).where(_C.register != register).limit(1)
    if (other := connection.execute(others).scalar()) is not None:
        raise OfAnotherRegister(read_models=str(other), register=register)


def create_missing(connection: Connection, tables: Iterable[ViewTable[Any]], register: str) -> None:
    """Create the tables that are missing."""
    _wait_to_create(connection)
    found = inspect(connection)
    for table in tables:
        if not found.has_table(table.name):
            create_table(connection, table, register)


def _wait_to_create(connection: Connection) -> None:
    """Wait until no other process creates tables: PostgreSQL fails where two do so at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(SETTING_UP)))


def create_table(connection: Connection, table: ViewTable[Any], register: str) -> None:
    """Create the table, empty and at position 0."""
    table_of(table).create(connection)
    # Renaming a table leaves the names of its indexes: one of its own for each that is made.
    index = f"{table.name}_last_{token_hex(3)}"
    only_last = f"valid_to_first = '{OPEN}'"
    connection.execute(
        text(f'CREATE INDEX "{index}" ON "{table.name}" (key, known_from, place) WHERE {only_last}')
    )
    connection.execute(
        insert(REGISTRY).values(
            table_name=table.name,
            name=table.model.name,
            fingerprint=table.fingerprint,
            register=register,
            position=0,
            epoch="",
        )
    )


def drop_table(connection: Connection, table_name: str) -> None:
    """Remove a table and its line in the registry."""
    connection.execute(text(f'DROP TABLE IF EXISTS "{table_name}"'))
    connection.execute(delete(REGISTRY).where(_C.table_name == table_name))
