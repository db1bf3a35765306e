"""Agreements: of some kind, between parties on either side, signed, in force, renewed and ended.

An agreement is a thing of its own: there may be several with one city, and a letter of intent makes
no partnership. It is signed by each party on a day of its own, and in force once all have signed,
and have ratified it where it says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, assert_never

from pydantic import Field

from domain.council.persons import OfficeHolder
from domain.instruments import (
    AgreementExists,
    AgreementText,
    EndAgreement,
    EnterAgreement,
    GiveAgreementRole,
    PartySide,
    RenewAgreement,
    Side,
)
from domain.places import Place
from domain.shared.dates import When, span_of_days
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.messages import Basis, Command, DecisionRef, Effect, Slug, StreamId
from domain.shared.problems import Refusal
from domain.shared.timeline import Timeline

STREAMS = "agreement"
"""The kind of stream, for asking the log for all of them."""


def stream_of(agreement: str) -> StreamId:
    """Return the stream of an agreement."""
    return StreamId(f"{STREAMS}/{agreement}")


class PartyAct(Command):
    """The fields of what one party does: agreement, party, and the decision behind it, if any."""

    agreement: Slug
    party: str = Field(min_length=1)
    by: OfficeHolder | None = None
    authority: DecisionRef | None = None

    @property
    def item(self) -> str:
        """The agreement and the party."""
        return f"{self.agreement}/{self.party}"


class SignForParty(PartyAct):
    """Enter that a party signed an agreement, and who signed for it."""

    KIND: ClassVar[str] = "sign-for-party"


class RatifyForParty(PartyAct):
    """Enter that a party ratified an agreement that it had signed."""

    KIND: ClassVar[str] = "ratify-for-party"


class AgreementEntered(Effect):
    """An agreement was approved, or a report states that it exists; `places` are the other side's.

    Fields of the text as in `AgreementText`.
    """

    TOPIC: ClassVar[str] = "agreement-entered.v1"

    agreement: Slug
    text: AgreementText
    places: tuple[Place, ...]


class AgreementSigned(Effect):
    """A party signed."""

    TOPIC: ClassVar[str] = "agreement-signed.v1"

    agreement: Slug
    party: str
    by: OfficeHolder | None = None


class AgreementRatified(Effect):
    """A party ratified."""

    TOPIC: ClassVar[str] = "agreement-ratified.v1"

    agreement: Slug
    party: str
    by: OfficeHolder | None = None


class AgreementRenewed(Effect):
    """The agreement goes on until another day, or without one."""

    TOPIC: ClassVar[str] = "agreement-renewed.v1"

    agreement: Slug
    expires: When | None
    reason: str | None = None


class AgreementEnded(Effect):
    """The agreement ended, by whom or by what."""

    TOPIC: ClassVar[str] = "agreement-ended.v1"

    agreement: Slug
    by: Side
    reason: str | None = None


class AgreementRoleGiven(Effect):
    """Somebody has a role on the agreement, such as a body's representative; null for nobody."""

    TOPIC: ClassVar[str] = "agreement-role-given.v1"

    agreement: Slug
    role: str
    holder: OfficeHolder | None


class AgreementDayCame(Effect):
    """A day that the agreement names came: it is in force from it, or was until the day before.

    It means nothing once the agreement names another day.
    """

    TOPIC: ClassVar[str] = "agreement-day-came.v1"

    agreement: Slug
    in_force: When | None = None
    expires: When | None = None


class AgreementSucceeded(Effect):
    """The agreement that renews it is in force from this day: it goes on as that one, `by`."""

    TOPIC: ClassVar[str] = "agreement-succeeded.v1"

    agreement: Slug
    by: Slug


AgreementEvent = (
    AgreementEntered
    | AgreementSigned
    | AgreementRatified
    | AgreementRenewed
    | AgreementEnded
    | AgreementRoleGiven
    | AgreementDayCame
    | AgreementSucceeded
)

AgreementInstrument = (
    EnterAgreement | AgreementExists | RenewAgreement | EndAgreement | GiveAgreementRole
)


class AgreementKnown(Refusal):
    """The agreement is entered already."""

    rule = "C9"
    agreement: str


class NoAgreement(Refusal):
    """There is no such agreement on this day."""

    rule = "C9"
    agreement: str


