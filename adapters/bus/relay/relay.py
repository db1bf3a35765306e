"""The relay: a follower of the log that publishes it and saves its position after the confirms."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from typing import cast

import structlog

from adapters.bus.embedded.file import Fence
from adapters.bus.messages.cloud_event import Message, commands_of, messages
from adapters.bus.messages.feed import (
    Feed,
    as_stored,
    commits_before,
    raw_page,
    start_of_commit,
    stored_rows,
)
from adapters.bus.messages.names import Names
from adapters.bus.relay.ledger import LeaseLost, Ledger, Published, Subscriber, SubscriberBusy
from adapters.bus.traces import Traces
from adapters.bus.transports.connection import (
    HEARTBEAT_SECONDS,
    BrokenTopology,
    BrokerFailed,
    BusRefuses,
    OtherArguments,
    UnsupportedBus,
    pauses_between_attempts,
)
from adapters.bus.transports.publisher import Publisher
from adapters.bus.transports.topology import Topology
from adapters.database.state_database import AWAY
from adapters.telemetry import span
from application.followers import FINAL, Follower, Progress, run
from application.ports import AheadOfLog, Damaged, NotWritable, Page, Stop, StoredRow, Unreadable

LEASE_SECONDS = 15.0
PAGE = 500
GLANCE_SECONDS = 0.005
LOCK_SECONDS = 0.5
"""The relay waits so long for the lock of a subscriber, then goes on with the others."""

LASTING = (
    BrokenTopology,
    UnsupportedBus,
    BrokerFailed,
    BusRefuses,
    OtherArguments,
    Damaged,
    NotWritable,
)
"""Problems with the bus that only a person can mend: the relay ends."""

_log = structlog.get_logger("relay")


class Restored(AheadOfLog):
    """A restored backup ends before the relay's position: run `alliance relay --accept-restore`."""


