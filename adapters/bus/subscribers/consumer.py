"""Consume a queue into an inbox: one acknowledgement a batch, with reconnection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from adapters.bus.kombu_types import AmqpError, Consumer, ConsumerCancelled, NotFound, Queue
from adapters.bus.messages.cloud_event import Foreign, Received, body_of, read_message
from adapters.bus.subscribers.inbox import Inbox, Outcome
from adapters.bus.subscribers.inbox_transaction import Handle
from adapters.bus.transports.connection import (
    HEARTBEAT_SECONDS,
    BrokerFailed,
    BusLost,
    bus_lost,
    connect,
    connection_kept_alive,
    drop_connection,
    pauses_between_attempts,
)
from adapters.bus.transports.topology import BATCH, PREFETCHED_BATCHES
from adapters.database.state_database import AWAY
from application.ports import Stop
from domain.shared.problems import Problem

_IDLE_SECONDS = 0.5

_log = structlog.get_logger("subscriber")


class QueueGone(Problem):
    """The queue does not exist, or was deleted while it was read."""

    queue: str
    reason: str


class Subscription:
    """Consume one queue until told to stop; `run` handles every event once, or parks it.

    A requeued message would be delivered behind its successors, so the inbox tries again in place.
    A message that is not of a register is rejected into the dead-letter queue.
    """

    def __init__(
        self,
        url: str,
        queue: str,
        inbox: Inbox,
        handle: Handle,
        *,
        prefetch: int | None = None,
        batch: int = BATCH,
        heartbeat: int = HEARTBEAT_SECONDS,
        on_batch: Callable[[Outcome], object] = lambda _: None,
    ) -> None:
        self._url, self._queue, self._inbox, self._handle = url, queue, inbox, handle
        self._prefetch = prefetch or batch * PREFETCHED_BATCHES
        self._batch, self._heartbeat = batch, heartbeat
        self._on_batch = on_batch
        self._waiting: list[Any] = []
        self._pause = pauses_between_attempts()
        self._broker_failed = False

    def run(self, stop: Stop) -> None:
        """Consume until told to stop, reconnecting as often as needed; once after a 541.

        Raises `QueueGone`, `Damaged`, `BrokerFailed`, `BusRefuses` and `OtherArguments`.
        """
        self._pause = pauses_between_attempts()
        while not stop.is_set():
            try:
                self._read(stop)
            except BrokerFailed as failed:
                if self._broker_failed:
                    raise
                self._broker_failed = True
                self._wait("the broker failed", failed, stop)
            except AWAY as away:
                which = "bus" if isinstance(away, BusLost) else "inbox"
                self._wait(f"the {which} is away", away, stop)

    def _wait(self, said: str, problem: Exception, stop: Stop) -> None:
        seconds = self._pause()
        _log.warning(said, problem=str(problem), again_in=seconds)
        stop.wait(seconds)

    def _read(self, stop: Stop) -> None:
        connection = connect(self._url, heartbeat=self._heartbeat)
        self._waiting.clear()
        try:
            connection.connect()
            channel = connection.channel()
            consumer = Consumer(
                channel,
                [Queue(self._queue, no_declare=True)],
                on_message=self._waiting.append,
                on_decode_error=self._undecodable,
                auto_declare=False,
            )
            consumer.qos(prefetch_count=self._prefetch)
            consumer.consume()
            self._pause = pauses_between_attempts()
            while not stop.is_set():
                self._collect(connection)
                self._broker_failed = False
                if self._waiting:
                    self._take(connection, channel)
        except (NotFound, ConsumerCancelled) as gone:
            raise QueueGone(queue=self._queue, reason=str(gone)) from gone
        except (AmqpError, *connection.connection_errors, OSError) as error:
            raise bus_lost(self._url, error) from error
        finally:
            drop_connection(connection)

    def _undecodable(self, message: Any, _error: Exception) -> None:
        self._waiting.append(message)

    def _collect(self, connection: Any) -> None:
        """Wait for a first message, then add those that have arrived already, up to a batch."""
        patience = _IDLE_SECONDS
        try:
            while len(self._waiting) < self._batch:
                connection.drain_events(timeout=patience)
                patience = 0.0
        except TimeoutError:
            connection.heartbeat_check()

    def _take(self, connection: Any, channel: Any) -> None:
        arrived = self._waiting[: self._batch]
        del self._waiting[: self._batch]
        batch: list[Received] = []
        last = None
        for message in arrived:
            try:
                batch.append(read_message(body_of(message)))
                last = message.delivery_tag
            except Foreign as foreign:
                _log.warning("not a message of a register", problem=str(foreign))
                channel.basic_reject(message.delivery_tag, requeue=False)
        with connection_kept_alive(connection):
            outcome = self._inbox.take(batch, self._handle)
        if last is not None:  # a broker closes a channel that acknowledges a rejected message
            channel.basic_ack(last, multiple=True)
        if outcome.parked:
            _log.warning("parked: see `alliance subscribers parked`", events=outcome.parked)
        self._on_batch(outcome)
