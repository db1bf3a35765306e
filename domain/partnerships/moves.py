"""Moving partners from category to category: one decision, one mapping, all partners in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from domain.instruments import MovePartners
from domain.places import Place, PlaceCode
from domain.shared import categories
from domain.shared.categories import Category, UnknownCategory
from domain.shared.dates import When
from domain.shared.findings import Ruling
from domain.shared.history import History
from domain.shared.messages import Basis, Effect, StreamId, Value

STREAM = StreamId("moves")


class CategoryRef(Value):
    """A category's id, null where the policy names none, and its name on the day."""

    id: str | None
    name: str


class PartnersMoved(Effect):
    """All partners of some categories, or the `cities` named, were moved into others.

    `mapping` gives by the old category's id the new one, null for none.
    """

    TOPIC: ClassVar[str] = "partners-moved.v1"

    mapping: dict[str, CategoryRef | None]
    cities: tuple[PlaceCode, ...]
    reason: str | None


class PartnershipMoved(Effect):
    """A partner went with the others of its category; `mapping` as in `PartnersMoved`.

    It changes nothing of a partner that is in none of these categories on its day. One that turns
    out later to have been in one is moved all the same.
    """

    TOPIC: ClassVar[str] = "partnership-moved.v1"

    place: Place
    mapping: dict[str, CategoryRef | None]
    reason: str | None


def decide(
    act: MovePartners, before: Sequence[Category], after: Sequence[Category], basis: Basis
) -> Ruling:
    """Apply rule C7 to a move from categories `before` the decision to ones in force `after` it."""
    mapping = {_known(before, old): _target(after, new) for old, new in act.mapping.items()}
    return Ruling((PartnersMoved(mapping=mapping, cities=act.cities, reason=act.reason, **basis),))


def _known(known: Sequence[Category], words: str) -> str:
    return _named(known, words).id


def _target(known: Sequence[Category], words: str | None) -> CategoryRef | None:
    if words is None:
        return None
    to = _named(known, words)
    return CategoryRef(id=to.id if known else None, name=to.name)


def _named(known: Sequence[Category], words: str) -> Category:
    found = categories.standing_in(known, None, words)
    if found is None:
        raise UnknownCategory(category=words, known=tuple(c.name for c in known))
    return found


def move_of_partner(moved: PartnersMoved, place: Place) -> PartnershipMoved | None:
    """Return the part of a move that one city has in it, `None` where it is limited to others."""
    if moved.cities and place.code not in moved.cities:
        return None
    return PartnershipMoved(
        place=place,
        mapping=moved.mapping,
        reason=moved.reason,
        decided_on=moved.decided_on,
        effective_from=moved.effective_from,
        by_convention=moved.by_convention,
        authority=moved.authority,
        cites=moved.cites,
    )


def missed_moves(
    history: History[PartnersMoved], place: Place, own: History[Effect], since: When
) -> list[PartnershipMoved]:
    """Return moves from a day on that the stream of a partner, entered late, does not have yet."""
    had = [e.event for e in own.standing() if isinstance(e.event, PartnershipMoved)]
    later = (e.event for e in history.standing() if e.event.effective_from.last >= since.first)
    moves = (move_of_partner(event, place) for event in later)
    return [move for move in moves if move and not any(same_move(move, each) for each in had)]


def same_move(one: Effect, other: Effect) -> bool:
    """True if two events are of one move: one decision, one day, one mapping."""
    return _which(one) == _which(other)


def _which(event: Effect) -> tuple[object, ...]:
    mapping: Mapping[str, CategoryRef | None] = getattr(event, "mapping", {})
    return (event.decided_on, event.effective_from, event.authority, tuple(sorted(mapping)))
