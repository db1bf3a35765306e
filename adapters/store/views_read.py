"""Questions to a read model: as of a day, as known at a position, by a where-clause and an index.

A row may hold on day D, as known at P, when

    valid_from_first <= D < valid_to_last  and  known_from <= P < known_to

and surely does when also valid_from_last <= D < valid_to_first. Rows are known from the position
that ends their commit, so a position inside a commit rounds down to the commit before it.

The primary key holds a key's rows in the order of its timeline. The rows in question lie together
in it: from the last that has surely begun by D up to the last that may have. Both ends are found by
stepping into the index, so that an answer costs the same however long the timeline is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, Generic

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    func,
    select,
)

from adapters.store.views_database import ViewsDatabase
from adapters.store.views_registry import saved_progress
from adapters.store.views_rows import given_keys, parameters
from adapters.store.views_tables import PREFIX, Text, ViewTable
from application.following import Progress
from projections.timeline import FOREVER, OPEN, Answer, Held, Phase, R

LAST_DAY = OPEN - timedelta(days=1)
"""Later days are answered as this one."""


class ViewReader(Generic[R]):
    """Reads one table of a read model; any number of threads and processes at once."""

    def __init__(self, database: ViewsDatabase, table: ViewTable[R]) -> None:
        self._database = database
        self._table = table
        asked = (given_keys(database.engine.dialect.name), _all_keys(table.table))
        # Built once: building a statement takes longer than running it.
        self._of_some, self._of_all = (
            {now: _as_of(table.table, keys, now) for now in (True, False)} for keys in asked
        )

    def progress(self) -> Progress:
        """The position that answers about the present are as of."""
        with self._database.asking() as connection:
            return saved_progress(connection, self._table.name)

    def answer(self, key: str, on: date, known_at: int | None = None) -> Answer[R]:
        """What holds of a key on a day, as known at a position (`None`: all that is read)."""
        return self.answers((key,), on, known_at)[key]

    def answers(
        self, keys: Collection[str], on: date, known_at: int | None = None
    ) -> Mapping[str, Answer[R]]:
        """The same of several keys in one query."""
        day = min(on, LAST_DAY)
        found: dict[str, list[Phase[R]]] = {key: [] for key in keys}
        query = self._of_some[known_at is None]
        with self._database.asking() as connection:
            given = parameters(connection, list(found)) | _moment(day, known_at)
            for row in connection.execute(query, given):
                found[row[0]].append(self._table.decode(row))
        return {key: Answer(key, _candidates(phases, day)) for key, phases in found.items()}

    def every(
        self,
        on: date,
        known_at: int | None = None,
        where: Mapping[str, object] | None = None,
    ) -> list[Held[R]]:
        """All that may hold on a day, by key: the keys whose columns are as given.

        `where` gives a value for a column, `None`, or several values in a tuple, list or set. A key
        of which the record cannot tell has several rows, or one that is not certain.
        """
        day = min(on, LAST_DAY)
        query = self._of_all[known_at is None]
        for name, value in (where or {}).items():
            query = query.where(self._is(name, value))
        with self._database.asking() as connection:
            rows = connection.execute(query, _moment(day, known_at))
            phases = [(row[0], self._table.decode(row)) for row in rows]
        return [
            Held(key, phase.state, phase.last <= day < phase.until_first, phase)
            for key, phase in phases
            if phase.state is not None
        ]

    def history(self, key: str, known_at: int | None = None) -> list[Phase[R]]:
        """All phases of a key in order, as known at a position; days without a row included."""
        t = self._table.table.c
        query = (
            select(self._table.table)
            .where(t.key == key, *_known(self._table.table, known_at is None))
            .order_by(t.place)
        )
        with self._database.asking() as connection:
            rows = connection.execute(query, {"known_at": known_at} if known_at is not None else {})
            return [self._table.decode(row) for row in rows]

    def _is(self, name: str, value: object) -> ColumnElement[bool]:
        if name not in self._table.model.row.model_fields or name in self._table.as_json:
            raise KeyError(name)
        column = self._table.table.c[PREFIX + name]
        if isinstance(value, tuple | list | set | frozenset):
            return column.in_(value)
        return column.is_(None) if value is None else column == value


def _as_of(table: Table, asked: FromClause, now: bool) -> Select[Any]:
    """The rows of the keys asked about; `now` is what is known to all that was read."""
    sure = table.alias("sure")
    day, day_after = bindparam("day", type_=Date), bindparam("day_after", type_=Text)
    begun = (
        select(sure.c.place)
        .where(
            sure.c.key == asked.c.value,
            sure.c.place < day_after,
            sure.c.valid_from_last <= day,
            *_known(sure, now),
        )
        .order_by(sure.c.place.desc())
        .limit(1)
        .correlate(asked)
        .scalar_subquery()
    )
    lies_between = and_(
        table.c.key == asked.c.value,
        table.c.place >= func.coalesce(begun, ""),
        table.c.place < day_after,  # says valid_from_first <= D, in terms of the primary key
    )
    return (
        select(table)
        .join_from(asked, table, lies_between)
        .where(table.c.valid_to_last > day, *_known(table, now))
        .order_by(table.c.key, table.c.place)
    )


def _all_keys(table: Table) -> FromClause:
    """Every key of the table, by one step into the index each."""
    following = table.alias("following").c.key
    keys = select(func.min(table.c.key).label("value")).cte("keys", recursive=True)
    after = select(func.min(following)).where(following > keys.c.value).scalar_subquery()
    return keys.union_all(select(after).where(keys.c.value.is_not(None)))


def _known(table: FromClause, now: bool) -> tuple[ColumnElement[bool], ...]:
    if now:
        return (table.c.known_to == FOREVER,)
    known_at = bindparam("known_at", type_=BigInteger)
    return (table.c.known_from <= known_at, table.c.known_to > known_at)


def _moment(day: date, known_at: int | None) -> dict[str, object]:
    """Parameters; places of the day after sort behind all of the day's."""
    given: dict[str, object] = {"day": day, "day_after": str(day + timedelta(days=1))}
    return given if known_at is None else {**given, "known_at": known_at}


def _candidates(phases: list[Phase[R]], day: date) -> tuple[R | None, ...]:
    """The states of the phases, and no row before the first if that may not have begun."""
    nothing_yet = all(phase.last > day for phase in phases)
    return ((None,) if nothing_yet else ()) + tuple(phase.state for phase in phases)
