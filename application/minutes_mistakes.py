"""Mistakes in an entry of minutes, from pydantic's errors, in a clerk's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import ValidationError

from domain.shared.mistakes import mistake_in_words

Path = tuple[str | int, ...]

WRITTEN: Mapping[str, str] = {
    r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$": "as a council numbers it, such as 2024.EC13.5 or mm47-10",
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "in lowercase letters, digits and dashes, as 2003-05-21-council",
    r"^[A-Z]{2}-[A-Z0-9]+(-[A-Z0-9]+)*$": "as a place's code, such as UA-KIEV",
    r"^[A-Z]{2}$": "as a country's code by ISO 3166-1, such as UA",
    r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9()-]+)*$": "as a provision's address, such as planning/1(ii)",
    r"^[a-z0-9-]+(/[a-z0-9-]+)+$": "as its document and a number, such as report-2003-05-06/1",
    r"^(recommendation(/[a-z0-9-]+){2,}|provision/[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9()-]+)*"
    r"|motion/[a-z0-9]+(-[a-z0-9]+)*((/[a-z0-9-]+){2,})?)$": (
        "as recommendation/report-2003-05-06/1, provision/outbound/2 or motion/strike"
    ),
    r"^\S(.*\S)?$": "without blanks around it",
    r"^[0-9a-f]{64}$": "as a SHA-256 digest, of 64 lowercase hexadecimal digits",
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "as a language by its BCP 47 tag, such as de or pt-BR",
    r"^(verbatim|register's words|translation of [a-z]{2,3}(-[A-Za-z0-9]{2,8})*)$": (
        "as verbatim, register's words, or translation of ja"
    ),
}
"""How what a pattern stands for is written."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a file: where (keys and indexes from the top), and what."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class _Fault:
    """One of the library's errors: its place in the content, and the choices on the way there."""

    path: Path
    found: Mapping[str, Any]
    choices: Sequence[tuple[Path, str | int]] = field(default=())


def mistakes(
    error: ValidationError, content: object, names: Iterable[str], at: Path
) -> list[Mistake]:
    """Return mistakes in the content, by place; `names` are those that a field may have.

    Where one of several kinds of thing may stand, it is held to the kind with the fewest faults.
    """
    faults = [_fault(cast("Mapping[str, Any]", found), content) for found in error.errors()]
    for place in sorted({place for fault in faults for place, _ in fault.choices}, key=len):
        chosen = [dict(fault.choices).get(place) for fault in faults]
        counts = {choice: chosen.count(choice) for choice in chosen if choice is not None}
        nearest = min(counts, key=lambda choice: counts[choice], default=None)
        faults = [f for f, own in zip(faults, chosen, strict=True) if own in (None, nearest)]
    paths = [fault.path for fault in faults]
    known = tuple(names)
    return [
        Mistake((*at, *fault.path), _words(fault, known))
        for fault in faults
        # a list is called too short where one of its members is wrong
        if not (
            fault.found["type"] == "too_short"
            and any(len(p) > len(fault.path) and p[: len(fault.path)] == fault.path for p in paths)
        )
    ]


def _fault(found: Mapping[str, Any], content: object) -> _Fault:
    """Return the place without the names of types, which stand in it where several are possible."""
    path: Path = ()
    choices: list[tuple[Path, str | int]] = []
    *_, last = loc = cast("Path", found["loc"]) or ("",)
    for number, part in enumerate(found["loc"], 1):
        missing = found["type"] == "missing" and number == len(loc) and part == last
        if missing or _has(content, part):
            path = (*path, part)
            content = None if missing else cast("Any", content)[part]
        else:
            choices.append((path, part))
    return _Fault(path, found, choices)


def _has(content: object, part: str | int) -> bool:
    if isinstance(content, list):
        return isinstance(part, int) and part < len(cast("list[object]", content))
    return isinstance(content, dict) and part in cast("dict[object, object]", content)


def _words(fault: _Fault, names: Sequence[str]) -> str:
    found, told = fault.found, cast("dict[str, Any]", fault.found.get("ctx", {}))
    match found["type"]:
        case "string_pattern_mismatch" if told["pattern"] in WRITTEN:
            return f"{found['input']!r} must be written {WRITTEN[told['pattern']]}"
        case "union_tag_invalid":
            what, tag = told["discriminator"].strip("'"), told["tag"]
            return f"no {what} is called {tag!r}; known are {told['expected_tags']}"
        case "union_tag_not_found":
            return f"says no {told['discriminator'].strip(chr(39))}"
        case _:
            return mistake_in_words(found, names)
