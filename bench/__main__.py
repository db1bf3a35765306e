"""`python -m bench [NAME...]`: measure, print a table and write the same as JSON."""

from __future__ import annotations

import importlib
import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.pairs import HEAD, Figure

SUITES = ("log", "bus", "views", "commands")
RESULTS = Path(__file__).parent / "results"


def main(names: list[str]) -> int:
    """Run the named suites, or all; the exit code says whether every target was met."""
    figures: list[Figure] = []
    print(HEAD)
    for name in names or SUITES:
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
