"""The numbers that lead to a matter, and matters that are considered together or split."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, model_validator

from domain.council.bodies import BodyId
from domain.proceedings.matter import (
    AlreadyRecorded,
    Matter,
    MatterConsidered,
    MatterOpened,
    MatterSplit,
    UnknownMatter,
    require_open,
    require_opened_before,
)
from domain.proceedings.recommendations import MatterCommand, MatterId, OfMatter, RecommendationId
from domain.shared.messages import Basis, Command, Event, StreamId, Value
from domain.shared.problems import Conflict, Refusal

STREAM = StreamId("matter-numbers")

NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9]+([.-][A-Za-z0-9]+)*")
"""A reference of this form is a number; any other text names the place of a matter in papers."""


class Numbering(OfMatter):
    """A number under which a matter is before the bodies as well, such as `2024.EC14.2`."""

    number: MatterId


class NumberMatter(Numbering, MatterCommand):
    """Enter a further number of a matter, as when it comes back from a deferral."""

    KIND: ClassVar[str] = "number-matter"

    @property
    def item(self) -> str:
        """The matter and the number."""
        return f"{self.matter}/{self.number}"


class MatterNumbered(Numbering, Event):
    """A matter is before the bodies under this number as well."""

    TOPIC: ClassVar[str] = "matter-numbered.v1"


class NumberTaken(Conflict):
    """The number leads to a matter already."""

    number: str
    matter: str


Numbers = Mapping[str, str]
"""The matter of each number, which is without case."""


def evolve(state: Numbers, event: MatterNumbered) -> Numbers:
    """Return the numbers after one more."""
    return {**state, event.number.casefold(): event.matter}


def number_matter(
    state: Matter, other: Matter, numbers: Numbers, command: Numbering, basis: Basis
) -> MatterNumbered:
    """Enter a number of a matter; `other` is the matter that has it for its name, if any."""
    if not state.opened_on:
        raise UnknownMatter(matter=command.matter)
    taken = command.number if other.opened_on else numbers.get(command.number.casefold())
    if taken:
        raise NumberTaken(number=command.number, matter=taken)
    return MatterNumbered(matter=command.matter, number=command.number, **basis)


class ConsiderTogether(Command):
    """Enter that a body considered matters together; each of them keeps its own decisions."""

    KIND: ClassVar[str] = "consider-together"

    body: BodyId
    matters: tuple[MatterId, ...] = Field(min_length=2)

    @property
    def item(self) -> str:
        """The matters."""
        return "+".join(self.matters)

    @model_validator(mode="after")
    def _each_once(self) -> ConsiderTogether:
        if len(set(self.matters)) != len(self.matters):
            raise ValueError("name each of the `matters` once")
        return self


def consider_together(
    state: Matter, matter: str, command: ConsiderTogether, basis: Basis
) -> MatterConsidered:
    """Enter of one of several matters that it was considered with the others."""
    if not state.opened_on:
        raise UnknownMatter(matter=matter)
    require_open(state, matter, command.body)
    others = tuple(each for each in command.matters if each != matter)
    return MatterConsidered(matter=matter, body=command.body, together_with=others, **basis)


class MatterPart(Value):
    """A part of a matter that goes on as a matter of its own, with some of its recommendations."""

    matter: MatterId
    title: str = Field(min_length=1)
    recommendations: tuple[RecommendationId, ...] = ()


class SplitMatter(MatterCommand):
    """Enter that parts of a matter go on as matters of their own."""

    KIND: ClassVar[str] = "split-matter"

    into: tuple[MatterPart, ...] = Field(min_length=1)

    @property
    def item(self) -> str:
        """The matter and its parts."""
        return "/".join((self.matter, "+".join(part.matter for part in self.into)))


class NotInTheMatter(Refusal):
    """The matter has no such recommendation to give to a part, or gives it twice."""

    rule = "A4"
    matter: str
    missing: tuple[str, ...]


def split_matter(
    state: Matter, parts: Mapping[str, Matter], command: SplitMatter, basis: Basis
) -> tuple[MatterSplit, tuple[MatterOpened, ...]]:
    """Return the split of a matter, and its parts as they begin; `parts` are matters so named."""
    if not state.opened_on:
        raise UnknownMatter(matter=command.matter)
    require_open(state, command.matter)
    require_opened_before(state, command)
    left = dict(state.recommendations)
    for name in (name for part in command.into for name in part.recommendations):
        if left.pop(name, None) is None:
            raise NotInTheMatter(matter=command.matter, missing=(name,))
    for part in command.into:
        if part.matter == command.matter or parts[part.matter].opened_on:
            raise AlreadyRecorded(matter=part.matter, item=part.matter)
    opened = tuple(
        MatterOpened(
            matter=part.matter,
            title=part.title,
            out_of=command.matter,
            in_camera=state.in_camera.reason if state.in_camera else None,
            recommendations=tuple(state.recommendations[name] for name in part.recommendations),
            **basis,
        )
        for part in command.into
    )
    moved = tuple(name for part in command.into for name in part.recommendations)
    into = tuple(part.matter for part in command.into)
    return MatterSplit(matter=command.matter, into=into, recommendations=moved, **basis), opened
