"""Causes of events: the command behind each row, its actor, and the tree below a cause."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from domain.proceedings.decisions import DecisionTaken, reference_to_decision
from domain.shared.history import Recorded
from domain.shared.log_facts import CommandRecorded
from domain.shared.messages import Event, Fact

Opening = Recorded[CommandRecorded]


class Causes:
    """Finds the command that an entry is the outcome of: the last one before it in its commit."""

    def __init__(self, commands: Iterable[Opening]) -> None:
        self._openings = sorted(commands, key=lambda entry: entry.position)

    def command(self, entry: Recorded[Fact]) -> Opening | None:
        """Return the row that opened what the entry belongs to."""
        found = bisect_left(self._openings, entry.position, key=lambda each: each.position)
        opening = self._openings[found - 1] if found else None
        return opening if opening and opening.recorded_at == entry.recorded_at else None


@dataclass(slots=True)
class Branch:
    """A command or an event, and what came of it."""

    entry: Recorded[Fact]
    grown: list[Branch] = field(default_factory=list["Branch"])


def commands_among(entries: Iterable[Recorded[Fact]]) -> Iterator[Opening]:
    """Yield the command rows among entries."""
    for entry in entries:
        if isinstance(entry.event, CommandRecorded):
            yield cast("Opening", entry)


def tree_of_causes(entries: Iterable[Recorded[Fact]], correlation: str) -> list[Branch]:
    """Return what the first command of a chain led to: commands and their effects, as a tree.

    Effects stand under their decisions. `entries` come in the order of the log; those that belong
    to other chains are passed over.
    """
    roots: list[Branch] = []
    commands: dict[str, Branch] = {}
    current: Branch | None = None
    for entry in entries:
        event = entry.event
        if isinstance(event, CommandRecorded):
            current = None
            if event.correlation == correlation:
                current = commands[event.command] = Branch(entry)
                cause = commands.get(event.causation or "")
                (cause.grown if cause else roots).append(current)
        elif current and current.entry.recorded_at == entry.recorded_at:
            _under(current, entry).grown.append(Branch(entry))
    return roots


def _under(command: Branch, entry: Recorded[Fact]) -> Branch:
    """Return the decision of the same command that authorises the entry, else the command."""
    event = entry.event
    if isinstance(event, Event) and event.authority:
        for branch in command.grown:
            taken = branch.entry.event
            if isinstance(taken, DecisionTaken) and reference_to_decision(taken) == event.authority:
                return branch
    return command
