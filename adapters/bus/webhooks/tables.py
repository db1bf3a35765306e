"""The tables of webhooks: their addresses, and the messages parked for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    Engine,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)

from adapters.bus.messages.cloud_event import Message
from adapters.database.state_database import clock, open_database, reading, serialise

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
    Column("source", String, primary_key=True),
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
class HookRow:
    """An address, the secret that signs its messages, and its topics.

    `private` allows http and an address in a private network; `gone` says that it answered 410.
    """

    name: str
    url: str
    secret: str = field(repr=False)
    topics: tuple[str, ...]
    start: int
    private: bool
    gone: bool = False


class WebhookTable:
    """The webhooks of one register and their parked messages."""

    def __init__(self, url: str) -> None:
        self._engine: Engine = open_database(url)

    def close(self) -> None:
        self._engine.dispose()

    def create(self) -> None:
        with self._engine.begin() as db:
            serialise(db, "alliance-webhooks")
            metadata.create_all(db, checkfirst=True)

    def add(self, hook: HookRow) -> None:
        values = {name: getattr(hook, name) for name in ("name", "url", "secret", "start")}
        flags = {"private": hook.private, "gone": False}
        with self._engine.begin() as db:
            db.execute(insert(_hook).values(**values, **flags, topics=json.dumps(hook.topics)))

    def remove(self, name: str) -> bool:
        with self._engine.begin() as db:
            db.execute(delete(_parked).where(_parked.c.name == name))
            return db.execute(delete(_hook).where(_hook.c.name == name)).rowcount == 1

    def all(self) -> list[HookRow]:
        with reading(self._engine) as db:
            return [_read(row) for row in db.execute(select(_hook).order_by("name"))]

    def gone(self, name: str) -> None:
        """Mark an address that answered 410: it gets no more messages."""
        with self._engine.begin() as db:
            db.execute(update(_hook).where(_hook.c.name == name).values(gone=True))

    # --- parked messages

    def park(self, name: str, message: Message, reason: str) -> None:
        """Park a message; one that is parked already stays as it is."""
        with self._engine.begin() as db:
            if db.execute(select(_parked).where(_is(name, message))).first() is None:
                values = {**message._asdict(), "reason": reason, "parked_at": clock(db)}
                db.execute(insert(_parked).values(name=name, **values))

    def parked(self, name: str) -> list[tuple[Message, str]]:
        """Return parked messages and their reasons, in the order of the log."""
        ours = select(_parked).where(_parked.c.name == name).order_by(_parked.c.position)
        with reading(self._engine) as db:
            return [
                (Message(*(row[name] for name in Message._fields)), str(row["reason"]))
                for row in db.execute(ours).mappings()
            ]

    def blocked(self, name: str) -> set[str]:
        """Return the streams that have parked messages."""
        ours = select(_parked.c.stream).where(_parked.c.name == name).distinct()
        with reading(self._engine) as db:
            return set(db.execute(ours).scalars())

    def release(self, name: str, message: Message) -> None:
        with self._engine.begin() as db:
            db.execute(delete(_parked).where(_is(name, message)))


def _is(name: str, message: Message) -> ColumnElement[bool]:
    return and_(
        _parked.c.name == name, _parked.c.source == message.source, _parked.c.id == message.id
    )


def _read(row: Row[Any]) -> HookRow:
    topics: Sequence[str] = json.loads(row.topics)
    return HookRow(row.name, row.url, row.secret, tuple(topics), row.start, row.private, row.gone)
