"""What is longer than the screen goes to a pager; what is shorter, or goes elsewhere, does not."""

from __future__ import annotations

import os
import pty
import sys
import termios
from pathlib import Path

import pytest

PROGRAM = """
import sys
from adapters.cli.common.pager import paged
try:
    with paged():
        for number in range(int(sys.argv[1])):
            print("line", number)
except BrokenPipeError:  # as the command line does
    sys.exit(0)
print("after")
"""


def on_a_terminal(lines: int, screen: int, pager: str) -> str:
    """What a program that writes so many lines shows on a terminal with so many."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"PAGER": pager, "PYTHONPATH": str(Path.cwd()), "LINES": str(screen)}
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, str(lines)])  # noqa: S606
    termios.tcsetwinsize(terminal, (screen, 80))
    said = b""
    while True:
        try:
            read = os.read(terminal, 65536)
        except OSError:
            break
        if not read:
            break
        said += read
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return said.decode().replace("\r\n", "\n")


PAGER = "sed s/line/paged/"


def test_more_than_a_screen_goes_to_the_pager_and_all_of_it() -> None:
    said = on_a_terminal(30, 20, PAGER)
    assert said == "".join(f"paged {n}\n" for n in range(30)) + "after\n"


@pytest.mark.parametrize(
    ("lines", "pager"), [(10, PAGER), (30, ""), (30, "cat"), (30, "no-such-pager")]
)
def test_a_short_answer_or_no_pager_is_written_as_it_is(lines: int, pager: str) -> None:
    said = on_a_terminal(lines, 20, pager)
    assert said == "".join(f"line {n}\n" for n in range(lines)) + "after\n"


def test_a_reader_who_has_had_enough_is_no_fault() -> None:
    assert on_a_terminal(20_000, 20, "head -1").splitlines()[0] == "line 0"
