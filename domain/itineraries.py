"""Where a mission goes and what for: the outline that a proposal makes and a plan lists."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.budgets import Budget, Contribution
from domain.cities import Place
from domain.dates import When
from domain.instruments import Classification
from domain.kernel import Command, DecisionRef, Value

MissionId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Year = Annotated[int, Field(ge=1900, le=2999)]
"""A calendar year of the programme."""


class Direction(StrEnum):
    """Outbound: Toronto travels. Inbound: Toronto hosts."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class CityStanding(Value):
    """What a place is to the city on a day: partner of a class or of none, targeted, or neither."""

    place: Place
    partner: bool = False
    classification: Classification | None = None
    targeted: bool = False

    @property
    def name(self) -> str:
        """The place's name."""
        return self.place.name

    @property
    def column(self) -> str | None:
        """The column of the programming table that it stands in."""
        if self.classification:
            return self.classification.value.casefold()
        return "targeted" if self.targeted else None


class MissionOutline(Value):
    """All that is proposed for a mission. `official` is false for a study group."""

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

    @property
    def outbound(self) -> bool:
        """Whether the city travels."""
        return self.direction is Direction.OUTBOUND

    @property
    def counted_visit(self) -> bool:
        """Whether it is an official visit, which the plan's limits count."""
        return not self.outbound and self.official

    @property
    def outside(self) -> tuple[str, ...]:
        """Stops that are no partner cities, by name."""
        return tuple(stop.name for stop in self.stops if not stop.partner)


class MissionCommand(Command):
    """What every act on a mission says: which one, and the decision behind it, if any."""

    mission: MissionId
    authority: DecisionRef | None = None

    @property
    def item(self) -> str:
        """The mission."""
        return self.mission
