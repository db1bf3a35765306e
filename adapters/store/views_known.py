"""What the registry of read models tells: which tables there are, and how far each has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from adapters.store.views_database import ViewsDatabase
from adapters.store.views_statements import PROGRESS, REGISTERED
from application.following import Progress
from application.ports import NotSetUp


class NoSuchTable(NotSetUp):
    """A read model has no table yet, as after an update: run `alliance setup`, which is safe."""


class Registered(NamedTuple):
    """One table of a read model."""

    table_name: str
    name: str
    fingerprint: str
    live: bool
    position: int
    epoch: str


def saved_progress(database: ViewsDatabase, table_name: str) -> Progress:
    """Where the table's rows end. Raises `NoSuchTable`."""
    rows = database.ask(PROGRESS, {"table_name": table_name})
    if not rows:
        raise NoSuchTable(read_model=table_name)
    return Progress(*rows[0])


def registered(database: ViewsDatabase) -> Sequence[Registered]:
    """All tables, by name and table name."""
    return [
        Registered(table_name, name, fingerprint, bool(live), position, epoch)
        for table_name, name, fingerprint, live, position, epoch in database.ask(REGISTERED, {})
    ]
