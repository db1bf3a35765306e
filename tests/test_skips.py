"""A skipped test must not pass for a green one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SKIPS_A_TEST = """
import pytest
def test_that_runs(): pass
def test_that_does_not(): pytest.skip("no server here")
"""
SKIPS_A_MODULE = """
import pytest
pytest.importorskip("a_library_that_nobody_has")
"""
SKIPS_NOTHING = """
import pytest

pytestmark = [pytest.mark.slow]
def test_that_runs(): pass
@pytest.mark.xfail(strict=True)
def test_that_fails_as_expected(): assert False
"""


def run_pytest(
    folder: Path, text: str, *, forbidden: str, workers: int = 0
) -> subprocess.CompletedProcess[str]:
    (folder / "test_example.py").write_text(text)
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.skips", "-c", os.devnull),
            *("-n", str(workers), str(folder)),
        ],
        env={**os.environ, "ALLIANCE_TESTS_NO_SKIPS": forbidden, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("workers", [0, 1], ids=["one process", "a worker"])
@pytest.mark.parametrize("text", [SKIPS_A_TEST, SKIPS_A_MODULE], ids=["a test", "a module"])
def test_any_skip_fails_the_session_where_skips_are_forbidden(
    tmp_path: Path, text: str, workers: int
) -> None:
    result = run_pytest(tmp_path, text, forbidden="1", workers=workers)

    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout
    assert "1 SKIPPED: these did not run" in result.stdout


def test_a_skip_is_said_loudly_where_skips_are_allowed(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, SKIPS_A_TEST, forbidden="")

    assert result.returncode == pytest.ExitCode.OK, result.stdout
    assert "1 SKIPPED: these did not run" in result.stdout
    assert "test_that_does_not: Skipped: no server here" in result.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, SKIPS_NOTHING, forbidden="1")

    assert result.returncode == pytest.ExitCode.OK, result.stdout
    assert "these did not run" not in result.stdout
