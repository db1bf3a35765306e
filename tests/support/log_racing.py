"""What other processes do to a log while a test watches."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from threading import Event, Thread

from adapters.store.event_log.open_log import open_log
from application.ports import Log, Stale
from domain.shared.messages import StreamId
from tests.support.log_stores import CATALOGUE, note

COUNTER = StreamId("counter")


def count_up(log: Log, name: str, times: int) -> None:
    """Add to the counter, each time after what was read of it."""
    for number in range(times):
        while True:
            seen = len(log.read(COUNTER)[COUNTER])
            try:
                log.append([note("counter", seen + 1, f"{name}/{number}")], {COUNTER: seen})
            except Stale:
                continue
            break


def count_up_in_threads(url: str, name: str, threads: int, times: int, start: Barrier) -> None:
    """What one process of a race does."""
    with open_log(url, "toronto", CATALOGUE) as log, ThreadPoolExecutor(threads) as pool:
        start.wait()
        for done in [pool.submit(count_up, log, f"{name}/{t}", times) for t in range(threads)]:
            done.result()


def write_until_killed(url: str, rows: int, told: str) -> None:
    """Append commits of some rows for ever, and tell each one that was acknowledged."""
    with open_log(url, "toronto", CATALOGUE) as log, open(told, "a", buffering=1) as file:  # noqa: PTH123
        number = len(list(log.entries())) // rows
        while True:
            number += 1
            log.append([note(f"s{number}", version) for version in range(1, rows + 1)], {})
            file.write(f"{number}\n")


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


class Proxy:
    """Passes bytes to a server and back, until it is told to keep the answers to itself."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.silent = Event()
        self.heard = Event()
        """Set once an answer was kept back."""
        self._sockets: list[socket.socket] = [self._listener]
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        try:
            while data := source.recv(65536):
                if answers and self.silent.is_set():
                    self.heard.set()
                    target.shutdown(socket.SHUT_RDWR)  # close() would leave the other pump reading
                    return
                target.sendall(data)
        except OSError:
            pass

    def close(self) -> None:
        for each in self._sockets:
            each.close()


@contextmanager
def proxy(host: str, port: int) -> Generator[Proxy]:
    made = Proxy((host, port))
    try:
        yield made
    finally:
        made.close()
