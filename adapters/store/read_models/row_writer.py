"""Rows of a read model for its follower: the last of many keys, all of one key, bulk writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Generic

from sqlalchemy import (
    ARRAY,
    Connection,
    FromClause,
    bindparam,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import Text as PlainText

from adapters.store.read_models.reader import some_keys
from adapters.store.read_models.schema import Text, table_of
from adapters.store.read_models.tables import ViewTable
from projections.engine.read_model import FOREVER, Phase, R
from projections.engine.revision import Revision

COPY_FROM = 20
"""The number of rows from which COPY is faster on PostgreSQL."""


class ViewRows(Generic[R]):
    """The table within one writing transaction; `write` stores what was revised."""

    def __init__(self, connection: Connection, table: ViewTable[R]) -> None:
        self._connection = connection
        self._table = table
        self._opened: dict[tuple[str, str], Phase[R]] = {}
        self._ended: list[tuple[str, Phase[R]]] = []
        self._closed: list[dict[str, object]] = []
        self._columns: dict[int, tuple[object, ...]] = {}

    def last(self, keys: Sequence[str]) -> Mapping[str, Phase[R]]:
        """Return the last current phase of each key that has any."""
        if not keys:
            return {}
        table, other = table_of(self._table), table_of(self._table).alias()
        is_sqlite = self._connection.dialect.name == "sqlite"
        asked = given_keys(is_sqlite=is_sqlite)
        last_place = (
            select(other.c.place)
            .where(other.c.key == asked.c.value, other.c.known_to == FOREVER)
            .order_by(other.c.place.desc())
            .limit(1)
            .correlate(asked)
            .scalar_subquery()
        )
        query = (
            select(table)
            .join_from(asked, table, (table.c.key == asked.c.value) & (table.c.place == last_place))
            .where(table.c.known_to == FOREVER)
        )
        rows = self._connection.execute(query, some_keys(keys, is_sqlite=is_sqlite))
        return {row[0]: self._table.decode(tuple(row)) for row in rows}

    def between(self, key: str, earliest: str, below: str) -> list[Phase[R]]:
        """Return a key's current phases before a place, from the last one before `earliest`."""
        t, other = table_of(self._table).c, table_of(self._table).alias().c
        preceding = (
            select(other.place)
            .where(other.key == key, other.known_to == FOREVER, other.place < earliest)
            .order_by(other.place.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(table_of(self._table))
            .where(
                t.key == key,
                t.known_to == FOREVER,
                t.place >= func.coalesce(preceding, ""),
                t.place < below,
            )
            .order_by(t.place)
        )
        return [self._table.decode(tuple(row)) for row in self._connection.execute(query)]

    def revise(self, key: str, revision: Revision[R], known_to: int) -> None:
        """Close what is no longer believed and open what is."""
        for phase in revision.closed:
            if self._opened.pop((key, phase.place), None):
                self._ended.append((key, phase._replace(known_to=known_to)))
            else:
                self._closed.append(
                    {
                        "its_key": key,
                        "its_place": phase.place,
                        "its_known_from": phase.known_from,
                        "now": known_to,
                    }
                )
        for phase in revision.opened:
            self._opened[key, phase.place] = phase

    def write(self) -> None:
        if self._closed:
            t = table_of(self._table).c
            self._connection.execute(
                update(table_of(self._table))
                .where(
                    t.key == bindparam("its_key"),
                    t.place == bindparam("its_place"),
                    t.known_from == bindparam("its_known_from"),
                )
                .values(known_to=bindparam("now")),
                self._closed,
            )
        opened = ((key, phase) for (key, _), phase in self._opened.items())
        insert_rows(
            self._connection,
            self._table,
            [self._row(key, phase) for key, phase in chain(self._ended, opened)],
        )

    def _row(self, key: str, phase: Phase[R]) -> tuple[object, ...]:
        # A state is usually in two phases: as the last one, and with the end it got.
        columns = self._columns.get(id(phase.state))
        if columns is None:
            columns = self._columns[id(phase.state)] = self._table.encode(phase.state)
        return self._table.row(key, phase, columns)


def given_keys(*, is_sqlite: bool) -> FromClause:
    """Return any number of keys as a table with one column, `value`, filled by `some_keys`."""
    value = column("value", Text)
    if is_sqlite:
        return func.json_each(bindparam("keys")).table_valued(value)
    array = bindparam("keys", type_=ARRAY(PlainText))
    return func.unnest(array).table_valued(value).render_derived()


def insert_rows(
    connection: Connection, table: ViewTable[Any], rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert whole rows, in the order of the table's columns."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        # SQLAlchemy's own executemany takes twice as long: it converts every value by name.
        text = str(insert(table_of(table)).compile(dialect=connection.dialect))
        connection.exec_driver_sql(text, [_as_text(row) for row in rows])
    elif len(rows) < COPY_FROM:
        named = [dict(zip(table.columns, row, strict=True)) for row in rows]
        connection.execute(insert(table_of(table)), named)
    else:
        _copy(connection, table, rows)


def _as_text(row: tuple[object, ...]) -> tuple[object, ...]:
    return (*row[:4], *map(str, row[4:8]), *row[8:])


def _copy(
    connection: Connection, table: ViewTable[Any], rows: Iterable[tuple[object, ...]]
) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
