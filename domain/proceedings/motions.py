"""Recommendations, and the motions by which a body changes them before it decides."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.council.bodies import BodyId
from domain.council.persons import Person
from domain.instruments import Instrument
from domain.proceedings.recommendations import MatterCommand, OfMatter, Recommendation
from domain.proceedings.votes import Vote
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.messages import Citation, Event, Slug, Value
from domain.shared.provisions import Address, Number, ProvisionDraft, TermChanges
from domain.shared.text_changes import TextChange
from domain.shared.wordings import Wording

Target = Annotated[
    str,
    Field(
        pattern=r"^(recommendation(/[a-z0-9-]+){2,}"
        r"|provision/[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9()-]+)*"
        r"|motion/[a-z0-9]+(-[a-z0-9]+)*((/[a-z0-9-]+){2,})?)$"
    ),
]
"""The target of a motion: `recommendation/committee/1`, `provision/outbound/2`, or a pending
`motion/substitute`, of which a recommendation may follow (`motion/substitute/council/1`)."""


class Strike(Value):
    """Strike words. `declared` is the text the body says results; `enter` chooses between them."""

    operation: Literal["strike"] = "strike"
    target: Target
    words: str = Field(min_length=1)
    everywhere: bool = False
    declared: Annotated[str, Field(min_length=1)] | None = None
    enter: Literal["computed", "declared"] | None = None
    terms: TermChanges | Literal["unchanged"] | None = None
    instruments: tuple[Instrument, ...] | Literal["unchanged"] | None = None


class Amend(Value):
    """Change the wording: words inserted, replaced or struck, an item of a list, a heading."""

    operation: Literal["amend"] = "amend"
    target: Target
    changes: tuple[TextChange, ...] = Field(min_length=1)
    declared: Annotated[str, Field(min_length=1)] | None = None
    enter: Literal["computed", "declared"] | None = None
    terms: TermChanges | Literal["unchanged"] | None = None
    instruments: tuple[Instrument, ...] | Literal["unchanged"] | None = None


class DeleteAndInsert(Value):
    """Delete a provision or the text of a recommendation, and insert another in its place."""

    operation: Literal["delete-and-insert"] = "delete-and-insert"
    target: Target
    text: str = Field(min_length=1)
    heading: str | None = None
    items: tuple[str, ...] = ()
    terms: TermChanges | Literal["unchanged"] | None = None
    cites: tuple[Citation, ...] = ()
    wording: Wording | None = None
    instruments: tuple[Instrument, ...] | Literal["unchanged"] | None = None


class Substitute(Value):
    """Put other recommendations in the place of those named."""

    operation: Literal["substitute"] = "substitute"
    targets: tuple[Target, ...] = Field(min_length=1)
    recommendations: tuple[Recommendation, ...] = Field(min_length=1)


class Renumber(Value):
    """Show recommendations or provisions under other numbers; their names stay."""

    operation: Literal["renumber"] = "renumber"
    numbers: dict[Target, Number] = Field(min_length=1)


class Move(Value):
    """Move a recommendation or provision to another place, where it has another number."""

    operation: Literal["move"] = "move"
    target: Target
    to: Number


class Delete(Value):
    """Delete a provision or recommendation and put nothing in its place."""

    operation: Literal["delete"] = "delete"
    target: Target


class Add(Value):
    """Add a recommendation."""

    operation: Literal["add"] = "add"
    recommendation: Recommendation


class SubjectTo(Value):
    """Make adoption subject to a change for which no resulting text is given."""

    operation: Literal["subject-to"] = "subject-to"
    target: str = Field(min_length=1)
    change: str = Field(min_length=1)
    instruments: tuple[Instrument, ...] = ()


Operation = Annotated[
    Strike | Amend | DeleteAndInsert | Delete | Substitute | Renumber | Move | Add | SubjectTo,
    Field(discriminator="operation"),
]


def added_by(operation: Operation) -> tuple[Recommendation, ...]:
    """Return the recommendations that an operation puts before the body."""
    match operation:
        case Add(recommendation=recommendation):
            return (recommendation,)
        case Substitute(recommendations=recommendations):
            return recommendations
        case _:
            return ()


def targets_of(operation: Operation) -> tuple[str, ...]:
    """Return the recommendations, provisions or motions that an operation is on."""
    match operation:
        case Add():
            return ()
        case Substitute(targets=targets):
            return targets
        case Renumber(numbers=numbers):
            return tuple(numbers)
        case _:
            return (operation.target,)


class Result(StrEnum):
    """How a motion ended."""

    CARRIED = "carried"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    OUT_OF_ORDER = "ruled out of order"


class Notice(OfMatter):
    """A notice of motion: the text that a member will move, at a later meeting or on a day."""

    notice: Slug
    body: BodyId
    text: str = Field(min_length=1)
    by: Person | None = None
    until: When | None = None
    meeting: Annotated[str, Field(min_length=1)] | None = None


class GiveNotice(Notice, MatterCommand):
    """Enter a notice of motion."""

    KIND: ClassVar[str] = "give-notice"

    @property
    def item(self) -> str:
        """The matter, and the notice."""
        return f"{self.matter}/{self.notice}"


class NoticeGiven(Notice, Event):
    """A member gave notice of a motion."""

    TOPIC: ClassVar[str] = "notice-given.v1"


VOTED = frozenset({Result.CARRIED, Result.LOST})


class Motion(OfMatter):
    """A motion as moved; `prompted_by` names the letters and deputations behind it.

    `notice` is the notice of motion that it follows, and `notice_waived` the vote by which the body
    let it be moved without the notice that is due.
    """

    motion: Slug
    body: BodyId
    operation: Operation
    mover: Person | None = None
    seconder: Person | None = None
    notice: Slug | None = None
    notice_waived: Vote | None = None
    prompted_by: tuple[Slug, ...] = ()


class MoveMotion(Motion, MatterCommand):
    """Enter a motion, with its result where that is known. Mover and count may be unknown."""

    KIND: ClassVar[str] = "move-motion"

    result: Result | None = None
    reason: str | None = None
    vote: Vote | None = None

    @model_validator(mode="after")
    def _voted(self) -> Self:
        _require_voted(self.result, self.vote)
        return self


class DisposeOfMotion(MatterCommand):
    """Enter how a motion ended."""

    KIND: ClassVar[str] = "dispose-of-motion"

    motion: Slug
    body: BodyId
    result: Result
    reason: str | None = None
    vote: Vote | None = None

    @model_validator(mode="after")
    def _voted(self) -> Self:
        _require_voted(self.result, self.vote)
        return self


def _require_voted(result: Result | None, vote: Vote | None) -> None:
    if vote and result not in VOTED:
        raise ValueError("a `vote` belongs to a motion with the result carried or lost")


class MotionMoved(Motion, Event):
    """A change was moved. `findings` say so where it cannot take effect."""

    TOPIC: ClassVar[str] = "motion-moved.v1"

    findings: tuple[Finding, ...]


class MotionCarried(OfMatter, Event):
    """A motion carried, and its target now reads so.

    `computed` is what the words as moved make of the text, kept where `declared` says otherwise.
    A motion on several targets has `recommendations` and `drafts`; `dropped` are recommendations
    that are no longer before the body. One that `amends` a pending motion has its `operation` as
    it reads now.
    """

    TOPIC: ClassVar[str] = "motion-carried.v1"

    motion: Slug
    body: BodyId
    recommendation: Recommendation | None
    draft: ProvisionDraft | None
    removed: Address | None
    computed: str | None
    declared: str | None
    findings: tuple[Finding, ...]
    vote: Vote | None = None
    recommendations: tuple[Recommendation, ...] = ()
    drafts: tuple[ProvisionDraft, ...] = ()
    dropped: tuple[str, ...] = ()
    amends: Slug | None = None
    operation: Operation | None = None

    @property
    def recommended(self) -> tuple[Recommendation, ...]:
        """Every recommendation that it made, or that reads otherwise by it."""
        return (*filter(None, (self.recommendation,)), *self.recommendations)

    @property
    def redrafted(self) -> tuple[ProvisionDraft, ...]:
        """Every proposed provision that reads otherwise by it."""
        return (*filter(None, (self.draft,)), *self.drafts)


class MotionFailed(OfMatter, Event):
    """A motion was lost, withdrawn or ruled out of order."""

    TOPIC: ClassVar[str] = "motion-failed.v1"

    motion: Slug
    body: BodyId
    result: Result
    reason: str | None
    findings: tuple[Finding, ...] = ()
    vote: Vote | None = None
