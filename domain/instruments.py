"""Instruments and statements, a class each: what a decision does, what a report states.

Names are stored; one without a suffix is the first version, a later one is `name.v2`. `ACT` names
the authority that a proposal needs: the term `<act>.approver` of a provision in force, where one
governs it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from domain.council.persons import OfficeHolder, Traveller
from domain.places import PlaceCode
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding
from domain.shared.messages import Citation, Slug, Value
from domain.shared.provisions import Address, Number, ProvisionDraft, TermChanges
from domain.shared.text_changes import TextChange
from domain.shared.wordings import Wording

FREE = "free"
"""The act of a proposal that any body may adopt, or that changes nothing."""

OWN = "own"
"""The act of a proposal whose context reads from the policy whose it is, and at which stage."""


Tier = Annotated[str, Field(min_length=1)]
"""A tier of a cited study, as its authors call it."""


class Side(StrEnum):
    """By whom, or by what, a partnership is suspended or ended."""

    US = "us"
    THEM = "them"
    BOTH = "both"
    CIRCUMSTANCE = "circumstance"
    EXPIRY = "expiry"


class PartnershipState(StrEnum):
    """How a partnership stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DORMANT = "dormant"
    EMERITUS = "emeritus"
    ENDED = "ended"
    EXPIRED = "expired"


class Proposal(Value):
    """The fields that every instrument and statement may carry."""

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
    everywhere: bool = False
    declared: Annotated[str, Field(min_length=1)] | None = None
    terms: TermChanges | Literal["unchanged"] | None = None


class ReplaceProvision(Proposal):
    """Delete a provision in force and insert another in its place."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["replace-provision"] = "replace-provision"
    address: Address
    text: str = Field(min_length=1)
    heading: str | None = None
    items: tuple[str, ...] = ()
    terms: TermChanges | Literal["unchanged"] | None = None
    wording: Wording | None = None


class DeleteProvision(Proposal):
    """Take a provision out of force."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["delete-provision"] = "delete-provision"
    address: Address


class AmendProvision(Proposal):
    """Change the wording of a provision in force: words, items of its list, its heading."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["amend-provision"] = "amend-provision"
    address: Address
    changes: tuple[TextChange, ...] = Field(min_length=1)
    declared: Annotated[str, Field(min_length=1)] | None = None
    terms: TermChanges | Literal["unchanged"] | None = None


class RenumberProvisions(Proposal):
    """Show provisions in force under other numbers; their addresses and history stay."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["renumber-provisions"] = "renumber-provisions"
    numbers: dict[Address, Number] = Field(min_length=1)


