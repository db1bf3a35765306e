"""The inbox's tables: receipts, what is parked, and the last position received."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Double,
    Index,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    and_,
    insert,
    or_,
    update,
)

from adapters.bus.received import Received

metadata = MetaData()


def _key() -> list[Column[str]]:
    return [Column(name, String, primary_key=True) for name in ("subscriber", "source", "id")]


receipt = Table(
    "inbox_receipt",
    metadata,
    *_key(),
    Column("position", BigInteger, nullable=False),
    Column("handled_at", Double, nullable=False),
    sqlite_with_rowid=False,
)
parked = Table(
    "inbox_parked",
    metadata,
    *_key(),
    Column("position", BigInteger, nullable=False),
    Column("stream", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", String, nullable=False),
    Column("parked_at", Double, nullable=False),
    Index("inbox_parked_stream", "subscriber", "stream", "position"),
)
position = Table(
    "inbox_position",
    metadata,
    Column("subscriber", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("position", BigInteger, nullable=False),
)


def as_receipt(subscriber: str, message: Received, now: float) -> dict[str, Any]:
    return {
        "subscriber": subscriber,
        "source": message.source,
        "id": message.id,
        "position": message.position,
        "handled_at": now,
    }


def as_parked(subscriber: str, message: Received, now: float, reason: str) -> dict[str, Any]:
    return {
        "subscriber": subscriber,
        "source": message.source,
        "id": message.id,
        "position": message.position,
        "stream": message.stream,
        "body": message.body,
        "reason": reason,
        "parked_at": now,
    }


def is_parked(subscriber: str, row: Row[Any]) -> ColumnElement[bool]:
    return and_(
        parked.c.subscriber == subscriber, parked.c.source == row.source, parked.c.id == row.id
    )


def move(db: Connection, subscriber: str, source: str, to: int) -> None:
    """The last position received, which a repeat does not turn back, and a new epoch may."""
    ours = position.c.subscriber == subscriber
    further = or_(position.c.position < to, position.c.source != source)
    forward = update(position).where(ours, further).values(source=source, position=to)
    if db.execute(forward).rowcount == 0 and not db.execute(position.select().where(ours)).first():
        db.execute(insert(position).values(subscriber=subscriber, source=source, position=to))
