"""`python -m bench [SUITE...]`: measure, print a table and write the same as JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.pairs import HEAD, Figure

SUITES = ("log", "bus", "views", "commands", "evidence", "pages")
"""Modules of this package that measure, in the order in which they run."""

RESULTS = Path(__file__).parent / "results"


def suites(arguments: Sequence[str]) -> Sequence[str]:
    """The suites that are asked for, or all. Exits with 2 for a suite that there is not."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure, print a table and write the same as JSON into bench/results.",
        epilog="The exit code is 1 where a target was missed.",
    )
    parser.add_argument(
        "suites",
        nargs="*",
        metavar="SUITE",
        help=f"one or more of {', '.join(SUITES)}; all of them without one",
    )
    named: Sequence[str] = parser.parse_args(arguments).suites
    if unknown := [name for name in named if name not in SUITES]:
        parser.error(f"no suite is named {', '.join(unknown)}; there are {', '.join(SUITES)}")
    return named or SUITES


def main(arguments: Sequence[str]) -> int:
    """Run the named suites, or all; the exit code says whether every target was met."""
    names = suites(arguments)
    figures: list[Figure] = []
    print(HEAD)
    for name in names:
        for figure in importlib.import_module(f"bench.{name}").measure():
            print(figure, flush=True)
            figures.append(figure)
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    content = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "figures": [figure.as_json() for figure in figures],
    }
    target.write_text(json.dumps(content, indent=1) + "\n")
    print(f"written to {target}")
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
