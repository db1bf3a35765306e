"""Bodies, who may decide what, and what must be decided: by a provision, else the residue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, TypeVar

from pydantic import Field, model_validator

from domain.shared.codes import CountryCode, Currency, Language, TimeZone
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.messages import (
    Command,
    DecisionRef,
    Event,
    ProvisionRef,
    Slug,
    StreamId,
    Value,
)
from domain.shared.problems import Refusal
from domain.shared.provisions import PolicyInForce, bodies_in


class NoDecision(Refusal):
    """An effect must name a decision that authorises it and is in the record."""

    rule = "A1"
    act: str
    authority: DecisionRef | None


class NoDecisionOnClass(NoDecision):
    """A change of class, or of the targeted list, must name the decision behind it."""

    rule = "C1"


class DecidedAfterwards(Refusal):
    """A decision cannot authorise what is, or may be, before it.

    `instead` is the part of the date that is not too early: write it in place of the date.
    """

    rule = "A1"

    act: str
    authority: DecisionRef
    decided_on: When
    on: When
    instead: When | None = None


def require_decided_by(act: str, authority: DecisionRef, decided_on: When, on: When) -> None:
    """Raise `DecidedAfterwards` for an act that may be before any day of the decision (rule A1).

    It would be shown as possible on a day on which the decision cannot have been taken. Whether an
    act on a sitting day of the meeting came before the decision, nobody can tell: the clerk is
    believed.
    """
    if on.first < decided_on.first:
        raise DecidedAfterwards(
            act=act,
            authority=authority,
            decided_on=decided_on,
            on=on,
            instead=on.since(decided_on.first),
        )


STREAM = StreamId("charter")

C = TypeVar("C", bound="Charter")

BodyId = Slug


class Body(Value):
    """A body that decides or advises.

    `succeeds` names bodies whose place it takes once they are no more, `acts_for` bodies or offices
    in whose place it may act while they are there: a city manager for the mayor.
    """

    id: BodyId
    name: str = Field(min_length=1)
    succeeds: tuple[BodyId, ...] = ()
    acts_for: tuple[BodyId, ...] = ()


class Charter(Value):
    """The city, its bodies, and the one that decides where no provision says otherwise.

    `country` is by ISO 3166-1, `languages` are by BCP 47 and the first is the one texts are in
    unless they say another, `time_zone` is by IANA and says which day it is, `currency` is by
    ISO 4217 and has the minor units of that standard. A register answers without them, too.

    `retroactive` names the acts that may take hold before the day on which they are decided, as in
    the term `policy.approver`: `policy`, `agreement`, `classification` or `exploration`.
    """

    edition: str = Field(min_length=1)
    city: str | None = Field(default=None, min_length=1)
    country: CountryCode | None = None
    languages: tuple[Language, ...] = ()
    time_zone: TimeZone | None = None
    currency: Currency | None = None
    retroactive: tuple[str, ...] = ()
    bodies: tuple[Body, ...] = Field(min_length=1)
    residual_authority: BodyId

    @model_validator(mode="after")
    def _residue_is_a_body(self) -> Charter:
        if self.residual_authority not in {body.id for body in self.bodies}:
            raise ValueError(f"residual_authority {self.residual_authority!r} is not a body")
        return self

    def names(self) -> Mapping[str, str]:
        """Return body names by id."""
        return {body.id: body.name for body in self.bodies}

    def now(self, body: str) -> tuple[str, ...]:
        """Return the body while it exists, else its successors; empty if nobody took its place.

        A body that was split has several successors.
        """
        if body in self.names():
            return (body,)
        return tuple(each.id for each in self.bodies if body in each.succeeds)

    def stands_for(self, body: str) -> frozenset[str]:
        """Return a body, those whose place it took, and those for which it may act."""
        own = next((each for each in self.bodies if each.id == body), None)
        if own is None:
            return frozenset((body,))
        there = {heir for each in own.acts_for for heir in (each, *self.now(each))}
        held = {body, *there}
        taken = {p for each in self.bodies if each.id in held for p in each.succeeds}
        return frozenset(held | (taken - self.names().keys()))

    def may_act(self, body: str, named: Iterable[str]) -> bool:
        """True where a body may do what belongs to any of the bodies named.

        What belongs to bodies that are no more, and that nobody succeeded, falls to the residual
        authority.
        """
        named = tuple(named)
        stands_for = self.stands_for(body)
        if not stands_for.isdisjoint(named):
            return True
        left = not any(self.now(each) for each in named)
        return left and self.residual_authority in stands_for

    def ended(self, body: str) -> When | None:
        """Return the day from which a body no longer exists; `None` if it exists or never did."""
        return None


class CharterInForce(Charter):
    """A charter with every change since: each body has all that it succeeds, however long ago.

    `gone` has the bodies that no longer exist, by the day of their end.
    """

    gone: dict[str, When] = Field(default_factory=dict[str, When])

    def ended(self, body: str) -> When | None:
        """Return the day from which a body no longer exists; `None` if it exists or never did."""
        return self.gone.get(body)


class RecordCharter(Command):
    """Enter the bodies of this city."""

    KIND: ClassVar[str] = "record-charter"

    charter: Charter

    @property
    def item(self) -> str:
        """The edition."""
        return self.charter.edition


class CharterRecorded(Event):
    """These bodies exist, and this one holds the residual authority.

    `findings` name provisions in force whose body is no more by it.
    """

    TOPIC: ClassVar[str] = "charter-recorded.v1"

    charter: Charter
    findings: tuple[Finding, ...] = ()


class UnknownAct(Refusal):
    """The charter's `retroactive` names something that is not an act of a decision."""

    rule = "A3"
    acts: tuple[str, ...]
    known: tuple[str, ...]


