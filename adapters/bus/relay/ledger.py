"""The ledger: each subscriber and who holds it, the relay's lease and published position.

Only the holder of the lease saves a position. Each lease has a number, its generation, and each
save names it: a holder whose lease ended while it was paused can no longer save.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from adapters.bus.file_lock import FileLock
from adapters.database.state_database import BUSY_SECONDS, clock, open_database, reading, serialise
from adapters.topics import topics_take
from application.followers import Progress
from application.ports import DerivedAway

LOCK_POLL_SECONDS = 0.02
NOTHING = hashlib.sha256().hexdigest()

metadata = MetaData()
_relay = Table(
    "bus_relay",
    metadata,
    Column("name", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("epoch", String, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("holder", String, nullable=False),
    Column("expires_at", Double, nullable=False),
)
_subscriber = Table(
    "bus_subscriber",
    metadata,
    Column("name", String, primary_key=True),
    Column("topics", String, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("sent", BigInteger),
    Column("attached", BigInteger),
    Column("external", Boolean, nullable=False),
)


class SubscriberBusy(DerivedAway):
    """Another command is adding or removing this subscriber; try again."""

    subscriber: str


class LeaseLost(Exception):
    """Raised when another relay has taken the lease; nothing of this one is saved any more."""


@dataclass(frozen=True, slots=True)
class Published:
    """The messages confirmed up to a position: their number, and a hash chain over their ids."""

    position: int = 0
    epoch: str = ""
    count: int = 0
    digest: str = NOTHING

    def and_then(self, ids: Iterable[str], position: int, epoch: str) -> Published:
        """Return the sum after more messages, up to a position."""
        count, digest = self.count, self.digest
        for id_ in ids:
            digest = hashlib.sha256(f"{digest}\n{id_}".encode()).hexdigest()
            count += 1
        return Published(position, epoch, count, digest)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber and how far the relay has served it.

    It gets the events after position `start` that its topics match. History is sent straight to
    its queue, up to `sent`; `attached` is the position after which the binding delivers. Both are
    `None` until the relay gets there. An `external` subscriber is a program with its own receipts.
    """

    name: str
    topics: tuple[str, ...]
    start: int
    sent: int | None
    attached: int | None
    external: bool = False

    def wants(self, position: int, type_: str) -> bool:
        """Return whether it subscribed to an event of this type at this position."""
        return position > self.start and topics_take(self.topics, type_)


