"""Relationships with cities: formed, put into categories, in a state, ended; targeted or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, assert_never

from domain.council.persons import OfficeHolder
from domain.instruments import (
    ClassifyPartnership,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    PartnershipExists,
    PartnershipStateStated,
    SetPartnershipState,
    Side,
    TargetCity,
)
from domain.partnerships import states
from domain.partnerships.moves import PartnershipMoved
from domain.partnerships.roles import GivePartnershipRole, PartnershipRoleGiven, roles_with
from domain.partnerships.states import (
    NOTHING_SAID,
    PartnershipStateChanged,
    PartnershipStateReported,
    Standing,
)
from domain.places import Place
from domain.shared import categories
from domain.shared.categories import Category, UnknownCategory
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.history import History, fold
from domain.shared.messages import Basis, Effect, StreamId
from domain.shared.problems import Refusal
from domain.shared.timeline import Timeline


class PartnershipFormed(Effect):
    """A formal relationship with a city exists.

    `established` is the date that the papers give. A partnership that a decision enters takes hold
    by that decision, however long ago it was established.
    """

    TOPIC: ClassVar[str] = "partnership-formed.v1"

    place: Place
    established: When
    description: str


class PartnershipClassified(Effect):
    """A partner was put into a category, its first.

    `classification` is the category's name on that day, `category` its id; null where the policy
    named no categories.
    """

    TOPIC: ClassVar[str] = "partnership-classified.v1"

    place: Place
    classification: str
    category: str | None = None
    reason: str | None


class PartnershipReclassified(Effect):
    """A partner city was put into another category; fields as in `PartnershipClassified`."""

    TOPIC: ClassVar[str] = "partnership-reclassified.v1"

    place: Place
    classification: str
    category: str | None = None
    reason: str | None


class PartnershipLapsed(Effect):
    """A partnership ended, by a decision of ours, by the other side's, or by a circumstance."""

    TOPIC: ClassVar[str] = "partnership-lapsed.v1"

    place: Place
    by: Side = Side.US
    reason: str | None


class CityTargeted(Effect):
    """A city is on the targeted list: informal, and no partnership."""

    TOPIC: ClassVar[str] = "city-targeted.v1"

    place: Place


class CityNoLongerTargeted(Effect):
    """A city left the targeted list."""

    TOPIC: ClassVar[str] = "city-no-longer-targeted.v1"

    place: Place
    reason: str | None


PartnershipEvent = (
    PartnershipFormed
    | PartnershipClassified
    | PartnershipReclassified
    | PartnershipMoved
    | PartnershipStateChanged
    | PartnershipStateReported
    | PartnershipRoleGiven
    | PartnershipLapsed
    | CityTargeted
    | CityNoLongerTargeted
)


class NoPartnership(Refusal):
    """There is no partnership with this city."""

    rule = "C1"
    city: str


class AlreadyPartner(Refusal):
    """A city can have only one partnership, and a partner cannot be targeted."""

    rule = "C5"
    city: str
    established: When


class PartnershipEnded(Refusal):
    """A paper states a partnership that had ended by then."""

    rule = "C5"
    city: str
    established: When


class AgreementExists(AlreadyPartner):
    """A city with an agreement is a partner, and cannot be targeted."""

    rule = "C4"


class SameClass(Refusal):
    """The partnership has this class already."""

    rule = "C2"
    city: str
    classification: str


class NotTargeted(Refusal):
    """The city is not on the targeted list."""

    rule = "C1"
    city: str


@dataclass(frozen=True, slots=True)
class Relationship:
    """The relationship between the city and one other; empty before the first event."""

    established: When | None = None
    description: str | None = None
    classification: str | None = None
    category: str | None = None
    standing: Standing = NOTHING_SAID
    roles: Mapping[str, OfficeHolder] = field(default_factory=dict[str, OfficeHolder])
    targeted: bool = False

    @property
    def key(self) -> str | None:
        """The id of its category, or what stands for one where no provision names it."""
        return self.category or (
            self.classification and categories.category_key_of(self.classification)
        )


