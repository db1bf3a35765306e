"""The library's application over our recorder and our mapper."""

from __future__ import annotations

from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, Mapper

from adapters.store.event_log.mapper import FactMapper
from adapters.store.event_log.recorder import Recorder

OURS_ALONE = {"PERSISTENCE_MODULE": "eventsourcing.popo", "IS_SNAPSHOTTING_ENABLED": "n"}
"""Settings that keep the library from opening a database of its own, whatever is set outside."""


class LogApplication(Application[str]):
    """Writes and reads facts of any stream; has no aggregates and takes no snapshots."""

    name = ""

    def __init__(self, mapper: FactMapper, recorder: Recorder) -> None:
        self.facts = mapper
        self.rows = recorder
        super().__init__(OURS_ALONE)

    def construct_mapper(self) -> Mapper[str]:
        """Return our mapper: it needs a catalogue, which a setting could not give it."""
        return self.facts

    def construct_recorder(self) -> ApplicationRecorder:
        """Return our recorder: it needs an address, read by libpq alone."""
        return self.rows

    def close(self) -> None:
        """Give back every connection."""
        self.rows.close()
        super().close()
