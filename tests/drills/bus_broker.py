"""A private broker that a drill may stop and kill, and a proxy whose connections it may stall."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests import services


class Broker:
    """A RabbitMQ node of our own, on its own ports and data, started again as often as needed."""

    def __init__(self, home: Path) -> None:
        self._home, self._port = home, services._free_port()
        script = services._rabbitmq_script("rabbitmq-server")
        if script is None:
            pytest.skip("RabbitMQ: rabbitmq-server is not installed, so no broker can be killed")
        self._command = script
        (home / "enabled_plugins").write_text("[].\n")
        self.environment = {
            **os.environ,
            "HOME": str(home),
            "ERL_EPMD_PORT": str(services._free_port()),
            "RABBITMQ_NODENAME": f"drill-{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(services._free_port()),
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_LOG_BASE": str(home / "logs"),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
        }
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    def start(self) -> None:
        with (self._home / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._command],
                cwd=self._home,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        services._wait_until(
            lambda: services._amqp_answers(self.url), self._server, self._home / "log"
        )

    def stop(self) -> None:
        """As an operator does."""
        if self._server is not None:
            services._stop(self._server)
            self._server = None

    def kill(self) -> None:
        """-9, with everything it started."""
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait(20)
        self._server = None

    def control(self, *arguments: str) -> None:
        services._rabbitmqctl(self.environment, *arguments)

    def close(self) -> None:
        self.stop()
        services._stop_epmd(self.environment)


@contextmanager
def private_broker() -> Generator[Broker]:
    with services._private_folder("alliance-drill-") as home, ExitStack() as stack:
        broker = Broker(home)
        stack.callback(broker.close)
        broker.start()
        yield broker


class Proxy:
    """Passes bytes to a port, until it is told to stall or to reset."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._pairs: list[socket.socket] = []
        self._flowing = threading.Event()
        self._flowing.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    near.close()
                    continue
                self._pairs += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.close()

    @contextmanager
    def stalled(self) -> Generator[None]:
        """Nothing gets through, and nobody is told."""
        self._flowing.clear()
        try:
            yield
        finally:
            self._flowing.set()

    def reset(self) -> None:
        """Cut every connection with RST."""
        pairs, self._pairs = self._pairs, []
        for end in pairs:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def close(self) -> None:
        self._flowing.set()
        self._server.close()
        self.reset()
        time.sleep(0.05)
