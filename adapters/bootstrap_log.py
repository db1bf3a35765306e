"""The wiring of a register's log: its database, its keys, and the catalogue of its facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.addresses import locate
from adapters.settings import Settings
from adapters.store.event_log.log import EventLog
from adapters.store.event_log.open_log import open_log
from adapters.store.event_log.subject_keys import SubjectKeys

if TYPE_CHECKING:
    from domain.shared.messages import Fact


def catalogue_of_facts() -> Mapping[str, type[Fact]]:
    from domain.catalogue import catalogue  # noqa: PLC0415  (every context, only where one is read)

    return catalogue


def open_log_of(settings: Settings) -> EventLog:
    """Return the log; places and bodies are read from it without importing every context."""
    from domain.council.bodies import CharterRecorded  # noqa: PLC0415
    from domain.council.succession import BodiesChanged  # noqa: PLC0415
    from domain.places import PlaceIdentified, PlacesReplaced  # noqa: PLC0415

    named: tuple[type[Fact], ...]
    named = (CharterRecorded, BodiesChanged, PlaceIdentified, PlacesReplaced)
    light = {kind.TOPIC: kind for kind in named}
    keys = SubjectKeys(settings.personal_keys)
    return open_log(
        settings.database_url, settings.register_id, catalogue_of_facts, light=light, keys=keys
    )


def log_warnings(settings: Settings) -> Sequence[str]:
    """Return what an operator should know of the log's servers. Raises `Unavailable`."""
    where = locate(settings.database_url)
    if isinstance(where, Path):
        return []
    from adapters.database.postgres import replication_warnings  # noqa: PLC0415  (psycopg)

    return replication_warnings(where)
