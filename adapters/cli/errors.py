"""What a `Problem` looks like to a person or a program, and the exit code it ends with."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.cli.output import number_of
from adapters.mistakes import InvalidFile
from adapters.settings import InvalidSettings
from domain.kernel import Conflict, Invalid, Problem, Refusal
from domain.text import readable

REFUSED, CONFLICT, INVALID, UNAVAILABLE = 3, 4, 5, 6
"""Exit codes. 0 is done, 1 an error of the program, 2 a command line that cannot be read."""


class SystemRefuses(Problem):
    """The system refuses a file, a port or a write: absent, taken, not allowed, or full."""


def problem(error: Exception) -> Problem | None:
    """An error as a problem to be told; none where it is a mistake in the program."""
    match error:
        case Problem():
            return error
        case OSError(errno=int()):
            named = {"file": str(error.filename)} if error.filename is not None else {}
            return SystemRefuses(**named, reason=str(error.strerror))
        case _:
            return None


def exit_code(problem: Problem) -> int:
    """The code a program tells problems apart by."""
    match problem:
        case Refusal():
            return REFUSED
        case Conflict():
            return CONFLICT
        case Invalid():
            return INVALID
        case _:
            return UNAVAILABLE


def report(problem: Problem, *, as_json: bool) -> None:
    """Write a problem to standard error."""
    if as_json:
        told = {
            "problem": type(problem).__name__,
            "title": problem.title,
            "item": problem.item,
            "details": {name: _plain(value) for name, value in _details(problem).items()},
        }
        sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    lines = (readable(line) for line in _lines(problem))
    sys.stderr.write("\n".join(lines) + "\n")


def _details(problem: Problem) -> Mapping[str, object]:
    if isinstance(problem, InvalidFile):
        return {"mistakes": [str(mistake) for mistake in problem.mistakes]}
    return problem.details


def _lines(problem: Problem) -> Sequence[str]:
    if isinstance(problem, InvalidFile):
        count = number_of(len(problem.mistakes), "mistake")
        return [*map(str, problem.mistakes), f"{count}; nothing was recorded."]
    if isinstance(problem, InvalidSettings):
        return problem.mistakes
    head = f"{problem.item}: " if problem.item else ""
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
