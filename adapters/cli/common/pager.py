"""A pager for what is longer than the screen."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TextIO

LESS = "FRX"
"""How `less` is called unless the environment says: it ends on a short text, and keeps colours."""


@contextmanager
def paged() -> Generator[None]:
    """Show what is written meanwhile in a pager, if it is longer than the terminal's screen.

    The pager is PAGER's, or `less`; with an empty PAGER, without one, and in a file or a pipe all
    is written as it comes.
    """
    program = _program()
    if not program or not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield
        return
    out = sys.stdout
    held = _Held(out, program)
    sys.stdout = held
    try:
        yield
    finally:
        sys.stdout = out
        held.end()


def _program() -> Sequence[str]:
    stated = os.environ.get("PAGER")
    if stated is None:
        return ["less"] if shutil.which("less") else []
    return [] if stated.strip() == "cat" else shlex.split(stated)


class _Held(io.TextIOBase):
    """Holds back a screenful; what is more goes to the pager with it."""

    def __init__(self, out: TextIO, program: Sequence[str]) -> None:
        self._out, self._program = out, program
        self._held: list[str] = []
        self._room = shutil.get_terminal_size()
        self._lines = 0
        self._pager: subprocess.Popen[str] | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def isatty(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if self._pager and self._pager.stdin:
            self._pager.stdin.write(text)
            return len(text)
        self._held.append(text)
        self._lines += sum(1 + len(line) // self._room.columns for line in text.split("\n")) - 1
        if self._lines >= self._room.lines:
            self._start()
        return len(text)

    def _start(self) -> None:
        environment = {"LESS": LESS, **os.environ}
        try:
            self._pager = subprocess.Popen(
                self._program, stdin=subprocess.PIPE, text=True, encoding="utf-8", env=environment
            )
        except OSError:  # there is no such pager
            self._program = []
            self._room = os.terminal_size((self._room.columns, sys.maxsize))
            return
        held, self._held = self._held, []
        self.write("".join(held))

    def end(self) -> None:
        """Write what was held back, or wait until the reader has left the pager."""
        if self._pager is None:
            self._out.write("".join(self._held))
            return
        try:
            if self._pager.stdin:
                self._pager.stdin.close()
        except BrokenPipeError:
            pass  # the reader has had enough
        finally:
            self._pager.wait()