class NotAParty(Refusal):
    """The agreement does not name this party."""

    rule = "C9"
    agreement: str
    party: str
    parties: tuple[str, ...]


class SignedAlready(Refusal):
    """The party has signed, or ratified, the agreement already."""

    rule = "C9"
    agreement: str
    party: str
    on: When


class NotSigned(Refusal):
    """A party must sign an agreement before it ratifies it."""

    rule = "C9"
    agreement: str
    party: str


class AgreementOver(Refusal):
    """The agreement is over: it ended or expired, or another one succeeded it."""

    rule = "C9"
    agreement: str
    status: Status


class ExpiresBeforeItBegins(Refusal):
    """An agreement must expire after the day on which it is made or renewed."""

    rule = "C9"
    agreement: str
    expires: When
    on: When


class PartiesUnclear(Refusal):
    """Each party needs a name of its own, and each side a party; theirs needs one with a place."""

    rule = "C9"
    agreement: str
    parties: tuple[str, ...]
    ratified_by: tuple[str, ...]


class NoSuchTerm(Refusal):
    """A renewal must give another last day than the agreement has."""

    rule = "C9"
    agreement: str
    expires: When | None


class Status(StrEnum):
    """How an agreement stands."""

    APPROVED = "approved"
    PARTLY_SIGNED = "partly signed"
    SIGNED = "signed"
    IN_FORCE = "in force"
    SUCCEEDED = "succeeded"
    EXPIRED = "expired"
    ENDED = "ended"


OVER = (Status.SUCCEEDED, Status.EXPIRED, Status.ENDED)
"""How an agreement stands on which nobody can act any more."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement; `reached` is the day it names for its beginning, once that came.

    `succeeded` names the agreement that took its place.
    """

    entered: AgreementEntered | None = None
    signed: Mapping[str, When] = field(default_factory=dict[str, When])
    ratified: Mapping[str, When] = field(default_factory=dict[str, When])
    roles: Mapping[str, OfficeHolder] = field(default_factory=dict[str, OfficeHolder])
    expires: When | None = None
    reached: When | None = None
    expired: bool = False
    ended: Side | None = None
    succeeded: str | None = None

    @property
    def status(self) -> Status | None:
        """How it stands; `None` before it is entered."""
        if self.entered is None:
            return None
        if self.ended or self.expired:
            return Status.ENDED if self.ended else Status.EXPIRED
        if self.succeeded:
            return Status.SUCCEEDED
        if not self.signed:
            return Status.APPROVED
        if len(self.signed) < len(self.entered.text.parties):
            return Status.PARTLY_SIGNED
        return Status.IN_FORCE if self.since else Status.SIGNED

    @property
    def since(self) -> When | None:
        """The first day in force: the last of the days that it needs, once all have come."""
        text = self.entered.text if self.entered else None
        if text is None or text.in_force != self.reached:
            return None
        if len(self.signed) < len(text.parties) or not set(text.ratified_by) <= set(self.ratified):
            return None
        needed = (self.ratified[party] for party in text.ratified_by)
        days = (*self.signed.values(), *needed, self.reached)
        return max((day for day in days if day), key=span_of_days)


def decide(
    state: Agreement, act: AgreementInstrument, basis: Basis, places: Sequence[Place] = ()
) -> Ruling:
    """Apply rule C9 to an agreement that is entered, renewed or ended, or to a role in it."""
    match act:
        case EnterAgreement() | AgreementExists():
            return _enter(state, act, basis, tuple(places))
        case RenewAgreement():
            return _renew(state, act, basis)
        case EndAgreement():
            _require_alive(state, act.agreement)
            ended = AgreementEnded(agreement=act.agreement, by=act.by, reason=act.reason, **basis)
            return Ruling((ended,))
        case GiveAgreementRole():
            if state.entered is None:
                raise NoAgreement(agreement=act.agreement)
            given = AgreementRoleGiven(
                agreement=act.agreement, role=act.role, holder=act.holder, **basis
            )
            return Ruling((given,))
        case _:
            assert_never(act)


