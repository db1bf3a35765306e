"""The feed on a real server, over a log in memory."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from starlette.types import ASGIApp

from adapters.bus.messages.cloud_event import Message
from adapters.bus.messages.feed import Feed
from adapters.bus.messages.schemas import FOLDER
from adapters.web.app import Server, configured, create_app, read_schemas
from application.ports import Log, Unavailable
from tests.adapters.bus.fakes import FakeLog


class Source:
    """What the feed is of."""

    def __init__(self) -> None:
        self.log, self.away = FakeLog(), False

    def back(self) -> None:
        self.log.many(1)
        self.away = False

    def messages(self, after: int, topics: Sequence[str] = ("#",)) -> Iterator[Message]:
        return Feed(cast("Log", self.log), "toronto").messages(after, topics)

    def head(self) -> int:
        if self.away:
            raise Unavailable(log="/secret/log.sqlite")
        return self.log.head()


@contextmanager
def serving(source: Source) -> Generator[int]:
    """The port on which the feed of a source is served meanwhile."""
    stop = threading.Event()
    with serving_app(create_app(source, read_schemas(FOLDER), stop), stop) as port:
        yield port


@contextmanager
def serving_app(app: ASGIApp, stop: threading.Event, port: int = 0) -> Generator[int]:
    """The port on which an application is served until the end, which sets `stop`."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = Server(configured(app), stop)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            thread.join(20)
