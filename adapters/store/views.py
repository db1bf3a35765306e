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
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapters.store.views_database import ViewsDatabase
from adapters.store.views_follow import Streams, ViewFollower
from adapters.store.views_known import Registered, registered
from adapters.store.views_read import ViewReader
from adapters.store.views_tables import ViewTable
from projections.timeline import R, ReadModel

if TYPE_CHECKING:
    from adapters.store.views_upkeep import Upkeep


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

    @cached_property
    def upkeep(self) -> Upkeep:
        """What is done to the tables other than following and reading them."""
        from adapters.store.views_upkeep import Upkeep  # noqa: PLC0415  (SQLAlchemy)

        return Upkeep(self.database, self.table)

    def setup(self) -> None:
        """Create the registry if it is missing."""
        self.upkeep.setup()

    def table(self, model: ReadModel[R], suffix: str = "") -> ViewTable[R]:
        """Describe the read model's table, or a copy beside it."""
        found = self._tables.get((model, suffix))
        if found is None:
            found = self._tables[model, suffix] = ViewTable.of(model, self._upcasting, suffix)
        return found

    def create(self, *models: ReadModel[Any]) -> None:
        """Create the tables that are missing; a model's first table is its live one."""
        self.upkeep.create(*models)

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
        return registered(self.database)

    def dump(self, model: ReadModel[Any]) -> Iterator[bytes]:
        """The table as lines of JSON, a row each; the same bytes for the same log everywhere."""
        return self.upkeep.dump(model)

    def close(self) -> None:
        self.database.close()
