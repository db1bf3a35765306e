"""What `python -m bench` measures is named on its command line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.__main__ import SUITES, suites


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    program = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)


def test_help_lists_every_suite() -> None:
    ran = bench("--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "log, bus, views, commands, evidence" in ran.stdout


def test_a_suite_that_there_is_not_is_named_with_those_that_there_are() -> None:
    ran = bench("log", "veiws")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no suite is named veiws; there are log, bus, views, commands, evidence" in ran.stderr


@pytest.mark.parametrize(
    ("asked", "measured"), [([], SUITES), (["views"], ["views"]), (["bus", "log"], ["bus", "log"])]
)
def test_without_a_name_every_suite_is_measured(asked: list[str], measured: list[str]) -> None:
    assert list(suites(asked)) == list(measured)
