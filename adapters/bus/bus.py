"""The bus of one register as the command line and the web use it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import structlog

from adapters import clock
from adapters.bus.connection import pauses
from adapters.bus.consuming import BATCH, QueueGone, Subscription
from adapters.bus.database import AWAY
from adapters.bus.dead_letters import DeadLetters
from adapters.bus.envelope import Message
from adapters.bus.hook_tables import Hooks
from adapters.bus.inbox import Inbox, Outcome
from adapters.bus.inbox_batch import Handle
from adapters.bus.ledger import Ledger, Published, Subscriber
from adapters.bus.names import Names
from adapters.bus.reading_log import check_position, messages_after
from adapters.bus.reconciling import outstanding, reconciled
from adapters.bus.relay import Relay
from adapters.bus.schemas import documents, types
from adapters.bus.standing import Reconciliation, Situation
from adapters.bus.topology import Topology
from adapters.bus.webhooks import Webhooks
from adapters.topics import check_topics
from application.ports import AheadOfLog, Log, Stop
from domain.catalogue import catalogue
from domain.kernel import Conflict, Invalid

COUNTED = 10_000
"""Lag is counted up to so many events; beyond that it is "at least"."""

_log = structlog.get_logger("bus")


class NoSubscriber(Invalid):
    """No subscriber is called that."""


class OtherTopics(Conflict):
    """The subscriber has other topics: detach it first, or take another name."""


class Bus:
    """Relay, subscribers and their standing, over one log."""

    def __init__(self, log: Log, register: str, url: str, state_url: str, folder: Path) -> None:
        self.log, self.register = log, register
        self.names = Names(f"alliance.{register}")
        self._url, self._state_url, self._folder = url, state_url, folder
        self.ledger = Ledger(state_url)

    def close(self) -> None:
        self.ledger.close()

    def setup(self) -> None:
        """Declare the topology and make the tables; safe to repeat. Raises `BusLost`."""
        self.ledger.create()
        with closing(Hooks(self._state_url)) as hooks:
            hooks.create()
        with closing(self.topology()) as topology:
            topology.declare()

    def topology(self) -> Topology:
        return Topology(self._url, self.names)

    def relay(self) -> Relay:
        holder = f"{socket.gethostname()}/{os.getpid()}"
        return Relay(
            self.log,
            self.register,
            self._url,
            self.ledger,
            self.names,
            holder=holder,
            received=self._received,
        )

    def accept_restore(self) -> int | None:
        """After a backup was restored: go back to where the log and what was published part.

        What follows is published under the new epoch. Returns the position, or `None` where the
        relay is not ahead of the log.
        """
        done = self.ledger.published()
        try:
            if done.epoch:
                self.log.check_follower(done.position, done.epoch)
            return None
        except AheadOfLog as ahead:
            shared = cast("int", ahead.details["shared"])
        counted = Published(epoch=self.log.epoch())
        for message in self.messages(0):
            if message.position <= shared:
                counted = counted.and_then([message.id], message.position, counted.epoch)
        self.ledger.rewind(replace(counted, position=shared))
        return shared

    def inbox(self, name: str) -> Inbox:
        """A subscriber's receipts: a file of its own, or beside the relay's on PostgreSQL."""
        inbox = Inbox(self._inbox_url(name), name)
        inbox.create()
        return inbox

    def _inbox_url(self, name: str) -> str:
        if not self._state_url.startswith("sqlite"):
            return self._state_url
        return f"sqlite:///{self._folder / f'inbox-{name}.sqlite'}"

    def messages(self, after: int, topics: Sequence[str] = ("#",)) -> Iterator[Message]:
        """What the log holds after a position, as messages."""
        return messages_after(self.log, self.register, after, topics)

    def check_position(self, position: int) -> int:
        """A position to start after, again. Raises `PastTheEnd`."""
        return check_position(self.log, position)

    def check_topics(self, topics: Sequence[str]) -> None:
        """Raise `BadTopic`, and `UnknownTopic` for one that no event has."""
        check_topics(topics, types(catalogue))

    def head(self) -> int:
        """The last position of the log."""
        return self.log.head()

    def documents(self) -> dict[str, dict[str, Any]]:
        """Every message's schema and the AsyncAPI document, by file name."""
        return dict(documents(catalogue))

    def webhooks(self) -> Webhooks:
        return Webhooks(self.log, self.register, self._state_url)

    # --- subscribers

    def subscribe(
        self, name: str, topics: Sequence[str] | None, start: int, *, elsewhere: bool = False
    ) -> Subscriber:
        """Register a subscriber, whom the relay then attaches. One that is known goes on.

        Without topics it is everything, or what it subscribed to before. Where its queue was lost,
        the relay sends what came since. The receipts of a program with an inbox of its own are
        `elsewhere`. Raises `BadTopic`, `UnknownTopic`, `BadName` and
        `OtherTopics`.
        """
        self.check_topics(topics or ())
        known = self.ledger.subscriber(name)
        if known and topics and set(topics) != set(known.topics):
            raise OtherTopics(name=name, subscribed=known.topics)
        topics = topics or (known.topics if known else ["#"])
        with closing(self.topology()) as topology:
            if known:
                self._ask_again(name, topology)
            topology.declare_queue(name)
        return self.ledger.subscribe(name, topics, start, elsewhere=elsewhere)

    def _ask_again(self, name: str, topology: Topology) -> bool:
        """Have what a lost queue held sent again; not where the subscriber was detached."""
        if topology.has_queue(name):
            return True
        # first, or who ends in between leaves a queue that nothing is sent to
        self.ledger.attach_again(name)
        _log.warning("queue lost: asking for what came since", subscriber=name)
        topology.declare_queue(name)
        if self.ledger.subscriber(name) is None:
            topology.remove(name)
            return False
        return True

    def _received(self, subscriber: Subscriber) -> int:
        """The last event up to which a subscriber has all it asked for of what this log holds."""
        with closing(self.inbox(subscriber.name)) as inbox:
            return outstanding(self.log, self.register, subscriber, inbox, most=0)[0]

    def read(
        self,
        name: str,
        handle: Handle,
        stop: Stop,
        on_batch: Callable[[Outcome], object] = lambda _: None,
        batch: int = BATCH,
    ) -> None:
        """Handle a subscriber's events until told to stop, or until it is detached.

        A queue that was deleted is declared again, and the relay sends what came since. What a
        `batch` did is kept together: a handler with effects elsewhere repeats so many at most.
        Raises `Stopped` where the handler does.
        """
        inbox = self.inbox(name)
        queue, pause = self.names.queue(name), pauses()
        subscription = Subscription(self._url, queue, inbox, handle, batch=batch, on_batch=on_batch)
        try:
            while not stop.is_set():
                try:
                    subscription.run(stop)
                except QueueGone:
                    try:
                        with closing(self.topology()) as topology:
                            if not self._ask_again(name, topology):
                                _log.info("detached", subscriber=name)
                                return
                        pause = pauses()
                    except AWAY as away:
                        seconds = pause()
                        _log.warning("not asked again yet", problem=str(away), again_in=seconds)
                        stop.wait(seconds)
        finally:
            inbox.close()

    def detach(self, name: str) -> None:
        """Remove a subscriber with its queue; its receipts stay. Raises `NoSubscriber`."""
        self.ledger.detach(self.known(name).name)
        with closing(self.topology()) as topology:
            topology.remove(name)

    def known(self, name: str) -> Subscriber:
        """A subscriber by name. Raises `NoSubscriber`."""
        subscriber = self.ledger.subscriber(name)
        if subscriber is None:
            raise NoSubscriber(
                name=name, known=tuple(each.name for each in self.ledger.subscribers())
            )
        return subscriber

    def situations(self) -> Iterator[Situation]:
        """Every subscriber's position, lag and what it set aside."""
        with closing(self.topology()) as topology:
            topology.check()
            for subscriber in self.ledger.subscribers():
                yield self._situation(subscriber, topology)

    def _situation(self, subscriber: Subscriber, topology: Topology) -> Situation:
        with closing(self.inbox(subscriber.name)) as inbox:
            standing, now = inbox.standing(), clock.now() / 1_000_000
            position, behind = outstanding(
                self.log, self.register, subscriber, inbox, most=COUNTED + 1
            )
        depth = topology.depth(subscriber.name)
        oldest = standing.oldest_parked_at
        return Situation(
            name=subscriber.name,
            topics=subscriber.topics,
            attached=subscriber.attached is not None,
            position=position,
            lag_events=min(len(behind), COUNTED),
            more=len(behind) > COUNTED,
            lag_seconds=max(0.0, now - behind[0].recorded_at / 1e6) if behind else 0.0,
            waiting=depth.waiting,
            unseen=depth.unseen,
            dead=depth.dead,
            handled=standing.handled,
            parked=standing.parked,
            parked_seconds=None if oldest is None else max(0.0, now - oldest),
        )

    def reconcile(self, name: str) -> Reconciliation:
        """Compare the log with confirmed publications and a subscriber's receipts."""
        subscriber, confirmed = self.known(name), self.ledger.published()
        with closing(self.topology()) as topology:
            topology.check()
            depth = topology.depth(name)
        # receipts last: what was confirmed has left the queue only with one
        with closing(self.inbox(name)) as inbox:
            letters = self._dead_letters(subscriber, inbox).all()
            return reconciled(self.log, self.register, subscriber, confirmed, inbox, depth, letters)

    # --- dead letters

    @contextmanager
    def dead_letters(self, name: str) -> Generator[DeadLetters]:
        """What a subscriber's queue could not keep. Raises `NoSubscriber`."""
        subscriber = self.known(name)
        with closing(self.inbox(name)) as inbox:
            yield self._dead_letters(subscriber, inbox)

    def _dead_letters(self, subscriber: Subscriber, inbox: Inbox) -> DeadLetters:
        return DeadLetters(self.log, self.register, self._url, self.names, subscriber, inbox)
