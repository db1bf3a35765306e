"""Store kombu's messages in the file, alone or as a batch in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic_core import to_json

from adapters.bus.embedded.file import Outgoing


class PublishBatch:
    """The batch of `Producer.batch()`: a flush stores it in one transaction."""

    def __init__(
        self, channel: Any, max_size: int, put: Callable[[Sequence[Outgoing]], None]
    ) -> None:
        self.channel, self._put = channel, put
        self._max_size = max_size
        self._pending: list[Outgoing] = []

    def publish(
        self, message: dict[str, Any], exchange: str, routing_key: str, **_: object
    ) -> None:
        self._pending.append(outgoing_message(message, exchange, routing_key))
        if len(self._pending) >= self._max_size:
            self.flush()

    def flush(self) -> None:
        pending, self._pending = self._pending, []
        if pending:
            self._put(pending)

    def discard(self) -> None:
        self._pending.clear()

    def close(self) -> None:
        """Do nothing: nothing is held open."""


def outgoing_message(message: dict[str, Any], exchange: str, routing_key: str) -> Outgoing:
    body, properties = message["body"], {**message["properties"]}
    properties.pop("delivery_info", None)
    parts = [message["content-type"], message["content-encoding"], message["headers"], properties]
    return Outgoing(
        exchange,
        routing_key,
        to_json(parts).decode(),
        body.encode() if isinstance(body, str) else body,
    )
