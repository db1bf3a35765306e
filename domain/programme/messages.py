"""Every command and event of a year's plan: drafted, listed, approved, submitted, amended."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain.missions.outline import MissionId, MissionOutline, Year
from domain.programme.limits import Difference
from domain.shared.findings import Finding
from domain.shared.messages import Command, DecisionRef, Event


class PlanCommand(Command):
    """The fields of every act on a plan: its year, and the decision behind the act, if any."""

    year: Year
    authority: DecisionRef | None = None

    @property
    def item(self) -> str:
        """The year."""
        return str(self.year)


class DraftPlan(PlanCommand):
    """Begin a year's business plan."""

    KIND: ClassVar[str] = "draft-plan"


class ListMission(PlanCommand):
    """List a proposed mission, outbound or inbound, in its year's plan."""

    KIND: ClassVar[str] = "list-mission"

    mission: MissionId

    @property
    def item(self) -> str:
        """The year and the mission."""
        return f"{self.year}/{self.mission}"


class SubmitPlan(PlanCommand):
    """Submit a plan; the plan stage ends with it."""

    KIND: ClassVar[str] = "submit-plan"

    document: str = Field(min_length=1)

    @property
    def item(self) -> str:
        """The year and the document."""
        return f"{self.year}/{self.document}"


class AmendPlan(PlanCommand):
    """Open a submitted plan again; what changes goes through the same steps."""

    KIND: ClassVar[str] = "amend-plan"

    reason: str = Field(min_length=1)


class PlanDrafted(Event):
    """A year's business plan was begun."""

    TOPIC: ClassVar[str] = "plan-drafted.v1"

    year: Year


class PlanEntryListed(Event):
    """The plan lists a mission."""

    TOPIC: ClassVar[str] = "plan-entry-listed.v1"

    year: Year
    outline: MissionOutline
    findings: tuple[Finding, ...]


class PlanEntryFreed(Event):
    """A listed mission was cancelled, and its place in the plan is free."""

    TOPIC: ClassVar[str] = "plan-entry-freed.v1"

    year: Year
    mission: MissionId
    reason: str


class PlanDiscrepancyOpened(Event):
    """Two provisions in force state different figures for one limit; the stricter one applies."""

    TOPIC: ClassVar[str] = "plan-discrepancy-opened.v1"

    year: Year
    difference: Difference


class PlanApproved(Event):
    """The body that approves a plan before its submission approved it."""

    TOPIC: ClassVar[str] = "plan-approved.v1"

    year: Year
    body: str
    findings: tuple[Finding, ...]


class PlanSubmitted(Event):
    """The plan was submitted, and lists so many official visits and outbound missions."""

    TOPIC: ClassVar[str] = "plan-submitted.v1"

    year: Year
    to: str | None
    document: str
    visits: int
    missions: int
    findings: tuple[Finding, ...]


class PlanConfirmed(Event):
    """The body that the plan was submitted to approved it as well."""

    TOPIC: ClassVar[str] = "plan-confirmed.v1"

    year: Year
    body: str
    findings: tuple[Finding, ...]


class PlanReopened(Event):
    """A submitted plan was opened again, to be amended."""

    TOPIC: ClassVar[str] = "plan-reopened.v1"

    year: Year
    reason: str


PlanEvent = (
    PlanDrafted
    | PlanEntryListed
    | PlanEntryFreed
    | PlanDiscrepancyOpened
    | PlanApproved
    | PlanSubmitted
    | PlanConfirmed
    | PlanReopened
)


PlanAct = DraftPlan | SubmitPlan | AmendPlan
