"""Questions to a read model: as of a day, as known at a position, by a where-clause and an index.

A row may hold on day D, as known at P, when

    valid_from_first <= D < valid_to_last  and  known_from <= P < known_to

and surely does when also valid_from_last <= D < valid_to_first. Rows are known from the position
that ends their commit, so a position inside a commit rounds down to the commit before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Generic

from sqlalchemy import ColumnElement, Select, select

from adapters.store.views_database import ViewsDatabase
from adapters.store.views_registry import saved_progress
from adapters.store.views_tables import PREFIX, ViewTable
from application.following import Progress
from projections.timeline import FOREVER, OPEN, Answer, Held, Phase, R

LAST_DAY = OPEN - timedelta(days=1)
"""Later days are answered as this one."""


class ViewReader(Generic[R]):
    """Reads one table of a read model; any number of threads and processes at once."""

    def __init__(self, database: ViewsDatabase, table: ViewTable[R]) -> None:
        self._database = database
        self._table = table

    def progress(self) -> Progress:
        """The position that answers about the present are as of."""
        with self._database.reading() as connection:
            return saved_progress(connection, self._table.name)

    def answer(self, key: str, on: date, known_at: int | None = None) -> Answer[R]:
        """What holds of a key on a day, as known at a position (`None`: all that is read)."""
        return self.answers((key,), on, known_at)[key]

    def answers(
        self, keys: Collection[str], on: date, known_at: int | None = None
    ) -> Mapping[str, Answer[R]]:
        """The same of several keys in one query."""
        t = self._table.table.c
        day = min(on, LAST_DAY)
        query = self._as_of(day, known_at).where(t.key.in_(keys)).order_by(t.key, t.place)
        found: dict[str, list[Phase[R]]] = {key: [] for key in keys}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                found[row[0]].append(self._table.decode(row))
        return {key: Answer(key, _candidates(phases, day)) for key, phases in found.items()}

    def every(
        self,
        on: date,
        known_at: int | None = None,
        where: Mapping[str, object] | None = None,
    ) -> Iterator[Held[R]]:
        """All that may hold on a day, by key: the keys whose columns are as given.

        `where` gives a value for a column, `None`, or several values in a tuple, list or set. A key
        of which the record cannot tell has several rows, or one that is not certain.
        """
        t = self._table.table.c
        day = min(on, LAST_DAY)
        query = self._as_of(day, known_at).where(t.present)
        for name, value in (where or {}).items():
            query = query.where(self._is(name, value))
        with self._database.reading() as connection:
            for row in connection.execute(query.order_by(t.key, t.place)):
                held = _held(row[0], self._table.decode(row), day)
                if held:
                    yield held

    def history(self, key: str, known_at: int | None = None) -> list[Phase[R]]:
        """All phases of a key in order, as known at a position; days without a row included."""
        t = self._table.table.c
        query = select(self._table.table).where(t.key == key, *self._known(known_at))
        with self._database.reading() as connection:
            return [self._table.decode(r) for r in connection.execute(query.order_by(t.place))]

    def _as_of(self, day: date, known_at: int | None) -> Select[Any]:
        t = self._table.table.c
        return select(self._table.table).where(
            t.valid_from_first <= day,
            t.valid_to_last > day,
            # Says the same as the first of these, in terms of the primary key.
            t.place < str(day + timedelta(days=1)),
            *self._known(known_at),
        )

    def _known(self, known_at: int | None) -> tuple[ColumnElement[bool], ...]:
        t = self._table.table.c
        if known_at is None:
            return (t.known_to == FOREVER,)
        return (t.known_from <= known_at, t.known_to > known_at)

    def _is(self, name: str, value: object) -> ColumnElement[bool]:
        if name not in self._table.model.row.model_fields or name in self._table.as_json:
            raise KeyError(name)
        column = self._table.table.c[PREFIX + name]
        if isinstance(value, tuple | list | set | frozenset):
            return column.in_(value)
        return column.is_(None) if value is None else column == value


def _certain(phase: Phase[R], day: date) -> bool:
    return phase.last <= day < phase.until_first


def _held(key: str, phase: Phase[R], day: date) -> Held[R] | None:
    if phase.state is None:
        return None
    return Held(key, phase.state, _certain(phase, day), phase)


def _candidates(phases: list[Phase[R]], day: date) -> tuple[R | None, ...]:
    """The states of the phases, and no row before the first if that may not have begun."""
    nothing_yet = all(phase.last > day for phase in phases)
    return ((None,) if nothing_yet else ()) + tuple(phase.state for phase in phases)
