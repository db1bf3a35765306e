"""The logs that keep one contract: in memory, in a file, and in PostgreSQL."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import psycopg

from adapters.store.event_log.log import EventLog
from adapters.store.event_log.open_log import open_log, setup_log
from adapters.store.event_log.sqlite_recorder import SQLiteRecorder
from adapters.store.event_log.subject_keys import SubjectKeys
from application.ports import Log, Pending, StoredRow
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Fact, Personal, StreamId, Value
from tests.support.memory_log import MemoryLog

NOON = 1_007_467_200_000_000
"""4 December 2001, 12:00 UTC, in microseconds."""


class Noted(Fact):
    """Something was noted."""

    TOPIC: ClassVar[str] = "noted.v1"

    text: str


class Sender(Value):
    """Who wrote, and where to."""

    name: Personal[str]
    reachable: tuple[Personal[str], ...] = ()


class LetterReceived(Fact):
    """A private person wrote."""

    TOPIC: ClassVar[str] = "letter-received.v1"

    subject: str
    sender: Sender
    helper: Personal[str] | None = None


CATALOGUE: Mapping[str, type[Fact]] = {
    kind.TOPIC: kind for kind in (Noted, LetterReceived, CommandRecorded)
}


_FOLDER = TemporaryDirectory(prefix="alliance-keys-")
KEYS = SubjectKeys(Path(_FOLDER.name) / "personal-keys.sqlite")
"""The keys of all these logs, so that a restored one can be read."""
KEYS.set_up(lambda: False)


def note(stream: str, version: int, text: str = "") -> Pending:
    """A fact to append."""
    return Pending(StreamId(stream), version, Noted(text=text or f"{stream} {version}"))


class Store(ABC):
    """One log, empty at first, that several registers may share."""

    name: str

    @abstractmethod
    def open(self, register: str = "toronto") -> Log: ...

    @abstractmethod
    def set_clock(self, moment: int) -> None:
        """What the log's clock says from now on, in microseconds."""

    @abstractmethod
    def close(self) -> None: ...


class MemoryStore(Store):
    name = "memory"

    def __init__(self) -> None:
        self._log = MemoryLog()

    def open(self, register: str = "toronto") -> Log:
        return self._log.of(register)

    def set_clock(self, moment: int) -> None:
        self._log.shelf.clock = lambda: moment

    def close(self) -> None:
        pass


class StoredStore(Store):
    """A log in a database, reached by URL."""

    url: str

    def __init__(self) -> None:
        self._opened: list[EventLog] = []

    def set_up(self) -> None:
        setup_log(self.url)

    def open(self, register: str = "toronto") -> EventLog:
        log = open_log(self.url, register, CATALOGUE, keys=KEYS)
        self._opened.append(log)
        return log

    @abstractmethod
    def another(self) -> StoredStore:
        """A log beside this one, set up and empty."""

    @abstractmethod
    def replace(self, other: StoredStore) -> None:
        """Put another log, which nobody has open, in the place of this one."""

    @abstractmethod
    def run(self, statement: str) -> list[Any]:
        """What somebody with a database client of their own could do."""

    def insert(self, row: StoredRow) -> None:
        """Store a row behind the program's back, its stream with the register's prefix."""
        state = f"CAST('{row.state.decode()}' AS BLOB)"
        if isinstance(self, PostgresStore):
            state = f"convert_to('{row.state.decode()}', 'UTF8')"
        self.run(
            "INSERT INTO stored_events (originator_id, originator_version, topic, state,"  # noqa: S608
            f" notification_id, recorded_at) VALUES ('{row.stream}', {row.version}, '{row.topic}',"
            f" {state}, {row.position}, {row.recorded_at})"
        )

    def close(self) -> None:
        while self._opened:
            self._opened.pop().close()


class SQLiteStore(StoredStore):
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / "log.sqlite"
        self.url = f"sqlite:///{self.path}"

    def another(self) -> StoredStore:
        other = SQLiteStore(self.path.parent / "another")
        other.set_up()
        return other

    def replace(self, other: StoredStore) -> None:
        assert isinstance(other, SQLiteStore)
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        other.path.replace(self.path)

    def set_clock(self, moment: int) -> None:
        for log in self._opened:
            recorder = log.recorder
            assert isinstance(recorder, SQLiteRecorder)
            recorder.file.clock = lambda: moment

    def run(self, statement: str) -> list[Any]:
        with sqlite3.connect(self.path, isolation_level=None) as connection:
            return connection.execute(statement).fetchall()


class PostgresStore(StoredStore):
    name = "postgresql"

    def __init__(self, url: str, schema: str) -> None:
        super().__init__()
        self.server = url
        self.schema = schema
        self.url = f"{url}?options=-csearch_path%3D{schema}"

    def another(self) -> StoredStore:
        other = PostgresStore(self.server, f"{self.schema}_another")
        other.set_up()
        return other

    def replace(self, other: StoredStore) -> None:
        assert isinstance(other, PostgresStore)
        self.run(f"ALTER SCHEMA {self.schema} RENAME TO {self.schema}_away")
        self.run(f"ALTER SCHEMA {other.schema} RENAME TO {self.schema}")

    def set_clock(self, moment: int) -> None:
        self.run(
            "CREATE OR REPLACE FUNCTION log_clock() RETURNS bigint LANGUAGE sql VOLATILE AS"
            f" $body$ SELECT {moment}::bigint $body$"
        )

    def run(self, statement: str) -> list[Any]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
