"""Read all messages of a queue without consuming them; unacknowledged ones are requeued."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from adapters.bus.kombu_types import AmqpError, NotFound, Producer, ResourceLocked
from adapters.bus.messages.cloud_event import bytes_of
from adapters.bus.transports.connection import (
    bus_lost,
    connect,
    drop_connection,
    file_of_embedded_bus,
)
from domain.shared.problems import Conflict

MOST_DELIVERIES = 10
"""A message delivered so often is published anew: RabbitMQ 4 drops it after the 20th delivery."""
WAIT_SECONDS, POLL_SECONDS = 2.0, 0.1
SETTLED_AT_A_TIME = 16
"""After so many acknowledgements the broker is asked something: it delays what follows 32 that it
has not stored yet, and forgets them if the connection ends."""


class QueueInUse(Conflict):
    """Another command reads these dead letters: try again."""

    queue: str


@contextmanager
def browse_queue(url: str, queue: str, lock: str) -> Generator[QueueBrowser]:
    """Hold all messages of a queue; those that are not acknowledged are requeued afterwards.

    An exclusive queue named `lock` keeps other browsers out. A queue that does not exist is empty.
    Raises `BusLost` and `QueueInUse`.
    """
    connection = connect(url, heartbeat=0)
    try:
        connection.connect()
        browser = QueueBrowser(_exclusive_channel(connection, url, lock), queue)
        try:
            yield browser
        finally:
            browser.requeue_rest()
    except (AmqpError, *connection.connection_errors, OSError) as error:
        raise bus_lost(url, error) from error
    finally:
        drop_connection(connection)


def _exclusive_channel(connection: Any, url: str, lock: str) -> Any:
    """Open a channel once no other browser is at work: two would each get only a part.

    The broker frees the lock when the connection ends; the embedded bus has a lock of its own.
    """
    until = _until()
    while True:
        channel = connection.channel()
        if file_of_embedded_bus(url):
            return channel
        try:
            channel.queue_declare(queue=lock, exclusive=True, durable=False, auto_delete=True)
        except ResourceLocked:
            if time.monotonic() > until:
                raise QueueInUse(queue=lock) from None
            time.sleep(POLL_SECONDS)
        else:
            return channel


class QueueBrowser:
    """All `messages` of a queue, unacknowledged, in their order."""

    def __init__(self, channel: Any, queue: str) -> None:
        self._channel, self._queue = channel, queue
        self._unacknowledged: dict[int, Any] = {}
        self._settled = 0
        until = _until()
        with suppress(NotFound):
            # the embedded bus counts unacknowledged messages, a broker does not
            while self._count() not in (0, len(self._unacknowledged)):
                if time.monotonic() > until:
                    raise QueueInUse(queue=queue)
                self._get()
        self.messages = tuple(self._unacknowledged.values())

    def _count(self) -> int:
        return int(self._channel.queue_declare(queue=self._queue, passive=True).message_count)

    def _get(self) -> None:
        while (raw := self._channel.basic_get(queue=self._queue, no_ack=False)) is not None:
            message = self._channel.message_to_python(raw)
            self._unacknowledged[message.delivery_tag] = message

    def settle(self, message: Any) -> None:
        """Acknowledge a message, so that it leaves the queue."""
        self._channel.basic_ack(message.delivery_tag)
        del self._unacknowledged[message.delivery_tag]
        self._settled += 1
        if self._settled % SETTLED_AT_A_TIME == 0:
            self._count()

    def requeue_rest(self) -> None:
        """Requeue what was not settled, and wait until the queue shows it."""
        count, until = len(self._unacknowledged), _until()
        worn = [m for m in self._unacknowledged.values() if _deliveries(m) >= MOST_DELIVERIES]
        if worn:
            producer = Producer(self._channel, auto_declare=False)
            with producer.batch(max_size=len(worn)):
                for message in worn:
                    self._publish_anew(producer, message)
            for message in worn:
                self.settle(message)
        if self._unacknowledged:
            self._channel.basic_recover(requeue=True)
        with suppress(NotFound):
            while self._count() < count and time.monotonic() < until:
                time.sleep(0.01)

    def _publish_anew(self, producer: Any, message: Any) -> None:
        producer.publish(
            bytes_of(message),
            exchange="",
            routing_key=self._queue,
            content_type=message.content_type or "application/octet-stream",
            content_encoding="binary",
            headers={k: v for k, v in message.headers.items() if k != "x-delivery-count"},
            delivery_mode=2,
            mandatory=True,
        )


def _deliveries(message: Any) -> int:
    """Read the broker's delivery count; a publisher may have put anything into that header."""
    count = message.headers.get("x-delivery-count")
    return count if isinstance(count, int) else 0


def _until() -> float:
    return time.monotonic() + WAIT_SECONDS
