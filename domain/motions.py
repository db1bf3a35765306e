"""Recommendations, and the motions by which a body changes them before it decides."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.authority import BodyId, Person
from domain.facts import Address, ProvisionDraft, Terms
from domain.instruments import AdoptProvision, Instrument
from domain.items import ItemId, MatterCommand, OfMatter
from domain.kernel import Citation, Event, Finding, Value

RecommendationId = Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)+$")]


class Recommendation(Value):
    """One recommendation: its text, and what it does when adopted.

    `id` is the document's or body's, then the number: `report-2001-11-07/1`, `committee/1`.
    """

    id: RecommendationId
    text: str = Field(min_length=1)
    instruments: tuple[Instrument, ...] = ()
    cites: tuple[Citation, ...] = ()


Target = Annotated[
    str,
    Field(
        pattern=r"^(recommendation(/[a-z0-9-]+){2,}"
        r"|provision/[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9()-]+)*)$"
    ),
]
"""What a motion changes: `recommendation/committee/1` or `provision/outbound/2`."""


class Strike(Value):
    """Strike words. `declared` is the text the body says results; `enter` chooses between them."""

    operation: Literal["strike"] = "strike"
    target: Target
    words: str = Field(min_length=1)
    declared: Annotated[str, Field(min_length=1)] | None = None
    enter: Literal["computed", "declared"] | None = None
    terms: Terms | Literal["unchanged"] | None = None
    instruments: tuple[Instrument, ...] | Literal["unchanged"] | None = None


class DeleteAndInsert(Value):
    """Delete a provision and insert another in its place."""

    operation: Literal["delete-and-insert"] = "delete-and-insert"
    target: Target
    text: str = Field(min_length=1)
    heading: str | None = None
    items: tuple[str, ...] = ()
    terms: Terms | Literal["unchanged"] | None = None
    cites: tuple[Citation, ...] = ()


class Delete(Value):
    """Delete a provision and put nothing in its place."""

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
    Strike | DeleteAndInsert | Delete | Add | SubjectTo, Field(discriminator="operation")
]


class Result(StrEnum):
    """How a motion ended."""

    CARRIED = "carried"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    OUT_OF_ORDER = "ruled out of order"


class Motion(OfMatter):
    """A motion as moved; `prompted_by` names the letters and deputations behind it."""

    motion: ItemId
    body: BodyId
    operation: Operation
    mover: Person | None = None
    prompted_by: tuple[ItemId, ...] = ()


class MoveMotion(Motion, MatterCommand):
    """Enter a motion, with its result where that is known. Mover and count may be unknown."""

    KIND: ClassVar[str] = "move-motion"

    result: Result | None = None
    reason: str | None = None


class DisposeOfMotion(MatterCommand):
    """Enter how a motion ended."""

    KIND: ClassVar[str] = "dispose-of-motion"

    motion: ItemId
    body: BodyId
    result: Result
    reason: str | None = None


class MotionMoved(Motion, Event):
    """A change was moved. `findings` say so where it cannot take effect."""

    TOPIC: ClassVar[str] = "motion-moved.v1"

    findings: tuple[Finding, ...]


class MotionCarried(OfMatter, Event):
    """A motion carried, and its target now reads so.

    `computed` is what the words as moved make of the text, kept where `declared` says otherwise.
    """

    TOPIC: ClassVar[str] = "motion-carried.v1"

    motion: ItemId
    body: BodyId
    recommendation: Recommendation | None
    draft: ProvisionDraft | None
    removed: Address | None
    computed: str | None
    declared: str | None


class MotionFailed(OfMatter, Event):
    """A motion was lost, withdrawn or ruled out of order."""

    TOPIC: ClassVar[str] = "motion-failed.v1"

    motion: ItemId
    body: BodyId
    result: Result
    reason: str | None


def drafts_in(recommendations: Mapping[str, Recommendation]) -> dict[str, ProvisionDraft]:
    """Every provision that the recommendations propose, by address."""
    return {
        instrument.draft.address: instrument.draft
        for recommendation in recommendations.values()
        for instrument in recommendation.instruments
        if isinstance(instrument, AdoptProvision)
    }
