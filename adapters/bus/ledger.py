"""What the relay remembers: how far it published, who holds it, and who subscribed.

The position is saved only by the holder of the lease: each save names the generation it was
acquired in, and a holder that was paused past its time finds that nothing matches any more.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
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
    insert,
    or_,
    select,
    update,
)

from adapters.bus.database import clock, open_database, reading, serialise
from adapters.topics import takes
from application.following import Progress

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
_ELSEWHERE = "elsewhere"
"""Where an inbox is that is not ours. Ours is not named; older programs put its address there."""
_subscriber = Table(
    "bus_subscriber",
    metadata,
    Column("name", String, primary_key=True),
    Column("topics", String, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("attached", BigInteger),
    Column("inbox", String, nullable=False, default=""),  # or elsewhere
)


class LeaseLost(Exception):
    """Raised when another relay has taken over; what this one did since is not recorded."""


@dataclass(frozen=True, slots=True)
class Published:
    """What has been confirmed: how many messages up to a position, and a chain over their ids."""

    position: int = 0
    epoch: str = ""
    count: int = 0
    digest: str = NOTHING

    def and_then(self, ids: Iterable[str], position: int, epoch: str) -> Published:
        """After some more messages, and further on even where there were none."""
        count, digest = self.count, self.digest
        for id_ in ids:
            digest = hashlib.sha256(f"{digest}\n{id_}".encode()).hexdigest()
            count += 1
        return Published(position, epoch, count, digest)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One subscriber: it gets what its topics take after `start`.

    `sent` is how far its history was sent straight to its queue; below 0 it tells one asking from
    another, of which nothing is sent yet. `attached` is where the binding took over, `None` while
    the relay has not got to it. One whose receipts are `elsewhere` alone knows what it has handled.
    """

    name: str
    topics: tuple[str, ...]
    start: int
    sent: int
    attached: int | None
    elsewhere: bool = False

    def asked_for(self, position: int, type_: str) -> bool:
        """Whether it is to get what is at a position of the log, of this type."""
        return position > self.start and takes(self.topics, type_)


class Ledger:
    """The relay's tables in one database."""

    def __init__(self, url: str, name: str = "relay") -> None:
        self._engine: Engine = open_database(url)
        self._name = name
        self._row = _relay.c.name == name

    def close(self) -> None:
        self._engine.dispose()

    def create(self) -> None:
        """Make the tables; safe to repeat and to race."""
        with self._engine.begin() as db:
            serialise(db, "alliance-bus-ledger")
            metadata.create_all(db, checkfirst=True)
            if db.execute(select(_relay).where(self._row)).first() is None:
                blank = {"position": 0, "epoch": "", "published": 0, "digest": NOTHING}
                holder = {"generation": 0, "holder": "", "expires_at": 0.0}
                db.execute(insert(_relay).values(name=self._name, **blank, **holder))

    # --- the lease

    def acquire(self, holder: str, seconds: float) -> int | None:
        """Take the lease if nobody holds it, and return its generation."""
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
        """Keep the lease. Raises `LeaseLost`."""
        with self._engine.begin() as db:
            self._held(db, generation, expires_at=clock(db) + seconds)

    def release(self, generation: int) -> None:
        """Give the lease back, if it is still ours."""
        with self._engine.begin() as db:
            mine = _relay.c.generation == generation
            db.execute(update(_relay).where(self._row, mine).values(expires_at=0.0, holder=""))

    def holder(self) -> str:
        """Who holds the lease now; empty when nobody does."""
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
        """Remember what was confirmed. Raises `LeaseLost`, and then nothing is saved."""
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
        """Go back to where a restored log and what was published part. Everyone lets go of leases.

        Followers of the same database that were further ahead, such as webhooks, go back as well.
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

    def subscribe(
        self, name: str, topics: Sequence[str], start: int, *, elsewhere: bool = False
    ) -> Subscriber:
        """Ask the relay to attach a queue; a known subscriber keeps what it has."""
        with self._engine.begin() as db:
            serialise(db, "alliance-bus-ledger")
            row = db.execute(select(_subscriber).where(_subscriber.c.name == name)).first()
            if row is None:
                taken = json.dumps(sorted(set(topics)))
                values = {"name": name, "topics": taken, "start": start, "sent": _asked()}
                values |= {"inbox": _ELSEWHERE if elsewhere else ""}
                db.execute(insert(_subscriber).values(**values))
                row = db.execute(select(_subscriber).where(_subscriber.c.name == name)).one()
        return _read(row)

    def attach_again(self, name: str) -> None:
        """A queue was lost: send what it had not received, and bind it."""
        with self._engine.begin() as db:
            again = update(_subscriber).where(_subscriber.c.name == name)
            db.execute(again.values(sent=_asked(), attached=None))

    def sent(
        self, generation: int, name: str, after: int, through: int, attached: int | None = None
    ) -> bool:
        """Keep how far a queue's history has been sent; not where it was no longer at `after`.

        It is not where its subscriber asked again meanwhile, or was detached. Raises `LeaseLost`.
        """
        with self._engine.begin() as db:
            self._held(db, generation, generation=generation)
            values: dict[str, int] = {"sent": through}
            if attached is not None:
                values["attached"] = attached
            mine = (_subscriber.c.name == name) & (_subscriber.c.sent == after)
            return db.execute(update(_subscriber).where(mine).values(**values)).rowcount == 1

    def detach(self, name: str) -> None:
        """Forget a subscriber; safe to repeat."""
        with self._engine.begin() as db:
            db.execute(delete(_subscriber).where(_subscriber.c.name == name))

    def subscriber(self, name: str) -> Subscriber | None:
        return next((found for found in self.subscribers() if found.name == name), None)

    def subscribers(self) -> list[Subscriber]:
        with reading(self._engine) as db:
            return [_read(row) for row in db.execute(select(_subscriber).order_by("name"))]


def _asked() -> int:
    return -1 - secrets.randbelow(2**62)


def _read(row: Row[Any]) -> Subscriber:
    topics = tuple(json.loads(row.topics))
    elsewhere = row.inbox == _ELSEWHERE
    return Subscriber(row.name, topics, row.start, row.sent, row.attached, elsewhere)
