"""What stands on the bus: an exchange, a stream of everything, and a queue for each subscriber.

The arguments below cannot be changed once declared; what may need tuning belongs in a policy of
the broker. There is no maximum length: a limit that rejects would let later messages through.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from adapters.bus.connection import connect, drop, embedded, lost
from adapters.bus.consuming import MOST_IN_HAND
from adapters.bus.names import Names
from adapters.bus.publishing import BrokenTopology
from adapters.bus.sqlite_file import DELIVERY_LIMIT
from adapters.bus.untyped import AmqpError, NotFound

_QUORUM = {"x-queue-type": "quorum"}


class Depth(NamedTuple):
    """Messages waiting for a subscriber, and those that were dead-lettered.

    A broker counts what a reader has in hand for its administrator alone: up to `unseen` more.
    """

    waiting: int
    dead: int
    unseen: int = 0


class Topology:
    """Declares and inspects, on either transport. Safe to repeat. Raises `BusLost`."""

    def __init__(self, url: str, names: Names) -> None:
        self.names, self._url = names, url
        self._embedded = embedded(url) is not None
        # nobody is there to answer heartbeats between two declarations
        self._connection = connect(url, heartbeat=0)

    def close(self) -> None:
        self._connection.release()

    def declare(self) -> None:
        """The exchange and, on a broker, the stream that makes every event routable."""
        with self._channel() as channel:
            channel.exchange_declare(
                exchange=self.names.exchange, type="topic", durable=True, auto_delete=False
            )
            channel.exchange_declare(
                exchange=self.names.dead, type="direct", durable=True, auto_delete=False
            )
            if not self._embedded:
                self._queue(channel, self.names.stream, {"x-queue-type": "stream"})
                channel.queue_bind(
                    queue=self.names.stream, exchange=self.names.exchange, routing_key="#"
                )

    def declare_queue(self, subscriber: str) -> str:
        """A subscriber's queue and its dead letters, not bound yet: the relay binds it."""
        queue, dead = self.names.queue(subscriber), self.names.dead_queue(subscriber)
        with self._channel() as channel:
            self._queue(channel, dead, _QUORUM)
            channel.queue_bind(queue=dead, exchange=self.names.dead, routing_key=dead)
            self._queue(channel, queue, self._arguments(dead))
        return queue

    def _arguments(self, dead: str) -> dict[str, Any]:
        return {
            **_QUORUM,
            "x-single-active-consumer": True,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": self.names.dead,
            "x-dead-letter-routing-key": dead,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }

    def bind(self, subscriber: str, topics: Iterable[str]) -> None:
        """Let a queue take what its topics match from now on."""
        queue = self.names.queue(subscriber)
        with self._channel() as channel:
            for topic in topics:
                channel.queue_bind(queue=queue, exchange=self.names.exchange, routing_key=topic)

    def has_queue(self, subscriber: str) -> bool:
        return self._declared(self.names.queue(subscriber)) is not None

    def check(self) -> None:
        """See that the exchange stands, and read an embedded bus from end to end.

        Raises `BrokenTopology` and `Damaged`.
        """
        try:
            with self._channel() as channel:
                channel.exchange_declare(exchange=self.names.exchange, type="topic", passive=True)
                if self._embedded:
                    channel.check()
        except NotFound as missing:
            raise BrokenTopology(reason=str(missing)) from missing

    def depth(self, subscriber: str) -> Depth:
        queue = self._declared(self.names.queue(subscriber))
        dead = self._declared(self.names.dead_queue(subscriber))
        return Depth(
            queue.message_count if queue else 0,
            dead.message_count if dead else 0,
            MOST_IN_HAND if queue and queue.consumer_count else 0,
        )

    def remove(self, subscriber: str) -> None:
        """Delete a subscriber's queue, its dead letters and its bindings."""
        for queue in (self.names.queue(subscriber), self.names.dead_queue(subscriber)):
            with suppress(NotFound), self._channel() as channel:
                channel.queue_delete(queue=queue)

    def destroy(self, subscribers: Iterable[str] = ()) -> None:
        """Delete everything, for tests and for a register that moves away."""
        for subscriber in subscribers:
            self.remove(subscriber)
        with self._channel() as channel:
            if not self._embedded:
                channel.queue_delete(queue=self.names.stream)
            channel.exchange_delete(exchange=self.names.exchange)
            channel.exchange_delete(exchange=self.names.dead)

    def _declared(self, queue: str) -> Any:
        """How many messages and readers a queue has (the embedded bus counts readers as none)."""
        try:
            with self._channel() as channel:
                return channel.queue_declare(queue=queue, passive=True)
        except NotFound:
            return None

    def _queue(self, channel: Any, queue: str, arguments: dict[str, Any]) -> None:
        channel.queue_declare(queue=queue, durable=True, auto_delete=False, arguments=arguments)

    @contextmanager
    def _channel(self) -> Generator[Any]:
        try:
            self._connection.connect()
            with self._connection.channel() as channel:
                yield channel
        except NotFound:
            raise
        except (AmqpError, *self._connection.connection_errors, OSError) as error:
            drop(self._connection)
            raise lost(self._url, error) from error
