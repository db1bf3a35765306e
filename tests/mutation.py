"""Count the small changes to the rules that the tests of the domain notice, context by context.

    python -m tests.mutation                     # the whole domain
    python -m tests.mutation missions policy     # some contexts; the others keep their results
    python -m tests.mutation --table             # the table of the last runs, without a run
    python -m tests.mutation --survivors policy  # the changes that no test noticed

mutmut makes the changes and runs the tests, in the folder `mutants`. It changes the bodies of
functions, and leaves alone constants, fields, and functions with a decorator (properties,
validators).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIES = ROOT / "mutants"

NOTICED = frozenset({"killed", "timeout"})
SURVIVED = frozenset({"survived", "no tests"})
"""What no test runs has survived as well."""


class Change(NamedTuple):
    """One small change to a function, and what became of it."""

    name: str
    status: str

    @property
    def context(self) -> str:
        return self.name.split(".")[1]


def contexts() -> list[str]:
    """Every package and module directly in `domain`."""
    return sorted(path.stem for path in (ROOT / "domain").glob("[a-z]*") if path.name != "py.typed")


def run(names: Iterable[str]) -> None:
    """Make the changes and run the tests, on the same random examples each time."""
    shutil.rmtree(COPIES / "tests", ignore_errors=True)
    (COPIES / "mutmut-stats.json").unlink(missing_ok=True)  # which tests run what may have changed
    _mutmut("run", *(f"domain.{name}.*" for name in names))


def known() -> list[Change]:
    """Every change that was tried, with the result of the last run of its context."""
    told = _mutmut("results", "--all", "true", capture=True).splitlines()
    made = [Change(*line.strip().rsplit(": ", 1)) for line in told]
    return [change for change in made if change.status != "not checked"]


def table(made: Iterable[Change]) -> str:
    """How many changes were noticed and how many survived in each context, the best score first."""
    counts: dict[str, Counter[bool]] = {}
    for change in made:
        counts.setdefault(change.context, Counter())[change.status in NOTICED] += 1
    best_first = sorted(counts, key=lambda context: (-_score(counts[context]), context))
    rows = [_row(f"`{context}`", counts[context]) for context in best_first]
    total = sum(counts.values(), Counter[bool]())
    head = ["| context | noticed | survived | score |", "|---|---:|---:|---:|"]
    return "\n".join((*head, *rows, _row("together", total)))


def _score(counted: Counter[bool]) -> float:
    return counted[True] / counted.total()


def _row(name: str, counted: Counter[bool]) -> str:
    percent = int(100 * _score(counted))  # 100 % is all of them
    return f"| {name} | {counted[True]} | {counted[False]} | {percent} % |"


def _mutmut(*arguments: str, capture: bool = False) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("mutmut"), *arguments],
        cwd=ROOT,
        env={**os.environ, "CI": "1"},
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=True,
    )
    return done.stdout or ""


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; print the table, or what survived."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutation")
    asked.add_argument("contexts", nargs="*", metavar="CONTEXT", help="all if none is named")
    shown = asked.add_mutually_exclusive_group()
    shown.add_argument("--table", action="store_true", help="the last runs' table, without a run")
    shown.add_argument("--survivors", action="store_true", help="what the last runs left unnoticed")
    given = asked.parse_args(arguments)
    names: list[str] = given.contexts or contexts()
    if unknown := sorted(set(names) - set(contexts())):
        asked.error(f"no such context: {', '.join(unknown)}")
    if not (given.table or given.survivors):
        run(names)
    made = [change for change in known() if change.context in names]
    if unclear := [change for change in made if change.status not in NOTICED | SURVIVED]:
        print("\n".join(f"{change.name}: {change.status}" for change in unclear))
        return 1
    if given.survivors:
        left = (change.name for change in made if change.status in SURVIVED)
        print("\n".join(_mutmut("show", name, capture=True) for name in left))
    elif made:
        print(table(made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