class Ledger:
    """The tables of the ledger in the bus's state database."""

    def __init__(self, url: str, name: str = "relay") -> None:
        self._engine: Engine = open_database(url)
        self._name = name
        self._row = _relay.c.name == name

    def close(self) -> None:
        self._engine.dispose()

    def create(self) -> None:
        """Create the tables; safe to repeat, also at the same moment."""
        with self._engine.begin() as db:
            serialise(db, "alliance-bus-ledger")
            metadata.create_all(db, checkfirst=True)
            if db.execute(select(_relay).where(self._row)).first() is None:
                blank = {"position": 0, "epoch": "", "published": 0, "digest": NOTHING}
                holder = {"generation": 0, "holder": "", "expires_at": 0.0}
                db.execute(insert(_relay).values(name=self._name, **blank, **holder))

    # --- the lease

    def acquire(self, holder: str, seconds: float) -> int | None:
        """Take the lease if it is free and return its number (its generation), else `None`."""
        with self._engine.begin() as db:
            now = clock(db)
            # a clock that was set back must not make a lease last for ever
            free = or_(_relay.c.expires_at <= now, _relay.c.expires_at > now + 10 * seconds)
            taken = {"generation": _relay.c.generation + 1, "expires_at": now + seconds}
            db.execute(update(_relay).where(self._row, free).values(holder=holder, **taken))
            row = db.execute(select(_relay).where(self._row)).one()
            mine = row.holder == holder and row.expires_at == now + seconds
            return int(row.generation) if mine else None

    def renew(self, generation: int, seconds: float) -> None:
        """Prolong the lease. Raises `LeaseLost`."""
        with self._engine.begin() as db:
            self._held(db, generation, expires_at=clock(db) + seconds)

    def release(self, generation: int) -> None:
        """Give the lease back if it is still ours."""
        with self._engine.begin() as db:
            mine = _relay.c.generation == generation
            db.execute(update(_relay).where(self._row, mine).values(expires_at=0.0, holder=""))

    def holder(self) -> str:
        """Return the holder of the lease, "" if it is free."""
        with reading(self._engine) as db:
            row = db.execute(select(_relay).where(self._row)).one()
            return str(row.holder) if row.expires_at > clock(db) else ""

    # --- the position

    def progress(self) -> Progress:
        done = self.published()
        return Progress(done.position, done.epoch)

    def published(self) -> Published:
        with reading(self._engine) as db:
            row = db.execute(select(_relay).where(self._row)).one()
        return Published(row.position, row.epoch, row.published, row.digest)

    def save(self, generation: int, published: Published) -> None:
        """Save what was confirmed. Raises `LeaseLost`, and then nothing is saved."""
        with self._engine.begin() as db:
            self._held(
                db,
                generation,
                position=published.position,
                epoch=published.epoch,
                published=published.count,
                digest=published.digest,
            )

    def rewind(self, to: Published) -> None:
        """Go back to a position that a restored log shares, and end all leases.

        Other followers in this database, such as webhooks, go back as well if they are ahead.
        """
        over = {"generation": _relay.c.generation + 1, "expires_at": 0.0}
        ahead = _relay.c.position > to.position
        chain = {"published": to.count, "digest": to.digest}
        with self._engine.begin() as db:
            serialise(db, "alliance-bus-ledger")
            db.execute(update(_relay).where(self._row).values(**over, **chain))
            places = {"position": to.position, "epoch": to.epoch}
            db.execute(update(_relay).where(or_(ahead, self._row)).values(**over, **places))

    def _held(self, db: Connection, held: int, **values: Any) -> None:
        mine = _relay.c.generation == held
        if db.execute(update(_relay).where(self._row, mine).values(**values)).rowcount != 1:
            raise LeaseLost(f"generation {held} is over")

    # --- subscribers

    @contextmanager
    def exclusive(self, name: str, wait_seconds: float = BUSY_SECONDS) -> Generator[None]:
        """Let one process at a time declare or remove a subscriber's queue.

        RabbitMQ before 3.10.20 and 3.11.12 fails if both happen at once. Raises `SubscriberBusy`.
        """
        until = time.monotonic() + wait_seconds
        with ExitStack() as stack:
            while not self._locked(stack, name):
                if time.monotonic() > until:
                    raise SubscriberBusy(subscriber=name)
                time.sleep(LOCK_POLL_SECONDS)
            yield

    def _locked(self, stack: ExitStack, name: str) -> bool:
        """Try to take a subscriber's lock until the stack is closed."""
        if self._engine.dialect.name == "postgresql":
            with ExitStack() as trying:
                db = trying.enter_context(self._engine.begin())
                key = func.hashtextextended(f"alliance-bus-subscriber:{name}", 0)
                if not db.execute(select(func.pg_try_advisory_xact_lock(key))).scalar_one():
                    return False
                stack.push(trying.pop_all())
            return True
        lock = FileLock(Path(str(self._engine.url.database)), f"subscriber:{name}")
        stack.callback(lock.free)
        return lock.take()

    def subscribe(
        self, name: str, topics: Sequence[str], start: int, *, external: bool = False
    ) -> Subscriber:
        """Add a subscriber for the relay to attach; a known one stays as it is."""
        with self._engine.begin() as db:
            serialise(db, "alliance-bus-ledger")
            row = db.execute(select(_subscriber).where(_subscriber.c.name == name)).first()
            if row is None:
                taken = json.dumps(sorted(set(topics)))
                values = {"name": name, "topics": taken, "start": start, "external": external}
                db.execute(insert(_subscriber).values(**values))
                row = db.execute(select(_subscriber).where(_subscriber.c.name == name)).one()
        return _read(row)

    def send_again(self, name: str) -> None:
        """Have the relay send a subscriber's events to a new queue: its old one was lost."""
        with self._engine.begin() as db:
            again = update(_subscriber).where(_subscriber.c.name == name)
            db.execute(again.values(sent=None, attached=None))

    def sent(self, generation: int, name: str, through: int) -> None:
        """Record how far a subscriber's history has been sent. Raises `LeaseLost`."""
        self._record(generation, name, sent=through)

    def attached(self, generation: int, name: str, here: int) -> None:
        """Record that a subscriber's queue is bound after a position. Raises `LeaseLost`."""
        self._record(generation, name, sent=here, attached=here)

    def _record(self, generation: int, name: str, **values: int) -> None:
        with self._engine.begin() as db:
            self._held(db, generation, generation=generation)
            db.execute(update(_subscriber).where(_subscriber.c.name == name).values(**values))

    def detach(self, name: str) -> None:
        """Forget a subscriber; safe to repeat."""
        with self._engine.begin() as db:
            db.execute(delete(_subscriber).where(_subscriber.c.name == name))

    def subscriber(self, name: str) -> Subscriber | None:
        return next((found for found in self.subscribers() if found.name == name), None)

    def subscribers(self) -> list[Subscriber]:
        with reading(self._engine) as db:
            return [_read(row) for row in db.execute(select(_subscriber).order_by("name"))]


def _read(row: Row[Any]) -> Subscriber:
    topics = tuple(json.loads(row.topics))
    return Subscriber(row.name, topics, row.start, row.sent, row.attached, row.external)
