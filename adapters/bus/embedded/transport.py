"""The embedded transport: kombu's virtual interface over one SQLite file, no server.

None of kombu's own server-less transports is sound between processes; this one keeps bindings in
the file, hands a queue to one reader at a time, and deletes a message when it is acknowledged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

from amqp.protocol import queue_declare_ok_t
from pydantic_core import from_json

from adapters.bus.embedded.batch import PublishBatch, outgoing_message
from adapters.bus.embedded.file import BusFile, Fence, Fenced, Outgoing, Waiting
from adapters.bus.embedded.reader import QueueReading
from adapters.bus.kombu_types import NotFound, PreconditionFailed, VirtualChannel, VirtualTransport

POLLING_SECONDS = 0.005
_UNLIMITED = 1000
"""Messages in hand where no prefetch was asked for."""


class Channel(VirtualChannel):  # type: ignore[misc]
    """A channel with a connection of its own to the file."""

    supports_batch_publish = True

    def __init__(self, connection: Transport, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        options = connection.client.transport_options
        self._file = BusFile(Path(options["path"]))
        self._fence: Fence | None = options.get("fence")
        self._reading: dict[str, QueueReading] = {}
        self._unacked: dict[int, str] = {}
        self._prefetch = 0
        self._own_writes = 0

    def check(self) -> None:
        """Read the whole file. Raises `Damaged`."""
        self._file.check()

    # --- topology

    def exchange_declare(
        self,
        exchange: str = "",
        type: str = "direct",  # noqa: A002 - kombu's name
        passive: bool = False,
        **_: Any,
    ) -> None:
        kind = self._file.exchange_kind(exchange)
        if kind is None and passive:
            raise NotFound(f"no exchange {exchange!r}")
        if kind is not None and not passive and kind != type:
            raise PreconditionFailed(f"exchange {exchange!r} is of type {kind!r}")
        if kind is None:
            self._file.declare_exchange(exchange, type)

    def exchange_delete(self, exchange: str, **_: Any) -> None:
        self._file.delete_exchange(exchange)

    def queue_declare(
        self,
        queue: str = "",
        passive: bool = False,
        arguments: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Any:
        if passive and not self._file.has_queue(queue):
            raise NotFound(f"no queue {queue!r}")
        if not passive:
            known = arguments or {}
            self._file.declare_queue(
                queue,
                known.get("x-dead-letter-exchange"),
                known.get("x-dead-letter-routing-key"),
            )
        return queue_declare_ok_t(queue, self._file.size(queue), 0)

    def queue_delete(self, queue: str, **_: Any) -> None:
        self._file.delete_queue(queue)

    def queue_bind(self, queue: str, exchange: str = "", routing_key: str = "", **_: Any) -> None:
        if self._file.exchange_kind(exchange) is None or not self._file.has_queue(queue):
            raise NotFound(f"no exchange {exchange!r}, or no queue {queue!r}")
        self._file.bind(exchange, queue, routing_key)

    def queue_unbind(self, queue: str, exchange: str = "", routing_key: str = "", **_: Any) -> None:
        self._file.unbind(exchange, queue, routing_key)

    def list_bindings(self) -> list[tuple[str, str, str]]:
        return [(queue, exchange, pattern) for exchange, queue, pattern in self._file.bindings()]

    def _size(self, queue: str) -> int:
        return self._file.size(queue)

    def _purge(self, queue: str) -> int:
        return self._file.purge(queue)

    # --- publishing

    def basic_publish(
        self, message: dict[str, Any], exchange: str, routing_key: str, **_: Any
    ) -> None:
        self.put([outgoing_message(message, exchange, routing_key)])

    def create_publish_batch(self, max_size: int) -> PublishBatch:
        return PublishBatch(self, max_size, self.put)

    def put(self, messages: Sequence[Outgoing]) -> None:
        """Store messages, all or none. Raises `NotFound` for a queue or exchange that is gone."""
        lost = {m.routing_key for m in self._file.put(messages, self._fence) if not m.exchange}
        missing = {e for e in {m.exchange for m in messages} - {""} if not self._exists(e)}
        if lost or missing:
            raise NotFound(f"no queue {sorted(lost)}, no exchange {sorted(missing)}")
        self._own_writes += 1

    def _exists(self, exchange: str) -> bool:
        return self._file.exchange_kind(exchange) is not None

    # --- consuming

    def basic_qos(
        self, prefetch_size: int = 0, prefetch_count: int = 0, apply_global: bool = False
    ) -> None:
        self._prefetch = prefetch_count

    def basic_consume(
        self,
        queue: str,
        no_ack: bool,
        callback: Callable[[Any], None],
        consumer_tag: str,
        **_: Any,
    ) -> None:
        if not self._file.has_queue(queue):
            raise NotFound(f"no queue {queue!r}")
        self._tag_to_queue[consumer_tag] = queue
        self._consumers.add(consumer_tag)
        self._reading.setdefault(queue, QueueReading(self._file, queue))

        def deliver(waiting: Waiting) -> None:
            if no_ack:
                self._file.delete([waiting.id])
            else:
                self._unacked[waiting.id] = queue
            callback(self._message(waiting))

        self.connection._callbacks[queue] = deliver

    def basic_cancel(self, consumer_tag: str) -> None:
        queue = self._tag_to_queue.pop(consumer_tag, None)
        self._consumers.discard(consumer_tag)
        if queue is not None:
            self.connection._callbacks.pop(queue, None)
            self._release(queue)

    def basic_get(self, queue: str, no_ack: bool = False, **_: Any) -> Any:
        if not self._file.has_queue(queue):
            raise NotFound(f"no queue {queue!r}")
        reading = self._reading.setdefault(queue, QueueReading(self._file, queue))
        waiting = reading.next(1, self._unacked, self._own_writes)
        if waiting is None:
            return None
        if no_ack:
            self._file.delete([waiting.id])
        else:
            self._unacked[waiting.id] = queue
        return self._message(waiting)

    def drain_events(self, timeout: float | None = None, callback: Any = None) -> None:
        """Deliver what a queue has ready, as far as the prefetch allows. Raises `Empty`."""
        for queue in list(self._tag_to_queue.values()):
            reading, deliver = self._reading[queue], self.connection._callbacks[queue]
            waiting = self._next(reading)
            if waiting is not None:
                deliver(waiting)
                while reading.buffer and (waiting := self._next(reading)) is not None:
                    deliver(waiting)
                return
        raise Empty

    def _next(self, reading: QueueReading) -> Waiting | None:
        room = (self._prefetch or _UNLIMITED) - len(self._unacked)
        return reading.next(room, self._unacked, self._own_writes) if room > 0 else None

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        done = [tag for tag in self._unacked if tag <= delivery_tag] if multiple else [delivery_tag]
        self._file.delete(done)
        for tag in done:
            self._unacked.pop(tag, None)

    def basic_reject(self, delivery_tag: int, requeue: bool = False) -> None:
        queue = self._unacked.pop(delivery_tag)
        if requeue:
            self._reading[queue].back_to(delivery_tag - 1)
        else:
            self._file.bury(queue, [delivery_tag], "rejected")

    def basic_recover(self, requeue: bool = False) -> None:
        self._unacked.clear()
        for reading in self._reading.values():
            reading.back_to(0)

    def close(self) -> None:
        if not self.closed:
            super().close()
            for queue in list(self._reading):
                self._release(queue)
            self._file.close()

    def _release(self, queue: str) -> None:
        for tag in [tag for tag, name in self._unacked.items() if name == queue]:
            del self._unacked[tag]
        reading = self._reading.pop(queue, None)
        if reading:
            reading.release()

    def _message(self, waiting: Waiting) -> Any:
        content_type, encoding, headers, properties = from_json(waiting.properties)
        properties["delivery_tag"] = waiting.id
        properties["delivery_info"] = {
            "exchange": waiting.exchange,
            "routing_key": waiting.routing_key,
            "redelivered": waiting.deliveries > 0,
        }
        payload = {
            "body": waiting.body,
            "content-type": content_type,
            "content-encoding": encoding,
            "headers": headers,
            "properties": properties,
        }
        return self.Message(payload, channel=self)


class Transport(VirtualTransport):  # type: ignore[misc]
    """The transport: `kombu.Connection(transport=Transport, transport_options={"path": ...})`."""

    Channel = Channel
    driver_type = "sqlite"
    driver_name = "alliance-register"
    polling_interval = POLLING_SECONDS
    connection_errors = (*VirtualTransport.connection_errors, sqlite3.Error, OSError, Fenced)
    recoverable_connection_errors = connection_errors
    implements = VirtualTransport.implements.extend(batch_publish=True)

    def driver_version(self) -> str:
        return sqlite3.sqlite_version
