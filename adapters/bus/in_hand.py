"""What lies in a queue, looked at in hand and put back unless it is settled."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from adapters.bus.connection import connect, drop, lost
from adapters.bus.received import bytes_of
from adapters.bus.untyped import AmqpError, NotFound, Producer
from domain.kernel import Conflict

LOOKS = 10
"""A message that was looked at so often is put back as new: RabbitMQ 4 drops it after the 20th."""
PATIENCE_SECONDS = 2.0


class LookedAt(Conflict):
    """Another command looks at these dead letters: ask again."""


@contextmanager
def in_hand(url: str, queue: str) -> Generator[InHand]:
    """All of a queue in hand; what is not settled lies there again afterwards.

    A queue that is not there has nothing. Raises `BusLost` and `LookedAt`.
    """
    connection = connect(url, heartbeat=0)
    try:
        connection.connect()
        hand = InHand(connection.channel(), queue)
        try:
            yield hand
        finally:
            hand.put_back()
    except (AmqpError, *connection.connection_errors, OSError) as error:
        raise lost(url, error) from error
    finally:
        drop(connection)


class InHand:
    """All `messages` of a queue, in the order they came."""

    def __init__(self, channel: Any, queue: str) -> None:
        self._channel, self._queue = channel, queue
        self._left: dict[int, Any] = {}
        until = time.monotonic() + PATIENCE_SECONDS
        with suppress(NotFound):
            # the embedded bus counts what is in hand, and a broker does not
            while self._there() not in (0, len(self._left)):
                if time.monotonic() > until:
                    raise LookedAt(queue=queue)
                self._get()
        self.messages = tuple(self._left.values())

    def _there(self) -> int:
        return int(self._channel.queue_declare(queue=self._queue, passive=True).message_count)

    def _get(self) -> None:
        while (raw := self._channel.basic_get(queue=self._queue, no_ack=False)) is not None:
            message = self._channel.message_to_python(raw)
            self._left[message.delivery_tag] = message

    def settle(self, message: Any) -> None:
        """It is where it belongs: take it from the queue."""
        self._channel.basic_ack(message.delivery_tag)
        del self._left[message.delivery_tag]

    def put_back(self) -> None:
        """Leave in the queue what was not settled, and see it there: a broker takes a moment."""
        count, until = len(self._left), time.monotonic() + PATIENCE_SECONDS
        worn = [m for m in self._left.values() if m.headers.get("x-delivery-count", 0) >= LOOKS]
        if worn:
            producer = Producer(self._channel, auto_declare=False)
            with producer.batch(max_size=len(worn)):
                for message in worn:
                    self._again(producer, message)
            for message in worn:
                self.settle(message)
        if self._left:
            self._channel.basic_recover(requeue=True)
        with suppress(NotFound):
            while self._there() < count and time.monotonic() < until:
                time.sleep(0.01)

    def _again(self, producer: Any, message: Any) -> None:
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
