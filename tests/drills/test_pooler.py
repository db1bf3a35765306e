"""A register behind PgBouncer in transaction mode: recorded, asked and repeated as without it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.services import free_port, private_folder, wait_until
from tests.support.street import RECORDS, Street

RECORDERS = 6
CONFIGURED = """\
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 3
ignore_startup_parameters = extra_float_digits,options
"""
"""Three sessions for all clients, so that transactions of one client go to several of them."""

MINUTES = """\
meeting: {{ id: 2002-03-0{number}-clerk, on: 2002-03-0{number}, matter: m{number} }}
items:
  - open-matter: {{ title: Matter {number} }}
  - note-discrepancy:
      discrepancy: d{number}
      title: Two dates
      passages: [ {{ at: {{ document: A }}, says: one }}, {{ at: {{ document: B }}, says: two }} ]
"""


@contextmanager
def pooled(url: str, mode: str = "transaction") -> Generator[str]:
    """The address of a database through a PgBouncer of its own."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    server, own = conninfo_to_dict(url), free_port()
    given = {"host": server.get("host"), "port": server.get("port", 5432)}
    with private_folder("pooler-") as folder:
        configuration = folder / "pgbouncer.ini"
        user = server.get("user", "postgres")
        configuration.write_text(CONFIGURED.format(**given, user=user, own=own, mode=mode))
        log = folder / "log"
        nobody = "nobody" if os.geteuid() == 0 else None  # it does not run as root
        if nobody:
            shutil.chown(configuration, nobody)
        through = f"postgresql://{user}@127.0.0.1:{own}/{server['dbname']}"
        with (
            log.open("wb") as written,
            subprocess.Popen(
                [program, str(configuration)], stdout=written, stderr=written, user=nobody
            ) as running,
        ):
            try:
                wait_until(lambda: _answers(through), running, log)
                yield through
            finally:
                running.terminate()


def _answers(url: str) -> bool:
    try:
        with closing(psycopg.connect(url, connect_timeout=2, prepare_threshold=None)):
            return True
    except psycopg.OperationalError:
        return False


@pytest.fixture
def street(fresh_postgres_url: str, tmp_path: Path) -> Iterator[Street]:
    """A register behind a pooler, on a database whose transactions are serializable by default."""
    name = str(conninfo_to_dict(fresh_postgres_url)["dbname"])
    with psycopg.connect(fresh_postgres_url, autocommit=True) as database:
        database.execute(
            f'ALTER DATABASE "{name}" SET default_transaction_isolation TO serializable'.encode()
        )
    try:
        with pooled(fresh_postgres_url) as url:
            street = Street.on_postgres(url, tmp_path)
            street.done("setup")
            yield street
    finally:
        with psycopg.connect(fresh_postgres_url, autocommit=True) as database:
            database.execute(f'ALTER DATABASE "{name}" RESET ALL'.encode())


def test_a_record_is_stored_asked_and_repeated_behind_a_pooler(street: Street) -> None:
    street.done("record", RECORDS)
    head = street.head()
    partners = street.rows("list", "partnerships", "--as-of", "2002-01-01")
    assert len({row["code"] for row in partners if row["established"]}) == 26
    assert "council-adopts" in street.done("why", "partnership/kiev")
    again = street.run("record", RECORDS)
    assert (again.code, "Traceback" in again.err) == (0, False)
    assert "recorded before" in again.out
    assert street.head() == head
    for command in (("verify", "projections"), ("config", "check")):
        ran = street.run(*command)
        assert (ran.code, ran.err) == (0, ""), command
    assert len(street.run("feed").lines) > 100


def test_six_recorders_at_once_end_with_0_and_store_everything(
    street: Street, tmp_path: Path
) -> None:
    street.done("record", RECORDS / "founding.yaml")
    files = [tmp_path / f"{number}.yaml" for number in range(1, RECORDERS + 1)]
    for number, file in enumerate(files, 1):
        file.write_text(MINUTES.format(number=number))

    def record(file: Path) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "adapters.cli.main", "record", str(file)]
        environment = {**os.environ, **street.environment}
        return subprocess.run(program, capture_output=True, text=True, check=False, env=environment)

    with ThreadPoolExecutor(RECORDERS) as pool:
        ran = list(pool.map(record, files))
    assert [(each.returncode, each.stderr) for each in ran] == [(0, "")] * RECORDERS
    stored = {row["matter"] for row in street.rows("list", "matters")}
    assert {f"m{number}" for number in range(1, RECORDERS + 1)} <= stored
    assert street.run("verify", "projections").code == 0


@pytest.mark.parametrize("command", [("setup",), ("list", "partnerships"), ("relay",)])
def test_a_session_for_each_statement_is_refused_by_name(
    fresh_postgres_url: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    Street.on_postgres(fresh_postgres_url, tmp_path).done("setup")

    with pooled(fresh_postgres_url, "statement") as url:
        ran = Street.on_postgres(url, tmp_path).run(*command)

    assert (ran.code, "(StatementPooling)" in ran.err) == (5, True), ran.err
    assert "set `pool_mode = transaction`" in ran.err
