"""From `ALLIANCE_BUS_URL` to a kombu connection, with the settings that survived the drills."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from adapters.bus.confirms import Transport as AmqpTransport
from adapters.bus.damage import explained
from adapters.bus.embedded import Transport as EmbeddedTransport
from adapters.bus.sqlite_file import Fence
from adapters.bus.untyped import AmqpError, Connection
from application.ports import Damaged, DerivedAway
from domain.kernel import Invalid, Problem

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 5
READ_SECONDS = 30
WRITE_SECONDS = 15
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.2, 5.0
"""Between attempts to reconnect: doubling from the first to the last."""

_PASSING = ("is down", "connection limit")
"""In refusals that pass: a virtual host starts, or others hold every connection there may be."""


class BusLost(DerivedAway):
    """The bus cannot be reached, or confirms nothing: try again from the same place."""


class BusRefuses(Problem):
    """The broker does not let this user in, or not do this: see user, host, and permissions."""


class OtherArguments(Problem):
    """Somebody declared this exchange or queue otherwise: delete it, then `alliance setup`."""


class UnsupportedBus(Invalid):
    """This is no bus that keeps every message and its order."""


def embedded(url: str) -> Path | None:
    """The file of the embedded transport, `None` where the URL names a broker.

    Raises `UnsupportedBus`.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path)[1:]
        if not path:
            raise UnsupportedBus(url=url, reason="it names no file: sqlite:///var/bus.sqlite")
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
    """A connection that is opened at first use. Publishing and consuming each take their own.

    `on_wait` is called about twice a second while confirms are awaited. With a `fence`, what this
    connection publishes to a file is refused once a later generation has published. Raises
    `UnsupportedBus`.
    """
    path = embedded(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Connection(
            transport=EmbeddedTransport,
            transport_options={"path": str(path.absolute()), "fence": fence},
        )
    return Connection(
        url,
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


def lost(url: str, error: Exception) -> Problem:
    """What an error of a transport means: the bus is away, refuses us, or its file is damaged."""
    path = embedded(url)
    found = explained(error, path) if path else error
    if isinstance(found, Damaged):
        return found
    said, code = str(error), getattr(error, "reply_code", None)
    if code in (403, 530) and not any(passing in said for passing in _PASSING):
        return BusRefuses(reason=said)
    if code == 406 and "inequivalent arg" in said:
        return OtherArguments(reason=said)
    return BusLost(reason=f"{type(error).__name__}: {said}")


def drop(connection: Any) -> None:
    """Let go of a connection that may be dead, without the polite closing that would hang."""
    connection.collect()


@contextmanager
def kept_alive(connection: Any) -> Generator[None]:
    """Give signs of life to the broker, which ends a connection that gave none for two heartbeats.

    Nothing else may use the connection meanwhile.
    """
    seconds = connection.get_heartbeat_interval() if connection.supports_heartbeats else 0
    if not seconds:
        yield
        return
    over = threading.Event()

    def beat() -> None:
        with suppress(OSError, AmqpError):  # who uses the connection next is told
            while not over.wait(seconds / 2):
                connection.connection.send_heartbeat()

    beating = threading.Thread(target=beat, name="heartbeat")
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()


def pauses() -> Callable[[], float]:
    """Seconds to wait before each attempt, doubling; a fresh one starts over."""
    pause = FIRST_PAUSE_SECONDS / 2

    def following() -> float:
        nonlocal pause
        pause = min(pause * 2, LAST_PAUSE_SECONDS)
        return pause

    return following
