"""The inbox's tables: receipts, and what is parked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Double,
    Index,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    and_,
)

from adapters.bus.messages.cloud_event import Received

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
