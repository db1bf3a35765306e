"""What a user waits for: each command in a process of its own, beside a bare interpreter.

    python -m bench commands

A ratio says how many bare starts of Python one command takes, from its name to its last line, on a
register that holds the record of 2001.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.pairs import PAIRS, Figure, compare

RECORDS = Path(__file__).parents[1] / "records" / "toronto-2001"
LAST = RECORDS / "discrepancies.yaml"
"""The file that is recorded last, into a copy of a register that holds the others."""

QUESTIONS = (
    "--help",
    "status",
    "list partnerships",
    "show partnership Kiev",
    "policy outbound/2",
    "why partnership/kiev",
    "log",
)


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="alliance-bench-") as name:
        folder = Path(name)
        whole, before = folder / "whole", folder / "before"
        earlier = [path for path in sorted(RECORDS.iterdir()) if path != LAST]
        for home, files in ((whole, [RECORDS]), (before, earlier)):
            alliance(home, "setup")
            alliance(home, "record", *map(str, files))
        for question in QUESTIONS:
            yield figure(question, partial(alliance, whole, *question.split()))
        copies = iter([shutil.copytree(before, folder / str(n)) for n in range(PAIRS + 1)])
        yield figure("record (one file)", lambda: alliance(next(copies), "record", str(LAST)))


def figure(command: str, run: Callable[[], int]) -> Figure:
    return compare("python -c pass", f"alliance {command}", bare, run)


def bare() -> int:
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return 1


def alliance(home: Path, *arguments: str) -> int:
    home.mkdir(exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ALLIANCE_")}
    environment["ALLIANCE_DATABASE_URL"] = f"sqlite:///{home / 'log.sqlite'}"
    program = [sys.executable, "-m", "adapters.cli.main", *arguments]
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL, env=environment)
    return 1
