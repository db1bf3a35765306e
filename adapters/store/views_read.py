"""Questions to a read model: as of a day, as known at a position, by a where-clause and an index.

A row may hold on day D, as known at P, when

    valid_from_first <= D < valid_to_last  and  known_from <= P < known_to

and surely does when also valid_from_last <= D < valid_to_first. Rows are known from the position
that ends their commit, so a position inside a commit rounds down to the commit before it.

How the rows are found at the same cost however long a timeline is: `views_statements`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Generic

from adapters.store import views_statements as statements
from adapters.store.views_database import ViewsDatabase
from adapters.store.views_known import saved_progress
from adapters.store.views_tables import ViewTable
from application.following import Progress
from projections.timeline import LAST_DAY, Answer, Held, Phase, R


class ViewReader(Generic[R]):
    """Reads one table of a read model; any number of threads and processes at once."""

    def __init__(self, database: ViewsDatabase, table: ViewTable[R]) -> None:
        self._database = database
        self._table = table

    def progress(self) -> Progress:
        """The position that answers about the present are as of."""
        return saved_progress(self._database, self._table.name)

    def answer(self, key: str, on: date, known_at: int | None = None) -> Answer[R]:
        """What holds of a key on a day, as known at a position (`None`: all that is read)."""
        return self.answers((key,), on, known_at)[key]

    def answers(
        self, keys: Collection[str], on: date, known_at: int | None = None
    ) -> Mapping[str, Answer[R]]:
        """The same of several keys in one query."""
        day = min(on, LAST_DAY)
        found: dict[str, list[Phase[R]]] = {key: [] for key in keys}
        is_sqlite = self._database.is_sqlite
        query = statements.of_some(self._table, is_sqlite=is_sqlite, now=known_at is None)
        asked = statements.some(found, is_sqlite=is_sqlite)
        for row in self._database.ask(query, asked | statements.moment(day, known_at)):
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
        condition, given = statements.condition(self._table, where or {})
        query = statements.of_all(
            self._table, condition, is_sqlite=self._database.is_sqlite, now=known_at is None
        )
        rows = self._database.ask(query, given | statements.moment(day, known_at))
        phases = [(row[0], self._table.decode(row)) for row in rows]
        return [
            Held(key, phase.state, phase.last <= day < phase.until_first, phase)
            for key, phase in phases
            if phase.state is not None
        ]

    def history(self, key: str, known_at: int | None = None) -> list[Phase[R]]:
        """All phases of a key in order, as known at a position; days without a row included."""
        query = statements.history(self._table, now=known_at is None)
        known = {} if known_at is None else {"known_at": known_at}
        return [self._table.decode(r) for r in self._database.ask(query, {"key": key, **known})]


def _candidates(phases: list[Phase[R]], day: date) -> tuple[R | None, ...]:
    """The states of the phases, and no row before the first if that may not have begun."""
    nothing_yet = all(phase.last > day for phase in phases)
    return ((None,) if nothing_yet else ()) + tuple(phase.state for phase in phases)
