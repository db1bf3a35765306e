"""Categories in force, moving partners between them, and partners whose category ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from application.unit_of_work import UnitOfWork
from domain import policy
from domain.instruments import MovePartners
from domain.partnerships import moves, partnership
from domain.partnerships.moves import PartnersMoved
from domain.partnerships.partnership import PartnershipFormed, Relationship
from domain.places import Place
from domain.shared import categories
from domain.shared.categories import Category
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.history import history_followed_by
from domain.shared.messages import Basis, StreamId


def categories_on(work: UnitOfWork, basis: Basis) -> Sequence[Category]:
    """Return the categories that the policy, as recorded, names on the day an act takes hold."""
    return categories_on_day(work, basis["effective_from"].last)


def categories_on_day(work: UnitOfWork, day: date) -> Sequence[Category]:
    """Return the categories that the policy, as recorded, surely names on a day."""
    return categories.categories_of_policy(work.policy(day))


def move_partners(
    work: UnitOfWork,
    act: MovePartners,
    basis: Basis,
    before: Sequence[Category],
    after: Sequence[Category],
) -> tuple[Finding, ...]:
    """Move every partner that the mapping is about, in its own stream (rule C7)."""
    ever = [*before, *_ever(work)]
    ruling = moves.decide(act, ever if before else (), after, basis)
    moved, counted = 0, 0
    findings = list(ruling.findings)
    for event in ruling.events:
        work.write(moves.STREAM, event)
        for place, state in _partners(work, basis):
            counted += 1
            own = moves.move_of_partner(event, place) if isinstance(event, PartnersMoved) else None
            if own is None:
                continue
            moved += state.key in own.mapping
            stream = partnership.stream_of(place.code)
            settled = partnership.TIMELINE.settle(stream, work.read(stream), own)
            work.write(stream, *settled.events)
            findings += settled.findings
    findings.append(_moved(moved, counted))
    return tuple(findings)


def _ever(work: UnitOfWork) -> list[Category]:
    """Return every category that a provision has named, the latest first."""
    stands = reversed(work.read(policy.STREAM).standing())
    drafts = (e.event for e in stands if not isinstance(e.event, policy.ProvisionDeleted))
    return categories.categories_in((e.draft.terms, e.provision) for e in drafts)


def _partners(work: UnitOfWork, basis: Basis) -> list[tuple[Place, Relationship]]:
    places = tuple(work.places().places.values())
    work.fetch(*(partnership.stream_of(place.code) for place in places))
    on = basis["effective_from"].last
    found = (
        (p, work.state_on(partnership.stream_of(p.code), on, partnership.evolve, Relationship()))
        for p in places
    )
    return [(place, state) for place, state in found if state.established]


def _moved(moved: int, partners: int) -> Finding:
    return Finding(
        rule="C7",
        answer=Answer.MET if moved else Answer.ADVISORY,
        reason=f"{moved} of {partners} partners moved",
    )


def with_moves(work: UnitOfWork, stream: StreamId, place: Place, ruling: Ruling) -> Ruling:
    """Return a partnership entered late, with the moves since then that it would have shared."""
    own = history_followed_by(work.read(stream), stream, *ruling.events)
    begins = (e.effective_from for e in ruling.events if isinstance(e, PartnershipFormed))
    missed = (
        move
        for since in begins
        for move in moves.missed_moves(work.read(moves.STREAM), place, own, since)
    )
    return Ruling((*ruling.events, *missed), ruling.findings)


def left_in_none(work: UnitOfWork, before: Sequence[Category], basis: Basis) -> Iterator[Finding]:
    """Apply rule C7 to categories that a decision ends: find partners left in no category."""
    if not before:
        return
    now = {category.id for category in categories_on(work, basis)}
    for category in before:
        if category.id in now:
            continue
        left = [p.name for p, state in _partners(work, basis) if state.key == category.id]
        if left:
            reason = f"{category.name} is no longer a category, and was the last one of: "
            names = ", ".join(sorted(left))
            yield Finding(rule="C7", answer=Answer.ADVISORY, reason=reason + names)
