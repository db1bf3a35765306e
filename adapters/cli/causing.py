"""What led to an event, and what came of it, as a tree."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from adapters import clock
from adapters.bootstrap import Register
from adapters.cli.numbers import POSITION
from adapters.cli.output import Format
from adapters.moments import commit
from domain.history import Recorded
from domain.kernel import CommandRecorded, Event, Fact, Invalid, StreamId
from projections.causes import Branch, Causes, openings, tree
from projections.described import Described, described


class NoSuchEntry(Invalid):
    """The log has no such position or command."""


def print_tree(register: Register, asked: str, form: Format, until: int | None = None) -> None:
    """The line of commands that an entry belongs to, each with its events.

    A command names the one that led to it, and nothing names those that it leads to: the log is
    read from the line's first command to its end, or through `until`.
    """
    entry = _entry(register, asked)
    if until is not None and entry.position > until:
        raise NoSuchEntry(asked=asked, until=until)
    opening = entry.event
    if not isinstance(opening, CommandRecorded):
        within = Causes(openings(commit(register, entry.recorded_at))).command(entry)
        if within is None:
            raise NoSuchEntry(asked=asked, reason="no command led to it")
        opening = within.event
    root = _command(register, opening.correlation) or _command(register, opening.command)
    first = root.position - 1 if root else 0
    grown = tree(register.log.entries(first, until), opening.correlation)
    if form is Format.TABLE:
        for line in _lines(grown, entry.position, ""):
            sys.stdout.write(line + "\n")
    else:
        plain = [_plain(branch, entry.position) for branch in grown]
        sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2) + "\n")


def _entry(register: Register, asked: str) -> Recorded[Fact]:
    if not POSITION.fullmatch(asked):
        found = _command(register, asked)
    else:
        found = next(register.log.entries(int(asked) - 1), None)
        found = found if found and found.position == int(asked) else None
    if found is None:
        raise NoSuchEntry(asked=asked)
    return found


def _command(register: Register, name: str) -> Recorded[Fact] | None:
    stream = StreamId(f"command/{name}")
    return next(iter(register.log.read(stream)[stream]), None)


def _lines(branches: Sequence[Branch], asked: int, lead: str) -> Iterator[str]:
    for number, branch in enumerate(branches, 1):
        last = number == len(branches)
        mark = "  ← asked" if branch.entry.position == asked else ""
        yield f"{lead}{'└─' if last else '├─'} {_said(branch.entry)}{mark}"
        yield from _lines(branch.grown, asked, f"{lead}{'   ' if last else '│  '}")


def _said(entry: Recorded[Fact]) -> str:
    fact = entry.event
    if isinstance(fact, CommandRecorded):
        at = clock.shown(entry.recorded_at)[:19]
        return f"{entry.position} {fact.command}, recorded by {fact.actor} at {at}Z"
    words = _described(fact)
    says = f": {words.says}" if words and words.says != fact.TOPIC else ""
    return f"{entry.position} {fact.TOPIC.rpartition('.')[0]}{says}"


def _described(fact: Fact) -> Described | None:
    return described(fact) if isinstance(fact, Event) else None


def _plain(branch: Branch, asked: int) -> dict[str, Any]:
    entry, fact = branch.entry, branch.entry.event
    command = fact.model_dump(mode="json") if isinstance(fact, CommandRecorded) else None
    words = _described(fact)
    return {
        "position": entry.position,
        "recorded_at": clock.shown(entry.recorded_at),
        "stream": entry.stream,
        "version": entry.version,
        "topic": fact.TOPIC,
        "says": words.says if words else None,
        "actor": command["actor"] if command else None,
        "asked": entry.position == asked,
        "led_to": [_plain(each, asked) for each in branch.grown],
    }
