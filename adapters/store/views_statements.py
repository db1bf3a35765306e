"""The statements that answer about a day: two steps into the primary key, and the rows between.

The rows of a key that are believed at one position form one sequence, in which both ends of their
days ascend, and the primary key holds a key's rows in that order. Those in question lie together in
it: from the last that has surely begun by the day, up to the last that may have. A step that starts
too late in it would walk back over all that was not yet known; so about the past it starts at the
row that was then the last, found in an index of such rows.

They are text, for both databases: a question is answered in a fraction of the time that it takes to
import what would otherwise write them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from adapters.store.views_tables import PREFIX, ViewTable
from projections.timeline import FOREVER, OPEN

PROGRESS = 'SELECT "position", epoch FROM views WHERE table_name = :table_name'
"""How far a table has read."""

REGISTERED = """SELECT table_name, name, fingerprint, live, "position", epoch FROM views
    ORDER BY name, table_name"""
"""All tables, by name and table name."""


def of_all(view: ViewTable[Any], condition: str, *, is_sqlite: bool, now: bool) -> str:
    """The rows of every key, which one step into the primary key each finds."""
    keys = f"""WITH RECURSIVE asked (value) AS (
        SELECT min("key") FROM "{view.name}"
        UNION ALL
        SELECT (SELECT min("key") FROM "{view.name}" WHERE "key" > value) FROM asked
        WHERE value IS NOT NULL)"""  # noqa: S608
    return f"{keys} {_as_of(view, 'asked', condition, is_sqlite=is_sqlite, now=now)}"


def of_some(view: ViewTable[Any], *, is_sqlite: bool, now: bool) -> str:
    """The rows of the keys asked about, which `some` gives."""
    keys = "json_each(:keys)" if is_sqlite else "unnest(CAST(:keys AS text[]))"
    named = f"{keys} AS asked" if is_sqlite else f"{keys} AS asked (value)"
    return _as_of(view, named, "", is_sqlite=is_sqlite, now=now)


def history(view: ViewTable[Any], *, now: bool) -> str:
    """All rows of a key."""
    return f"""SELECT {_columns(view)} FROM "{view.name}" AS found
        WHERE found."key" = :key AND {_known("found", now=now)} ORDER BY found.place"""  # noqa: S608


def _as_of(view: ViewTable[Any], asked: str, condition: str, *, is_sqlite: bool, now: bool) -> str:
    """`now` is what is known to all that was read."""
    until = ":day_after"
    if not now:
        least = "min" if is_sqlite else "least"
        until = f"{least}(:day_after, ({_last_then(view)}))"
    begun = f"""SELECT sure.place FROM "{view.name}" AS sure
        WHERE sure."key" = asked.value AND sure.place <= {until} AND sure.valid_from_last <= :day
        AND {_known("sure", now=now)} ORDER BY sure.place DESC LIMIT 1"""  # noqa: S608
    # The last line of the join says valid_from_first <= D, in terms of the primary key.
    return f"""SELECT {_columns(view)} FROM {asked} JOIN "{view.name}" AS found
        ON found."key" = asked.value
        AND found.place >= coalesce(({begun}), '')
        AND found.place <= {until}
        WHERE found.valid_to_last > :day AND {_known("found", now=now)} {condition}
        ORDER BY found."key", found.place"""  # noqa: S608


def _last_then(view: ViewTable[Any]) -> str:
    """The place of the row that was the last of its key: nothing known then lies behind it."""
    # The day is written out, or the databases cannot tell that the index of such rows will do.
    return f"""SELECT last.place FROM "{view.name}" AS last
        WHERE last."key" = asked.value AND last.known_from <= :known_at
        AND last.valid_to_first = '{OPEN}' ORDER BY last.known_from DESC, last.place DESC LIMIT 1"""  # noqa: S608


def _columns(view: ViewTable[Any]) -> str:
    return ", ".join(f'found."{name}"' for name in view.columns)


def _known(table: str, *, now: bool) -> str:
    """What is believed at `known_at`, or to all that was read."""
    if now:
        return f"{table}.known_to = {FOREVER}"
    return f"{table}.known_from <= :known_at AND {table}.known_to > :known_at"


def condition(view: ViewTable[Any], where: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """What narrows a question to columns with a value, or one of several, and its parameters.

    Raises `KeyError` for what is no column that can be compared.
    """
    said: list[str] = []
    given: dict[str, object] = {}
    for name, value in where.items():
        if name not in view.cells or name in view.as_json:
            raise KeyError(name)
        column = f'found."{PREFIX}{name}"'
        if value is None:
            said.append(f"AND {column} IS NULL")
            continue
        several = value if isinstance(value, tuple | list | set | frozenset) else (value,)
        named = {f"{name}_{number}": each for number, each in enumerate(several)}
        said.append(f"AND {column} IN ({', '.join(f':{each}' for each in named) or 'NULL'})")
        given |= named
    return " ".join(said), given


def some(keys: Iterable[str], *, is_sqlite: bool) -> dict[str, object]:
    """The parameter by which keys are handed over, to `of_some` and to a follower's questions."""
    return {"keys": json.dumps(list(keys)) if is_sqlite else list(keys)}


def moment(day: date, known_at: int | None) -> dict[str, object]:
    """Parameters; places of a day sort between its text and that of the day after."""
    given: dict[str, object] = {"day": str(day), "day_after": str(day + timedelta(days=1))}
    return given if known_at is None else {**given, "known_at": known_at}
