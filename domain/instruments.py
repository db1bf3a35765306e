"""Typed proposals: what a recommendation does when it is adopted, and what a report states.

Names are stored; one without a suffix is the first version, a later one is `name.v2`. `ACT` names
the authority that a proposal needs: the term `<act>.approver` of a provision in force, where one
governs it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.cities import PlaceCode
from domain.dates import When
from domain.delegations import Traveller
from domain.facts import Address, ProvisionDraft, Terms
from domain.kernel import Answer, Citation, Finding, Value

FREE = "free"
"""The act of a proposal that any body may adopt, or that changes nothing."""

OWN = "own"
"""The act of a proposal whose context reads from the policy whose it is, and at which stage."""


class Classification(StrEnum):
    """The two classes of a partnership."""

    INTERNATIONAL = "International"
    HISTORICAL = "Historical"


class Tier(StrEnum):
    """The tiers of the cited study."""

    ALPHA = "Alpha"
    BETA = "Beta"
    GAMMA = "Gamma"


class Proposal(Value):
    """What every instrument and statement may carry."""

    ACT: ClassVar[str]

    cites: tuple[Citation, ...] = ()


class AdoptProvision(Proposal):
    """Put a provision in force where there is none."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["adopt-provision"] = "adopt-provision"
    draft: ProvisionDraft


class StrikeFromProvision(Proposal):
    """Strike words from a provision in force."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["strike-from-provision"] = "strike-from-provision"
    address: Address
    words: str = Field(min_length=1)
    declared: Annotated[str, Field(min_length=1)] | None = None
    terms: Terms | Literal["unchanged"] | None = None


class ReplaceProvision(Proposal):
    """Delete a provision in force and insert another in its place."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["replace-provision"] = "replace-provision"
    address: Address
    text: str = Field(min_length=1)
    heading: str | None = None
    items: tuple[str, ...] = ()
    terms: Terms | Literal["unchanged"] | None = None


class DeleteProvision(Proposal):
    """Take a provision out of force."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["delete-provision"] = "delete-provision"
    address: Address


class ClassifyPartnership(Proposal):
    """Give a partnership its class, or another one; `request` is the one that asked for it."""

    ACT: ClassVar[str] = "classification"
    instrument: Literal["classify-partnership"] = "classify-partnership"
    city: PlaceCode
    classification: Classification
    reason: str | None = None
    request: str | None = None


class EnterPartnership(Proposal):
    """Enter a formal agreement with a city that is no partner, as a `request` asked for."""

    ACT: ClassVar[str] = "agreement"
    instrument: Literal["enter-partnership"] = "enter-partnership"
    city: PlaceCode
    established: When
    description: str = Field(min_length=1)
    request: str | None = None


class EndPartnership(Proposal):
    """End a partnership."""

    ACT: ClassVar[str] = "agreement"
    instrument: Literal["end-partnership"] = "end-partnership"
    city: PlaceCode
    reason: str | None = None
    request: str | None = None


class TargetCity(Proposal):
    """Add a city to the targeted list."""

    ACT: ClassVar[str] = "classification"
    instrument: Literal["target-city"] = "target-city"
    city: PlaceCode


class DropTargetedCity(Proposal):
    """Take a city off the targeted list."""

    ACT: ClassVar[str] = "classification"
    instrument: Literal["drop-targeted-city"] = "drop-targeted-city"
    city: PlaceCode
    reason: str | None = None


class Explore(Proposal):
    """Look at a possible relationship, with or without a report back."""

    ACT: ClassVar[str] = "exploration"
    instrument: Literal["explore"] = "explore"
    subject: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    name: str = Field(min_length=1)
    places: tuple[PlaceCode, ...] = ()
    report_back: bool
    purpose: str | None = None


class ChangeTier(Proposal):
    """Move a city to a tier of a cited study: no body's decision can (rule W1)."""

    ACT: ClassVar[str] = FREE
    instrument: Literal["change-tier"] = "change-tier"
    city: PlaceCode
    tier: Tier


class RequestReport(Proposal):
    """Ask an office for a report, once or every year; `due` where the source states a day."""

    ACT: ClassVar[str] = FREE
    instrument: Literal["request-report"] = "request-report"
    request: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    office: str = Field(min_length=1)
    about: str = Field(min_length=1)
    to: str = Field(min_length=1)
    yearly: bool = False
    due: When | None = None


