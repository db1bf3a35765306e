"""Proposals of missions: what is meant to be done, and what a decision excepts from the rules."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain.budgets import Budget, Contribution
from domain.dates import When
from domain.itineraries import Direction, MissionCommand, MissionId, MissionOutline, Year
from domain.kernel import Event, Finding


class ProposeMission(MissionCommand):
    """Propose a mission; said again of a mission that is not planned yet, it replaces the proposal.

    `cities` are codes or names. `official` is false for a study group. `economic_case` is the case
    of strong economic benefit that a city outside the programme needs.
    """

    KIND: ClassVar[str] = "propose-mission"

    direction: Direction
    year: Year
    cities: tuple[str, ...] = Field(min_length=1)
    official: bool = True
    timing: When | None = None
    rationale: str | None = None
    goals: tuple[str, ...] = ()
    budget: Budget | None = None
    contributions: tuple[Contribution, ...] = ()
    economic_case: str | None = None
    one_city_because: str | None = None


class MissionProposed(Event):
    """A mission was proposed, or an earlier proposal replaced."""

    TOPIC: ClassVar[str] = "mission-proposed.v1"

    outline: MissionOutline
    findings: tuple[Finding, ...]


class MissionStopExcepted(Event):
    """A decision that names the mission lets it stop where the programme does not go."""

    TOPIC: ClassVar[str] = "mission-stop-excepted.v1"

    mission: MissionId
    city: str
    reason: str | None