def stream_of(city: str) -> StreamId:
    """Return the stream of the relationship with a city, by its code."""
    return StreamId(f"partnership/{city}")


PartnershipInstrument = (
    PartnershipExists
    | EnterPartnership
    | ClassifyPartnership
    | SetPartnershipState
    | PartnershipStateStated
    | EndPartnership
    | TargetCity
    | DropTargetedCity
)


def decide(
    state: Relationship,
    act: PartnershipInstrument,
    place: Place,
    basis: Basis,
    known: Sequence[Category] = (),
) -> Ruling:
    """Apply rules C1-C5, C7 and C8 to one relationship, in its state on the day of the act.

    `known` are the categories that the policy names on that day.
    """
    match act:
        case PartnershipExists() | EnterPartnership():
            return _form(state, act, place, basis)
        case TargetCity():
            if state.established:
                raise AgreementExists(city=place.code, established=state.established)
            return Ruling((CityTargeted(place=place, **basis),))
        case DropTargetedCity(reason=reason):
            if not state.targeted:
                raise NotTargeted(city=place.code)
            return Ruling((CityNoLongerTargeted(place=place, reason=reason, **basis),))
        case _:
            if not state.established:
                raise NoPartnership(city=place.code)
            return _change(state, act, place, basis, known)


def _change(
    state: Relationship,
    act: ClassifyPartnership | SetPartnershipState | PartnershipStateStated | EndPartnership,
    place: Place,
    basis: Basis,
    known: Sequence[Category],
) -> Ruling:
    match act:
        case ClassifyPartnership():
            return _classify(state, act, place, basis, known)
        case SetPartnershipState() | PartnershipStateStated():
            return states.decide(state.standing, act, place, basis)
        case EndPartnership(by=by, reason=reason):
            return Ruling((PartnershipLapsed(place=place, by=by, reason=reason, **basis),))
        case _:
            assert_never(act)


def give_role(state: Relationship, act: GivePartnershipRole, place: Place, basis: Basis) -> Ruling:
    """Enter who has a role in a partnership. Raises `NoPartnership`."""
    if not state.established:
        raise NoPartnership(city=place.code)
    if state.roles.get(act.role) == act.holder:
        return Ruling(())
    given = PartnershipRoleGiven(place=place, role=act.role, holder=act.holder, **basis)
    return Ruling((given,))


def _form(
    state: Relationship, act: PartnershipExists | EnterPartnership, place: Place, basis: Basis
) -> Ruling:
    if state.established:
        said = (act.established, act.description)
        if isinstance(act, PartnershipExists) and said == (state.established, state.description):
            return Ruling(())
        raise AlreadyPartner(city=place.code, established=state.established)
    formed = PartnershipFormed(
        place=place,
        established=act.established,
        description=act.description,
        **partnership_dates(act, basis),
    )
    return Ruling((formed,))


def partnership_dates(act: PartnershipInstrument, basis: Basis) -> Basis:
    """Return the dates of an act. A partnership that exists does so since it was established.

    One that a decision enters takes hold when it is established, or else by the decision: no city
    is a partner before that (rule A1).
    """
    if not isinstance(act, PartnershipExists | EnterPartnership):
        return basis
    established, entered = act.established, basis["effective_from"]
    if isinstance(act, EnterPartnership) and established.first < entered.first:
        return basis
    return {**basis, "effective_from": established, "by_convention": False}


