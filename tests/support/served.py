"""The feed on a real server, over a log in memory."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import uvicorn

from adapters.bus.envelope import Message
from adapters.bus.reading_log import messages_after
from adapters.bus.schemas import FOLDER
from adapters.web.app import configured, create_app, read_schemas
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
        return messages_after(cast("Log", self.log), "toronto", after, topics)

    def head(self) -> int:
        if self.away:
            raise Unavailable(log="/secret/log.sqlite")
        return self.log.head()


@contextmanager
def serving(source: Source) -> Generator[int]:
    """The port on which the feed of a source is served meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = configured(create_app(source, read_schemas(FOLDER)))
        config.timeout_graceful_shutdown = 1
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)
