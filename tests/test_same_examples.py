"""The examples of a derandomized test are the same whichever modules a process has loaded."""

import subprocess
import sys
from pathlib import Path

DRAW = """
import {loaded}
import tests.conftest
from hypothesis import given, settings, strategies as st

@settings(derandomize=True, database=None, max_examples=300)
@given(st.integers(0, 9_999), st.text(max_size=8))
def drawn(number, text):
    print(number, ascii(text))

drawn()
"""


def examples(loaded: str) -> str:
    run = [sys.executable, "-c", DRAW.format(loaded=loaded)]
    root = Path(__file__).parents[1]
    return subprocess.run(run, cwd=root, check=True, capture_output=True, text=True).stdout


def test_loaded_modules_change_no_example() -> None:
    alone = examples("json")
    assert len(set(alone.splitlines())) > 200
    assert examples("domain.catalogue, application.handlers.table") == alone