def _enter(
    state: Agreement,
    act: EnterAgreement | AgreementExists,
    basis: Basis,
    places: tuple[Place, ...],
) -> Ruling:
    if state.entered:
        raise AgreementKnown(agreement=act.agreement)
    if act.renews == act.agreement:
        raise NoAgreement(agreement=act.agreement)
    fields = {name: getattr(act, name) for name in AgreementText.model_fields}
    text = AgreementText.model_validate(fields)
    _require_two_sides(act.agreement, text)
    stated = act if isinstance(act, AgreementExists) else None
    begins = text.in_force or basis["effective_from"]
    _require_later(act.agreement, text.expires, begins)
    entered = AgreementEntered(agreement=act.agreement, text=text, places=places, **basis)
    acts = _stated(state, entered, stated, basis) if stated else ()
    return Ruling((entered, *acts, *_days(act.agreement, text.in_force, text.expires, basis)))


def _require_two_sides(agreement: str, text: AgreementText) -> None:
    names = tuple(party.name for party in text.parties)
    placed = any(p.place for p in text.parties if p.side is PartySide.THEIRS)
    ours = any(p.side is PartySide.OURS for p in text.parties)
    known = set(text.ratified_by) <= set(names)
    if not (placed and ours and known and len(set(names)) == len(names)):
        raise PartiesUnclear(agreement=agreement, parties=names, ratified_by=text.ratified_by)


def renews_an_unknown_one(act: EnterAgreement | AgreementExists) -> Finding:
    """Apply rule C9 to a renewal of an agreement that is not in the record, as yet."""
    reason = f"{act.agreement} renews {act.renews}, which is not in the record"
    return Finding(rule="C9", answer=Answer.ADVISORY, reason=reason)


def first_day_of_agreement(act: AgreementInstrument, basis: Basis) -> Basis:
    """Return the dates of an act: one that a report states is there since the first signature."""
    if not isinstance(act, AgreementExists):
        return basis
    first = min(act.signed.values(), key=span_of_days)
    return {**basis, "effective_from": first, "by_convention": False}


def _stated(
    state: Agreement, entered: AgreementEntered, act: AgreementExists, basis: Basis
) -> tuple[AgreementEvent, ...]:
    """Return signatures and ratifications as a report states them, in the order of days."""
    state = evolve(state, entered)
    given: list[AgreementSigned | AgreementRatified] = [
        AgreementSigned.model_validate(
            {**basis, "agreement": act.agreement, "party": party, **_dated(day)}
        )
        for party, day in sorted(act.signed.items(), key=lambda item: span_of_days(item[1]))
    ]
    given += [
        AgreementRatified.model_validate(
            {**basis, "agreement": act.agreement, "party": party, **_dated(day)}
        )
        for party, day in sorted(act.ratified.items(), key=lambda item: span_of_days(item[1]))
    ]
    for event in given:
        if objection := _objection(state, event):
            raise objection
        state = evolve(state, event)
    return tuple(given)


def _dated(day: When) -> dict[str, object]:
    return {"effective_from": day, "by_convention": False}


def _renew(state: Agreement, act: RenewAgreement, basis: Basis) -> Ruling:
    _require_alive(state, act.agreement)
    if act.expires == state.expires:
        raise NoSuchTerm(agreement=act.agreement, expires=act.expires)
    _require_later(act.agreement, act.expires, basis["effective_from"])
    renewed = AgreementRenewed(
        agreement=act.agreement, expires=act.expires, reason=act.reason, **basis
    )
    return Ruling((renewed, *_days(act.agreement, None, act.expires, basis)))


def _days(
    agreement: str, in_force: When | None, expires: When | None, basis: Basis
) -> tuple[AgreementDayCame, ...]:
    """Return the events of the days that an agreement names, each on its own day."""
    came: list[AgreementDayCame] = []
    if in_force:
        dated = {**basis, **_dated(in_force)}
        named = {"agreement": agreement, "in_force": in_force}
        came.append(AgreementDayCame.model_validate({**named, **dated}))
    if expires:
        over = When.day(expires.last + timedelta(days=1))
        dated = {**basis, **_dated(over)}
        named = {"agreement": agreement, "expires": expires}
        came.append(AgreementDayCame.model_validate({**named, **dated}))
    return tuple(came)


