"""Relationships with cities: formed, classified, reclassified, lapsed; targeted or not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, assert_never

from domain.cities import Place
from domain.dates import When
from domain.instruments import (
    Classification,
    ClassifyPartnership,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    PartnershipExists,
    TargetCity,
)
from domain.kernel import Answer, Basis, Event, Finding, Refusal, Ruling, StreamId


class PartnershipFormed(Event):
    """A formal relationship with a city exists, since the year the papers give."""

    TOPIC: ClassVar[str] = "partnership-formed.v1"

    place: Place
    established: When
    description: str


class PartnershipClassified(Event):
    """A partnership got its first class."""

    TOPIC: ClassVar[str] = "partnership-classified.v1"

    place: Place
    classification: Classification
    reason: str | None


class PartnershipReclassified(Event):
    """Council moved a partner city to another class."""

    TOPIC: ClassVar[str] = "partnership-reclassified.v1"

    place: Place
    classification: Classification
    reason: str | None


class PartnershipLapsed(Event):
    """A partnership ended."""

    TOPIC: ClassVar[str] = "partnership-lapsed.v1"

    place: Place
    reason: str | None


class CityTargeted(Event):
    """A city is on the targeted list: informal, and no partnership."""

    TOPIC: ClassVar[str] = "city-targeted.v1"

    place: Place


class CityNoLongerTargeted(Event):
    """A city left the targeted list."""

    TOPIC: ClassVar[str] = "city-no-longer-targeted.v1"

    place: Place
    reason: str | None


PartnershipEvent = (
    PartnershipFormed
    | PartnershipClassified
    | PartnershipReclassified
    | PartnershipLapsed
    | CityTargeted
    | CityNoLongerTargeted
)


class NoPartnership(Refusal):
    """There is no partnership with this city."""

    rule = "C1"

    def __init__(self, city: str) -> None:
        super().__init__(city=city)


class AlreadyPartner(Refusal):
    """A city has at most one partnership, and a partner is not targeted."""

    rule = "C5"

    def __init__(self, city: str, established: When) -> None:
        super().__init__(city=city, established=str(established))


class AgreementExists(AlreadyPartner):
    """A targeted relationship is informal: a city with an agreement is a partner, not targeted."""

    rule = "C4"


class SameClass(Refusal):
    """The partnership has this class already."""

    rule = "C2"

    def __init__(self, city: str, classification: Classification) -> None:
        super().__init__(city=city, classification=classification)


class NotTargeted(Refusal):
    """The city is not on the targeted list."""

    rule = "C1"

    def __init__(self, city: str) -> None:
        super().__init__(city=city)


@dataclass(frozen=True, slots=True)
class Relationship:
    """What stands between the city and one other; nothing before the first event."""

    established: When | None = None
    description: str | None = None
    classification: Classification | None = None
    targeted: bool = False


def stream_of(city: str) -> StreamId:
    """The stream of the relationship with a city, by its code."""
    return StreamId(f"partnership/{city}")


PartnershipInstrument = (
    PartnershipExists
    | EnterPartnership
    | ClassifyPartnership
    | EndPartnership
    | TargetCity
    | DropTargetedCity
)


def decide(state: Relationship, act: PartnershipInstrument, place: Place, basis: Basis) -> Ruling:
    """Rules C1-C5 on one relationship, in the state of the day the act takes hold."""
    match act:
        case PartnershipExists() | EnterPartnership():
            return _form(state, act, place, basis)
        case ClassifyPartnership():
            return _classify(state, act, place, basis)
        case EndPartnership(reason=reason):
            if not state.established:
                raise NoPartnership(place.code)
            return Ruling((PartnershipLapsed(place=place, reason=reason, **basis),))
        case TargetCity():
            if state.established:
                raise AgreementExists(place.code, state.established)
            return Ruling(() if state.targeted else (CityTargeted(place=place, **basis),))
        case DropTargetedCity(reason=reason):
            if not state.targeted:
                raise NotTargeted(place.code)
            return Ruling((CityNoLongerTargeted(place=place, reason=reason, **basis),))
        case _:
            assert_never(act)


def _form(
    state: Relationship, act: PartnershipExists | EnterPartnership, place: Place, basis: Basis
) -> Ruling:
    if state.established:
        said = (act.established, act.description)
        if isinstance(act, PartnershipExists) and said == (state.established, state.description):
            return Ruling(())
        raise AlreadyPartner(place.code, state.established)
    since: Basis = {**basis, "effective_from": act.established, "by_convention": False}
    formed = PartnershipFormed(
        place=place, established=act.established, description=act.description, **since
    )
    return Ruling((formed,))


def _classify(state: Relationship, act: ClassifyPartnership, place: Place, basis: Basis) -> Ruling:
    if not state.established:
        raise NoPartnership(place.code)
    if state.classification is act.classification:
        raise SameClass(place.code, act.classification)
    kind = PartnershipReclassified if state.classification else PartnershipClassified
    classified = kind(place=place, classification=act.classification, reason=act.reason, **basis)
    return Ruling((classified,), (_reasoned(place, act.reason),))


def _reasoned(place: Place, reason: str | None) -> Finding:
    if reason:
        return Finding(rule="C3", answer=Answer.MET, reason=f"{place.name}: {reason}")
    return Finding(
        rule="C3", answer=Answer.ADVISORY, reason=f"{place.name}: the source gives no reason"
    )


def evolve(state: Relationship, event: PartnershipEvent) -> Relationship:
    """The relationship after one more event."""
    match event:
        case PartnershipFormed(established=established, description=description):
            return Relationship(established=established, description=description)
        case PartnershipClassified() | PartnershipReclassified():
            return replace(state, classification=event.classification)
        case PartnershipLapsed():
            return Relationship()
        case CityTargeted():
            return replace(state, targeted=True)
        case CityNoLongerTargeted():
            return replace(state, targeted=False)
        case _:
            assert_never(event)
