"""The part of a matter's item in the story of a fact: what it is to it, and how much it counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from domain.proceedings.decisions import DecisionKind
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Event
from projections.explanation.account import Role

PASSED_ON = {
    DecisionKind.REFER: "referred the matter",
    DecisionKind.DEFER: "put the matter off",
    DecisionKind.RECEIVE: "received the matter and did no more",
    DecisionKind.REJECT: "rejected the matter",
    DecisionKind.TABLE: "put the matter aside",
    DecisionKind.NO_RECOMMENDATION: "sent the matter on without a recommendation",
    DecisionKind.LOST: "put the matter to a vote that did not carry",
    DecisionKind.WITHDRAW: "withdrew the matter",
    DecisionKind.LAPSE: "let the matter lapse",
    DecisionKind.CONFIRM: "confirmed an earlier decision",
    DecisionKind.RESCIND: "rescinded an earlier decision",
}
"""The acts of decisions that leave a matter where it was, or end it without an adoption."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry with its part in the story of a subject.

    `outcome` is the vote that ended a motion, or the correction that replaced the entry.
    """

    entry: Recorded[Event]
    role: Role
    relation: str
    by_name: bool = False
    outcome: Recorded[Event] | None = None
    passages: tuple[str, ...] = ()
    cites: tuple[Citation, ...] = ()


class Weight(Enum):
    """How much an item counts for the fact."""

    DECIDES = auto()
    AMENDS = auto()
    PROPOSES = auto()
    ALLOWS = auto()
    FOLLOWS = auto()
    SPEAKS = auto()


class Part(NamedTuple):
    """The role of an item in the story of a fact, and how much the item counts."""

    relation: str
    weight: Weight = Weight.PROPOSES
