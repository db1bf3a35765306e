"""The causes and effects of an event, as a tree."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from adapters import clock
from adapters.bootstrap import Register
from adapters.cli.common.output import Format
from adapters.cli.common.people import naming
from adapters.queries.entries import causes_of, entry_of
from domain.shared.history import Recorded
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Event, Fact
from projections.explanation.causes import Branch
from projections.explanation.descriptions import Described, event_in_words


def print_tree(register: Register, asked: str, form: Format, until: int | None = None) -> None:
    """Print the chain of commands that an entry belongs to, each with its events.

    The log is read through `until`, or to its end.
    """
    grown = causes_of(register, asked, until)
    position = entry_of(register, asked).position
    if form is Format.TABLE:
        named = naming(register)
        for line in _lines(grown, position, ""):
            sys.stdout.write(named(line) + "\n")
    else:
        plain = [_plain(branch, position) for branch in grown]
        sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2) + "\n")


def _lines(branches: Sequence[Branch], asked: int, lead: str) -> Iterator[str]:
    for number, branch in enumerate(branches, 1):
        last = number == len(branches)
        mark = "  ← asked" if branch.entry.position == asked else ""
        yield f"{lead}{'└─' if last else '├─'} {_said(branch.entry)}{mark}"
        yield from _lines(branch.grown, asked, f"{lead}{'   ' if last else '│  '}")


def _said(entry: Recorded[Fact]) -> str:
    fact = entry.event
    if isinstance(fact, CommandRecorded):
        at = clock.recorded_time_shown(entry.recorded_at)[:19]
        return f"{entry.position} {fact.command}, recorded by {fact.actor} at {at}Z"
    words = _described(fact)
    says = f": {words.says}" if words and words.says != fact.TOPIC else ""
    return f"{entry.position} {fact.TOPIC.rpartition('.')[0]}{says}"


def _described(fact: Fact) -> Described | None:
    return event_in_words(fact) if isinstance(fact, Event) else None


def _plain(branch: Branch, asked: int) -> dict[str, Any]:
    entry, fact = branch.entry, branch.entry.event
    command = fact.model_dump(mode="json") if isinstance(fact, CommandRecorded) else None
    words = _described(fact)
    return {
        "position": entry.position,
        "recorded_at": clock.recorded_time_shown(entry.recorded_at),
        "stream": entry.stream,
        "version": entry.version,
        "topic": fact.TOPIC,
        "says": words.says if words else None,
        "actor": command["actor"] if command else None,
        "asked": entry.position == asked,
        "led_to": [_plain(each, asked) for each in branch.grown],
    }
