"""What lies in a queue, looked at in hand and put back unless it is settled."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from adapters.bus.connection import connect, drop, embedded, lost
from adapters.bus.received import bytes_of
from adapters.bus.untyped import AmqpError, NotFound, Producer, ResourceLocked
from domain.kernel import Conflict

LOOKS = 10
"""A message that was looked at so often is put back as new: RabbitMQ 4 drops it after the 20th."""
PATIENCE_SECONDS, AGAIN_SECONDS = 2.0, 0.1
AT_A_TIME = 16
"""So many are settled before the broker is asked something: it holds back what follows 32 that it
has not stored yet, and forgets that when we go."""


class LookedAt(Conflict):
    """Another command looks at these dead letters: ask again."""


@contextmanager
def in_hand(url: str, queue: str, looking: str) -> Generator[InHand]:
    """All of a queue in hand; what is not settled lies there again afterwards.

    Whoever has it in hand holds the name `looking` meanwhile.
    A queue that is not there has nothing. Raises `BusLost` and `LookedAt`.
    """
    connection = connect(url, heartbeat=0)
    try:
        connection.connect()
        hand = InHand(_alone(connection, url, looking), queue)
        try:
            yield hand
        finally:
            hand.put_back()
    except (AmqpError, *connection.connection_errors, OSError) as error:
        raise lost(url, error) from error
    finally:
        drop(connection)


def _alone(connection: Any, url: str, name: str) -> Any:
    """A channel, while no other command looks: a broker gives each of several a part.

    It frees the name when we go, however we do; the embedded bus has a lock of its own.
    """
    until = _until()
    while True:
        channel = connection.channel()
        if embedded(url):
            return channel
        try:
            channel.queue_declare(queue=name, exclusive=True, durable=False, auto_delete=True)
        except ResourceLocked:
            if time.monotonic() > until:
                raise LookedAt(queue=name) from None
            time.sleep(AGAIN_SECONDS)
        else:
            return channel


class InHand:
    """All `messages` of a queue, in the order they came."""

    def __init__(self, channel: Any, queue: str) -> None:
        self._channel, self._queue = channel, queue
        self._left: dict[int, Any] = {}
        self._settled = 0
        until = _until()
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
        self._settled += 1
        if self._settled % AT_A_TIME == 0:
            self._there()

    def put_back(self) -> None:
        """Leave in the queue what was not settled, and see it there: a broker takes a moment."""
        count, until = len(self._left), _until()
        worn = [message for message in self._left.values() if _looks(message) >= LOOKS]
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


def _looks(message: Any) -> int:
    """How often it was looked at, by the broker's count; anybody may write what he likes there."""
    count = message.headers.get("x-delivery-count")
    return count if isinstance(count, int) else 0


def _until() -> float:
    return time.monotonic() + PATIENCE_SECONDS
