"""Studies of world cities that reports cite. A citation, not a decision (rule W1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from domain.instruments import StudyCited, Tier
from domain.shared.findings import Ruling
from domain.shared.messages import Basis, Event, StreamId
from domain.shared.problems import Refusal

STREAM = StreamId("roster")


class RosterCited(Event):
    """A report cites an edition of a study, with its tiers and the marks beside its cities."""

    TOPIC: ClassVar[str] = "roster-cited.v1"

    study: str
    edition: str
    authors: tuple[str, ...]
    tiers: dict[Tier, tuple[str, ...]]
    marks: dict[str, tuple[str, ...]]


class TierIsCited(Refusal):
    """A cited edition has the tiers it was published with; a new edition may be cited beside it."""

    rule = "W1"
    edition: str
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """Every edition cited so far."""

    editions: dict[str, RosterCited] = field(default_factory=dict[str, RosterCited])


def decide(state: Roster, act: StudyCited, basis: Basis) -> Ruling:
    """Apply rule W1: citing an edition again must say the same."""
    known = state.editions.get(act.edition)
    if known is None:
        return Ruling((RosterCited(**act.model_dump(exclude={"states", "cites"}), **basis),))
    differing = _placed(known) ^ _placed(act)
    if differing:
        raise TierIsCited(
            edition=act.edition, differing=tuple(sorted({city for city, _ in differing}))
        )
    return Ruling(())


def _placed(study: StudyCited | RosterCited) -> set[tuple[str, str]]:
    tiers = {(city, tier) for tier, cities in study.tiers.items() for city in cities}
    return tiers | {(city, mark) for city, marks in study.marks.items() for mark in marks}


def evolve(state: Roster, event: RosterCited) -> Roster:
    """Return the editions cited after one more."""
    return replace(state, editions={**state.editions, event.edition: event})
