"""Decisions: what a body resolved on a matter, and what it rests on."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from domain.council.bodies import BodyId
from domain.council.persons import OfficeHolder, Person
from domain.instruments import (
    AdoptProvision,
    ExceptStop,
    Instrument,
    RenumberProvisions,
    RepealPolicy,
    ReplacePolicy,
)
from domain.proceedings.recommendations import MatterCommand, OfMatter, Recommendation
from domain.proceedings.votes import Vote
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.messages import Basis, Command, DecisionRef, Event, ProvisionRef, Slug
from domain.shared.provisions import Address


class RecordEffect(Command):
    """Enter what a decision did, where its own entry did not say so."""

    KIND: ClassVar[str] = "record-effect"

    instrument: Instrument
    authority: DecisionRef | None = None
    effective_from: When | None = None

    @property
    def item(self) -> str:
        """The decision, the act, and what it is on."""
        act, by = self.instrument, self.authority
        decision = (by.matter, by.decision) if by else ()
        city = (act.city,) if isinstance(act, ExceptStop) else ()
        return "/".join(filter(None, (*decision, act.instrument, subject_of(act), *city)))


def subject_of(act: Instrument) -> str:
    """Return the subject of an act.

    It is an address, a place, or a mission, request, report or year by name.
    """
    if isinstance(act, AdoptProvision):
        return act.draft.address
    if isinstance(act, RenumberProvisions):
        return ", ".join(act.numbers)
    if isinstance(act, RepealPolicy | ReplacePolicy):
        return act.under or "policy"
    names = ("agreement", "mission", "city", "address", "subject", "request", "document", "year")
    return next((str(getattr(act, name)) for name in names if hasattr(act, name)), "")


class DecisionKind(StrEnum):
    """A decision of a body."""

    RECOMMEND = "recommend"
    REQUEST_REPORT = "request report"
    ADOPT = "adopt"
    ADOPT_AS_AMENDED = "adopt as amended"
    REFER = "refer"
    DEFER = "defer"
    TABLE = "table"
    """Put aside, with no day."""
    NO_RECOMMENDATION = "no recommendation"
    """Sent on by a body that recommends nothing, as on a tie."""
    RECEIVE = "receive"
    REJECT = "reject"
    LOST = "lost"
    """The question was put, and did not carry."""
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    """Ended without a vote, for want of a mover or a seconder or with a term."""
    CONFIRM = "confirm"
    RESCIND = "rescind"


ADOPTING = frozenset({DecisionKind.ADOPT, DecisionKind.ADOPT_AS_AMENDED})
ON_ANOTHER = frozenset({DecisionKind.CONFIRM, DecisionKind.RESCIND})
"""Decisions on an earlier one."""
ACTING = ADOPTING | ON_ANOTHER
"""Decisions that may carry instruments of their own."""
POSTPONING = frozenset({DecisionKind.DEFER, DecisionKind.REFER, DecisionKind.TABLE})
CLOSING = ACTING | {
    DecisionKind.RECEIVE,
    DecisionKind.REJECT,
    DecisionKind.LOST,
    DecisionKind.WITHDRAW,
    DecisionKind.LAPSE,
}
NOT_CARRIED = frozenset({DecisionKind.LOST, DecisionKind.NO_RECOMMENDATION})
"""Decisions by a vote that did not carry."""
SENDING = ", ".join(kind.value for kind in DecisionKind if kind not in CLOSING)
PUT_OFF = ", ".join(kind.value for kind in DecisionKind if kind in POSTPONING)


class Resolution(OfMatter):
    """A decision of a body. `adopts` names recommendations, `recommends` gives the body's own.

    `parts` names the recommendations that it is on, where the body divided the question; without
    it a decision is on all that is left. `until` is the day to which a matter is deferred, or by
    which a referral is answered, `meeting` the meeting as the papers name it; `to` is the body, or
    the office, to which it goes, and `asks` what is asked of it. `earlier` is the decision that is
    confirmed or rescinded. `not_entered` says what the papers say of amendments that carried and
    whose words are not in the record. `notice` is the notice of motion that it follows, and
    `notice_waived` the vote by which the body took up what no notice had been given of.
    """

    decision: Slug
    body: BodyId
    kind: DecisionKind
    summary: str = Field(min_length=1)
    adopts: tuple[str, ...] = ()
    recommends: tuple[Recommendation, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    notwithstanding: tuple[Address, ...] = ()
    to: BodyId | OfficeHolder | None = None
    until: When | None = None
    parts: tuple[str, ...] = ()
    meeting: Annotated[str, Field(min_length=1)] | None = None
    asks: Annotated[str, Field(min_length=1)] | None = None
    earlier: DecisionRef | None = None
    not_entered: Annotated[str, Field(min_length=1)] | None = None
    mover: Person | None = None
    seconder: Person | None = None
    vote: Vote | None = None
    notice: Slug | None = None
    notice_waived: Vote | None = None


class Reopening(OfMatter):
    """A body's decision to take up a matter again, or only `parts` of it."""

    decision: Slug
    body: BodyId
    reason: str = Field(min_length=1)
    parts: tuple[str, ...] = ()
    mover: Person | None = None
    seconder: Person | None = None
    vote: Vote | None = None


