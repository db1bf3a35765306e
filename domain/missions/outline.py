"""The outline of a mission, as a proposal makes it and a plan lists it: route and purpose."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.missions.budget import Budget, Contribution
from domain.places import Place
from domain.shared.categories import category_key_of
from domain.shared.dates import When
from domain.shared.messages import Command, DecisionRef, Slug, Value

MissionId = Slug
Year = Annotated[int, Field(ge=1900, le=2999)]
"""A calendar year of the programme."""


class Direction(StrEnum):
    """Outbound: the city travels. Inbound: the city hosts."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class CityStanding(Value):
    """A place's relationship on a day: partner, in a category or none; targeted; or neither.

    `classification` is the category's name on that day, `category` its id. `former_category` is the
    name of the one that it was in last, where the policy no longer has it.
    """

    place: Place
    partner: bool = False
    classification: str | None = None
    category: str | None = None
    former_category: str | None = None
    targeted: bool = False

    @property
    def name(self) -> str:
        """The place's name."""
        return self.place.name

    @property
    def column(self) -> str | None:
        """The column of the programming table that it stands in."""
        if self.classification:
            return self.category or category_key_of(self.classification)
        return "targeted" if self.targeted else None


class MissionOutline(Value):
    """All that is proposed for a mission. `official` is false for a study group.

    `answers` are to what the plan's provision asks beside these fields, by the provision's words.
    """

    mission: MissionId
    direction: Direction
    year: Year
    stops: tuple[CityStanding, ...] = Field(min_length=1)
    official: bool = True
    timing: When | None = None
    rationale: str | None = None
    goals: tuple[str, ...] = ()
    budget: Budget | None = None
    contributions: tuple[Contribution, ...] = ()
    economic_case: str | None = None
    one_city_because: str | None = None
    answers: dict[str, str] = Field(default_factory=dict)

    @property
    def outbound(self) -> bool:
        """True if the city travels."""
        return self.direction is Direction.OUTBOUND

    @property
    def counted_visit(self) -> bool:
        """True if it is an official visit, which the plan's limits count."""
        return not self.outbound and self.official

    @property
    def stated(self) -> tuple[str, ...]:
        """Names of the fields that are filled, and of the `answers` given."""
        fields = ("cities", "timing", "rationale", "goals", "budget", "contributions")
        filled = (self.stops, *(getattr(self, field) for field in fields[1:]))
        answered = (name for name, said in self.answers.items() if said)
        return (*(name for name, said in zip(fields, filled, strict=True) if said), *answered)

    @property
    def outside(self) -> tuple[str, ...]:
        """Stops that are no partner cities, by name."""
        return tuple(stop.name for stop in self.stops if not stop.partner)


class MissionCommand(Command):
    """The fields of every act on a mission: its name, and the decision behind the act, if any."""

    mission: MissionId
    authority: DecisionRef | None = None

    @property
    def item(self) -> str:
        """The mission."""
        return self.mission
