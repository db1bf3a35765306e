"""Questions to an opened bundle: commands that ask, run as they are run on a live register."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Protocol

from adapters.cli.common import errors
from adapters.settings import PREFIX, Settings
from domain.shared.problems import Invalid

ASKING = frozenset(
    ("list", "show", "policy", "plan", "requests", "due", "missions", "mission", "deadlines")
) | {"export", "why", "compare", "log", "replay", "verify", "feed", "serve", "status"}
"""Commands that only ask."""
KEPT = ("ALLIANCE_LISTEN",)
"""Settings that say how to answer, and not of what."""
PROMPT = "alliance> "


class Commands(Protocol):
    """The command line."""

    def main(self, args: list[str], prog_name: str) -> object:
        """Run a command; ends in `SystemExit`."""
        ...


class NoQuestion(Invalid):
    """An opened bundle answers commands that ask, and records nothing.

    `known` lists them.
    """

    command: str
    known: str


@contextmanager
def of_this_register(settings: Settings) -> Generator[None]:
    """Have commands open this register, and no other."""
    before = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    own = {
        "ALLIANCE_DATABASE_URL": settings.database_url,
        "ALLIANCE_REGISTER_ID": settings.register_id,
        "ALLIANCE_READ_ONLY": "true",
        "ALLIANCE_ACTOR": settings.actor,
        "ALLIANCE_ORIGIN": settings.origin,
    }
    kept = {name: before[name] for name in KEPT if name in before}
    _set(before, {**own, **kept})
    try:
        yield
    finally:
        _set({**own, **kept}, before)


def _set(old: Iterable[str], new: dict[str, str]) -> None:
    for name in old:
        del os.environ[name]
    os.environ.update(new)


def answer(commands: Commands, question: Sequence[str]) -> int:
    """Answer one question, or each line of standard input, and return the exit code.

    A problem of the one question is raised; those of lines are told, and the next is answered.
    """
    if question:
        return _asked(commands, question)
    code = 0
    for line in _lines():
        try:
            words = shlex.split(line, comments=True)
            code = _asked(commands, words) or code if words else code
        except Exception as error:
            problem = _unreadable(error, line) or errors.problem(error)
            if problem is None:
                raise
            errors.report(problem, as_json=False)
            code = errors.exit_code(problem)
        sys.stdout.flush()
    return code


def read_question(question: Sequence[str]) -> list[str]:
    """The words of a command that asks. Raises `NoQuestion` for any other."""
    words = question[1:] if question[0] == "alliance" else question
    name = words[0] if words else ""
    if name not in ASKING:
        raise NoQuestion(command=name, known=", ".join(sorted(ASKING)))
    return list(words)


def _asked(commands: Commands, question: Sequence[str]) -> int:
    try:
        commands.main(read_question(question), prog_name="alliance")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


def _lines() -> Generator[str]:
    shown = PROMPT if sys.stdin.isatty() else ""
    while True:
        sys.stderr.write(shown)
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def _unreadable(error: Exception, line: str) -> NoQuestion | None:
    """A line whose quotation marks do not close."""
    if not isinstance(error, ValueError) or errors.problem(error):
        return None
    return NoQuestion(command=f"{line.strip()} ({error})", known=", ".join(sorted(ASKING)))
