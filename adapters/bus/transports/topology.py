"""The bus's topology: a topic exchange, a stream of all events, and two queues for each subscriber.

The arguments of a queue cannot be changed once it is declared; tune it by a policy of the broker.
Queues have no maximum length: a queue that rejects a message lets later ones through.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from adapters.bus.embedded.file import DELIVERY_LIMIT
from adapters.bus.kombu_types import AmqpError, NotFound
from adapters.bus.messages.names import Names
from adapters.bus.transports.connection import (
    BrokenTopology,
    bus_lost,
    connect,
    drop_connection,
    file_of_embedded_bus,
)

BATCH = 50


PREFETCHED_BATCHES = 20
"""Enough to keep a reader busy; few enough to be delivered again soon if it dies."""


MOST_PREFETCHED = BATCH * PREFETCHED_BATCHES


_QUORUM = {"x-queue-type": "quorum"}


class Depth(NamedTuple):
    """Messages waiting in a subscriber's queue and in its dead-letter queue.

    `unseen` is how many more may be unacknowledged at a reader: RabbitMQ does not tell a client.
    """

    waiting: int
    dead: int
    unseen: int = 0


class Topology:
    """Declare, inspect and delete, on either transport; safe to repeat.

    Raises `BusLost`, `BrokenTopology` and the other problems of `connection.bus_lost`.
    """

    def __init__(self, url: str, names: Names) -> None:
        self.names, self._url = names, url
        self._embedded = file_of_embedded_bus(url) is not None
        # nobody is there to answer heartbeats between two declarations
        self._connection = connect(url, heartbeat=0)

    def close(self) -> None:
        self._connection.release()

    def declare(self) -> None:
        """Declare the exchange and, on a broker, the stream that makes every event routable."""
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
        """Declare a subscriber's queue, not bound yet, and its dead-letter queue; return its name.

        Hold the subscriber's lock (`Ledger.exclusive`), here and for `remove`.
        """
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
        """Deliver the events of these topics to a subscriber's queue from now on."""
        queue = self.names.queue(subscriber)
        with self._channel() as channel:
            for topic in topics:
                channel.queue_bind(queue=queue, exchange=self.names.exchange, routing_key=topic)

    def has_queue(self, subscriber: str) -> bool:
        return self._declared(self.names.queue(subscriber)) is not None

    def check(self) -> None:
        """Look for the exchange, and read an embedded bus from end to end. Raises `Damaged`."""
        with self._channel() as channel:
            channel.exchange_declare(exchange=self.names.exchange, type="topic", passive=True)
            if self._embedded:
                channel.check()

    def warning(self) -> str | None:
        """Name a release of RabbitMQ that may break when a subscriber is removed."""
        if self._embedded:
            return None
        with self._channel():
            server = self._connection.connection.server_properties
        if server.get("product") != "RabbitMQ":
            return None
        return outdated_release(str(server.get("version", "")))

    def depth(self, subscriber: str) -> Depth:
        queue = self._declared(self.names.queue(subscriber))
        dead = self._declared(self.names.dead_queue(subscriber))
        return Depth(
            queue.message_count if queue else 0,
            dead.message_count if dead else 0,
            MOST_PREFETCHED if queue and queue.consumer_count else 0,
        )

    def remove(self, subscriber: str) -> None:
        """Delete a subscriber's queue, its dead-letter queue and its bindings."""
        for queue in (self.names.queue(subscriber), self.names.dead_queue(subscriber)):
            with suppress(BrokenTopology), self._channel() as channel:
                channel.queue_delete(queue=queue)

    def destroy(self, subscribers: Iterable[str] = ()) -> None:
        """Delete everything that `declare` and `declare_queue` made."""
        for subscriber in subscribers:
            self.remove(subscriber)
        with self._channel() as channel:
            if not self._embedded:
                channel.queue_delete(queue=self.names.stream)
            channel.exchange_delete(exchange=self.names.exchange)
            channel.exchange_delete(exchange=self.names.dead)

    def _declared(self, queue: str) -> Any:
        """Return how many messages and readers a queue has, `None` if there is no such queue.

        The embedded bus counts no readers.
        """
        try:
            with self._channel() as channel:
                return channel.queue_declare(queue=queue, passive=True)
        except BrokenTopology:
            return None

    def _queue(self, channel: Any, queue: str, arguments: dict[str, Any]) -> None:
        channel.queue_declare(queue=queue, durable=True, auto_delete=False, arguments=arguments)

    @contextmanager
    def _channel(self) -> Generator[Any]:
        try:
            self._connection.connect()
            with self._connection.channel() as channel:
                yield channel
        except NotFound as missing:
            raise bus_lost(self._url, missing) from missing
        except (AmqpError, *self._connection.connection_errors, OSError) as error:
            drop_connection(self._connection)
            raise bus_lost(self._url, error) from error


def outdated_release(version: str) -> str | None:
    """Say what is wrong with a release of RabbitMQ: it may lose its dead-letter worker."""
    try:
        major, minor, patch = (int(part) for part in version.partition("-")[0].split(".")[:3])
    except ValueError:
        return None
    if (major, minor, patch) >= MENDED.get((major, minor), (3, 12, 0)):
        return None
    return (
        f"RabbitMQ {version} may refuse every quorum queue (541) until it is restarted, after one"
        " was deleted under its readers: upgrade to 3.10.20, 3.11.12 or later"
    )


MENDED = {(3, 10): (3, 10, 20), (3, 11): (3, 11, 12)}
"""The first release without that fault, by series; later series never had it."""
