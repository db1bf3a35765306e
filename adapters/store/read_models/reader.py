"""Questions to a read model: as of a day, as known at a position, by a where-clause and an index.

A row may hold on day D, as known at P, when

    valid_from_first <= D < valid_to_last  and  known_from <= P < known_to

and surely does when also valid_from_last <= D < valid_to_first. Rows are known from the position
that ends their commit, so a position inside a commit rounds down to the commit before it.

How the rows are found at the same cost however long a timeline is: two steps into the primary key,
and the rows between. The rows of a key that are believed at one position form one sequence, in
which both ends of their days ascend, and the primary key holds a key's rows in that order. Those in
question lie together in it: from the last that has surely begun by the day, up to the last that may
have. A step that starts too late in it would walk back over all that was not yet known; so about
the past it starts at the row that was then the last, found in an index of such rows.

Statements are text, for both databases: a question is answered in a fraction of the time that it
takes to import what would otherwise write them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Generic, NamedTuple

from adapters.store.read_models.database import ViewsDatabase
from adapters.store.read_models.tables import PREFIX, ViewTable
from application.followers import Progress
from application.ports import NotSetUp
from domain.shared.problems import Problem
from projections.engine.read_model import FOREVER, LAST_DAY, OPEN, Held, Phase, Possible, R

PROGRESS = 'SELECT register, "position", epoch FROM views WHERE table_name = :table_name'
"""How far a table has read, and whose it is."""

REGISTERED = """SELECT table_name, name, fingerprint, "position", epoch FROM views
    ORDER BY name, table_name"""
"""All tables, by name and table name."""


class NoSuchTable(NotSetUp):
    """A read model has no table yet, as after an update: run `alliance setup`, which is safe."""

    read_model: str


class OfAnotherRegister(Problem):
    """Another register keeps its read models here: set ALLIANCE_VIEWS_URL to another place.

    Details: the register that the `read_models` are of, and the `register` that asks.
    """

    read_models: str
    register: str


class Registered(NamedTuple):
    """One table of a read model."""

    table_name: str
    name: str
    fingerprint: str
    position: int
    epoch: str


def saved_progress(database: ViewsDatabase, table_name: str) -> Progress:
    """Return the position of the table. Raises `NoSuchTable` and `OfAnotherRegister`."""
    rows = database.ask(PROGRESS, {"table_name": table_name})
    if not rows:
        raise NoSuchTable(read_model=table_name)
    ((register, position, epoch),) = rows
    if register != database.register:
        raise OfAnotherRegister(read_models=register, register=database.register)
    return Progress(position, epoch)


def registered(database: ViewsDatabase) -> Sequence[Registered]:
    """Return all tables, by name and table name."""
    return [Registered(*row) for row in database.ask(REGISTERED, {})]


class ViewReader(Generic[R]):
    """Reads one table of a read model; any number of threads and processes at once."""

    def __init__(self, database: ViewsDatabase, table: ViewTable[R]) -> None:
        self._database = database
        self._table = table

    def progress(self) -> Progress:
        """Return the position that answers about the present are as of."""
        return saved_progress(self._database, self._table.name)

    def answer(self, key: str, on: date, known_at: int | None = None) -> Possible[R]:
        """Return the answer about a key on a day, as known at a position (`None`: the last)."""
        return self.answers((key,), on, known_at)[key]

    def answers(
        self, keys: Collection[str], on: date, known_at: int | None = None
    ) -> Mapping[str, Possible[R]]:
        """Return the answers about several keys in one query."""
        day = min(on, LAST_DAY)
        found: dict[str, list[Phase[R]]] = {key: [] for key in keys}
        is_sqlite = self._database.is_sqlite
        query = _of_some(self._table, is_sqlite=is_sqlite, now=known_at is None)
        asked = some_keys(found, is_sqlite=is_sqlite)
        for row in self._database.ask(query, asked | _moment(day, known_at)):
            found[row[0]].append(self._table.decode(row))
        return {key: Possible(key, _candidates(phases, day)) for key, phases in found.items()}

    def every(
        self,
        on: date,
        known_at: int | None = None,
        where: Mapping[str, object] | None = None,
    ) -> list[Held[R]]:
        """Return all that may hold on a day, by key: the keys whose columns are as given.

        `where` gives a value for a column, `None`, or several values in a tuple, list or set. A key
        of which the record cannot tell has several rows, or one that is not certain.
        """
        day = min(on, LAST_DAY)
        condition, given = _condition(self._table, where or {})
        query = _of_all(
            self._table, condition, is_sqlite=self._database.is_sqlite, now=known_at is None
        )
        rows = self._database.ask(query, given | _moment(day, known_at))
        phases = [(row[0], self._table.decode(row)) for row in rows]
        return [
            Held(key, phase.state, phase.last <= day < phase.until_first, phase)
            for key, phase in phases
            if phase.state is not None
        ]

    def history(self, key: str, known_at: int | None = None) -> list[Phase[R]]:
        """Return all phases of a key as known at a position; days without a row included."""
        query = _history(self._table, now=known_at is None)
        known = {} if known_at is None else {"known_at": known_at}
        return [self._table.decode(r) for r in self._database.ask(query, {"key": key, **known})]


def _candidates(phases: list[Phase[R]], day: date) -> tuple[R | None, ...]:
    """Return the states of the phases, and no row before the first if that may not have begun."""
    nothing_yet = all(phase.last > day for phase in phases)
    return ((None,) if nothing_yet else ()) + tuple(phase.state for phase in phases)


def _of_all(view: ViewTable[Any], condition: str, *, is_sqlite: bool, now: bool) -> str:
    """Return the rows of every key, which one step into the primary key each finds."""
    keys = f"""WITH RECURSIVE asked (value) AS (
        SELECT min("key") FROM "{view.name}"
        UNION ALL
        SELECT (SELECT min("key") FROM "{view.name}" WHERE "key" > value) FROM asked
        WHERE value IS NOT NULL)"""  # noqa: S608
    return f"{keys} {_as_of(view, 'asked', condition, is_sqlite=is_sqlite, now=now)}"


def _of_some(view: ViewTable[Any], *, is_sqlite: bool, now: bool) -> str:
    """Return the rows of the keys asked about, which `some_keys` gives."""
    keys = "json_each(:keys)" if is_sqlite else "unnest(CAST(:keys AS text[]))"
    named = f"{keys} AS asked" if is_sqlite else f"{keys} AS asked (value)"
    return _as_of(view, named, "", is_sqlite=is_sqlite, now=now)


def _history(view: ViewTable[Any], *, now: bool) -> str:
    """Return all rows of a key."""
    return f"""SELECT {_columns(view)} FROM "{view.name}" AS found
        WHERE found."key" = :key AND {_known("found", now=now)} ORDER BY found.place"""  # noqa: S608


def _as_of(view: ViewTable[Any], asked: str, condition: str, *, is_sqlite: bool, now: bool) -> str:
    """Return the condition for rows as of a day; with `now`, for all that is known."""
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
    """Return the place of the row that was then the last of its key."""
    # The day is written out, or the databases cannot tell that the index of such rows will do.
    return f"""SELECT last.place FROM "{view.name}" AS last
        WHERE last."key" = asked.value AND last.known_from <= :known_at
        AND last.valid_to_first = '{OPEN}' ORDER BY last.known_from DESC, last.place DESC LIMIT 1"""  # noqa: S608


def _columns(view: ViewTable[Any]) -> str:
    return ", ".join(f'found."{name}"' for name in view.columns)


def _known(table: str, *, now: bool) -> str:
    """Condition for rows believed at `known_at`, or now if it is `None`."""
    if now:
        return f"{table}.known_to = {FOREVER}"
    return f"{table}.known_from <= :known_at AND {table}.known_to > :known_at"


def _condition(view: ViewTable[Any], where: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """Condition for columns with a value, or one of several, and its parameters.

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


def some_keys(keys: Iterable[str], *, is_sqlite: bool) -> dict[str, object]:
    """Return the parameter that hands keys over to questions, also to those of a follower."""
    return {"keys": json.dumps(list(keys)) if is_sqlite else list(keys)}


def _moment(day: date, known_at: int | None) -> dict[str, object]:
    """Return parameters; places of a day sort between its text and that of the day after."""
    given: dict[str, object] = {"day": str(day), "day_after": str(day + timedelta(days=1))}
    return given if known_at is None else {**given, "known_at": known_at}