class AuthoriseOfficials(Proposal):
    """Authorise and direct officials to carry the decision out."""

    ACT: ClassVar[str] = FREE
    instrument: Literal["authorise-officials"] = "authorise-officials"


class AdoptReport(Proposal):
    """Adopt a report: all that its recommendations do, each under its own authority."""

    ACT: ClassVar[str] = FREE
    instrument: Literal["adopt-report"] = "adopt-report"
    document: str = Field(min_length=1)


class ApproveDelegation(Proposal):
    """Approve, or select, the official delegation of a mission; the provision says whose it is."""

    ACT: ClassVar[str] = OWN
    instrument: Literal["approve-delegation"] = "approve-delegation"
    mission: str = Field(min_length=1)
    travellers: tuple[Traveller, ...] = Field(min_length=1)
    consulted: tuple[str, ...] = ()


class ExceptStop(Proposal):
    """Let one mission stop at a city where the programme sends none."""

    ACT: ClassVar[str] = "programme"
    instrument: Literal["except-stop"] = "except-stop"
    mission: str = Field(min_length=1)
    city: str = Field(min_length=1)
    reason: str | None = None


class ApprovePlan(Proposal):
    """Approve a year's plan, before its submission or after it; the provision says whose it is."""

    ACT: ClassVar[str] = OWN
    instrument: Literal["approve-plan"] = "approve-plan"
    year: int


class ApproveAgreement(Proposal):
    """Approve the agreement that a request asks for, so that it may be prepared and signed."""

    ACT: ClassVar[str] = "agreement"
    instrument: Literal["approve-agreement"] = "approve-agreement"
    request: str = Field(min_length=1)


Instrument = Annotated[
    AdoptProvision
    | StrikeFromProvision
    | ReplaceProvision
    | DeleteProvision
    | ClassifyPartnership
    | EnterPartnership
    | EndPartnership
    | TargetCity
    | DropTargetedCity
    | Explore
    | ChangeTier
    | RequestReport
    | AuthoriseOfficials
    | AdoptReport
    | ApproveDelegation
    | ExceptStop
    | ApprovePlan
    | ApproveAgreement,
    Field(discriminator="instrument"),
]


class PartnershipExists(Proposal):
    """A report states that a formal relationship exists, since a year."""

    ACT: ClassVar[str] = FREE
    states: Literal["partnership-exists"] = "partnership-exists"
    city: PlaceCode
    established: When
    description: str = Field(min_length=1)


class StudyCited(Proposal):
    """A report cites an edition of a study of world cities, with its tiers and marks."""

    ACT: ClassVar[str] = FREE
    states: Literal["study-cited"] = "study-cited"
    study: str = Field(min_length=1)
    edition: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    authors: tuple[str, ...] = ()
    tiers: dict[Tier, tuple[str, ...]]
    marks: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class ExplorationIntended(Proposal):
    """Staff state that they mean to look at a possible relationship."""

    ACT: ClassVar[str] = FREE
    states: Literal["exploration-intended"] = "exploration-intended"
    subject: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    name: str = Field(min_length=1)
    places: tuple[PlaceCode, ...] = ()
    purpose: str | None = None


class ExplorationReported(Proposal):
    """A report gives the assessment that an exploration owed."""

    ACT: ClassVar[str] = FREE
    states: Literal["exploration-reported"] = "exploration-reported"
    subject: str = Field(min_length=1)


class ReportAnswers(Proposal):
    """A report is the one that a body had asked for."""

    ACT: ClassVar[str] = FREE
    states: Literal["report-answers"] = "report-answers"
    request: str = Field(min_length=1)


Statement = Annotated[
    PartnershipExists | StudyCited | ExplorationIntended | ExplorationReported | ReportAnswers,
    Field(discriminator="states"),
]


def cannot_take_effect(act: ChangeTier) -> Finding:
    """What rule W1 says of a motion or recommendation to change a tier."""
    return Finding(
        rule="W1",
        answer=Answer.NOT_MET,
        reason=f"unable to take effect: no decision moves {act.city} to {act.tier}, "
        "the roster is a cited study",
    )
