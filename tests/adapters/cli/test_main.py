"""How the command starts: what it knows of its commands, and what it loads for each."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from adapters.cli.ask.list_and_show import LISTED, SHOWN
from adapters.cli.ask.policy import COMMANDS as POLICY
from adapters.cli.common.lazy_commands import Table, loaded
from adapters.cli.main import COMMANDS
from tests.support.street import RECORDS, Street

EVERY = [
    (module, name)
    for table in COMMANDS.values()
    for module, names in table.items()
    for name in names
]


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """A register in files with the record of 2001."""
    street = Street.on_sqlite(tmp_path_factory.mktemp("started"))
    street.done("setup")
    list(street.record_2001())
    return street


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    program = [sys.executable, "-m", "adapters.cli.main", *arguments]
    return subprocess.run(
        program, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )


@pytest.mark.parametrize("module", sorted({module for module, _ in EVERY}))
def test_the_table_names_exactly_the_commands_that_a_module_adds(module: str) -> None:
    listed = {name for table in (LISTED, SHOWN, POLICY) for name in table.get(module, {})}
    assert set(loaded(module)) == listed | {name for named, name in EVERY if named == module}


@pytest.mark.parametrize(("module", "name"), EVERY)
def test_every_command_explains_itself(module: str, name: str, tmp_path: Path) -> None:
    ran = Street.on_sqlite(tmp_path).run(name, "--help")

    assert ran.code == 0
    assert f"alliance {name}" in ran.out
    assert loaded(module)[name].help


def loaded_by(arguments: str, env: Mapping[str, str] | None = None) -> set[str]:
    """The modules that a command has loaded when it ends."""
    program = (
        "import sys; sys.argv = ['alliance', *sys.argv[1:]]\n"
        "from adapters.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "sys.stderr.write(' '.join(sys.modules))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments.split()],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **(env or {})},
    )
    return set(ran.stderr.split())


BUS = {"kombu", "adapters.bus.bus"}
SERVER = {"psycopg", "adapters.store.event_log.postgres_connections"}
WRITING = {"sqlalchemy", "application.command_bus", "ruamel.yaml"}
CONTEXTS = {"domain.catalogue", "domain.missions.mission", "domain.programme.messages"}
OTHERS = {
    "asyncio",
    "prov",
    "icalendar",
    "lxml",
    "projections.explanation.why",
    "adapters.queries.policy.redline",
}
TABLES = {"rich.table"}


def test_help_loads_no_command_and_no_library_for_one() -> None:
    heavy = {"pydantic", "sqlalchemy", "eventsourcing", "kombu", "psycopg", "prov"}
    assert not loaded_by("--help") & heavy


@pytest.mark.parametrize(
    "question",
    [
        "list partnerships",
        "list decisions",
        "list explorations",
        "show partnership Kiev",
        "list provisions",
        "policy outbound/2",
    ],
)
def test_what_a_read_model_answers_loads_no_context_but_its_own_and_nothing_that_writes(
    question: str, on_sqlite: Street
) -> None:
    loaded = loaded_by(f"{question} --format json", on_sqlite.environment)
    assert not loaded & (BUS | SERVER | WRITING | CONTEXTS | OTHERS | TABLES)


def test_what_tells_of_every_read_model_loads_no_fact_of_the_log_and_nothing_that_writes(
    on_sqlite: Street,
) -> None:
    loaded = loaded_by("status --format json", on_sqlite.environment)
    assert not loaded & (BUS | SERVER | WRITING | {"domain.catalogue"} | OTHERS | TABLES)


@pytest.mark.parametrize(
    ("question", "unless"),
    [
        ("list discrepancies", {"domain.programme.messages"}),
        ("why partnership/kiev", {"domain.catalogue", "projections.explanation.why"}),
        ("log", {"domain.catalogue"}),
    ],
)
def test_what_is_read_from_the_log_loads_nothing_that_writes(
    question: str, unless: set[str], on_sqlite: Street
) -> None:
    loaded = loaded_by(f"{question} --format json", on_sqlite.environment)
    assert not loaded & (BUS | SERVER | WRITING | TABLES | (OTHERS - unless))
    assert unless <= loaded


def test_no_type_of_the_log_is_built_before_it_is_used() -> None:
    program = (
        "from domain.catalogue import catalogue, commands\n"
        "kinds = [*catalogue.values(), *commands.values()]\n"
        "print(*(kind.__name__ for kind in kinds if kind.__pydantic_complete__))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "\n"


@pytest.mark.parametrize("table", [LISTED, SHOWN, POLICY], ids=["list", "show", "policy"])
def test_a_group_names_commands_that_its_modules_have(table: Table) -> None:
    for module, names in table.items():
        assert set(names) <= set(loaded(module))


def test_a_command_that_is_misspelt_is_guessed_and_exits_2() -> None:
    ran = run("lst")

    assert ran.returncode == 2
    assert "list" in ran.stderr


def test_a_problem_ends_with_its_code_and_no_traceback(tmp_path: Path) -> None:
    nowhere = {"ALLIANCE_DATABASE_URL": f"sqlite:///{tmp_path / 'no' / 'log.sqlite'}"}
    ran = run("list", "partnerships", env=nowhere)

    assert (ran.returncode, ran.stdout) == (6, "")
    assert "alliance setup" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_output_that_does_not_fit_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    program = [sys.executable, "-m", "adapters.cli.main", "list", "partnerships", "-f", "json"]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            program,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, **street.environment},
        )

    assert ran.returncode == 6
    assert json.loads(ran.stderr)["problem"] == "SystemRefuses"


@pytest.mark.slow
def test_a_server_says_where_it_is(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [str(Path(sys.executable).parent / "alliance"), "serve", "--port", str(port)]
    environment = {**os.environ, **street.environment}
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stderr
        too_late = threading.Timer(15, server.kill)
        too_late.start()
        told = json.loads(server.stderr.readline())
        too_late.cancel()
        answering = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        answering.request("GET", "/feed/events")
        assert answering.getresponse().status == 200
        answering.close()
        server.terminate()

    assert (told["event"], told["at"]) == ("serving", f"http://127.0.0.1:{port}")


@pytest.mark.slow
def test_a_port_that_is_taken_is_a_problem(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("serve", "--port", str(port), env=dict(street.environment))

    assert ran.returncode == 6
    assert str(port) in ran.stderr
    assert "a port" in ran.stderr
    assert '"serving"' not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_locale_without_accents_loses_nothing(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    ascii_only = {**street.environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    program = [sys.executable, "-m", "adapters.cli.main", "record", str(RECORDS / "founding.yaml")]
    ran = subprocess.run(
        program, capture_output=True, check=False, env={**os.environ, **ascii_only}
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "×" in ran.stdout.decode("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        "list partnerships",
        "list partnerships --format json",
        "list partnerships --format csv",
        "log",
        "log --format json",
        "log --format csv",
        "log --tree 100",
        "feed",
        "replay",
        "replay --events",
        "policy",
        "--help",
    ],
)
def test_a_reader_that_has_had_enough_ends_a_command_quietly(
    arguments: str, on_sqlite: Street
) -> None:
    ran = without_a_reader(arguments, on_sqlite)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("verify projections partnerships", 4, ""),
        ("config check", 6, "Unsound"),
        ("show partnership Atlantis", 5, "NothingRecorded"),
    ],
)
def test_what_was_found_ends_a_command_though_its_reader_has_had_enough(
    arguments: str, form: str, code: int, said: str, unsound: Street
) -> None:
    ran = without_a_reader(f"{arguments} --format {form}", unsound)
    assert (ran.returncode, said in ran.stderr) == (code, True)


@pytest.fixture(scope="module")
def unsound(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """A register whose read model was altered, and whose key is gone."""
    folder = tmp_path_factory.mktemp("unsound")
    street = Street.on_sqlite(folder)
    street.done("setup")
    street.done("record", RECORDS)
    street.done("list", "partnerships")
    (model,) = [
        row["what"] for row in street.rows("status") if row["what"].startswith("partnerships")
    ]
    with closing(sqlite3.connect(folder / "toronto" / "views.sqlite")) as views, views:
        views.execute(f"DELETE FROM {model}")  # noqa: S608
    (folder / "register.key").unlink()
    return street


def without_a_reader(arguments: str, street: Street) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, its output a pipe that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [sys.executable, "-m", "adapters.cli.main", *arguments.split()],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, **street.environment, "PYTHONUNBUFFERED": ""},
    )
    os.close(writer)
    return ran
