"""The file of the embedded transport: exchanges, queues, bindings and messages.

Every write is one transaction begun immediately, so two processes never interleave. A message
stays in the file until it is acknowledged; its id orders the queue, because SQLite lets one
writer in at a time. Each has a digest, since nothing else notices a bit that flips in its text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from adapters.bus.embedded.damage import damaged_file, digest_of, explained
from adapters.clock import now
from adapters.database.wal import use_write_ahead_log
from adapters.topics import topic_matches
from application.ports import Damaged

DELIVERY_LIMIT = 100
"""A message is dead-lettered after it was delivered so often to readers that died."""

PAGE_BYTES = 16384
"""Room for some fourteen messages; SQLite's default page holds three, at the same cost."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS exchange (name TEXT PRIMARY KEY, type TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS queue (
    name TEXT PRIMARY KEY, dead_exchange TEXT, dead_key TEXT, handed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS binding (
    exchange TEXT NOT NULL, queue TEXT NOT NULL, pattern TEXT NOT NULL,
    PRIMARY KEY (exchange, queue, pattern)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, deliveries INTEGER NOT NULL,
    exchange TEXT NOT NULL, routing_key TEXT NOT NULL, properties TEXT NOT NULL,
    body BLOB NOT NULL, digest BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS fence (
    name TEXT PRIMARY KEY, generation INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS message_by_queue ON message (queue, id);
"""


_PARTS = ", ".join(
    f"CAST(ifnull({column}, '') AS BLOB)"
    for column in ("queue", "exchange", "routing_key", "properties", "body")
)
"""The digest covers these columns as bytes: a flipped bit may leave text that cannot be decoded."""
_STORED = f"SELECT id, deliveries, digest, {_PARTS} FROM message"  # noqa: S608 - ours


class Fenced(Exception):
    """Raised when a later publisher of the same name has opened the file; nothing was stored."""


class Fence(NamedTuple):
    """A publisher that must be the latest of its name."""

    name: str
    generation: int


class Outgoing(NamedTuple):
    """A message to be stored. The exchange "" stands for the queue that the routing key names."""

    exchange: str
    routing_key: str
    properties: str
    body: bytes


class Waiting(NamedTuple):
    """A message in a queue; `deliveries` counts readers that died before they acknowledged it."""

    id: int
    deliveries: int
    exchange: str
    routing_key: str
    properties: str
    body: bytes


class BusFile:
    """One connection to the file, not shared between threads. Raises `Damaged`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
            self._inode = path.stat().st_ino
        except (sqlite3.DatabaseError, Damaged) as error:
            self._db.close()
            raise explained(error, path) from error

    def _prepare(self) -> None:
        self._db.execute(f"PRAGMA page_size={PAGE_BYTES}")  # of a file that is made now
        use_write_ahead_log(self._db)
        columns = {row[1] for row in self._db.execute("PRAGMA table_info(message)")}
        if not columns:
            self._db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
        elif "digest" not in columns:
            raise damaged_file(self.path, "an older program made it")

    def close(self) -> None:
        self._db.close()

    def check(self) -> None:
        """Read the whole file. Raises `Damaged`."""
        try:
            self._check_pages()
            for row in self._db.execute(_STORED):
                self._waiting(row)
        except sqlite3.DatabaseError as error:
            raise explained(error, self.path) from error

    def _check_pages(self) -> None:
        """Look for messages that are missing from their index. Raises `Damaged`."""
        ((found,),) = self._db.execute("PRAGMA integrity_check(1)")
        if found != "ok":
            raise damaged_file(self.path, found)

    def version(self) -> int:
        """Return a number that changes when another connection commits; cheap to ask."""
        self._check_place()
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _check_place(self) -> None:
        """Refuse a file that was deleted or replaced: other processes would not see our writes."""
        try:
            same = self.path.stat().st_ino == self._inode
        except FileNotFoundError:
            same = False
        if not same:
            raise sqlite3.OperationalError(f"{self.path} was deleted or replaced")

    @contextmanager
    def writing(self, *, durable: bool = True) -> Generator[sqlite3.Connection]:
        """Open a transaction. If not `durable`, a power failure may undo it, a dead process not."""
        self._db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def declare_exchange(self, name: str, kind: str) -> None:
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO exchange VALUES (?, ?)", (name, kind))

    def exchange_kind(self, name: str) -> str | None:
        row = self._db.execute("SELECT type FROM exchange WHERE name=?", (name,)).fetchone()
        return row and str(row[0])

    def delete_exchange(self, name: str) -> None:
        with self.writing() as db:
            db.execute("DELETE FROM binding WHERE exchange=?", (name,))
            db.execute("DELETE FROM exchange WHERE name=?", (name,))

    def declare_queue(self, name: str, dead_exchange: str | None, dead_key: str | None) -> None:
        if self.has_queue(name):
            return
        with self.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO queue (name, dead_exchange, dead_key) VALUES (?, ?, ?)",
                (name, dead_exchange, dead_key),
            )

    def has_queue(self, name: str) -> bool:
        return bool(self._db.execute("SELECT 1 FROM queue WHERE name=?", (name,)).fetchone())

    def delete_queue(self, name: str) -> None:
        with self.writing() as db:
            for table, column in (("binding", "queue"), ("message", "queue"), ("queue", "name")):
                db.execute(f"DELETE FROM {table} WHERE {column}=?", (name,))  # noqa: S608 - ours

    def size(self, queue: str) -> int:
        row = self._db.execute("SELECT COUNT(*) FROM message WHERE queue=?", (queue,)).fetchone()
        return int(row[0])

    def purge(self, queue: str) -> int:
        with self.writing() as db:
            return db.execute("DELETE FROM message WHERE queue=?", (queue,)).rowcount

    def bind(self, exchange: str, queue: str, pattern: str) -> None:
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO binding VALUES (?, ?, ?)", (exchange, queue, pattern))

    def unbind(self, exchange: str, queue: str, pattern: str) -> None:
        with self.writing() as db:
            db.execute(
                "DELETE FROM binding WHERE exchange=? AND queue=? AND pattern=?",
                (exchange, queue, pattern),
            )

    def bindings(self) -> list[tuple[str, str, str]]:
        """Return every binding: exchange, queue and pattern."""
        return self._db.execute("SELECT exchange, queue, pattern FROM binding").fetchall()

    def put(self, messages: Sequence[Outgoing], fence: Fence | None = None) -> list[Outgoing]:
        """Store messages in every queue bound to them, all or none; return the unroutable ones."""
        self._check_place()
        with self.writing() as db:
            _pass(db, fence)
            return _route(db, messages)

    def after(self, queue: str, last: int, limit: int) -> list[Waiting]:
        """Return messages of a queue after an id; they count as delivered. Raises `Damaged`."""
        rows = self._db.execute(
            f"{_STORED} WHERE queue=? AND id>? ORDER BY id LIMIT ?", (queue, last, limit)
        ).fetchall()
        if rows:
            with self.writing(durable=False) as db:
                db.execute(
                    "UPDATE queue SET handed=max(handed, ?) WHERE name=?", (rows[-1][0], queue)
                )
        return [self._waiting(row) for row in rows]

    def _waiting(self, row: Sequence[Any]) -> Waiting:
        """Check and return a stored message. Raises `Damaged`."""
        id_, deliveries, digest, *parts = row
        if digest_of(*parts) != digest:
            raise damaged_file(self.path, f"message {id_} is not as it was stored")
        _queue, exchange, key, properties, body = parts
        return Waiting(id_, deliveries, exchange.decode(), key.decode(), properties.decode(), body)

    def reopen(self, queue: str) -> None:
        """Count what the last reader left unacknowledged; dead-letter what is over the limit."""
        self._check_pages()
        with self.writing(durable=False) as db:
            db.execute(
                "UPDATE message SET deliveries=deliveries+1 WHERE queue=? AND id<="
                "(SELECT handed FROM queue WHERE name=?)",
                (queue, queue),
            )
            hopeless = db.execute(
                "SELECT id FROM message WHERE queue=? AND deliveries>? AND (SELECT dead_exchange"
                " FROM queue WHERE name=message.queue) IS NOT NULL",
                (queue, DELIVERY_LIMIT),
            ).fetchall()
        if hopeless:
            self.bury(queue, [row[0] for row in hopeless], "delivery_limit")

    def delete(self, ids: Iterable[int]) -> None:
        """Delete acknowledged messages, without a sync: a lost one is only delivered once more."""
        with self.writing(durable=False) as db:
            db.executemany("DELETE FROM message WHERE id=?", [(i,) for i in ids])

    def bury(self, queue: str, ids: Sequence[int], reason: str) -> None:
        """Move messages to the queue's dead-letter exchange, or delete them if it has none.

        Time and reason are in the header `x-death`, as on RabbitMQ. All or none. Raises `Damaged`.
        """
        with self.writing() as db:
            dead = db.execute(
                "SELECT dead_exchange, dead_key FROM queue WHERE name=?", (queue,)
            ).fetchone()
            for id_ in ids:
                row = db.execute(f"{_STORED} WHERE id=?", (id_,)).fetchone()
                if row is None:
                    continue
                found = self._waiting(row)
                db.execute("DELETE FROM message WHERE id=?", (id_,))
                if dead and dead[0] is not None:
                    key = dead[1] or found.routing_key
                    _route(db, [Outgoing(dead[0], key, _died(found, queue, reason), found.body)])


def _died(message: Waiting, queue: str, reason: str) -> str:
    """Return a message's properties with time and reason of death in the header `x-death`."""
    content_type, encoding, headers, properties = from_json(message.properties)
    death = {
        "reason": reason,
        "queue": queue,
        "exchange": message.exchange,
        "routing-keys": [message.routing_key],
        "time": now() // 1_000_000,
    }
    headers = {**headers, "x-death": [death]}
    return to_json([content_type, encoding, headers, properties]).decode()


def _pass(db: sqlite3.Connection, fence: Fence | None) -> None:
    if fence is None:
        return
    latest = db.execute("SELECT generation FROM fence WHERE name=?", (fence.name,)).fetchone()
    if latest and latest[0] > fence.generation:
        raise Fenced(f"{fence.name}: generation {fence.generation} is over, {latest[0]} publishes")
    if not latest or latest[0] < fence.generation:
        db.execute("INSERT OR REPLACE INTO fence VALUES (?, ?)", fence)


def _route(db: sqlite3.Connection, messages: Sequence[Outgoing]) -> list[Outgoing]:
    bindings: list[tuple[str, str, str]] = db.execute(
        "SELECT exchange, queue, pattern FROM binding ORDER BY queue"
    ).fetchall()
    queues = {name for (name,) in db.execute("SELECT name FROM queue")}

    @cache
    def bound(exchange: str, key: str) -> list[str]:
        if not exchange:
            return sorted({key} & queues)
        return sorted(
            {q for e, q, pattern in bindings if e == exchange and topic_matches(pattern, key)}
        )

    rows: list[tuple[str, int, str, str, str, bytes, bytes]] = []
    unroutable: list[Outgoing] = []
    for message in messages:
        exchange, key, properties, body = message
        given = (exchange.encode(), key.encode(), properties.encode(), body)
        found = bound(exchange, key)
        rows += [
            (queue, 0, exchange, key, properties, body, digest_of(queue.encode(), *given))
            for queue in found
        ]
        if not found:
            unroutable.append(message)
    db.executemany(
        "INSERT INTO message (queue, deliveries, exchange, routing_key, properties, body, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    return unroutable
