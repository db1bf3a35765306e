"""Read models built again from the log: rebuilt, verified, repaired.

The log is the only truth, so each of these folds it into another table, out of everybody's way, and
then changes the one that is read in one short transaction.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update

from adapters.canonical_json import canonical
from adapters.store.read_models.comparison import IDENTITY, Difference, differences, untyped_table
from adapters.store.read_models.database import ViewsDatabase
from adapters.store.read_models.follower import ViewFollower
from adapters.store.read_models.schema import (
    REGISTRY,
    create_missing,
    create_table,
    drop_table,
    own_progress,
    set_up,
    table_of,
)
from adapters.store.read_models.tables import ViewTable
from application.followers import Progress, catch_up
from application.ports import Log
from projections.engine.read_model import ReadModel

BUILD_PAGE = 5_000
"""Entries to a transaction while nobody reads the table."""

Told = Callable[[int, int], object]
"""A function that is told the position reached and the one aimed at."""


class Maintenance:
    """Maintenance of the tables of read models: build, verify, repair, switch, drop."""

    def __init__(
        self, database: ViewsDatabase, describe: Callable[[ReadModel[Any], str], ViewTable[Any]]
    ) -> None:
        self._database = database
        self._describe = describe

    def setup(self) -> None:
        """Create the registry if it is missing."""
        with self._database.writing() as connection:
            set_up(connection, self._database.register)

    def create(self, *models: ReadModel[Any]) -> None:
        """Create the tables that are missing."""
        with self._database.writing() as connection:
            tables = [self._describe(model, "") for model in models]
            create_missing(connection, tables, self._database.register)

    def dump(self, model: ReadModel[Any]) -> Iterator[bytes]:
        """Yield the table as lines of JSON, a row each; the same log gives the same bytes."""
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
                drop_table(connection, table.name)
                connection.execute(text(f'ALTER TABLE "{follower.name}" RENAME TO "{table.name}"'))
                connection.execute(
                    update(REGISTRY)
                    .where(REGISTRY.c.table_name == follower.name)
                    .values(table_name=table.name)
                )
        return position

    def verify(self, model: ReadModel[Any], log: Log) -> Sequence[Difference]:
        """Fold the log again and name every row that is altered, missing or invented.

        It is folded into a file elsewhere: nothing is written where rows may only be read.
        """
        with _elsewhere(self._database.register) as database, _collecting_rarely():
            copy = self._describe(model, "")
            with database.writing() as connection:
                set_up(connection, database.register)
                create_table(connection, copy, database.register)

            def compared(connection: Connection, should: str, found: str) -> Sequence[Difference]:
                with database.reading() as elsewhere:
                    return list(differences(connection, should, found, elsewhere))

            follower = ViewFollower(database, copy, log.read)
            return self._level(model, log, follower, self._database.reading, compared)

    def repair(self, model: ReadModel[Any], log: Log) -> Sequence[Difference]:
        """Put right what `verify` would name, from the log, and name it."""
        with self._beside(model, "_check", log) as follower, _collecting_rarely():
            return self._level(model, log, follower, self._database.writing, _mend)

    def remove_others(self, *models: ReadModel[Any]) -> Sequence[str]:
        """Remove every table that is not of these read models in this version; return the names.

        A program of another version that still runs has no table then.
        """
        own = {self._describe(model, "").name for model in models}
        with self._database.writing() as connection:
            names = connection.execute(select(REGISTRY.c.table_name)).scalars()
            others = [name for name in names if name not in own]
            for name in others:
                drop_table(connection, name)
        return others

    @contextmanager
    def _beside(self, model: ReadModel[Any], suffix: str, log: Log) -> Generator[ViewFollower[Any]]:
        """Open a follower of an empty copy, which is removed afterwards."""
        copy = self._describe(model, suffix)
        with self._database.writing() as connection:
            drop_table(connection, copy.name)  # one may be left of a process that was killed
            create_table(connection, copy, self._database.register)
        try:
            yield ViewFollower(self._database, copy, log.read)
        finally:
            with self._database.writing() as connection:
                drop_table(connection, copy.name)

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
def _elsewhere(register: str) -> Generator[ViewsDatabase]:
    """Open a file for read models, which is removed afterwards."""
    with (
        TemporaryDirectory(prefix="alliance-verify-") as folder,
        closing(ViewsDatabase(f"sqlite:///{folder}/views.sqlite", register)) as database,
    ):
        yield database


@contextmanager
def _collecting_rarely() -> Generator[None]:
    """Collect garbage rarely during the block.

    Folding makes many values and no cycles; to look for some takes a quarter of its time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _mend(connection: Connection, should: str, found: str) -> Sequence[Difference]:
    named = list(differences(connection, should, found))
    source, target = untyped_table(connection, should), untyped_table(connection, found)
    for difference in named:
        cells = difference.row
        connection.execute(delete(target).where(*(target.c[n] == cells[n] for n in IDENTITY)))
        row = select(source).where(*(source.c[n] == cells[n] for n in IDENTITY))
        connection.execute(insert(target).from_select(source.c.keys(), row))
    return named
