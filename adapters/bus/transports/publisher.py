"""Publish messages, and return when the bus has confirmed them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any

from adapters.bus.embedded.file import Fence
from adapters.bus.kombu_types import AmqpError, Producer
from adapters.bus.messages.cloud_event import CONTENT_TYPE, Message
from adapters.bus.transports.amqp import Unroutable
from adapters.bus.transports.connection import (
    HEARTBEAT_SECONDS,
    BrokenTopology,
    bus_lost,
    connect,
    drop_connection,
    file_of_embedded_bus,
)

WINDOW = 500


class Publisher:
    """One publishing connection, made at first use and dropped after any failure.

    With a `fence` no other publisher of that name can publish: see decision 0032.
    """

    def __init__(
        self,
        url: str,
        exchange: str,
        window: int = WINDOW,
        on_wait: Callable[[], None] | None = None,
        fence: Fence | None = None,
        heartbeat: int = HEARTBEAT_SECONDS,
    ) -> None:
        self._url, self._exchange, self._window, self._fence = url, exchange, window, fence
        self._connect = partial(connect, url, on_wait, fence, heartbeat)
        self._mandatory = file_of_embedded_bus(url) is None
        self._connection: Any = None
        self._producer: Any = None

    def send(self, messages: Iterable[Message], queue: str | None = None) -> None:
        """Publish to the exchange, or straight to a queue; return when all are confirmed.

        Raises `BrokenTopology`, and `BusLost`: an unknown number of messages is then sent.
        """
        try:
            producer = self._producer or self._open()
            with producer.batch(max_size=self._window):
                for message in messages:
                    producer.publish(
                        message.body,
                        exchange="" if queue else self._exchange,
                        routing_key=queue or message.type,
                        content_type=CONTENT_TYPE,
                        content_encoding="binary",
                        delivery_mode=2,
                        mandatory=self._mandatory,
                        message_id=message.id,
                    )
        except Unroutable as error:
            self.drop()
            raise BrokenTopology(reason=str(error)) from error
        except self._errors() as error:
            self.drop()
            raise bus_lost(self._url, error) from error

    def idle(self) -> None:
        """Keep the connection alive while there is nothing to send. Raises `BusLost`."""
        if self._connection is None or not self._mandatory:
            return
        try:
            self._connection.heartbeat_check()
            self._connection.drain_events(timeout=0.001)
        except TimeoutError:
            pass
        except self._errors() as error:
            self.drop()
            raise bus_lost(self._url, error) from error

    def drop(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            drop_connection(connection)

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.drop()

    def _open(self) -> Any:
        self._connection = self._connect()
        self._connection.connect()
        channel = self._connection.channel()
        if self._fence and self._mandatory:
            # exclusive: one connection holds it, and the broker ends that of a paused holder, so
            # that only the connection with this queue publishes
            channel.queue_declare(
                queue=self._fence.name, exclusive=True, durable=False, auto_delete=True
            )
        self._producer = Producer(channel, auto_declare=False)
        return self._producer

    def _errors(self) -> tuple[type[Exception], ...]:
        known = self._connection.connection_errors if self._connection else ()
        return (AmqpError, OSError, *known)
