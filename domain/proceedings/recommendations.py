"""Recommendations, and the fields of every act on a matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from domain.instruments import AdoptProvision, Instrument, ReplacePolicy
from domain.shared.messages import Citation, Command, Value
from domain.shared.provisions import Number, ProvisionDraft
from domain.shared.wordings import Wording

RecommendationId = Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)+$")]


class Recommendation(Value):
    """One recommendation: its text, and what it does when adopted.

    `id` is the document's or body's, then the number: `report-2001-11-07/1`, `committee/1`; it is
    its name for good, and `number` the one shown to people where that has moved. `wording` says
    whose words the text is in.
    """

    id: RecommendationId
    number: Number | None = None
    text: str = Field(min_length=1)
    instruments: tuple[Instrument, ...] = ()
    cites: tuple[Citation, ...] = ()
    wording: Wording | None = None


def drafts_in(recommendations: Mapping[str, Recommendation]) -> dict[str, ProvisionDraft]:
    """Return every provision that the recommendations propose, by address."""
    return {
        draft.address: draft
        for recommendation in recommendations.values()
        for instrument in recommendation.instruments
        for draft in drafts_of(instrument)
    }


def drafts_of(act: object) -> tuple[ProvisionDraft, ...]:
    """Return the provisions that an instrument proposes, with their texts."""
    match act:
        case AdoptProvision(draft=draft):
            return (draft,)
        case ReplacePolicy(provisions=provisions):
            return provisions
        case _:
            return ()


MatterId = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$")]
"""How a matter is named: the council's own number, such as `2024.EC13.5`, or small letters."""


class OfMatter(Value):
    """Something about one matter."""

    matter: MatterId


class MatterCommand(OfMatter, Command):
    """An act on a matter."""

    @property
    def item(self) -> str:
        """The matter, and the name of its document, motion or decision."""
        names = ("document", "deputation", "motion", "decision")
        return "/".join((self.matter, *(str(getattr(self, n)) for n in names if hasattr(self, n))))
