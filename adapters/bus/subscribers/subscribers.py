"""Subscribers: added, received for, detached, and reported on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import structlog

from adapters import clock
from adapters.bus.messages.feed import Feed
from adapters.bus.messages.names import Names
from adapters.bus.relay.ledger import Ledger, Subscriber
from adapters.bus.subscribers.consumer import QueueGone, Subscription
from adapters.bus.subscribers.dead_letters import DeadLetters
from adapters.bus.subscribers.inbox import Inbox, Outcome
from adapters.bus.subscribers.inbox_transaction import Handle
from adapters.bus.subscribers.reconciliation import outstanding_events, reconcile_subscriber
from adapters.bus.subscribers.status import Reconciliation, SubscriberStatus
from adapters.bus.transports.connection import pauses_between_attempts
from adapters.bus.transports.topology import BATCH, Topology
from adapters.database.state_database import AWAY
from application.ports import Stop
from domain.shared.problems import Conflict, Invalid

COUNTED = 10_000
"""Lag is counted up to so many events; beyond that it is "at least"."""

_log = structlog.get_logger("bus")


class NoSubscriber(Invalid):
    """There is no subscriber of this name."""

    name: str
    known: tuple[str, ...]


class OtherTopics(Conflict):
    """This subscriber has other topics: detach it first, or take another name."""

    name: str
    subscribed: tuple[str, ...]


class Subscribers:
    """Add, receive, detach and report. A name that a queue cannot have raises `BadName`."""

    def __init__(
        self, feed: Feed, url: str, names: Names, ledger: Ledger, state_url: str, folder: Path
    ) -> None:
        self._feed, self._url, self._names, self._ledger = feed, url, names, ledger
        self._state_url, self._folder = state_url, folder

    def subscribe(
        self, name: str, topics: Sequence[str] | None, start: int, *, external: bool = False
    ) -> Subscriber:
        """Add a subscriber with its queue; the relay then fills the queue. A known one goes on.

        `topics` of `None` are all events, or those that a known subscriber has. If the queue of a
        known subscriber is gone, its events are sent again. An `external` subscriber is a program
        that keeps receipts of its own.

        Raises `BadTopic`, `UnknownTopic`, `OtherTopics` and `SubscriberBusy`.
        """
        self._feed.check_topics(topics or ())
        self._names.queue(name)
        with self._ledger.exclusive(name), closing(self._topology()) as topology:
            known = self._ledger.subscriber(name)
            if known and topics and set(topics) != set(known.topics):
                raise OtherTopics(name=name, subscribed=known.topics)
            if known:
                self._restore_queue(name, topology)
                return known
            topology.declare_queue(name)
            return self._ledger.subscribe(name, topics or ["#"], start, external=external)

    def receive(
        self,
        name: str,
        handle: Handle,
        stop: Stop,
        on_batch: Callable[[Outcome], object] = lambda _: None,
        batch: int = BATCH,
    ) -> None:
        """Handle a subscriber's events until told to stop, or until it is detached.

        If its queue was deleted otherwise, it is declared again and the relay sends what is
        missing. The effects of a `batch` are committed together. Raises `Stopped` if `handle` does.
        """
        inbox, pause = self.inbox(name), pauses_between_attempts()
        queue = self._names.queue(name)
        subscription = Subscription(self._url, queue, inbox, handle, batch=batch, on_batch=on_batch)
        with closing(inbox):
            while not stop.is_set():
                try:
                    subscription.run(stop)
                except QueueGone:
                    try:
                        if not self._still_subscribed(name):
                            _log.info("detached", subscriber=name)
                            return
                        pause = pauses_between_attempts()
                    except AWAY as away:
                        seconds = pause()
                        _log.warning("queue not restored", problem=str(away), again_in=seconds)
                        stop.wait(seconds)

    def _still_subscribed(self, name: str) -> bool:
        """Restore the queue of a subscriber; return `False` if it was detached.

        The ledger is read first: a queue declared while `detach` deletes it ends all quorum queues
        of a RabbitMQ before 3.10.20 and 3.11.12.
        """
        with self._ledger.exclusive(name):
            if self._ledger.subscriber(name) is None:
                return False
            with closing(self._topology()) as topology:
                self._restore_queue(name, topology)
            return True

    def _restore_queue(self, name: str, topology: Topology) -> None:
        if topology.has_queue(name):
            return
        # before the declaration: a queue that exists counts as one that the relay has filled
        self._ledger.send_again(name)
        _log.warning("queue lost: its events are sent again", subscriber=name)
        topology.declare_queue(name)

    def detach(self, name: str) -> None:
        """Remove a subscriber and its queue; its receipts stay. Raises `NoSubscriber`."""
        with self._ledger.exclusive(self.get(name).name):
            self._ledger.detach(self.get(name).name)
            with closing(self._topology()) as topology:
                topology.remove(name)

    def get(self, name: str) -> Subscriber:
        """Return a subscriber by name. Raises `NoSubscriber`."""
        subscriber = self._ledger.subscriber(name)
        if subscriber is None:
            known = tuple(each.name for each in self._ledger.subscribers())
            raise NoSubscriber(name=name, known=known)
        return subscriber

    def inbox(self, name: str) -> Inbox:
        """Open a subscriber's inbox: its own file, or tables beside the ledger on PostgreSQL."""
        url = self._state_url
        if url.startswith("sqlite"):
            url = f"sqlite:///{self._folder / f'inbox-{name}.sqlite'}"
        inbox = Inbox(url, name)
        inbox.create()
        return inbox

    def received(self, subscriber: Subscriber) -> int:
        """Return the position up to which a subscriber has receipts for all its events."""
        with closing(self.inbox(subscriber.name)) as inbox:
            return outstanding_events(self._feed, subscriber, inbox, most=0)[0]

    # --- reports

    def statuses(self) -> Iterator[SubscriberStatus]:
        """Report position, lag, parked events and dead letters of every subscriber."""
        with closing(self._topology()) as topology:
            topology.check()
            for subscriber in self._ledger.subscribers():
                yield self._status(subscriber, topology)

    def _status(self, subscriber: Subscriber, topology: Topology) -> SubscriberStatus:
        with closing(self.inbox(subscriber.name)) as inbox:
            counts, now = inbox.counts(), clock.now() / 1_000_000
            position, behind = outstanding_events(self._feed, subscriber, inbox, most=COUNTED + 1)
        depth = topology.depth(subscriber.name)
        oldest = counts.oldest_parked_at
        return SubscriberStatus(
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
            handled=counts.handled,
            parked=counts.parked,
            parked_seconds=None if oldest is None else max(0.0, now - oldest),
        )

    def reconcile(self, name: str) -> Reconciliation:
        """Compare the log with confirmed publications and with a subscriber's receipts."""
        subscriber, confirmed = self.get(name), self._ledger.published()
        with closing(self._topology()) as topology:
            topology.check()
            depth = topology.depth(name)
        # receipts last: a message leaves the queue only once its receipt is stored
        with closing(self.inbox(name)) as inbox:
            letters = self._dead_letters(subscriber, inbox).all()
            return reconcile_subscriber(self._feed, subscriber, confirmed, inbox, depth, letters)

    @contextmanager
    def dead_letters(self, name: str) -> Generator[DeadLetters]:
        """Open the dead-letter queue of a subscriber. Raises `NoSubscriber`."""
        subscriber = self.get(name)
        with closing(self.inbox(name)) as inbox:
            yield self._dead_letters(subscriber, inbox)

    def _dead_letters(self, subscriber: Subscriber, inbox: Inbox) -> DeadLetters:
        return DeadLetters(self._feed, self._url, self._names, subscriber, inbox)

    def _topology(self) -> Topology:
        return Topology(self._url, self._names)