class Decide(Resolution, MatterCommand):
    """Enter what a body resolved. `relies_on` names provisions, with or without a version."""

    KIND: ClassVar[str] = "decide"

    effective_from: When | None = None
    relies_on: tuple[ProvisionRef | Address, ...] = ()

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.until and self.kind not in POSTPONING:
            raise ValueError(f"`until` belongs to a decision that puts a matter off: {PUT_OFF}")
        if self.meeting and self.kind not in POSTPONING:
            raise ValueError(f"`meeting` belongs to a decision that puts a matter off: {PUT_OFF}")
        for name in ("to", "asks"):
            if getattr(self, name) and self.kind in CLOSING:
                said = f"`{name}` belongs to a decision that sends a matter on: {SENDING}"
                raise ValueError(said)
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.earlier and self.kind not in ON_ANOTHER:
            raise ValueError("`earlier` belongs to a decision that confirms or rescinds another")
        if self.kind in ADOPTING and self.parts and self.adopts not in ((), self.parts):
            raise ValueError("a decision that adopts `parts` adopts these, and needs no `adopts`")
        if self.vote and self.kind is DecisionKind.LAPSE:
            raise ValueError("what lapses is not voted on: leave out `vote`")
        return self


class ReopenMatter(Reopening, MatterCommand):
    """Enter that a body reopened a matter by a decision of its own."""

    KIND: ClassVar[str] = "reopen-matter"


class DecisionTaken(Resolution, Event):
    """A body resolved on a matter: the authority that every effect cites.

    `final` says that the matter was the body's to decide, and not only its own part of it.
    `reaches_back_to` is the day before the decision from which its effects hold, where they do.
    `question` has all parts of the question that the body divided, decided or not.
    """

    TOPIC: ClassVar[str] = "decision-taken.v1"

    relies_on: tuple[ProvisionRef, ...]
    final: bool
    reaches_back_to: When | None = None
    findings: tuple[Finding, ...]
    question: tuple[str, ...] = ()

    @property
    def closes(self) -> bool:
        """True if the matter is decided by it, or the parts of it that it is on."""
        return self.final and self.kind in CLOSING


class MatterReopened(Reopening, Event):
    """A body reopened a matter that was closed."""

    TOPIC: ClassVar[str] = "matter-reopened.v1"

    findings: tuple[Finding, ...] = ()


def reference_to_decision(decision: DecisionTaken) -> DecisionRef:
    """Return how effects cite a decision."""
    return DecisionRef(matter=decision.matter, decision=decision.decision, body=decision.body)


def stated_effect_day(decision: DecisionTaken) -> When | None:
    """Return the day from which a decision says that it takes effect, where it says so."""
    own = None if decision.by_convention else decision.effective_from
    return decision.reaches_back_to or own


class Taken(Basis):
    """The dated part of a decision."""

    reaches_back_to: When | None


def dates_of_decision(basis: Basis) -> Taken:
    """Return the dates of a decision, which is its own authority and never before it was taken."""
    since, decided = basis["effective_from"], basis["decided_on"]
    own: Basis = {**basis, "authority": None}
    if since.first >= decided.first:
        return {**own, "reaches_back_to": None}
    return {**own, "effective_from": decided, "by_convention": True, "reaches_back_to": since}
