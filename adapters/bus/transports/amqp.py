"""RabbitMQ with windowed confirms: kombu's `Producer.batch()` for the AMQP transport.

kombu's own confirms wait for every message, which is nine tenths of the time spent. Here a batch
is sent at once and waited for as a whole. After any failure the channel cannot be trusted (a late
confirm would be counted for the next message), so the connection is dropped, never reused.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from amqp import spec

from adapters.bus.kombu_types import (
    AmqpChannel,
    AmqpConnection,
    AmqpTransport,
    RecoverableConnectionError,
)

CONFIRM_SECONDS = 30.0
ANSWER_SECONDS = 15.0
"""The limit for the broker's answer to a declaration or a consume."""

_TICK_SECONDS = 0.5


class ConfirmTimeout(RecoverableConnectionError):  # type: ignore[misc]
    """Raised when the broker confirms nothing more in time, and is not blocked either."""


class Refused(RecoverableConnectionError):  # type: ignore[misc]
    """Raised when the broker refuses a message; later ones may have got through."""


class Unroutable(Exception):
    """Raised when a message found no queue: the topology is broken, or a queue is gone."""


class ConfirmWindow:
    """Messages sent and not yet confirmed on one channel."""

    def __init__(self, channel: Channel, max_size: int) -> None:
        self.channel = channel
        self._max_size = max_size
        self._unconfirmed: dict[int, None] = {}
        self._failure: Exception | None = None
        channel.start_confirms(self)

    def publish(
        self,
        message: Any,
        exchange: str,
        routing_key: str,
        mandatory: bool = False,
        **_: object,
    ) -> None:
        """Send without waiting, unless the window is full."""
        self.channel.send_method(
            spec.Basic.Publish, "Bssbb", (0, exchange, routing_key, mandatory, False), message
        )
        self.channel.sent += 1
        self._unconfirmed[self.channel.sent] = None
        if len(self._unconfirmed) >= self._max_size:
            self.flush()

    def flush(self) -> None:
        """Wait for every confirm. Raises `ConfirmTimeout`, `Refused` or `Unroutable`."""
        connection = self.channel.connection
        deadline = time.monotonic() + CONFIRM_SECONDS
        while self._unconfirmed and not self._failure:
            before = len(self._unconfirmed)
            try:
                connection.drain_events(timeout=_TICK_SECONDS)
            except TimeoutError:
                connection.heartbeat_tick()
                connection.on_wait()
            if connection.blocked or len(self._unconfirmed) < before:
                deadline = time.monotonic() + CONFIRM_SECONDS
            elif time.monotonic() > deadline:
                raise ConfirmTimeout(f"{len(self._unconfirmed)} messages unconfirmed")
        if self._failure:
            raise self._failure

    def confirmed(self, tag: int, multiple: bool) -> None:
        if not multiple:
            self._unconfirmed.pop(tag, None)
            return
        for sent in [sent for sent in self._unconfirmed if sent <= tag]:
            del self._unconfirmed[sent]

    def refused(self, tag: int, multiple: bool) -> None:
        self._failure = self._failure or Refused(f"message {tag} refused")

    def returned(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        self._failure = Unroutable(f"{routing_key!r} at exchange {exchange!r}: {error}")

    def discard(self) -> None:
        """Do nothing: sent messages cannot be recalled, and the caller drops the connection."""

    def close(self) -> None:
        self.channel.window = None


class Channel(AmqpChannel):  # type: ignore[misc]
    """A channel that sends a batch before it waits."""

    supports_batch_publish = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent = 0
        self._confirming = False
        self.window: ConfirmWindow | None = None

    def create_publish_batch(self, max_size: int) -> ConfirmWindow:
        return ConfirmWindow(self, max_size)

    def start_confirms(self, window: ConfirmWindow) -> None:
        """Turn on confirms, and pass them to this window from now on."""
        if not self._confirming:
            self.confirm_select()
            self._confirming = True
            self.events["basic_ack"].add(self._acked)
            self.events["basic_nack"].add(self._nacked)
            self.events["basic_return"].add(self._returned)
        self.window = window

    def _acked(self, tag: int, multiple: bool) -> None:
        if self.window:
            self.window.confirmed(tag, multiple)

    def _nacked(self, tag: int, multiple: bool) -> None:
        if self.window:
            self.window.refused(tag, multiple)

    def _returned(self, *returned: Any) -> None:
        if self.window:
            self.window.returned(*returned)


class Connection(AmqpConnection):  # type: ignore[misc]
    """A connection that knows whether the broker blocks it, and calls `on_wait` while it waits."""

    Channel = Channel

    def __init__(
        self, *args: Any, on_wait: Callable[[], None] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.blocked = False
        self.on_wait = on_wait or (lambda: None)

    def drain_events(self, timeout: float | None = None) -> Any:
        """Wait for a limited time: a broker that no longer answers would stall its reader."""
        return super().drain_events(timeout=ANSWER_SECONDS if timeout is None else timeout)

    def _on_blocked(self) -> None:
        self.blocked = True

    def _on_unblocked(self) -> None:
        self.blocked = False


class Transport(AmqpTransport):  # type: ignore[misc]
    """kombu's transport with windowed confirms: `kombu.Connection(transport=Transport)`."""

    Connection = Connection
    implements = AmqpTransport.implements.extend(batch_publish=True)
