"""Which tables of read models exist, which one of each name is live, and how far each has read."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, inspect, select, text, update

from adapters.store.views_tables import REGISTRY, ViewTable
from application.following import Progress
from application.ports import NotSetUp
from projections.timeline import OPEN

SETTING_UP = 20011204
"""The lock that setting up takes on PostgreSQL."""

_C = REGISTRY.c


class NoSuchTable(NotSetUp):
    """A read model has no table yet, as after an update: run `alliance setup`, which is safe."""


class Registered(NamedTuple):
    """One table of a read model."""

    table_name: str
    name: str
    fingerprint: str
    live: bool
    position: int
    epoch: str


def saved_progress(connection: Connection, table_name: str) -> Progress:
    """Where the table's rows end; in a writing transaction nobody else moves it meanwhile."""
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


def registered(connection: Connection) -> Sequence[Registered]:
    """All tables, by name and table name."""
    rows = connection.execute(select(REGISTRY).order_by(_C.name, _C.table_name))
    return [Registered(*row) for row in rows]


def wait_to_create(connection: Connection) -> None:
    """One process at a time creates tables: PostgreSQL fails where two do so at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(SETTING_UP)))


def create(connection: Connection, table: ViewTable[Any], live: bool | None = None) -> None:
    """Create the table, empty and at position 0; live, unless told, if no other of its name is."""
    name = table.model.name
    if live is None:
        others = connection.execute(select(_C.live).where(_C.name == name, _C.live))
        live = others.first() is None
    table.table.create(connection)
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


def exists(connection: Connection, table_name: str) -> bool:
    return inspect(connection).has_table(table_name)


def drop(connection: Connection, table_name: str) -> None:
    connection.execute(text(f'DROP TABLE IF EXISTS "{table_name}"'))
    connection.execute(delete(REGISTRY).where(_C.table_name == table_name))
