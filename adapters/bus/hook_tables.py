"""Which addresses get webhooks, and what could not be delivered to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Engine,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from adapters.bus.database import clock, open_database, reading, serialise
from adapters.bus.envelope import Message

metadata = MetaData()
_hook = Table(
    "bus_webhook",
    metadata,
    Column("name", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("secret", String, nullable=False),
    Column("topics", String, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
)
_parked = Table(
    "bus_webhook_parked",
    metadata,
    Column("name", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("stream", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("type", String, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", String, nullable=False),
    Column("parked_at", Double, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Hook:
    """An address, the secret its messages are signed with, and what it wants to hear of.

    `private` lets the address lie in a private network; `gone` says that it answered 410.
    """

    name: str
    url: str
    secret: str = field(repr=False)
    topics: tuple[str, ...]
    start: int
    private: bool
    gone: bool = False


class Hooks:
    """The webhooks of one register."""

    def __init__(self, url: str) -> None:
        self._engine: Engine = open_database(url)

    def close(self) -> None:
        self._engine.dispose()

    def create(self) -> None:
        with self._engine.begin() as db:
            serialise(db, "alliance-webhooks")
            metadata.create_all(db, checkfirst=True)

    def add(self, hook: Hook) -> None:
        values = {name: getattr(hook, name) for name in ("name", "url", "secret", "start")}
        flags = {"private": hook.private, "gone": False}
        with self._engine.begin() as db:
            db.execute(insert(_hook).values(**values, **flags, topics=json.dumps(hook.topics)))

    def remove(self, name: str) -> bool:
        with self._engine.begin() as db:
            db.execute(delete(_parked).where(_parked.c.name == name))
            return db.execute(delete(_hook).where(_hook.c.name == name)).rowcount == 1

    def all(self) -> list[Hook]:
        with reading(self._engine) as db:
            return [_read(row) for row in db.execute(select(_hook).order_by("name"))]

    def gone(self, name: str) -> None:
        """The address asked for no more."""
        with self._engine.begin() as db:
            db.execute(update(_hook).where(_hook.c.name == name).values(gone=True))

    # --- what could not be delivered

    def park(self, name: str, message: Message, reason: str) -> None:
        """Set a message aside; one that is set aside already stays as it is."""
        values = {key: getattr(message, key) for key in ("id", "stream", "position", "type")}
        content = {"recorded_at": message.recorded_at, "body": message.body}
        with self._engine.begin() as db:
            if db.execute(select(_parked).where(_is(name, message.id))).first() is None:
                values |= {**content, "reason": reason, "parked_at": clock(db)}
                db.execute(insert(_parked).values(name=name, **values))

    def parked(self, name: str) -> list[tuple[Message, str]]:
        """What is set aside and why, in the order of the log."""
        ours = select(_parked).where(_parked.c.name == name).order_by(_parked.c.position)
        with reading(self._engine) as db:
            return [
                (
                    Message(r.type, r.id, r.stream, r.position, r.recorded_at, bytes(r.body)),
                    str(r.reason),
                )
                for r in db.execute(ours)
            ]

    def blocked(self, name: str) -> set[str]:
        """Streams of which something is set aside."""
        ours = select(_parked.c.stream).where(_parked.c.name == name).distinct()
        with reading(self._engine) as db:
            return set(db.execute(ours).scalars())

    def release(self, name: str, id_: str) -> None:
        with self._engine.begin() as db:
            db.execute(delete(_parked).where(_is(name, id_)))


def _is(name: str, id_: str) -> Any:
    return (_parked.c.name == name) & (_parked.c.id == id_)


def _read(row: Row[Any]) -> Hook:
    topics: Sequence[str] = json.loads(row.topics)
    return Hook(row.name, row.url, row.secret, tuple(topics), row.start, row.private, row.gone)
