"""The read models' store: create them, follow the log with them, read them.

    views = Views("sqlite:////data/views.sqlite")     # or the PostgreSQL URL of the log
    views.setup()                                     # the registry; a step of its own
    views.create(PARTNERSHIPS)                        # the table partnerships_3f2a91, if missing
    catch_up(log, views.follower(PARTNERSHIPS, log.read))
    views.reader(PARTNERSHIPS).answer("UA-KIEV", on=date(2001, 12, 6), known_at=None).state
    views.reader(PARTNERSHIPS).every(on=today, where={"targeted": True})

A read model whose row type, fold version or upcasters changed has another table. `create` makes it
beside the old one, a follower fills it, and each program reads its own:

    views.maintenance.rebuild(PARTNERSHIPS, log)      # the same rows again, byte for byte
    views.maintenance.verify(PARTNERSHIPS, log)       # each difference prints as one line
    views.maintenance.repair(PARTNERSHIPS, log)
    views.maintenance.remove_others(PARTNERSHIPS)     # tables of other versions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapters.store.read_models.database import ViewsDatabase
from adapters.store.read_models.follower import Streams, ViewFollower
from adapters.store.read_models.reader import Registered, ViewReader, registered
from adapters.store.read_models.tables import ViewTable
from projections.engine.read_model import R, ReadModel

if TYPE_CHECKING:
    from adapters.store.read_models.maintenance import Maintenance


class Views:
    """All read models of one `register` in one database.

    `upcasting` names the state of the upcasters: whoever changes how old events are read changes
    what was folded from them.
    """

    def __init__(self, url: str, register: str = "", upcasting: str = "") -> None:
        self.database = ViewsDatabase(url, register)
        self._upcasting = upcasting
        self._tables: dict[tuple[ReadModel[Any], str], ViewTable[Any]] = {}
        self._readers: dict[ReadModel[Any], ViewReader[Any]] = {}

    @cached_property
    def maintenance(self) -> Maintenance:
        """Maintenance of the tables."""
        from adapters.store.read_models.maintenance import Maintenance  # noqa: PLC0415  (SQLAlchemy)

        return Maintenance(self.database, self.table)

    def setup(self) -> None:
        """Create the registry if it is missing. Raises `OfAnotherRegister`."""
        self.maintenance.setup()

    def table(self, model: ReadModel[R], suffix: str = "") -> ViewTable[R]:
        """Describe the read model's table, or a copy beside it."""
        found = self._tables.get((model, suffix))
        if found is None:
            found = self._tables[model, suffix] = ViewTable.of(model, self._upcasting, suffix)
        return found

    def create(self, *models: ReadModel[Any]) -> None:
        """Create the tables that are missing."""
        self.maintenance.create(*models)

    def follower(self, model: ReadModel[R], streams: Streams) -> ViewFollower[R]:
        """Return a follower for `catch_up`; `streams` is `Log.read`."""
        return ViewFollower(self.database, self.table(model), streams)

    def reader(self, model: ReadModel[R]) -> ViewReader[R]:
        """Return a reader that answers about any day; for any number of threads."""
        found = self._readers.get(model)
        if found is None:
            found = self._readers[model] = ViewReader(self.database, self.table(model))
        return found

    def registered(self) -> Sequence[Registered]:
        """Return every table, also of other versions of the program, and how far it has read."""
        return registered(self.database)

    def dump(self, model: ReadModel[Any]) -> Iterator[bytes]:
        """Yield the table as lines of JSON, a row each; the same log gives the same bytes."""
        return self.maintenance.dump(model)

    def close(self) -> None:
        self.database.close()
