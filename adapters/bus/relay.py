"""The relay: a follower of the log that publishes, and remembers where it is after the confirms."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import structlog

from adapters.bus.connection import (
    HEARTBEAT_SECONDS,
    BusRefuses,
    OtherArguments,
    UnsupportedBus,
    pauses,
)
from adapters.bus.database import AWAY
from adapters.bus.envelope import Message, Origin, messages
from adapters.bus.ledger import LeaseLost, Ledger, Subscriber
from adapters.bus.names import Names
from adapters.bus.publishing import BrokenTopology, Publisher
from adapters.bus.reading_log import start_of_commit
from adapters.bus.sqlite_file import Fence
from adapters.bus.stored import as_stored, rows
from adapters.bus.topology import Topology
from application.following import FINAL, Follower, Progress, run
from application.ports import AheadOfLog, Damaged, Log, Page, Stop

LEASE_SECONDS = 15.0
PAGE = 500
GLANCE_SECONDS = 0.005

LASTING = (BrokenTopology, UnsupportedBus, BusRefuses, OtherArguments, Damaged)
"""Problems with the bus that a person must see to."""

_log = structlog.get_logger("relay")


class Restored(AheadOfLog):
    """A backup was restored behind the relay: `alliance relay --accept-restore` goes on there."""


class Relay:
    """One of possibly several; the one that holds the lease publishes, the others wait.

    A restart publishes again what was confirmed but not yet remembered, so subscribers see
    repeats, each with the same id and in the same order.
    """

    name = "relay"

    def __init__(
        self,
        log: Log,
        register: str,
        url: str,
        ledger: Ledger,
        names: Names,
        *,
        holder: str,
        lease_seconds: float = LEASE_SECONDS,
        poll_seconds: float = 0.05,
        heartbeat: int = HEARTBEAT_SECONDS,
        received: Callable[[Subscriber], int] = lambda subscriber: subscriber.start,
    ) -> None:
        self._log, self._register, self._ledger, self._names = log, register, ledger, names
        self._holder, self._lease_seconds, self._poll = holder, lease_seconds, poll_seconds
        self._url, self._heartbeat, self._received = url, heartbeat, received
        self._generation, self._renewed = 0, 0.0
        self._publisher: Publisher | None = None
        self._pause = pauses()
        self._wait_seconds = poll_seconds
        self._problem: Exception | None = None

    # --- as a follower

    def progress(self) -> Progress:
        return self._ledger.progress()

    def take(self, page: Page, epoch: str) -> None:
        """Publish a page and remember it. Raises `BusLost`, `BrokenTopology` or `LeaseLost`."""
        self.attach_waiting(epoch)
        before = self._ledger.published()
        found = list(messages(rows(page), Origin(self._register, epoch)))
        self._publishing().send(found)
        after = before.and_then((message.id for message in found), page.through, epoch)
        self._ledger.save(self._generation, after)
        self._pause = pauses()

    # --- subscribers that come late

    def attach_waiting(self, epoch: str) -> None:
        """Between two pages: send new subscribers their history, bind them, and go on after it.

        One who asks for what comes after a position that is not published yet waits for it.
        """
        self._keep()
        here = self._ledger.progress().position
        for subscriber in self._ledger.subscribers():
            if subscriber.attached is None and subscriber.start <= here:
                try:
                    self._attach(subscriber, here, epoch)
                except BrokenTopology as broken:
                    # its queue went away meanwhile: the next round declares it again
                    _log.warning("not attached", subscriber=subscriber.name, problem=str(broken))

    def _attach(self, subscriber: Subscriber, here: int, epoch: str) -> None:
        topology = Topology(self._url, self._names)
        try:
            kept = self._begin(subscriber, topology)
            queue = topology.declare_queue(subscriber.name)
            # a position may lie inside a commit, whose command row is needed as well
            sent = start_of_commit(self._log, kept)
            while sent < here:
                page = self._log.raw_after(sent, PAGE)
                part = messages(page.rows, Origin(self._register, epoch))
                self._publishing().send(_wanted(part, subscriber, here), queue=queue)
                sent = min(page.through, here)
                self._keep()
                if not self._ledger.sent(self._generation, subscriber.name, kept, sent):
                    self._leave(subscriber, topology)
                    return
                kept = sent
            topology.bind(subscriber.name, subscriber.topics)
            if not self._ledger.sent(self._generation, subscriber.name, kept, here, attached=here):
                self._leave(subscriber, topology)
                return
        finally:
            topology.close()
        _log.info("subscriber attached", subscriber=subscriber.name, after=here)

    def _begin(self, subscriber: Subscriber, topology: Topology) -> int:
        """Where its history goes on: what lay in a queue that is gone has to be sent again."""
        if subscriber.sent >= 0 and topology.has_queue(subscriber.name):
            return subscriber.sent
        try:
            begin = self._received(subscriber)
        except (Damaged, *AWAY):  # what it has already is told by id
            begin = subscriber.start
        self._ledger.sent(self._generation, subscriber.name, subscriber.sent, begin)
        return begin

    def _leave(self, subscriber: Subscriber, topology: Topology) -> None:
        """It was detached meanwhile, or subscribed to something else: none of this is for it."""
        now = self._ledger.subscriber(subscriber.name)
        if now is None or (now.topics, now.start) != (subscriber.topics, subscriber.start):
            topology.remove(subscriber.name)

    # --- the process

    def run(self, stop: Stop) -> None:
        """Publish until told to stop, waiting for the lease first and again whenever it is lost.

        Raises what `LASTING` and `following.FINAL` list: all of them need a person.
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
            self.attach_waiting(self._log.epoch())
            if self._wait_seconds == self._poll:
                self._glance(stop, time.monotonic() + self._poll)
                return
        except Exception as problem:
            self._on_problem(self, problem)
        pause, self._wait_seconds = self._wait_seconds, self._poll
        stop.wait(pause)

    def _glance(self, stop: Stop, until: float) -> None:
        """Wait, but not past the next commit: the head costs less to read than a poll."""
        head = self._log.head()
        while time.monotonic() < until and not stop.wait(GLANCE_SECONDS):
            if self._log.head() != head:
                return

    def _on_problem(self, _follower: Follower, problem: Exception) -> None:
        if isinstance(problem, AheadOfLog):
            problem = Restored(**problem.details)
        if isinstance(problem, (LeaseLost, *LASTING, *FINAL)):
            self._problem = problem
            return
        self._wait_seconds = self._pause()
        _log.warning("not now", problem=str(problem), again_in=self._wait_seconds)

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


def _wanted(found: Iterator[Message], subscriber: Subscriber, through: int) -> Iterator[Message]:
    for message in found:
        if message.position <= through and subscriber.asked_for(message.position, message.type):
            yield message
