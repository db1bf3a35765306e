"""Sheets of paper: the lines that a clerk writes about one subject, and which hold on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Said = dict[str, Any]
"""What is asked or written, as plain as in a minutes file."""

WITHDRAWN = "entry-withdrawn"
LAPSED = "entry-lapsed"
SILENT = (WITHDRAWN, LAPSED)
BODIES = ("city-council", "committee", "mayor")
COUNCIL = BODIES[0]


class No(Exception):
    """What may be said against it, each with its rule: `C2 SameClass`."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = frozenset(reasons)
        super().__init__(*sorted(reasons))


def stop(reasons: Iterable[str]) -> None:
    """Raises `No` where anything is said against it."""
    if found := set(reasons):
        raise No(*found)


@dataclass(frozen=True)
class Dated:
    """The days of what is written, and the decision behind it."""

    on: str
    holds: str
    by_convention: bool = True
    authority: Said | None = None
    placed: str | None = None
    """The day of decision of what it needs of the same day, where that was decided later."""


@dataclass(frozen=True)
class Line:
    """One line: `first` is the version that it goes back to, `replaces` the one it strikes out."""

    topic: str
    dated: Dated
    says: Said
    version: int
    first: int
    replaces: int | None = None


Sheet = tuple[Line, ...]


@dataclass
class Paper:
    """Every sheet, with what this item writes and what the rules say of it."""

    sheets: dict[str, Sheet]
    written: list[tuple[str, Line]] = field(default_factory=list)
    findings: list[Said] = field(default_factory=list)

    def copy(self) -> Paper:
        return Paper(dict(self.sheets))

    def sheet(self, name: str) -> Sheet:
        return self.sheets.get(name, ())

    def find(self, rule: str, answer: str) -> None:
        """What a rule says of this item."""
        self.findings.append({"rule": rule, "answer": answer})

    def write(
        self,
        name: str,
        topic: str,
        dated: Dated,
        says: Said,
        *,
        replaces: Line | None = None,
        at: int | None = None,
    ) -> None:
        """Add a line; `at` puts it before what this item wrote on other sheets."""
        version = len(self.sheet(name)) + 1
        first = replaces.first if replaces else version
        line = Line(topic, dated, says, version, first, replaces.version if replaces else None)
        self.sheets[name] = (*self.sheet(name), line)
        self.written.insert(len(self.written) if at is None else at, (name, line))


def span(when: str) -> tuple[date, date]:
    """The earliest and the latest day of a date as it is written."""
    first, _, last = when.partition("/")
    if len(first) == 4:
        return date(int(first), 1, 1), date(int(first), 12, 31)
    return date.fromisoformat(first), date.fromisoformat(last or first)


def in_turn(lines: Sheet, *, lapsed_too: bool = False) -> list[Line]:
    """What is not struck out, in the order it was written; a correction where the mistake stood."""
    struck = {line.replaces for line in lines}
    if lapsed_too:
        struck -= {
            line.replaces for line in lines if line.topic == LAPSED and line.version not in struck
        }
    kept = (line for line in lines if line.version not in struck and line.topic not in SILENT)
    return sorted(kept, key=lambda line: (line.first, line.version))


def stands_at(line: Line) -> tuple[tuple[date, date], tuple[date, date]]:
    """The days by which a line is put in order."""
    return span(line.dated.holds), span(line.dated.placed or line.dated.on)


def by_date(lines: Sheet, *, lapsed_too: bool = False) -> list[Line]:
    """What is not struck out, in the order it takes hold."""
    return sorted(in_turn(lines, lapsed_too=lapsed_too), key=stands_at)


def surely(lines: Sheet, day: date) -> list[Line]:
    """What holds on a day whichever days the dates turn out to be."""
    kept = by_date(lines)
    doubtful = [n for n, line in enumerate(kept) if span(line.dated.holds)[1] > day]
    return kept[: doubtful[0]] if doubtful else kept


def perhaps(lines: Sheet, day: date) -> list[Line]:
    """What may hold on a day."""
    return [line for line in by_date(lines) if span(line.dated.holds)[0] <= day]


def letters(name: str) -> str:
    """A name as people compare it: case, accents and punctuation aside."""
    plain = name.casefold().translate(str.maketrans("ãéö", "aeo"))
    return "".join(c for c in plain if c.isalnum())


def without(text: str, words: str) -> str:
    """The text with words struck. Raises `No`."""
    times = sum(text.startswith(words, n) for n in range(len(text)))
    if times != 1:
        raise No("A2 WordsAmbiguous" if times else "A2 WordsNotThere")
    left = text.replace(words, "")
    if not left.strip():
        raise No("A2 NothingLeft")
    return left


def again(reasons: set[str], said: Sequence[str], taken: Iterable[str]) -> None:
    """A name is given once."""
    if len(set(said)) < len(said) or not set(said).isdisjoint(taken):
        reasons.add("AlreadyRecorded")
