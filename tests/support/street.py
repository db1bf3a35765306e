"""The whole street under test: the command line on a register in either database.

    street = Street.on_sqlite(folder)
    street.done("setup")
    street.rows("list", "partnerships", "--as-of", "2001-12-06")

Runs in this process; `tests/adapters/cli/test_process.py` runs the installed command as well.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from adapters.cli.main import main

RECORDS = Path(__file__).parents[2] / "records" / "toronto-2001"
STORES = ("sqlite", "postgres")
ACTOR = "City Clerk"


@dataclass(frozen=True)
class Ran:
    """What a command came to, byte for byte."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def lines(self) -> list[Any]:
        """Its output, as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


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
            "ALLIANCE_ACTOR": ACTOR,
        }
        return Street(own)

    def run(self, *arguments: object, **settings: str) -> Ran:
        """Run `alliance` and say what came of it."""
        out, err, code = io.BytesIO(), io.StringIO(), 0
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ALLIANCE_")}
        written = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
        with (
            mock.patch.dict(os.environ, {**inherited, **self.environment, **settings}, clear=True),
            mock.patch.object(sys, "argv", ["alliance", *map(str, arguments)]),
            contextlib.redirect_stdout(written),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        written.flush()
        return Ran(code, out.getvalue(), err.getvalue())

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
