"""Decisions: what a body resolved on a matter, and what it rests on."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from domain.authority import BodyId
from domain.dates import When
from domain.facts import Address
from domain.instruments import Instrument
from domain.items import ItemId, MatterCommand, OfMatter
from domain.kernel import DecisionRef, Event, Finding, ProvisionRef
from domain.motions import Recommendation


class DecisionKind(StrEnum):
    """What a body resolved."""

    RECOMMEND = "recommend"
    REQUEST_REPORT = "request report"
    ADOPT = "adopt"
    ADOPT_AS_AMENDED = "adopt as amended"
    REFER = "refer"
    DEFER = "defer"
    RECEIVE = "receive"
    REJECT = "reject"


ADOPTING = frozenset({DecisionKind.ADOPT, DecisionKind.ADOPT_AS_AMENDED})
CLOSING = ADOPTING | {DecisionKind.RECEIVE, DecisionKind.REJECT}


class Resolution(OfMatter):
    """What a body resolved. `adopts` names recommendations, `recommends` gives the body's own."""

    decision: ItemId
    body: BodyId
    kind: DecisionKind
    summary: str = Field(min_length=1)
    adopts: tuple[str, ...] = ()
    recommends: tuple[Recommendation, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    notwithstanding: tuple[Address, ...] = ()
    to: str | None = None
    until: When | None = None


class Reopening(OfMatter):
    """A body's decision to take up a matter again."""

    decision: ItemId
    body: BodyId
    reason: str = Field(min_length=1)


class Decide(Resolution, MatterCommand):
    """Enter what a body resolved. `relies_on` names provisions, with or without a version."""

    KIND: ClassVar[str] = "decide"

    effective_from: When | None = None
    relies_on: tuple[ProvisionRef | Address, ...] = ()


class ReopenMatter(Reopening, MatterCommand):
    """Enter that a body reopened a matter by a decision of its own."""

    KIND: ClassVar[str] = "reopen-matter"


class DecisionTaken(Resolution, Event):
    """A body resolved on a matter: the authority that every effect cites."""

    TOPIC: ClassVar[str] = "decision-taken.v1"

    relies_on: tuple[ProvisionRef, ...]
    findings: tuple[Finding, ...]


class MatterReopened(Reopening, Event):
    """A body reopened a matter that was closed."""

    TOPIC: ClassVar[str] = "matter-reopened.v1"


def reference(decision: DecisionTaken) -> DecisionRef:
    """How effects cite a decision."""
    return DecisionRef(matter=decision.matter, decision=decision.decision, body=decision.body)
