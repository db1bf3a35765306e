"""Problems as text or JSON, and the exit code of each."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol, runtime_checkable

import typer

from adapters.cli.common.output import number_of
from adapters.minutes.mistakes import InvalidFile
from adapters.settings import InvalidSettings
from domain.shared.problems import Conflict, Invalid, Problem, Refusal
from domain.shared.text import readable

REFUSED, CONFLICT, INVALID, UNAVAILABLE, UNFINISHED = 3, 4, 5, 6, 7
"""Exit codes. 0 is done, 1 an error of the program, 2 a command line that cannot be read."""

MOST_MISTAKES = 50
"""Mistakes in files that are shown at once."""


class SystemRefuses(Problem):
    """The system refuses a file, a port or a write: it is missing, taken, not allowed or full."""

    file: str = ""
    reason: str


class Unfinished(Problem):
    """Your work is stored, but a later step failed: mend the reason, and do not enter it again.

    Details: what is `stored`, and the `reason`.
    """

    stored: str
    reason: str


@contextmanager
def after_storing(stored: str) -> Generator[None]:
    """Add to any error from here on that the work is stored."""
    try:
        yield
    except (BrokenPipeError, typer.Exit):
        raise
    except Exception as error:
        found = problem(error)
        reason = f"{found.title} ({found})" if found else f"a fault of the program: {error!r}"
        raise Unfinished(stored=stored, reason=reason) from error


def problem(error: Exception) -> Problem | None:
    """Return an error as a problem to show; `None` for a mistake in the program."""
    match error:
        case Problem():
            return error
        case OSError(errno=int()):
            named = {"file": str(error.filename)} if error.filename is not None else {}
            return SystemRefuses(**named, reason=str(error.strerror))
        case _:
            return None


@runtime_checkable
class Coded(Protocol):
    """A problem with an exit code of its own, such as a fault of evidence, and its reason."""

    fault: ClassVar[str]
    exit_code: ClassVar[int]


def exit_code(problem: Problem) -> int:
    """Return the exit code by which a program tells problems apart."""
    if isinstance(problem, Coded):
        return problem.exit_code
    match problem:
        case Refusal():
            return REFUSED
        case Conflict():
            return CONFLICT
        case Invalid():
            return INVALID
        case Unfinished():
            return UNFINISHED
        case _:
            return UNAVAILABLE


def report(problem: Problem, *, as_json: bool) -> None:
    """Write a problem to standard error."""
    if as_json:
        told: dict[str, Any] = {
            "problem": type(problem).__name__,
            "title": problem.title,
            "item": problem.of_item,
            "details": {name: _plain(value) for name, value in _details(problem).items()},
        }
        if isinstance(problem, Coded):
            told["reason"] = problem.fault
        sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    lines = (readable(line) for line in _lines(problem))
    sys.stderr.write("\n".join(lines) + "\n")


def _details(problem: Problem) -> Mapping[str, object]:
    if isinstance(problem, InvalidFile):
        found = problem.mistakes
        return {"mistakes": [*map(str, found[:MOST_MISTAKES])], "number": len(found)}
    return problem.details


def _lines(problem: Problem) -> Sequence[str]:
    if isinstance(problem, InvalidFile):
        found = problem.mistakes
        count = number_of(len(found), "mistake")
        shown = f", the first {MOST_MISTAKES} are shown" if len(found) > MOST_MISTAKES else ""
        told = map(str, found[:MOST_MISTAKES])
        return [*told, f"{count}{shown}; nothing was recorded."]
    if isinstance(problem, InvalidSettings):
        return problem.mistakes
    head = f"{problem.of_item}: " if problem.of_item else ""
    kind = f"Refused by rule {problem.rule}: " if isinstance(problem, Refusal) else ""
    lines = [f"{head}{kind}{problem.title} ({type(problem).__name__})"]
    lines += [
        f"  {name.replace('_', ' ')}: {_shown(value)}"
        for name, value in problem.details.items()
        if name != "rule"
    ]
    if isinstance(problem, Refusal | Conflict) and "recorded_before_it" not in problem.details:
        lines.append("Nothing was recorded.")
    return lines


def _plain(value: object) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, int | str | bool | None) else str(value)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value) or "none"
    return str(value)
