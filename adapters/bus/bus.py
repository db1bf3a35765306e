"""The bus of one register: its parts, and what is set up and removed as a whole."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from functools import cached_property
from pathlib import Path

from adapters import telemetry
from adapters.bus.messages.cloud_event import Leaves
from adapters.bus.messages.feed import Feed
from adapters.bus.messages.names import Names
from adapters.bus.relay.ledger import Ledger
from adapters.bus.relay.relay import Relay
from adapters.bus.subscribers.subscribers import Subscribers
from adapters.bus.traces import Traces
from adapters.bus.transports.topology import Topology
from adapters.bus.webhooks.tables import WebhookTable
from adapters.bus.webhooks.webhooks import Webhooks
from application.ports import Log
from domain.shared.problems import Conflict


class HasSubscribers(Conflict):
    """The bus has subscribers: detach each of them first, or add --with-subscribers."""

    subscribers: tuple[str, ...]


class Bus:
    """The feed, the relay, the subscribers and the webhooks over one log."""

    def __init__(
        self,
        log: Log,
        register: str,
        url: str,
        state_url: str,
        folder: Path,
        names: Names | None = None,
        leaves: Leaves | None = None,
    ) -> None:
        """`leaves` tells the leaf of the evidence of each row; messages have none without."""
        self.names = names or Names(f"alliance.{register}")
        self._url, self._state_url, self._folder = url, state_url, folder
        self.feed = Feed(log, register, leaves)
        self.ledger = Ledger(state_url)

    def close(self) -> None:
        self.ledger.close()
        if "traces" in self.__dict__:
            self.traces.close()

    def setup(self) -> None:
        """Create the tables and declare the topology; safe to repeat. Raises `BusLost`."""
        self.ledger.create()
        with closing(Traces(self._state_url)) as traces:
            traces.create()
        with closing(WebhookTable(self._state_url)) as hooks:
            hooks.create()
        with closing(self.topology()) as topology:
            topology.declare()

    def remove(self, *, with_subscribers: bool = False) -> None:
        """Delete the exchanges, the stream and all queues of this register from the bus.

        Receipts, positions and webhooks stay. Raises `HasSubscribers`.
        """
        names = tuple(subscriber.name for subscriber in self.ledger.subscribers())
        if names and not with_subscribers:
            raise HasSubscribers(subscribers=names)
        for name in names:
            self.subscribers.detach(name)
        with closing(self.topology()) as topology:
            topology.destroy()

    def warnings(self) -> list[str]:
        """Return what an operator should know of the broker."""
        with closing(self.topology()) as topology:
            warning = topology.warning()
        return [warning] if warning else []

    def topology(self) -> Topology:
        return Topology(self._url, self.names)

    def relay(self) -> Relay:
        return Relay(
            self.feed,
            self._url,
            self.ledger,
            self.names,
            holder=holder_of_lease(),
            received=self.subscribers.received,
            traces=self.traces if telemetry.is_on() else None,
        )

    @cached_property
    def traces(self) -> Traces:
        return Traces(self._state_url)

    @cached_property
    def subscribers(self) -> Subscribers:
        return Subscribers(
            self.feed, self._url, self.names, self.ledger, self._state_url, self._folder
        )

    def webhooks(self) -> Webhooks:
        return Webhooks(self.feed, self._state_url)


def holder_of_lease() -> str:
    """Return the name of this process, under which it holds a lease."""
    return f"{socket.gethostname()}/{os.getpid()}"
