"""The registry of read models as it is written: which tables exist, and which are live."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, delete, func, insert, inspect, select, text, update

from adapters.store.views_known import NoSuchTable
from adapters.store.views_schema import REGISTRY, table_of
from adapters.store.views_tables import ViewTable
from application.following import Progress
from projections.timeline import OPEN

SETTING_UP = 20011204
"""The lock that setting up takes on PostgreSQL."""

_C = REGISTRY.c


def own_progress(connection: Connection, table_name: str) -> Progress:
    """Where the table's rows end, as this transaction sees it; nobody moves it while one writes."""
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


def set_up(connection: Connection) -> None:
    """Create the registry if it is missing."""
    _wait_to_create(connection)
    REGISTRY.create(connection, checkfirst=True)


def create_missing(connection: Connection, tables: Iterable[ViewTable[Any]]) -> None:
    """Create the tables that are missing; a model's first table is its live one."""
    _wait_to_create(connection)
    found = inspect(connection)
    for table in tables:
        if not found.has_table(table.name):
            create(connection, table)


def _wait_to_create(connection: Connection) -> None:
    """One process at a time creates tables: PostgreSQL fails where two do so at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(SETTING_UP)))


def create(connection: Connection, table: ViewTable[Any], live: bool | None = None) -> None:
    """Create the table, empty and at position 0; live, unless told, if no other of its name is."""
    name = table.model.name
    if live is None:
        others = connection.execute(select(_C.live).where(_C.name == name, _C.live))
        live = others.first() is None
    table_of(table).create(connection)
    # Renaming a table leaves the names of its indexes: one of its own for each that is made.
    index = f"{table.name}_last_{token_hex(3)}"
    only_last = f"valid_to_first = '{OPEN}'"
    connection.execute(
        text(f'CREATE INDEX "{index}" ON "{table.name}" (key, known_from, place) WHERE {only_last}')
    )
    connection.execute(
        insert(REGISTRY),
        [
            {
                "table_name": table.name,
                "name": name,
                "fingerprint": table.fingerprint,
                "live": live,
                "position": 0,
                "epoch": "",
            }
        ],
    )


def drop(connection: Connection, table_name: str) -> None:
    connection.execute(text(f'DROP TABLE IF EXISTS "{table_name}"'))
    connection.execute(delete(REGISTRY).where(_C.table_name == table_name))
