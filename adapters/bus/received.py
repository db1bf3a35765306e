"""A message as a subscriber reads it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, TypeAlias

Event: TypeAlias = dict[str, Any]


LAST_POSITION = 2**63 - 1


class Received(NamedTuple):
    """A message of ours: what tells it from others, where it belongs, and its bytes."""

    source: str
    id: str
    stream: str
    position: int
    type: str
    event: Event
    body: bytes


class Foreign(ValueError):
    """Raised for bytes that are no message of a register's."""


def bytes_of(message: Any) -> bytes:
    """What a message carries, whatever it says of itself; an empty body arrives as text."""
    return message.body.encode() if isinstance(message.body, str) else bytes(message.body)


def body_of(message: Any) -> bytes:
    """What a message carries. Raises `Foreign` where that cannot be told."""
    if message.errors:
        raise Foreign("a header promises a compression that the body does not have")
    return bytes_of(message)


def read(body: bytes) -> Received:
    """Decode a message. Raises `Foreign` for anything that no register published."""
    try:
        event: Any = json.loads(body)
        texts: list[Any] = [event[name] for name in ("source", "id", "partitionkey", "type")]
        source, id_, stream, type_ = texts
        position = int(event["sequence"])
        "".join(texts).encode()  # half a surrogate pair is no text
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Foreign(f"{type(error).__name__}: {error}") from error
    if event.get("specversion") != "1.0":
        raise Foreign("not a CloudEvent 1.0")
    if not 0 < position <= LAST_POSITION or any("\0" in text for text in texts):
        raise Foreign("a position or a name that no database keeps")
    return Received(source, id_, stream, position, type_, event, body)
