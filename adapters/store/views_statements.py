"""The statements that answer about a day: two steps into the primary key, and the rows between.

The rows of a key that are believed at one position form one sequence, in which both ends of their
days ascend, and the primary key holds a key's rows in that order. Those in question lie together in
it: from the last that has surely begun by the day, up to the last that may have. A step that starts
too late in it would walk back over all that was not yet known; so about the past it starts at the
row that was then the last, found in an index of such rows.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

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
    literal,
    select,
)

from adapters.store.views_tables import Text
from projections.timeline import FOREVER, OPEN


def as_of(table: Table, asked: FromClause, dialect: str, *, now: bool) -> Select[Any]:
    """The rows of the keys asked about; `now` is what is known to all that was read."""
    sure = table.alias("sure")
    day, day_after = bindparam("day", type_=Date), bindparam("day_after", type_=Text)
    until: ColumnElement[str] = day_after
    if not now:
        least = func.min if dialect == "sqlite" else func.least
        until = least(day_after, _last_then(table, asked))
    begun = (
        select(sure.c.place)
        .where(
            sure.c.key == asked.c.value,
            sure.c.place <= until,
            sure.c.valid_from_last <= day,
            *known(sure, now=now),
        )
        .order_by(sure.c.place.desc())
        .limit(1)
        .correlate(asked)
        .scalar_subquery()
    )
    lies_between = and_(
        table.c.key == asked.c.value,
        table.c.place >= func.coalesce(begun, ""),
        table.c.place <= until,  # says valid_from_first <= D, in terms of the primary key
    )
    return (
        select(table)
        .join_from(asked, table, lies_between)
        .where(table.c.valid_to_last > day, *known(table, now=now))
        .order_by(table.c.key, table.c.place)
    )


def _last_then(table: Table, asked: FromClause) -> ColumnElement[str]:
    """The place of the row that was the last of its key: nothing known then lies behind it."""
    last = table.alias("last")
    return (
        select(last.c.place)
        .where(
            last.c.key == asked.c.value,
            last.c.known_from <= bindparam("known_at", type_=BigInteger),
            # Written out, or the databases cannot tell that the index of such rows will do.
            last.c.valid_to_first == literal(OPEN, Date, literal_execute=True),
        )
        .order_by(last.c.known_from.desc(), last.c.place.desc())
        .limit(1)
        .correlate(asked)
        .scalar_subquery()
    )


def all_keys(table: Table) -> FromClause:
    """Every key of the table, by one step into the index each."""
    following = table.alias("following").c.key
    keys = select(func.min(table.c.key).label("value")).cte("keys", recursive=True)
    after = select(func.min(following)).where(following > keys.c.value).scalar_subquery()
    return keys.union_all(select(after).where(keys.c.value.is_not(None)))


def known(table: FromClause, *, now: bool) -> tuple[ColumnElement[bool], ...]:
    """What is believed at `known_at`, or to all that was read."""
    if now:
        return (table.c.known_to == FOREVER,)
    known_at = bindparam("known_at", type_=BigInteger)
    return (table.c.known_from <= known_at, table.c.known_to > known_at)


def moment(day: date, known_at: int | None) -> dict[str, object]:
    """Parameters; places of a day sort between its text and that of the day after."""
    given: dict[str, object] = {"day": day, "day_after": str(day + timedelta(days=1))}
    return given if known_at is None else {**given, "known_at": known_at}