class UnknownBody(Refusal):
    """The body is not in the charter in force."""

    rule = "A1"
    body: str
    known: tuple[str, ...]


class BodyNoMore(Refusal):
    """The body no longer exists on this day: its successors, if any, act in its place."""

    rule = "A1"
    body: str
    ended: When
    successors: tuple[str, ...]


class NotAuthorised(Refusal):
    """The body has no authority over this act; `authority` names the bodies that have it."""

    rule = "A1"
    provision: ProvisionRef | None = None
    act: str
    body: str
    authority: str


def may_act(body: str, named: tuple[str, ...], charter: Charter | None) -> bool:
    """True where a body may do what belongs to any of the bodies named.

    Without a charter, only a body named may do it.
    """
    return charter.may_act(body, named) if charter else body in named


def in_place_of(body: str, named: tuple[str, ...]) -> str:
    """Name a body that acts, with those named in whose place it acts."""
    return body if body in named else f"{body} in the place of {' or '.join(named)}"


def require_body(charter: C | None, body: str) -> C:
    """Raise `UnknownBody` for a body that the charter never had, `BodyNoMore` for a former one."""
    known = tuple(charter.names()) if charter else ()
    if charter is not None and body in known:
        return charter
    if charter is not None and (ended := charter.ended(body)):
        raise BodyNoMore(body=body, ended=ended, successors=charter.now(body))
    raise UnknownBody(body=body, known=known)


def authority_over(
    act: str, charter: Charter, policy: PolicyInForce
) -> tuple[tuple[str, ...], ProvisionRef | None]:
    """Return the bodies of which each may decide on an act.

    A provision in force names them; without one, the residual authority decides.
    """
    term = policy.term(f"{act}.approver")
    if term is None:
        return (charter.residual_authority,), None
    return bodies_in(term.value), term.provision


def require_authority(act: str, body: str, charter: Charter, policy: PolicyInForce) -> None:
    """Raise `NotAuthorised`, naming the provision where one governs the act (rule A1)."""
    named, provision = authority_over(act, charter, policy)
    if not charter.may_act(body, named):
        raise NotAuthorised(act=act, body=body, authority=" or ".join(named), provision=provision)
