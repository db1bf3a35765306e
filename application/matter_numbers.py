"""Commands by any number of a matter: each is turned into one by the name of that matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from application.unit_of_work import UnitOfWork
from domain.proceedings import matter, numbers
from domain.proceedings.numbers import ConsiderTogether, Numbers
from domain.shared.messages import Command, DecisionRef, StreamId

C = TypeVar("C", bound=Command)

_DECISIONS = ("authority", "earlier")
"""Fields of a command that name a decision of some matter."""


def numbers_of(work: UnitOfWork) -> Numbers:
    """Return the matter of each number."""
    empty: Numbers = {}
    return work.state(numbers.STREAM, numbers.evolve, empty)


def by_number(work: UnitOfWork, command: C) -> C:
    """Return the command with the matters that it names by their own names."""
    named = tuple(dict.fromkeys(_named(command)))
    if not named:
        return command
    work.fetch(numbers.STREAM, *(matter.stream_of(name) for name in named))
    known = numbers_of(work)
    meant = {
        name: known[name.casefold()]
        for name in named
        if name.casefold() in known and not work.read(matter.stream_of(name)).version
    }
    return command.model_copy(update=dict(_renamed(command, meant))) if meant else command


def _named(command: Command) -> Iterator[str]:
    given: object = getattr(command, "matter", None)
    if isinstance(given, str):
        yield given
    if isinstance(command, ConsiderTogether):
        yield from command.matters
    for role in _DECISIONS:
        cited: object = getattr(command, role, None)
        if isinstance(cited, DecisionRef):
            yield cited.matter
    stream: object = getattr(command, "stream", None)
    if isinstance(stream, str) and stream.startswith("matter/"):
        yield stream.removeprefix("matter/")


def _renamed(command: Command, meant: dict[str, str]) -> Iterator[tuple[str, object]]:
    given: object = getattr(command, "matter", None)
    if isinstance(given, str) and given in meant:
        yield "matter", meant[given]
    if isinstance(command, ConsiderTogether):
        yield "matters", tuple(meant.get(name, name) for name in command.matters)
    for role in _DECISIONS:
        cited: object = getattr(command, role, None)
        if isinstance(cited, DecisionRef) and cited.matter in meant:
            yield role, cited.model_copy(update={"matter": meant[cited.matter]})
    stream: object = getattr(command, "stream", None)
    if isinstance(stream, str) and (name := stream.removeprefix("matter/")) in meant:
        yield "stream", StreamId(f"matter/{meant[name]}")
