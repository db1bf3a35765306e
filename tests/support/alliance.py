"""The command line, run inside the test."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from adapters.cli.main import main


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> Any:
        """Its output, read as JSON."""
        return json.loads(self.out)


def alliance(folder: Path, *arguments: object) -> Ran:
    """Run `alliance` on the register in a folder."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("ALLIANCE_")},
        "ALLIANCE_DATABASE_URL": f"sqlite:///{folder / 'log.sqlite'}",
        "ALLIANCE_ACTOR": "a clerk",
    }
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.object(sys, "argv", ["alliance", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())
