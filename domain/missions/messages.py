"""Every command and event of a mission: proposed, started, hosted, filed, closed, cancelled."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain.council.persons import OfficeHolder, Traveller
from domain.missions.budget import Costs, Given
from domain.missions.outline import Direction, MissionCommand, MissionId, MissionOutline, Year
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.messages import Event, ProvisionRef, Value


class ProposeMission(MissionCommand):
    """Propose a mission; said again of a mission that is not planned yet, it replaces the proposal.

    `cities` are codes or names. `official` is false for a study group. `economic_case` is the case
    of strong economic benefit that a city outside the programme needs. `answers` are to what the
    plan's provision asks beside these fields, by the provision's own words.
    """

    KIND: ClassVar[str] = "propose-mission"

    direction: Direction
    year: Year
    cities: tuple[str, ...] = Field(min_length=1)
    official: bool = True
    timing: When | None = None
    rationale: str | None = None
    goals: tuple[str, ...] = ()
    budget: Costs | None = None
    contributions: tuple[Given, ...] = ()
    economic_case: str | None = None
    one_city_because: str | None = None
    answers: dict[str, str] = Field(default_factory=dict)


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


class Owed(Value):
    """The documents that a mission owes when it is over, and the provision that asks for them.

    Where no provision in force asks for any, both are empty.
    """

    documents: tuple[str, ...] = ()
    provision: ProvisionRef | None = None


class FileMissionDocument(MissionCommand):
    """Enter a document that a mission owes, such as its summary report."""

    KIND: ClassVar[str] = "file-mission-document"

    kind: str = Field(min_length=1)
    document: str = Field(min_length=1)

    @property
    def item(self) -> str:
        """The mission and the kind of document."""
        return f"{self.mission}/{self.kind}"


class CloseMission(MissionCommand):
    """Close a mission that is completed and has filed what it owes."""

    KIND: ClassVar[str] = "close-mission"


class MissionDocumentFiled(Event):
    """A document that the mission owes was filed."""

    TOPIC: ClassVar[str] = "mission-document-filed.v1"

    mission: MissionId
    kind: str
    document: str


class MissionClosed(Event):
    """A mission is closed, with all that it owed."""

    TOPIC: ClassVar[str] = "mission-closed.v1"

    mission: MissionId
    documents: tuple[str, ...]
    findings: tuple[Finding, ...]


class NameHost(MissionCommand):
    """Name the official host of a visit, and who gives the formal welcome."""

    KIND: ClassVar[str] = "name-host"

    host: OfficeHolder
    welcome_by: str | None = None
    welcome_on: When | None = None


class MissionHostNamed(Event):
    """A visit has its official host, and its formal welcome is planned."""

    TOPIC: ClassVar[str] = "mission-host-named.v1"

    mission: MissionId
    host: OfficeHolder
    welcome_by: str | None
    welcome_on: When | None
    findings: tuple[Finding, ...]


class StartMission(MissionCommand):
    """Enter that a mission set out, or a visit arrived."""

    KIND: ClassVar[str] = "start-mission"


class CompleteMission(MissionCommand):
    """Enter that a mission came home or a visit ended; of a visit, that the welcome was given."""

    KIND: ClassVar[str] = "complete-mission"

    welcome_given: bool = False


class CancelMission(MissionCommand):
    """Cancel a mission; its place in the year's plan is free again."""

    KIND: ClassVar[str] = "cancel-mission"

    reason: str = Field(min_length=1)


class MissionPlanned(Event):
    """The year's plan lists the mission."""

    TOPIC: ClassVar[str] = "mission-planned.v1"

    mission: MissionId
    year: Year


class MissionDelegationApproved(Event):
    """The body that approves, or selects, the official delegation did so."""

    TOPIC: ClassVar[str] = "mission-delegation-approved.v1"

    mission: MissionId
    body: str
    travellers: tuple[Traveller, ...]
    consulted: tuple[str, ...]
    findings: tuple[Finding, ...]


class MissionStarted(Event):
    """A mission is under way."""

    TOPIC: ClassVar[str] = "mission-started.v1"

    mission: MissionId
    findings: tuple[Finding, ...]


class MissionCompleted(Event):
    """A mission ended; of a visit, whether the formal welcome was given."""

    TOPIC: ClassVar[str] = "mission-completed.v1"

    mission: MissionId
    welcome_given: bool | None
    owes: Owed
    """The documents it has to file, by the provision in force when it ended."""
    findings: tuple[Finding, ...]


class MissionCancelled(Event):
    """A mission will not take place."""

    TOPIC: ClassVar[str] = "mission-cancelled.v1"

    mission: MissionId
    reason: str


MissionEvent = (
    MissionProposed
    | MissionStopExcepted
    | MissionPlanned
    | MissionDelegationApproved
    | MissionHostNamed
    | MissionStarted
    | MissionCompleted
    | MissionDocumentFiled
    | MissionClosed
    | MissionCancelled
)


MissionAct = (
    NameHost | StartMission | CompleteMission | FileMissionDocument | CloseMission | CancelMission
)