def stated_before(history: History[PartnershipEvent], act: PartnershipExists, basis: Basis) -> bool:
    """True if the record says the same of a partnership that a paper states.

    Raises `PartnershipEnded` where it had ended by the day of the paper, and `AlreadyPartner` for
    another partnership with the city.
    """
    since = fold(evolve, Relationship(), history.on(act.established.last))
    if since.established is None:
        return False
    if (since.established, since.description) != (act.established, act.description):
        raise AlreadyPartner(city=act.city, established=since.established)
    if fold(evolve, Relationship(), history.on(basis["decided_on"].last)).established is None:
        raise PartnershipEnded(city=act.city, established=act.established)
    return True


def _classify(
    state: Relationship,
    act: ClassifyPartnership,
    place: Place,
    basis: Basis,
    known: Sequence[Category],
) -> Ruling:
    to = categories.standing_in(known, None, act.classification)
    if to is None:
        names = tuple(category.name for category in known)
        raise UnknownCategory(category=act.classification, known=names)
    if state.key == to.id:
        raise SameClass(city=place.code, classification=to.name)
    kind = PartnershipReclassified if state.classification else PartnershipClassified
    classified = kind(
        place=place,
        classification=to.name,
        category=to.id if known else None,
        reason=act.reason,
        **basis,
    )
    unnamed = () if known else (categories.no_category(),)
    return Ruling((classified,), (_reasoned(place, act.reason), *unnamed))


def _reasoned(place: Place, reason: str | None) -> Finding:
    if reason:
        return Finding(rule="C3", answer=Answer.MET, reason=f"{place.name}: {reason}")
    return Finding(
        rule="C3", answer=Answer.ADVISORY, reason=f"{place.name}: the source gives no reason"
    )


def evolve(state: Relationship, event: PartnershipEvent) -> Relationship:
    """Return the relationship after one more event."""
    match event:
        case PartnershipFormed(established=established, description=description):
            return Relationship(established=established, description=description)
        case PartnershipClassified() | PartnershipReclassified():
            return replace(state, classification=event.classification, category=event.category)
        case PartnershipMoved():
            return _moved(state, event)
        case PartnershipStateChanged() | PartnershipStateReported():
            if state.established is None:
                return state
            return replace(state, standing=states.evolve(state.standing, event))
        case PartnershipRoleGiven():
            roles = roles_with(state.roles, event) if state.established else state.roles
            return replace(state, roles=roles)
        case PartnershipLapsed():
            return Relationship(targeted=state.targeted)
        case CityTargeted():
            return replace(state, targeted=True)
        case CityNoLongerTargeted():
            return replace(state, targeted=False)
        case _:
            assert_never(event)


def _moved(state: Relationship, event: PartnershipMoved) -> Relationship:
    if state.key is None or state.key not in event.mapping:
        return state
    to = event.mapping[state.key]
    name, category = (to.name, to.id) if to else (None, None)
    return replace(state, classification=name, category=category)


def _objection(state: Relationship, event: PartnershipEvent) -> Refusal | None:
    """Return reasons against an act; an act that only says what is already so has none."""
    city = event.place.code
    match event:
        case PartnershipFormed() if state.established:
            return AlreadyPartner(city=city, established=state.established)
        case CityTargeted() if state.established:
            return AgreementExists(city=city, established=state.established)
        case (
            PartnershipClassified()
            | PartnershipReclassified()
            | PartnershipRoleGiven()
            | PartnershipStateChanged(ran_out=None)
            | PartnershipStateReported(ran_out=None)
        ) if not state.established:
            return NoPartnership(city=city)
        case _:
            return None


def relationship_in_words(state: Relationship) -> str:
    """Return a relationship in words."""
    if not state.established:
        return "targeted" if state.targeted else "neither partner nor targeted"
    kind = state.classification or "no class"
    told = states.state_in_words(state.standing)
    return f"partner since {state.established}, {kind}" + (f", {told}" if told else "")


TIMELINE = Timeline(
    rule="C1",
    nothing=Relationship(),
    evolve=evolve,
    objection=_objection,
    ground=lambda state, _: relationship_in_words(state),
    begins=(PartnershipFormed, CityTargeted),
)