class RepealPolicy(Proposal):
    """Take the whole policy out of force, or all of it `under` an address."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["repeal-policy"] = "repeal-policy"
    under: Address | None = None


class ReplacePolicy(Proposal):
    """Put a new policy in the place of the one in force, or of all of it `under` an address."""

    ACT: ClassVar[str] = "policy"
    instrument: Literal["replace-policy"] = "replace-policy"
    provisions: tuple[ProvisionDraft, ...] = Field(min_length=1)
    under: Address | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        addresses = [draft.address for draft in self.provisions]
        if len(set(addresses)) < len(addresses):
            raise ValueError("a policy has one provision at an address")
        if outside := [a for a in addresses if not is_part_of_policy(self.under, a)]:
            raise ValueError(f"not under {self.under}: {', '.join(outside)}")
        return self


def is_part_of_policy(part: str | None, address: str) -> bool:
    """True where an address is a part of the policy, or under it; `None` is the whole policy."""
    return part is None or address == part or address.startswith(f"{part}/")


class ClassifyPartnership(Proposal):
    """Put a partner into a category, by its id or name; `request` is the one that asked for it."""

    ACT: ClassVar[str] = "classification"
    instrument: Literal["classify-partnership"] = "classify-partnership"
    city: PlaceCode
    classification: str = Field(min_length=1)
    reason: str | None = None
    request: str | None = None


class MovePartners(Proposal):
    """Move all partners of some categories into others, by ids or names.

    `mapping` gives the new category of each old one, null for none. `cities` limits it to these
    partners, as where a category is split.
    """

    ACT: ClassVar[str] = "classification"
    instrument: Literal["move-partners"] = "move-partners"
    mapping: dict[str, str | None] = Field(min_length=1)
    cities: tuple[PlaceCode, ...] = ()
    reason: str | None = None


class EnterPartnership(Proposal):
    """Enter a formal agreement with a city that is no partner, as a `request` asked for."""

    ACT: ClassVar[str] = "agreement"
    instrument: Literal["enter-partnership"] = "enter-partnership"
    city: PlaceCode
    established: When
    description: str = Field(min_length=1)
    request: str | None = None


class SetPartnershipState(Proposal):
    """Suspend or resume a partnership (`active`), or call it dormant or emeritus.

    A suspension may say `until` which day, or until what (`condition`).
    """

    ACT: ClassVar[str] = "partnership-state"
    instrument: Literal["set-partnership-state"] = "set-partnership-state"
    city: PlaceCode
    state: Literal[
        PartnershipState.ACTIVE,
        PartnershipState.SUSPENDED,
        PartnershipState.DORMANT,
        PartnershipState.EMERITUS,
    ]
    by: Side = Side.US
    until: When | None = None
    condition: str | None = None
    reason: str | None = None


class EndPartnership(Proposal):
    """End a partnership, or enter that the other side or a circumstance ended it."""

    ACT: ClassVar[str] = "agreement"
    instrument: Literal["end-partnership"] = "end-partnership"
    city: PlaceCode
    by: Side = Side.US
    reason: str | None = None
    request: str | None = None


class PartySide(StrEnum):
    """The two sides of an agreement."""

    OURS = "ours"
    THEIRS = "theirs"


class Party(Value):
    """A party, as the agreement names it; `place` is that of the other side's.

    `succeeded_by` names who is in its place now, where a predecessor signed.
    """

    name: str = Field(min_length=1)
    side: PartySide
    place: PlaceCode | None = None
    succeeded_by: str | None = None


class AgreementText(Value):
    """The text of an agreement: its kind, parties and days.

    `kind` is the council's word, such as letter of intent or twinning. It is in force once all
    parties have signed, those of `ratified_by` have ratified it, and not before the day `in_force`;
    `expires` is its last day. `partnership` says that it makes its places partners, `renews` names
    the agreement that it takes the place of.
    """

    kind: str = Field(min_length=1)
    description: str = Field(min_length=1)
    parties: tuple[Party, ...] = Field(min_length=2)
    in_force: When | None = None
    expires: When | None = None
    ratified_by: tuple[str, ...] = ()
    partnership: bool = False
    renews: Slug | None = None


class EnterAgreement(AgreementText, Proposal):
    """Approve an agreement, so that each party may sign it; `request` is the one that asked."""

    ACT: ClassVar[str] = "agreement"
    instrument: Literal["enter-agreement"] = "enter-agreement"
    agreement: Slug
    request: str | None = None


class RenewAgreement(Proposal):
    """Let an agreement go on until another last day, or without one."""

    ACT: ClassVar[str] = "agreement"
    instrument: Literal["renew-agreement"] = "renew-agreement"
    agreement: Slug
    expires: When | None = None
    reason: str | None = None


class EndAgreement(Proposal):
    """End an agreement, or enter that the other side or a circumstance ended it."""

    ACT: ClassVar[str] = "agreement"
    instrument: Literal["end-agreement"] = "end-agreement"
    agreement: Slug
    by: Side = Side.US
    reason: str | None = None


class GiveAgreementRole(Proposal):
    """Give somebody a role on an agreement, such as a body's representative; null for nobody."""

    ACT: ClassVar[str] = "agreement-role"
    instrument: Literal["give-agreement-role"] = "give-agreement-role"
    agreement: Slug
    role: str = Field(min_length=1)
    holder: OfficeHolder | None = None


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
    subject: Slug
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
    request: Slug
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
    | AmendProvision
    | RenumberProvisions
    | RepealPolicy
    | ReplacePolicy
    | ClassifyPartnership
    | MovePartners
    | EnterPartnership
    | SetPartnershipState
    | EndPartnership
    | EnterAgreement
    | RenewAgreement
    | EndAgreement
    | GiveAgreementRole
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


class AgreementExists(AgreementText, Proposal):
    """A report states an agreement, and the day on which each party signed it, and ratified it."""

    ACT: ClassVar[str] = FREE
    states: Literal["agreement-exists"] = "agreement-exists"
    agreement: Slug
    signed: dict[str, When] = Field(min_length=1)
    ratified: dict[str, When] = Field(default_factory=dict)


class PartnershipStateStated(Proposal):
    """A report says how a partnership stands; a decision says it with more force."""

    ACT: ClassVar[str] = FREE
    states: Literal["partnership-state"] = "partnership-state"
    city: PlaceCode
    state: PartnershipState
    by: Side | None = None
    until: When | None = None
    condition: str | None = None
    reason: str | None = None


class StudyCited(Proposal):
    """A report cites an edition of a study of world cities, with its tiers and marks."""

    ACT: ClassVar[str] = FREE
    states: Literal["study-cited"] = "study-cited"
    study: str = Field(min_length=1)
    edition: Slug
    authors: tuple[str, ...] = ()
    tiers: dict[Tier, tuple[str, ...]]
    marks: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class ExplorationIntended(Proposal):
    """Staff state that they mean to look at a possible relationship."""

    ACT: ClassVar[str] = FREE
    states: Literal["exploration-intended"] = "exploration-intended"
    subject: Slug
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
    PartnershipExists
    | PartnershipStateStated
    | AgreementExists
    | StudyCited
    | ExplorationIntended
    | ExplorationReported
    | ReportAnswers,
    Field(discriminator="states"),
]


ACTS = frozenset(act.ACT for act in get_args(get_args(Instrument)[0])) - {FREE, OWN}
"""Names of acts that need authority, as terms such as `policy.approver` and charters use them."""


def cannot_take_effect(act: ChangeTier) -> Finding:
    """Apply rule W1 to a motion or recommendation that would change a tier."""
    return Finding(
        rule="W1",
        answer=Answer.NOT_MET,
        reason=f"unable to take effect: no decision moves {act.city} to {act.tier}, "
        "the roster is a cited study",
    )
