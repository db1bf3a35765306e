"""Open or set up the log at an address. Opening never creates anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from adapters.addresses import Server, locate
from adapters.store.event_log import sqlite_schema
from adapters.store.event_log.library import LogApplication
from adapters.store.event_log.log import EventLog
from adapters.store.event_log.mapper import Catalogue, FactMapper, no_keys
from adapters.store.event_log.recorder import Recorder
from adapters.store.event_log.sqlite_recorder import SQLiteRecorder
from adapters.store.event_log.subject_keys import SubjectKeys
from adapters.store.event_log.upcasters import UPCASTERS, Upcaster
from application.ports import NotSetUp
from domain.shared.log_facts import (
    CommandRecorded,
    DecisionRescinded,
    EntriesInCamera,
    EntryDisclosed,
    EntryInCamera,
    EntryLapsed,
    EntryWithdrawn,
    EpochOpened,
    EvidenceBegunAnew,
    EvidenceKeysRotated,
    PersonalDataDestroyed,
)

OWN: Catalogue = {
    CommandRecorded.TOPIC: CommandRecorded,
    EpochOpened.TOPIC: EpochOpened,
    EntryWithdrawn.TOPIC: EntryWithdrawn,
    EntryLapsed.TOPIC: EntryLapsed,
    EntryInCamera.TOPIC: EntryInCamera,
    EntriesInCamera.TOPIC: EntriesInCamera,
    EntryDisclosed.TOPIC: EntryDisclosed,
    DecisionRescinded.TOPIC: DecisionRescinded,
    PersonalDataDestroyed.TOPIC: PersonalDataDestroyed,
    EvidenceKeysRotated.TOPIC: EvidenceKeysRotated,
    EvidenceBegunAnew.TOPIC: EvidenceBegunAnew,
}
"""Facts that every log may hold, whatever the contexts record."""


def setup_log(url: str, *registers: str) -> None:
    """Create what these registers' log lacks; safe to repeat, also at the same moment."""
    where = locate(url)
    if isinstance(where, Path):
        sqlite_schema.setup(where, registers)
    else:
        from adapters.store.event_log import postgres_schema  # noqa: PLC0415

        postgres_schema.setup(where, registers)


def open_log(
    url: str,
    register: str,
    catalogue: Catalogue | Callable[[], Catalogue],
    upcasters: Mapping[str, Upcaster] = UPCASTERS,
    light: Catalogue = MappingProxyType({}),
    keys: SubjectKeys | None = None,
) -> EventLog:
    """Return the log of one register. Raises `NotSetUp` where `setup_log` has not been called.

    Where the catalogue is a function, facts of `light` are read without calling it. Personal
    values are sealed with `keys`; without, none is recorded or read.
    """
    where = locate(url)

    def whole() -> Catalogue:
        return {**OWN, **(catalogue() if callable(catalogue) else catalogue)}

    seal = no_keys if keys is None else keys.seal_value
    given = whole if callable(catalogue) else whole()
    mapper = FactMapper(given, upcasters, {**OWN, **light}, seal)
    return EventLog(LogApplication(mapper, open_set_up(where)), register, keys)


def open_set_up(where: Path | Server) -> Recorder:
    """Return the recorder of a log. Raises `NotSetUp` where `setup_log` has not been called."""
    recorder = open_recorder(where)
    try:
        if recorder.mark() is None:
            raise NotSetUp(log=str(where.absolute()) if isinstance(where, Path) else where.name)
    except BaseException:
        recorder.close()
        raise
    return recorder


def open_recorder(where: Path | Server) -> Recorder:
    """Return the recorder of a log, which connects when it is first asked."""
    if isinstance(where, Path):
        return SQLiteRecorder(where)
    # A driver that a log in a file has no need of takes a tenth of a second to load.
    from adapters.store.event_log.postgres_recorder import PostgresRecorder  # noqa: PLC0415

    return PostgresRecorder(where)
