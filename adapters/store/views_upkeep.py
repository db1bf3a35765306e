"""Read models built again beside the live ones: rebuilt, verified, repaired, compared, switched.

The log is the only truth, so each of these folds it into another table, out of everybody's way, and
then changes what is live in one short transaction.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update

from adapters.canonical import canonical
from adapters.store.views_compare import IDENTITY, Difference, differences, untyped
from adapters.store.views_database import ViewsDatabase
from adapters.store.views_follow import ViewFollower
from adapters.store.views_registry import create, create_missing, drop, own_progress, set_up
from adapters.store.views_schema import REGISTRY, table_of
from adapters.store.views_tables import ViewTable
from application.following import Progress, catch_up
from application.ports import Log
from domain.kernel import Conflict
from projections.timeline import ReadModel

BUILD_PAGE = 5_000
"""Entries to a transaction while nobody reads the table."""

Told = Callable[[int, int], object]
"""Is told the position reached and the one aimed at."""


class StillLive(Conflict):
    """Raised when the table to be dropped is the live one; switch to another first."""


class NotLevel(Conflict):
    """Raised when two tables to be compared have not read the log equally far."""


class Upkeep:
    """What is done to the tables of read models, other than following and reading them."""

    def __init__(
        self, database: ViewsDatabase, describe: Callable[[ReadModel[Any], str], ViewTable[Any]]
    ) -> None:
        self._database = database
        self._describe = describe

    def setup(self) -> None:
        """Create the registry if it is missing."""
        with self._database.writing() as connection:
            set_up(connection)

    def create(self, *models: ReadModel[Any]) -> None:
        """Create the tables that are missing; a model's first table is its live one."""
        with self._database.writing() as connection:
            create_missing(connection, [self._describe(model, "") for model in models])

    def dump(self, model: ReadModel[Any]) -> Iterator[bytes]:
        """The table as lines of JSON, a row each; the same bytes for the same log everywhere."""
        table = table_of(self._describe(model, ""))
        query = select(table).order_by(table.c.key, table.c.place, table.c.known_from)
        names = [column.name for column in table.columns]
        with self._database.reading() as connection:
            for row in connection.execute(query, execution_options={"yield_per": 1000}):
                values = {
                    n: str(v) if n.startswith("valid_") else v
                    for n, v in zip(names, row, strict=True)
                }
                yield canonical(values).encode()

    def rebuild(self, model: ReadModel[Any], log: Log, told: Told | None = None) -> int:
        """Fold the log anew and put the result in place of the table; return its position."""
        table = self._describe(model, "")
        with self._beside(model, "_new", log) as follower, _collecting_rarely():
            position = catch_up(log, follower, limit=BUILD_PAGE, on_progress=told)
            with self._database.writing() as connection:
                live = select(REGISTRY.c.live).where(REGISTRY.c.table_name == table.name)
                was_live = bool(connection.execute(live).scalar())
                drop(connection, table.name)
                connection.execute(text(f'ALTER TABLE "{follower.name}" RENAME TO "{table.name}"'))
                connection.execute(
                    update(REGISTRY)
                    .where(REGISTRY.c.table_name == follower.name)
                    .values(table_name=table.name, live=REGISTRY.c.live | was_live)
                )
        return position

    def verify(self, model: ReadModel[Any], log: Log) -> Sequence[Difference]:
        """Fold the log again and name every row that is altered, missing or invented.

        It is folded into a file elsewhere: nothing is written where rows may only be read.
        """
        with _elsewhere() as database, _collecting_rarely():
            copy = self._describe(model, "")
            with database.writing() as connection:
                set_up(connection)
                create(connection, copy, live=False)

            def compared(connection: Connection, should: str, found: str) -> Sequence[Difference]:
                with database.reading() as elsewhere:
                    return list(differences(connection, should, found, elsewhere))

            follower = ViewFollower(database, copy, log.read)
            return self._level(model, log, follower, self._database.reading, compared)

    def repair(self, model: ReadModel[Any], log: Log) -> Sequence[Difference]:
        """Put right what `verify` would name, from the log, and name it."""
        with self._beside(model, "_check", log) as follower, _collecting_rarely():
            return self._level(model, log, follower, self._database.writing, _mend)

    def compare(self, should: str, found: str) -> Sequence[Difference]:
        """Rows in which two tables differ, in the columns that both have.

        Tables are named as `Registered` names them, so one of them may be another program's. Raises
        `NotLevel` unless both have read the log equally far.
        """
        with self._database.reading() as connection:
            positions = [own_progress(connection, name).position for name in (should, found)]
            if positions[0] != positions[1]:
                raise NotLevel(should=should, found=found, positions=positions)
            return list(differences(connection, should, found))

    def switch(self, model: ReadModel[Any], log: Log, told: Told | None = None) -> int:
        """Catch up, then make this version of the read model the live one; return its position.

        Back as well as forth: the version that was live stays, and catches up when it is switched
        to again.
        """
        table = self._describe(model, "")
        follower = ViewFollower(self._database, table, log.read)
        position = catch_up(log, follower, limit=BUILD_PAGE, on_progress=told)
        with self._database.writing() as connection:
            connection.execute(
                update(REGISTRY)
                .where(REGISTRY.c.name == model.name)
                .values(live=REGISTRY.c.table_name == table.name)
            )
        return position

    def back(self, table_name: str, log: Log) -> int:
        """Make another version live again, as it is; return its position.

        Only the program that it belongs to can fold it, so it must be level with the log: raises
        `NotLevel` where it is not, and then that program's `switch` catches it up first.
        """
        with self._database.writing() as connection:
            head = log.head()
            saved = own_progress(connection, table_name)
            if saved.position < head:
                raise NotLevel(table=table_name, position=saved.position, log=head)
            name = select(REGISTRY.c.name).where(REGISTRY.c.table_name == table_name)
            connection.execute(
                update(REGISTRY)
                .where(REGISTRY.c.name == name.scalar_subquery())
                .values(live=REGISTRY.c.table_name == table_name)
            )
        return saved.position

    def drop(self, table_name: str) -> None:
        """Remove a table that is not live."""
        with self._database.writing() as connection:
            live = select(REGISTRY.c.live).where(REGISTRY.c.table_name == table_name)
            if connection.execute(live).scalar():
                raise StillLive(table=table_name)
            drop(connection, table_name)

    @contextmanager
    def _beside(self, model: ReadModel[Any], suffix: str, log: Log) -> Generator[ViewFollower[Any]]:
        """A follower of an empty copy, which is gone afterwards."""
        copy = self._describe(model, suffix)
        with self._database.writing() as connection:
            drop(connection, copy.name)  # one may be left of a process that was killed
            create(connection, copy, live=False)
        try:
            yield ViewFollower(self._database, copy, log.read)
        finally:
            with self._database.writing() as connection:
                drop(connection, copy.name)

    def _level(
        self,
        model: ReadModel[Any],
        log: Log,
        follower: ViewFollower[Any],
        transaction: Callable[[], Any],
        act: Callable[[Connection, str, str], Sequence[Difference]],
    ) -> Sequence[Difference]:
        """Act when the copy has read as far as the table, which others may be moving on."""
        name = self._describe(model, "").name
        position = Progress()
        while True:
            with transaction() as connection:
                saved = own_progress(connection, name)
                if saved == position:
                    return act(connection, follower.name, name)
            position = saved
            log.check_follower(position.position, position.epoch)
            catch_up(log, follower, limit=BUILD_PAGE, until=position.position)


@contextmanager
def _elsewhere() -> Generator[ViewsDatabase]:
    """A file for read models that is then gone."""
    with (
        TemporaryDirectory(prefix="alliance-verify-") as folder,
        closing(ViewsDatabase(f"sqlite:///{folder}/views.sqlite")) as database,
    ):
        yield database


@contextmanager
def _collecting_rarely() -> Generator[None]:
    """Folding makes many values and no cycles; to look for some takes a quarter of its time."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _mend(connection: Connection, should: str, found: str) -> Sequence[Difference]:
    named = list(differences(connection, should, found))
    source, target = untyped(connection, should), untyped(connection, found)
    for difference in named:
        cells = difference.row
        connection.execute(delete(target).where(*(target.c[n] == cells[n] for n in IDENTITY)))
        row = select(source).where(*(source.c[n] == cells[n] for n in IDENTITY))
        connection.execute(insert(target).from_select(source.c.keys(), row))
    return named
