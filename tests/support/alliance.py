"""The command line, run inside the test: a process of its own takes 0.6 s of CPU to start."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from adapters.cli.main import main


@dataclass(frozen=True)
class Ran:
    """Exit code and output of a command, byte for byte."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def rows(self) -> Any:
        """Its output, read as JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Its output, as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(*arguments: object, settings: Mapping[str, str], folder: Path | None = None) -> Ran:
    """Run `alliance` with these settings and no others, in this folder."""
    out, err, code = io.BytesIO(), io.StringIO(), 0
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("ALLIANCE_")}
    written = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    with (
        contextlib.chdir(folder) if folder else contextlib.nullcontext(),
        mock.patch.dict(os.environ, {**inherited, **settings}, clear=True),
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


def alliance(folder: Path, *arguments: object, **settings: str) -> Ran:
    """Run `alliance` on the register in a folder; `in_camera="true"` sets ALLIANCE_IN_CAMERA."""
    url = f"sqlite:///{folder / 'log.sqlite'}"
    given = {f"ALLIANCE_{name.upper()}": value for name, value in settings.items()}
    own = {"ALLIANCE_DATABASE_URL": url, "ALLIANCE_ACTOR": "a clerk", **given}
    return run(*arguments, settings=own)
