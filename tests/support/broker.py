"""RabbitMQ for tests: the server that the environment names, else a private node."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from kombu.connection import Connection

from tests import services

ADDRESS = "127.0.0.1"
LOOPBACK = f"-kernel inet_dist_use_interface {{{ADDRESS.replace('.', ',')}}}"
PORT_MAPPER = 'epmd -port "$1" -address "$2" </dev/null & p=$!; read -r _; kill $p; wait $p'


@contextmanager
def amqp_server() -> Generator[str]:
    """Yield the URL of the server named by ALLIANCE_TEST_AMQP_URL, else of a private one.

    Raises:
        Unavailable: none is named and rabbitmq-server is not installed.
        OSError: a server is named but does not answer; that is never skipped.
    """
    if named := os.environ.get("ALLIANCE_TEST_AMQP_URL"):
        _connect(named)
        yield named
        return
    with private_broker() as broker:
        yield broker.url


@contextmanager
def private_broker() -> Generator[Broker]:
    """Yield a running node of our own. Raises `Unavailable` without rabbitmq-server."""
    with services.private_folder("alliance-rabbitmq-") as home:
        broker = Broker(home)
        try:
            broker.start()
            yield broker
        finally:
            broker.close()


@contextmanager
def private_cluster(nodes: int) -> Generator[list[Broker]]:
    """Yield running nodes of one cluster. Raises `Unavailable` without rabbitmq-server."""
    with services.private_folder("alliance-cluster-") as home, ExitStack() as stack:
        made: list[Broker] = []
        for number in range(nodes):
            folder = home / str(number)
            folder.mkdir()
            broker = Broker(folder, *made[:1])
            stack.callback(broker.close)
            broker.start()
            if made:
                broker.join(made[0])
            made.append(broker)
        yield made


class Broker:
    """A RabbitMQ node with its own ports, name, cookie, port mapper and data.

    It ends with our process even if that is killed: node and port mapper end with their input.
    """

    def __init__(self, home: Path, beside: Broker | None = None) -> None:
        """`beside` is another node, whose cluster it can `join`."""
        self._command = _script("rabbitmq-server")
        self._home, self.port = home, services.free_port()
        self._name = f"alliance-{self.port}"
        self._log = home / "logs" / f"{self._name}@localhost.log"
        (home / "enabled_plugins").write_text("[].\n")
        mapper_port: str = beside.mapper_port if beside else str(services.free_port())
        self.mapper_port: str = mapper_port
        self.cookie: Path = beside.cookie if beside else home
        self._environment = {
            **os.environ,
            "HOME": str(self.cookie),
            "ERL_EPMD_PORT": mapper_port,
            "ERL_EPMD_ADDRESS": ADDRESS,
            "RABBITMQ_NODENAME": f"{self._name}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": ADDRESS,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(services.free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": LOOPBACK,
            "RABBITMQ_ALLOW_INPUT": "1",  # without it the script stays beside the node
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_LOG_BASE": str(home / "logs"),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
        }
        self._node: subprocess.Popen[bytes] | None = None
        self._mapper: subprocess.Popen[bytes] | None = None
        if beside is None:
            self._mapper = subprocess.Popen(
                ["sh", "-c", PORT_MAPPER, "sh", mapper_port, ADDRESS],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{ADDRESS}:{self.port}//"

    @property
    def log(self) -> str:
        """The text that the node has logged since its start."""
        return self._log.read_text(errors="replace")

    @property
    def dead_letter_crashes(self) -> int:
        """How often a dead-letter worker crashed since the node's start, by its log."""
        return self.log.count("rabbit_fifo_dlx_worker:") + self.log.count("rabbit_fifo_dlx_worker,")

    @property
    def dead_letters_gone(self) -> bool:
        """Whether the dead-letter supervisor gave up: quorum queues then fail until a restart."""
        return any(
            "reached_max_restart_intensity" in report and "rabbit_fifo_dlx_sup" in report
            for report in self.log.split("supervisor: ")
        )

    def start(self) -> None:
        self._log.unlink(missing_ok=True)
        said = self._home / "said"
        with said.open("ab") as output:
            self._node = subprocess.Popen(
                [self._command],
                cwd=self._home,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        services.wait_until(lambda: _answers(self.url), self._node, said)

    def stop(self) -> None:
        """Shut the node down in good order."""
        if self._node is not None:
            self._node.terminate()
            self._ended()

    def kill(self) -> None:
        """Kill the node with -9."""
        assert self._node is not None
        self._node.send_signal(signal.SIGKILL)
        self._ended()

    def control(self, *arguments: str) -> None:
        """Run rabbitmqctl on this node."""
        subprocess.run(
            [_script("rabbitmqctl"), "--quiet", *arguments],
            check=True,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def close(self) -> None:
        """End the node at once, then its port mapper."""
        if self._node is not None:
            assert self._node.stdin is not None
            self._node.stdin.close()
            self._ended()
        if self._mapper is not None:
            assert self._mapper.stdin is not None
            self._mapper.stdin.close()
            self._mapper.wait(20)

    def join(self, other: Broker) -> None:
        """Become a node of the other's cluster."""
        self.control("stop_app")
        self.control("join_cluster", f"{other._name}@localhost")
        self.control("start_app")

    def _ended(self) -> None:
        node, self._node = self._node, None
        assert node is not None
        assert node.stdin is not None
        try:
            node.wait(60)
        except subprocess.TimeoutExpired:
            node.kill()
            node.wait(20)
        with suppress(OSError):
            node.stdin.close()


def _script(name: str) -> str:
    """Return a script of RabbitMQ's; Debian wraps it in one that changes user and folders."""
    wrapped = Path("/usr/lib/rabbitmq/bin") / name
    found = str(wrapped) if wrapped.exists() else shutil.which(name)
    if found is None:
        raise services.Unavailable(
            f"RabbitMQ: ALLIANCE_TEST_AMQP_URL is not set and {name} is not installed"
            " (apt-get install rabbitmq-server, or brew install rabbitmq)"
        )
    return found


def _connect(url: str) -> None:
    with Connection(url, connect_timeout=5) as connection:
        connection.connect()


def _answers(url: str) -> bool:
    try:
        _connect(url)
    except Exception:  # noqa: BLE001,RUF100 - kombu passes on whatever its transport raises
        return False
    return True
