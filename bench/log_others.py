"""What the log is measured against: the driver alone, and the plain library."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bench.plain import PlainApplication

TABLE = (
    "CREATE TABLE raw (position {serial}, stream text NOT NULL, version bigint NOT NULL,"
    " topic text NOT NULL, state {blob} NOT NULL, recorded_at bigint NOT NULL,"
    " UNIQUE (stream, version))"
)
TOPIC = "partnership-reclassified.v1"


class Others(ABC):
    """A bare table and the library's own application."""

    plain: PlainApplication

    @abstractmethod
    def insert(self, stream: str, state: bytes, writer: int = 0) -> None:
        """One row, one commit, with the durability of the log."""

    @abstractmethod
    def insert_many(self, stream: str, state: bytes, rows: int) -> None:
        """That many rows in one commit."""

    @abstractmethod
    def count(self) -> tuple[int, int]:
        """The rows of the bare table and of the library's."""

    @abstractmethod
    def close(self) -> None: ...


class SQLiteOthers(Others):
    INSERT = "INSERT INTO raw (stream, version, topic, state, recorded_at) VALUES (?,?,?,?,?)"

    def __init__(self, folder: Path) -> None:
        path = f"{folder}/plain.sqlite"
        self.plain = PlainApplication(
            {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path}
        )
        self._plain_count = sqlite3.connect(path)
        self._raw = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
        self._raw.execute("PRAGMA journal_mode=WAL")
        self._raw.execute("PRAGMA synchronous=FULL")
        self._raw.execute(TABLE.format(serial="integer primary key autoincrement", blob="blob"))

    def insert(self, stream: str, state: bytes, writer: int = 0) -> None:
        self._raw.execute("BEGIN IMMEDIATE")
        self._raw.execute(self.INSERT, (stream, 1, TOPIC, state, 1))
        self._raw.execute("COMMIT")

    def insert_many(self, stream: str, state: bytes, rows: int) -> None:
        self._raw.execute("BEGIN IMMEDIATE")
        self._raw.executemany(
            self.INSERT, [(stream, n, TOPIC, state, 1) for n in range(1, rows + 1)]
        )
        self._raw.execute("COMMIT")

    def count(self) -> tuple[int, int]:
        (raw,) = self._raw.execute("SELECT count(*) FROM raw").fetchone()
        (plain,) = self._plain_count.execute("SELECT count(*) FROM stored_events").fetchone()
        return int(raw), int(plain)

    def close(self) -> None:
        self._raw.close()
        self._plain_count.close()
        self.plain.close()


class PostgresOthers(Others):
    INSERT = "INSERT INTO raw (stream, version, topic, state, recorded_at) VALUES (%s,%s,%s,%s,%s)"

    def __init__(self, url: str, writers: int) -> None:
        given = conninfo_to_dict(url)
        self.plain = PlainApplication(
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_DBNAME": str(given["dbname"]),
                "POSTGRES_HOST": str(given["host"]),
                "POSTGRES_PORT": str(given.get("port", 5432)),
                "POSTGRES_USER": str(given["user"]),
                "POSTGRES_PASSWORD": str(given.get("password", "")),
                "POSTGRES_SCHEMA": "plain",
                "CREATE_TABLE": "n",
            }
        )
        self._raw: list[psycopg.Connection[Any]] = [
            psycopg.connect(url, autocommit=True) for _ in range(writers)
        ]
        self._raw[0].execute("CREATE SCHEMA plain")
        self.plain.recorder.create_table()  # type: ignore[attr-defined]
        serial = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        self._raw[0].execute(TABLE.format(serial=serial, blob="bytea").encode())

    def insert(self, stream: str, state: bytes, writer: int = 0) -> None:
        self._raw[writer].execute(self.INSERT, (stream, 1, TOPIC, state, 1), prepare=True)

    def insert_many(self, stream: str, state: bytes, rows: int) -> None:
        with self._raw[0].transaction(), self._raw[0].cursor() as cursor:
            cursor.executemany(
                self.INSERT, [(stream, n, TOPIC, state, 1) for n in range(1, rows + 1)]
            )

    def count(self) -> tuple[int, int]:
        found = self._raw[0].execute(
            "SELECT (SELECT count(*) FROM raw), (SELECT count(*) FROM plain.plain_events)"
        )
        raw, plain = found.fetchone() or (0, 0)
        return raw, plain

    def close(self) -> None:
        for connection in self._raw:
            connection.close()
        self.plain.close()
