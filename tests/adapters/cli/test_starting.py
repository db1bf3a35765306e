"""How the command starts: what it knows of its commands, and what it loads for each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.cli.lazily import loaded
from adapters.cli.main import COMMANDS
from tests.support.street import Street

EVERY = [(module, name) for module, names in COMMANDS.items() for name in names]


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    program = [sys.executable, "-m", "adapters.cli.main", *arguments]
    return subprocess.run(
        program, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )


@pytest.mark.parametrize("module", COMMANDS)
def test_the_table_names_exactly_the_commands_that_a_module_adds(module: str) -> None:
    assert set(loaded(module)) == set(COMMANDS[module])


@pytest.mark.parametrize(("module", "name"), EVERY)
def test_every_command_explains_itself(module: str, name: str, tmp_path: Path) -> None:
    ran = Street.on_sqlite(tmp_path).run(name, "--help")

    assert ran.code == 0
    assert f"alliance {name}" in ran.out
    assert loaded(module)[name].help


def test_help_loads_no_command_and_no_library_for_one() -> None:
    program = (
        "import sys; sys.argv = ['alliance', '--help']\n"
        "from adapters.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pydantic', 'sqlalchemy', 'eventsourcing', 'kombu', 'psycopg', 'prov'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert ran.stderr == ""
    assert ran.returncode == 0
    assert all(name in ran.stdout for _, name in EVERY)


def test_a_question_on_sqlite_loads_neither_the_bus_nor_the_other_database(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    program = (
        "import sys; sys.argv = ['alliance', 'list', 'partnerships', '--format', 'json']\n"
        "from adapters.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "heavy = {'kombu', 'psycopg', 'prov', 'rich.table', 'ruamel.yaml', 'icalendar', 'lxml'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **street.environment},
    )

    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "[]\n")


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
