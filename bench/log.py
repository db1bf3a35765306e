"""The log against a bare insert and against the plain library, on both databases."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from adapters.store.log import EventLog
from adapters.store.opening import open_log, setup_log
from application.ports import Pending
from bench.pairs import Figure, compare
from bench.plain import PlainApplication, opened, reclassified, stream
from bench.subjects import CATALOGUE, EVENT, POLICY, ROW, handled
from domain.kernel import StreamId
from tests.services import fresh_database, postgres_server

COMMITS = 200
BATCH = 100
REPLAY = 20_000
WRITERS = 8
RAW = "CREATE TABLE raw (position {serial}, stream text, version bigint, topic text, state {blob})"
number = count(1)


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        yield from SQLite(Path(folder)).figures()
    with postgres_server() as server, fresh_database(server) as url:
        yield from Postgres(url).figures()


class Bench:
    """One database with three tables: ours, a bare one, and the plain library's."""

    database: str
    log: EventLog
    plain: PlainApplication

    def handled(self) -> int:
        """Whole handled commits: read, guard, command row, event."""
        for _ in range(COMMITS):
            self.one_handled()
        return COMMITS

    def one_handled(self) -> None:
        opening, event = handled(next(number))
        seen = self.log.read(opening.stream, event.stream, POLICY)
        expect = {stream: len(entries) for stream, entries in seen.items()}
        self.log.append((opening, event), expect)

    def appended(self) -> int:
        """The same without the read."""
        for _ in range(COMMITS):
            self.log.append(handled(next(number)), {POLICY: 1})
        return COMMITS

    def batches(self) -> int:
        for _ in range(20):
            name = StreamId(f"batch/{next(number)}")
            self.log.append([Pending(name, n, EVENT) for n in range(1, BATCH + 1)], {POLICY: 1})
        return 20 * BATCH

    def plain_handled(self) -> int:
        """The same with what the library offers: it reads too, and guards what it writes only."""
        for _ in range(COMMITS):
            name = str(next(number))
            opening, event = opened(name), reclassified(f"partnership/{name}")
            for read in (opening.originator_id, event.originator_id, stream("policy")):
                list(self.plain.events.get(read))
            self.plain.save(opening, event)
        return COMMITS

    def replayed(self) -> int:
        """Every entry as a typed event, streamed from the first position."""
        done = 0
        for _ in self.log.entries(self.replay_from, self.replay_to):
            done += 1
        assert done == REPLAY, done
        return done

    def plain_replayed(self) -> int:
        done, position = 0, self.plain_from
        while done < REPLAY:
            found = self.plain.recorder.select_notifications(
                position, 1000, inclusive_of_start=False
            )
            for notification in found:
                self.plain.mapper.to_domain_event(notification)
            done += len(found)
            position = found[-1].id
        assert done == REPLAY, done
        return done

    def fill(self) -> None:
        """What is replayed: the same events on both sides."""
        self.replay_from = self.log.head()
        self.plain_from = self.plain.recorder.max_notification_id() or 0
        for _ in range(REPLAY // BATCH):
            name = StreamId(f"fill/{next(number)}")
            self.log.append([Pending(name, n, EVENT) for n in range(1, BATCH + 1)], {})
            self.plain.save(*(reclassified(name, n) for n in range(1, BATCH + 1)))
        self.replay_to = self.log.head()

    def together(self, one: Callable[[], None]) -> int:
        """As many commits by eight threads."""

        def some(_: int) -> None:
            for _ in range(COMMITS // 4):
                one()

        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(some, range(WRITERS)))
        return WRITERS * (COMMITS // 4)


class SQLite(Bench):
    database = "SQLite"

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder}/log.sqlite"
        setup_log(url)
        self.log = open_log(url, "toronto", CATALOGUE)
        self.plain = PlainApplication(
            {
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": f"{folder}/plain.sqlite",
            }
        )
        self.path = folder / "raw.sqlite"
        self.raw = self.connect()
        self.raw.execute(RAW.format(serial="integer primary key", blob="blob"))

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def raw_insert(self) -> int:
        execute = self.raw.execute
        for _ in range(COMMITS):
            execute("BEGIN IMMEDIATE")
            execute(
                "INSERT INTO raw (stream, version, topic, state) VALUES (?,?,?,?)",
                (f"toronto/partnership/{next(number)}", 1, EVENT.TOPIC, ROW),
            )
            execute("COMMIT")
        return COMMITS

    def raw_batches(self) -> int:
        for _ in range(20):
            name = f"toronto/batch/{next(number)}"
            self.raw.execute("BEGIN IMMEDIATE")
            self.raw.executemany(
                "INSERT INTO raw (stream, version, topic, state) VALUES (?,?,?,?)",
                [(name, n, EVENT.TOPIC, ROW) for n in range(1, BATCH + 1)],
            )
            self.raw.execute("COMMIT")
        return 20 * BATCH

    def figures(self) -> Iterator[Figure]:
        self.log.append([Pending(POLICY, 1, EVENT)], {})
        self.plain.save(reclassified("policy"))
        with closing(self.log), self.plain:
            yield compare(
                "SQLite handled commit, 1 writer", "raw insert", self.handled, self.raw_insert, 0.7
            )
            yield compare(
                "SQLite append alone, 1 writer", "raw insert", self.appended, self.raw_insert
            )
            yield compare(
                "SQLite handled commit, 1 writer", "plain library", self.handled, self.plain_handled
            )
            yield compare(
                "SQLite batches of 100", "raw executemany", self.batches, self.raw_batches
            )
            self.fill()
            yield compare(
                "SQLite replay into typed events",
                "plain library",
                self.replayed,
                self.plain_replayed,
                3.0,
            )


class Postgres(Bench):
    database = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self.url = url
        setup_log(url)
        self.log = open_log(url, "toronto", CATALOGUE)
        self.log.append([Pending(POLICY, 1, EVENT)], {})
        given = conninfo_to_dict(url)
        self.plain = PlainApplication(
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_DBNAME": str(given["dbname"]),
                "POSTGRES_HOST": str(given["host"]),
                "POSTGRES_PORT": str(given.get("port", 5432)),
                "POSTGRES_USER": str(given["user"]),
                "POSTGRES_PASSWORD": str(given.get("password", "")),
            }
        )
        self.raw = [psycopg.connect(url, autocommit=True) for _ in range(WRITERS)]
        self.raw[0].execute(RAW.format(serial="bigserial primary key", blob="bytea"))

    def insert(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(
            "INSERT INTO raw (stream, version, topic, state) VALUES (%s,%s,%s,%s)",
            (f"toronto/partnership/{next(number)}", 1, EVENT.TOPIC, ROW),
            prepare=True,
        )

    def raw_insert(self) -> int:
        for _ in range(COMMITS):
            self.insert(self.raw[0])
        return COMMITS

    def raw_together(self) -> int:
        spare = list(self.raw)

        def some(_: int) -> None:
            connection = spare.pop()
            for _ in range(COMMITS // 4):
                self.insert(connection)

        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(some, range(WRITERS)))
        return WRITERS * (COMMITS // 4)

    def raw_batches(self) -> int:
        for _ in range(20):
            name = f"toronto/batch/{next(number)}"
            with self.raw[0].transaction(), self.raw[0].cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO raw (stream, version, topic, state) VALUES (%s,%s,%s,%s)",
                    [(name, n, EVENT.TOPIC, ROW) for n in range(1, BATCH + 1)],
                )
        return 20 * BATCH

    def figures(self) -> Iterator[Figure]:
        self.log.append([Pending(POLICY, 1, EVENT)], {})
        self.plain.save(reclassified("policy"))
        with closing(self.log), self.plain:
            yield compare(
                "PostgreSQL handled commit, 1 writer",
                "raw insert",
                self.handled,
                self.raw_insert,
                0.35,
            )
            yield compare(
                "PostgreSQL append alone, 1 writer", "raw insert", self.appended, self.raw_insert
            )
            yield compare(
                "PostgreSQL handled commit, 8 writers",
                "raw insert, 8",
                lambda: self.together(self.one_handled),
                self.raw_together,
                0.55,
            )
            yield compare(
                "PostgreSQL handled commit, 1 writer",
                "plain library",
                self.handled,
                self.plain_handled,
                1.5,
            )
            yield compare(
                "PostgreSQL batches of 100", "raw executemany", self.batches, self.raw_batches, 1.0
            )
            self.fill()
            yield compare(
                "PostgreSQL replay into typed events",
                "plain library",
                self.replayed,
                self.plain_replayed,
                2.5,
            )
        for connection in self.raw:
            connection.close()
