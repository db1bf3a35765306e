"""A message as a subscriber reads it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, TypeAlias

Event: TypeAlias = dict[str, Any]


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


def read(body: bytes) -> Received:
    """Decode a message. Raises `Foreign` for anything that no register published."""
    try:
        event: Any = json.loads(body)
        texts: list[Any] = [event[name] for name in ("source", "id", "partitionkey", "type")]
        found = Received(
            event["source"],
            event["id"],
            event["partitionkey"],
            int(event["sequence"]),
            event["type"],
            event,
            body,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Foreign(f"{type(error).__name__}: {error}") from error
    if event.get("specversion") != "1.0" or not all(isinstance(text, str) for text in texts):
        raise Foreign("not a CloudEvent 1.0 with text for source, id, partitionkey and type")
    return found
