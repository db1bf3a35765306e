"""The read models' store: create them, follow the log with them, read them.

    views = Views("sqlite:////data/views.sqlite")     # or the PostgreSQL URL of the log
    views.setup()                                     # the registry; a step of its own
    views.create(REGISTER)                            # the table register_3f2a91, if missing
    catch_up(log, views.follower(REGISTER, log.read))
    views.reader(REGISTER).answer("UA-KIEV", on=date(2001, 12, 6), known_at=None).state
    views.reader(REGISTER).every(on=today, where={"classification": "International"})

A read model whose row type, fold version or upcasters changed has another table. `create` makes it
beside the old one and a follower fills it; `upkeep` compares the two, switches and switches back:

    views.upkeep.compare(old, new)                    # table names, from `views.registered()`
    views.upkeep.switch(REGISTER, log)                # catches up first
    views.upkeep.rebuild(REGISTER, log)               # the same rows again, byte for byte
    views.upkeep.verify(REGISTER, log)                # each difference prints as one line
    views.upkeep.repair(REGISTER, log)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from adapters.store.views_database import ViewsDatabase
from adapters.store.views_follow import Streams, ViewFollower
from adapters.store.views_read import ViewReader
from adapters.store.views_registry import Registered, create, exists, registered, wait_to_create
from adapters.store.views_tables import REGISTRY, ViewTable, canonical
from adapters.store.views_upkeep import Upkeep
from projections.timeline import R, ReadModel


class Views:
    """All read models of one register in one database.

    `upcasting` names the state of the upcasters: whoever changes how old events are read changes
    what was folded from them.
    """

    def __init__(self, url: str, upcasting: str = "") -> None:
        self.database = ViewsDatabase(url)
        self._upcasting = upcasting
        self._tables: dict[tuple[ReadModel[Any], str], ViewTable[Any]] = {}
        self._readers: dict[ReadModel[Any], ViewReader[Any]] = {}
        self.upkeep = Upkeep(self.database, self.table)

    def setup(self) -> None:
        """Create the registry if it is missing."""
        with self.database.writing() as connection:
            wait_to_create(connection)
            REGISTRY.create(connection, checkfirst=True)

    def table(self, model: ReadModel[R], suffix: str = "") -> ViewTable[R]:
        """Describe the read model's table, or a copy beside it."""
        found = self._tables.get((model, suffix))
        if found is None:
            found = self._tables[model, suffix] = ViewTable.of(model, self._upcasting, suffix)
        return found

    def create(self, *models: ReadModel[Any]) -> None:
        """Create the tables that are missing; a model's first table is its live one."""
        with self.database.writing() as connection:
            wait_to_create(connection)
            for model in models:
                table = self.table(model)
                if not exists(connection, table.name):
                    create(connection, table)

    def follower(self, model: ReadModel[R], streams: Streams) -> ViewFollower[R]:
        """What `catch_up` brings to the end of the log; `streams` is `Log.read`."""
        return ViewFollower(self.database, self.table(model), streams)

    def reader(self, model: ReadModel[R]) -> ViewReader[R]:
        """What answers about any day; for any number of threads."""
        found = self._readers.get(model)
        if found is None:
            found = self._readers[model] = ViewReader(self.database, self.table(model))
        return found

    def registered(self) -> Sequence[Registered]:
        """Every table, live or not, and how far it has read."""
        with self.database.reading() as connection:
            return registered(connection)

    def dump(self, model: ReadModel[Any]) -> Iterator[bytes]:
        """The table as lines of JSON, a row each; the same bytes for the same log everywhere."""
        table = self.table(model).table
        query = select(table).order_by(table.c.key, table.c.place, table.c.known_from)
        names = [column.name for column in table.columns]
        with self.database.reading() as connection:
            for row in connection.execute(query, execution_options={"yield_per": 1000}):
                values = {
                    n: str(v) if n.startswith("valid_") else v
                    for n, v in zip(names, row, strict=True)
                }
                yield canonical(values).encode()

    def close(self) -> None:
        self.database.close()
