"""The whole street under test: the command line on a register in either database.

    street = Street.on_sqlite(folder)
    street.done("setup")
    street.rows("list", "partnerships", "--as-of", "2001-12-06")

Runs in this process; `tests/docs/test_demo.py` runs the installed command as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.alliance import Ran, run

RECORDS = Path(__file__).parents[2] / "records" / "toronto-2001"
STORES = ("sqlite", "postgres")
ACTOR = "City Clerk"


@dataclass(frozen=True)
class Street:
    """A register of its own, and its command line."""

    environment: Mapping[str, str]

    @staticmethod
    def on_sqlite(folder: Path) -> Street:
        return Street._of(f"sqlite:///{folder / 'log.sqlite'}", folder)

    @staticmethod
    def on_postgres(url: str, folder: Path) -> Street:
        return Street._of(url, folder)

    @staticmethod
    def _of(url: str, folder: Path) -> Street:
        own = {
            "ALLIANCE_DATABASE_URL": url,
            "ALLIANCE_BUS_URL": f"sqlite:///{folder / 'bus.sqlite'}",
            "ALLIANCE_KEYS_FILE": str(folder / "register.key"),
            "ALLIANCE_EVIDENCE_KEYS_FILE": str(folder / "evidence.keys"),
            "ALLIANCE_EVIDENCE_HEAD_FILE": str(folder / "evidence.head"),
            "ALLIANCE_ACTOR": ACTOR,
        }
        return Street(own)

    def run(self, *arguments: object, **settings: str) -> Ran:
        """Run `alliance` and say what came of it."""
        return run(*arguments, settings={**self.environment, **settings})

    def done(self, *arguments: object) -> str:
        """The output of a command that must succeed."""
        ran = self.run(*arguments)
        assert ran.code == 0, f"{arguments}: exit {ran.code}\n{ran.out}\n{ran.err}"
        return ran.out

    def rows(self, *arguments: object) -> Any:
        """The same as JSON."""
        return json.loads(self.done(*arguments, "--format", "json"))

    def head(self) -> int:
        """The last position of the log."""
        return int(next(r["position"] for r in self.rows("status") if r["what"] == "log"))

    def record_2001(self) -> Iterator[int]:
        """Record December 2001 file by file, and give the position that each ends at."""
        for name in ("founding", "2001-11-19-committee", "2001-12-04-council"):
            self.done("record", RECORDS / f"{name}.yaml")
            yield self.head()