def days_of_agreement(event: AgreementEvent) -> tuple[AgreementDayCame, ...]:
    """Return the days that a text or a renewal names, as the events that come with it."""
    basis = Basis(
        decided_on=event.decided_on,
        effective_from=event.effective_from,
        by_convention=event.by_convention,
        authority=event.authority,
        cites=event.cites,
    )
    match event:
        case AgreementEntered(text=text):
            return _days(event.agreement, text.in_force, text.expires, basis)
        case AgreementRenewed(expires=expires):
            return _days(event.agreement, None, expires, basis)
        case _:
            return ()


def _require_alive(state: Agreement, agreement: str) -> None:
    if state.entered is None or state.status is None:
        raise NoAgreement(agreement=agreement)
    if state.status in OVER:
        raise AgreementOver(agreement=agreement, status=state.status)


def _require_later(agreement: str, expires: When | None, begins: When) -> None:
    if expires and expires.last < begins.first:
        raise ExpiresBeforeItBegins(agreement=agreement, expires=expires, on=begins)


def act_of_party(state: Agreement, act: SignForParty | RatifyForParty, basis: Basis) -> Ruling:
    """Apply rule C9 to a signature or a ratification."""
    kind = AgreementSigned if isinstance(act, SignForParty) else AgreementRatified
    event = kind(agreement=act.agreement, party=act.party, by=act.by, **basis)
    if objection := _objection(state, event):
        raise objection
    return Ruling((event,))


def _objection(state: Agreement, event: AgreementEvent) -> Refusal | None:
    """Return reasons against an act in its place; none against a day, or a renewal, that came."""
    name = event.agreement
    if isinstance(event, AgreementEntered):
        return AgreementKnown(agreement=name) if state.entered else None
    if isinstance(event, AgreementDayCame | AgreementSucceeded):
        return None
    if state.entered is None:
        return NoAgreement(agreement=name)
    if isinstance(event, AgreementRoleGiven):
        return None
    if state.status and state.status in OVER:
        return AgreementOver(agreement=name, status=state.status)
    if isinstance(event, AgreementSigned | AgreementRatified):
        return _of_a_party(state, state.entered, event)
    return None


def _of_a_party(
    state: Agreement, entered: AgreementEntered, event: AgreementSigned | AgreementRatified
) -> Refusal | None:
    parties = tuple(party.name for party in entered.text.parties)
    if event.party not in parties:
        return NotAParty(agreement=event.agreement, party=event.party, parties=parties)
    signs = isinstance(event, AgreementSigned)
    done = state.signed if signs else state.ratified
    if event.party in done:
        return SignedAlready(agreement=event.agreement, party=event.party, on=done[event.party])
    if not signs and event.party not in state.signed:
        return NotSigned(agreement=event.agreement, party=event.party)
    return None


def evolve(state: Agreement, event: AgreementEvent) -> Agreement:
    """Return the agreement after one more event."""
    match event:
        case AgreementEntered():
            return replace(state, entered=event, expires=event.text.expires)
        case AgreementSigned(party=party):
            return replace(state, signed={**state.signed, party: event.effective_from})
        case AgreementRatified(party=party):
            return replace(state, ratified={**state.ratified, party: event.effective_from})
        case AgreementRenewed(expires=expires):
            return replace(state, expires=expires)
        case AgreementEnded(by=by):
            return replace(state, ended=by)
        case AgreementRoleGiven(role=role, holder=holder):
            others = {name: who for name, who in state.roles.items() if name != role}
            return replace(state, roles={**others, role: holder} if holder else others)
        case AgreementDayCame():
            return _came(state, event)
        case AgreementSucceeded(by=by):
            over = state.entered is None or state.status in OVER
            return state if over else replace(state, succeeded=by)
        case _:
            assert_never(event)


def _came(state: Agreement, event: AgreementDayCame) -> Agreement:
    if event.in_force:
        named = state.entered is not None and state.entered.text.in_force == event.in_force
        return replace(state, reached=event.in_force) if named else state
    lasted = event.expires == state.expires and state.status is Status.IN_FORCE
    return replace(state, expired=True) if lasted else state


def agreement_in_words(state: Agreement) -> str:
    """Return an agreement in words."""
    return state.status.value if state.status else "not entered"


TIMELINE = Timeline(
    rule="C9",
    nothing=Agreement(),
    evolve=evolve,
    objection=_objection,
    ground=lambda state, _: agreement_in_words(state),
    begins=(AgreementEntered,),
)
