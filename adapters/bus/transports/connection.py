"""Make kombu connections from `ALLIANCE_BUS_URL`, with the settings that survived the drills."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from adapters.addresses import brokers
from adapters.bus.embedded.damage import explained
from adapters.bus.embedded.file import Fence
from adapters.bus.embedded.transport import Transport as EmbeddedTransport
from adapters.bus.kombu_types import AmqpError, Connection
from adapters.bus.transports.amqp import Transport as AmqpTransport
from application.ports import Damaged, DerivedAway, NotWritable
from domain.shared.problems import Invalid, Problem

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 5
READ_SECONDS = 30
WRITE_SECONDS = 15
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.2, 5.0
"""Between attempts to reconnect: doubling from the first to the last."""

_STARTS = itertools.count()
"""Counts connections to several nodes."""

_PASSING = ("is down", "connection limit")
"""Texts of passing refusals: a virtual host or queue starts, or all connections are in use."""


class BusLost(DerivedAway):
    """The bus cannot be reached, or does not confirm messages: try again later."""


class BusRefuses(Problem):
    """The broker refuses this user: check user, password, virtual host and permissions."""

    reason: str


class BrokerFailed(Problem):
    """RabbitMQ failed inside (541): restart the broker, then try again.

    Releases before 3.10.20 and 3.11.12 stay so until then; `alliance config check` names them.
    """

    reason: str = ""


class BrokenTopology(Problem):
    """An exchange, the stream or a queue is missing on the bus; `alliance setup` declares them."""

    reason: str


class OtherArguments(Problem):
    """This exchange or queue exists with other arguments: delete it, then run `alliance setup`."""

    reason: str


class UnsupportedBus(Invalid):
    """A bus of this kind does not keep every message and the order of messages."""

    url: str = ""
    scheme: str = ""
    reason: str


def file_of_embedded_bus(url: str) -> Path | None:
    """Return the file of the embedded transport, or `None` if the URL names a broker.

    Raises `UnsupportedBus`.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path)[1:]
        if not path:
            raise UnsupportedBus(
                url=url, reason="it names no file; write for example sqlite:///var/bus.sqlite"
            )
        return Path(path)
    if parts.scheme in ("amqp", "amqps"):
        return None
    if parts.scheme in ("redis", "rediss", "sentinel"):
        raise UnsupportedBus(
            reason="Redis restores what a dead reader held behind newer messages, which breaks the"
            " order of a stream, and may lose the last second with its power: use amqp:// or sqlite:///"
        )
    raise UnsupportedBus(scheme=parts.scheme, reason="use amqp:// or sqlite:///")


def connect(
    url: str,
    on_wait: Callable[[], None] | None = None,
    fence: Fence | None = None,
    heartbeat: int = HEARTBEAT_SECONDS,
) -> Any:
    """Make a connection, opened at first use; take one to publish and another to consume.

    `on_wait` is called about twice a second while confirms are awaited. With a `fence`, a bus kept
    in a file refuses what this connection publishes once a newer publisher of the same name has
    published. Raises `UnsupportedBus`.
    """
    path = file_of_embedded_bus(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Connection(
            transport=EmbeddedTransport,
            transport_options={"path": str(path.absolute()), "fence": fence},
        )
    return Connection(
        _reachable(brokers(url)),
        transport=AmqpTransport,
        ssl=urlsplit(url).scheme == "amqps",
        heartbeat=heartbeat,
        connect_timeout=CONNECT_SECONDS,
        transport_options={
            "read_timeout": READ_SECONDS,
            "write_timeout": WRITE_SECONDS,
            "on_wait": on_wait,
        },
    )


def _reachable(nodes: Sequence[str]) -> str:
    """Return the first of several nodes that can be reached, each time from the next one on.

    Who connects anew after a node failed comes to another, even if the failed one still listens.
    """
    if len(nodes) == 1:
        return nodes[0]
    first = next(_STARTS) % len(nodes)
    for node in (*nodes[first:], *nodes[:first]):
        parts = urlsplit(node)
        usual = 5671 if parts.scheme == "amqps" else 5672
        place = (parts.hostname or "localhost", parts.port or usual)
        with suppress(OSError), socket.create_connection(place, CONNECT_SECONDS):
            return node
    return nodes[first]


def bus_lost(url: str, error: Exception) -> Problem:
    """Translate an error of a transport: the bus is away, refuses us, or its file is damaged."""
    path = file_of_embedded_bus(url)
    found = explained(error, path) if path else error
    if isinstance(found, (Damaged, NotWritable)):
        return found
    said, code = str(error), getattr(error, "reply_code", None)
    if any(passing in said for passing in _PASSING):
        return BusLost(reason=said)
    if code == 404:
        return BrokenTopology(reason=said)
    if code in (403, 530):
        return BusRefuses(reason=said)
    if code == 541:
        return BrokerFailed(reason=said)
    if code == 406 and "inequivalent arg" in said:
        return OtherArguments(reason=said)
    return BusLost(reason=f"{type(error).__name__}: {said}")


def drop_connection(connection: Any) -> None:
    """Drop a connection that may be dead: an orderly close would hang."""
    connection.collect()


@contextmanager
def connection_kept_alive(connection: Any) -> Generator[None]:
    """Send heartbeats during the block: the broker ends a connection after two missing ones.

    Nothing else may use the connection in the block.
    """
    seconds = connection.get_heartbeat_interval() if connection.supports_heartbeats else 0
    if not seconds:
        yield
        return
    over = threading.Event()

    def beat() -> None:
        with suppress(OSError, AmqpError):  # the next use of the connection raises it
            while not over.wait(seconds / 2):
                connection.connection.send_heartbeat()

    beating = threading.Thread(target=beat, name="heartbeat")
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()


def pauses_between_attempts() -> Callable[[], float]:
    """Return a function that gives the seconds before each attempt, doubling up to the last."""
    pause = FIRST_PAUSE_SECONDS / 2

    def following() -> float:
        nonlocal pause
        pause = min(pause * 2, LAST_PAUSE_SECONDS)
        return pause

    return following