class Relay:
    """Publish the log. Of several relays the holder of the lease publishes, the others wait.

    After a restart, messages that were confirmed but not yet saved are published again: subscribers
    get repeats with the same ids, in the same order.
    """

    name = "relay"

    def __init__(
        self,
        feed: Feed,
        url: str,
        ledger: Ledger,
        names: Names,
        *,
        holder: str,
        lease_seconds: float = LEASE_SECONDS,
        poll_seconds: float = 0.05,
        heartbeat: int = HEARTBEAT_SECONDS,
        received: Callable[[Subscriber], int] = lambda subscriber: subscriber.start,
        traces: Traces | None = None,
    ) -> None:
        self._feed, self._log, self._ledger, self._names = feed, feed.log, ledger, names
        self._holder, self._lease_seconds, self._poll = holder, lease_seconds, poll_seconds
        self._url, self._heartbeat, self._received = url, heartbeat, received
        self._traces = traces
        self._generation, self._renewed = 0, 0.0
        self._publisher: Publisher | None = None
        self._pause = pauses_between_attempts()
        self._wait_seconds = poll_seconds
        self._broker_failed = False
        self._problem: Exception | None = None

    # --- as a follower

    def progress(self) -> Progress:
        return self._ledger.progress()

    def take(self, page: Page, epoch: str) -> None:
        """Publish a page and save the position. Raises `BusLost`, `BrokenTopology`, `LeaseLost`."""
        self.attach_waiting()
        found = stored_rows(page)
        try:
            self._publish(found, page.through, epoch)
        except Unreadable as damage:
            if before := commits_before(found, damage):
                self._publish(before, before[-1].position, epoch)
            raise
        self._pause, self._broker_failed = pauses_between_attempts(), False

    def _publish(self, found: Sequence[StoredRow], through: int, epoch: str) -> None:
        with ExitStack() as spans:
            traces = self._traces_of(found, spans)
            sent = list(messages(found, self._feed.sources(), traces, self._feed.leaves))
            self._publishing().send(sent)
        after = self._ledger.published().and_then((each.id for each in sent), through, epoch)
        self._ledger.save(self._generation, after)

    def _traces_of(self, found: Sequence[StoredRow], spans: ExitStack) -> Mapping[str, str]:
        """The trace of each command that has one, gone on in a span of the relay."""
        if self._traces is None:
            return {}
        parents = self._traces.of(commands_of(found))
        begun = {p: spans.enter_context(span("publish", p)) for p in set(parents.values())}
        return {command: begun[parent] for command, parent in parents.items()}

    def accept_restore(self) -> int | None:
        """Go back to the last position that a restored log shares with what was published.

        Later events are published under the new epoch. Return the position, or `None` if the relay
        is not ahead of the log.
        """
        done = self._ledger.published()
        try:
            if done.epoch:
                self._log.check_follower(done.position, done.epoch)
            return None
        except AheadOfLog as ahead:
            shared = cast("int", ahead.details["shared"])
        counted = Published(epoch=self._log.epoch())
        for message in self._feed.messages(0):
            if message.position <= shared:
                counted = counted.and_then([message.id], message.position, counted.epoch)
        self._ledger.rewind(replace(counted, position=shared))
        return shared

    # --- late subscribers

    def attach_waiting(self) -> None:
        """Send new subscribers their history and bind their queues, between two pages.

        A subscriber that starts after a position not published yet waits for it.
        """
        self._keep()
        here = self._ledger.progress().position
        for subscriber in self._ledger.subscribers():
            if subscriber.attached is None and subscriber.start <= here:
                try:
                    self._attach(subscriber.name, here)
                except (BrokenTopology, SubscriberBusy) as problem:
                    # its queue was deleted or is being changed: the next round looks again
                    _log.warning("not attached", subscriber=subscriber.name, problem=str(problem))

    def _attach(self, name: str, here: int) -> None:
        """Send a subscriber its history up to `here`, then bind its queue.

        The ledger is read again for each page, under the subscriber's lock: it may be detached, or
        its queue lost, between two pages.
        """
        with closing(Topology(self._url, self._names)) as topology:
            bound = False
            while not bound:
                with self._ledger.exclusive(name, LOCK_SECONDS):
                    subscriber = self._ledger.subscriber(name)
                    if subscriber is None or subscriber.attached is not None:
                        return
                    bound = self._send_history(subscriber, topology, here)
        _log.info("subscriber attached", subscriber=name, after=here)

    def _send_history(self, subscriber: Subscriber, topology: Topology, here: int) -> bool:
        """Send a page of history, or bind the queue after the last; return whether it is bound."""
        sent = subscriber.sent
        if sent is None or not topology.has_queue(subscriber.name):
            sent = self._received_by(subscriber)
        queue = topology.declare_queue(subscriber.name)
        if sent >= here:
            topology.bind(subscriber.name, subscriber.topics)
            self._ledger.attached(self._generation, subscriber.name, here)
            return True
        # a position may lie inside a commit, whose command row is needed as well
        page = raw_page(self._log, start_of_commit(self._log, sent), PAGE)
        found = messages(page.rows, self._feed.sources(), leaves=self._feed.leaves)
        self._publishing().send(_wanted(found, subscriber, sent, here), queue=queue)
        self._keep()
        self._ledger.sent(self._generation, subscriber.name, min(page.through, here))
        return False

    def _received_by(self, subscriber: Subscriber) -> int:
        """Return the position up to which a subscriber has receipts: its history goes on there."""
        try:
            return self._received(subscriber)
        except (Damaged, *AWAY):  # events that it has already are recognised by their id
            return subscriber.start

    # --- the process

    def run(self, stop: Stop) -> None:
        """Publish until told to stop; wait for the lease first, and again if it is lost.

        Raises the problems of `LASTING` and `followers.FINAL`: only a person can mend them.
        """
        waiting = False
        while not stop.is_set():
            try:
                generation = self._ledger.acquire(self._holder, self._lease_seconds)
            except AWAY as away:
                _log.warning("the relay's database is away", problem=str(away))
                stop.wait(1.0)
                continue
            if generation is None:
                if not waiting:
                    _log.info("waiting for the lease", held_by=self._ledger.holder())
                waiting = True
                stop.wait(min(1.0, self._lease_seconds / 5))
                continue
            waiting = False
            self._hold(generation, stop)

    def _hold(self, generation: int, stop: Stop) -> None:
        self._generation, self._renewed, self._problem = generation, time.monotonic(), None
        _log.info("publishing", generation=generation, after=self.progress().position)
        try:
            run(
                as_stored(self._log),
                [self],
                _Until(stop, lambda: self._problem is not None),
                lambda: self._between_polls(stop),
                on_problem=self._on_problem,
                limit=PAGE,
            )
        except LeaseLost as lost:
            self._problem = lost
        finally:
            self._drop()
            with suppress(*AWAY):  # it runs out by itself
                self._ledger.release(generation)
        if isinstance(self._problem, LeaseLost):
            _log.warning("the lease was lost", generation=generation)
        elif self._problem is not None:
            raise self._problem

    def _between_polls(self, stop: Stop) -> None:
        try:
            self._publishing().idle()
            self.attach_waiting()
            if self._wait_seconds == self._poll:
                self._glance(stop, time.monotonic() + self._poll)
                return
        except Exception as problem:
            self._on_problem(self, problem)
        pause, self._wait_seconds = self._wait_seconds, self._poll
        stop.wait(pause)

    def _glance(self, stop: Stop, until: float) -> None:
        """Wait for the next commit, or until a time; to read the head costs less than a poll."""
        head = self._log.head()
        while time.monotonic() < until and not stop.wait(GLANCE_SECONDS):
            if self._log.head() != head:
                return

    def _on_problem(self, _follower: Follower, problem: Exception) -> None:
        if isinstance(problem, AheadOfLog):
            problem = Restored(
                position=problem.position, epoch=problem.epoch, shared=problem.shared
            )
        # RabbitMQ also answers so where a queue is deleted beside a publication, and goes on.
        first = isinstance(problem, BrokerFailed) and not self._broker_failed
        self._broker_failed = isinstance(problem, BrokerFailed)
        if isinstance(problem, (LeaseLost, *LASTING, *FINAL)) and not first:
            self._problem = problem
            return
        self._wait_seconds = self._pause()
        _log.warning(
            "the bus or the log is away", problem=str(problem), again_in=self._wait_seconds
        )

    def _publishing(self) -> Publisher:
        if self._publisher is None:
            self._publisher = Publisher(
                self._url,
                self._names.exchange,
                on_wait=self._keep,
                fence=Fence(self._names.relay, self._generation),
                heartbeat=self._heartbeat,
            )
        return self._publisher

    def _keep(self) -> None:
        if time.monotonic() > self._renewed + self._lease_seconds / 3:
            self._ledger.renew(self._generation, self._lease_seconds)
            self._renewed = time.monotonic()

    def _drop(self) -> None:
        if self._publisher is not None:
            self._publisher.drop()
            self._publisher = None


class _Until:
    def __init__(self, stop: Stop, ended: Callable[[], bool]) -> None:
        self._stop, self._ended = stop, ended

    def is_set(self) -> bool:
        return self._stop.is_set() or self._ended()

    def wait(self, timeout: float) -> bool:
        return self._stop.wait(timeout) or self._ended()


def _wanted(
    found: Iterator[Message], subscriber: Subscriber, after: int, through: int
) -> Iterator[Message]:
    for message in found:
        if after < message.position <= through and subscriber.wants(message.position, message.type):
            yield message
