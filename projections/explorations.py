"""Explorations: by whose direction, and if a report is owed."""

from __future__ import annotations

from collections.abc import Iterable

from domain.partnerships.exploration import (
    ExplorationAnswered,
    ExplorationDirected,
    ExplorationStated,
)
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Event, Value
from projections.engine.read_model import ReadModel, decision_of


class Exploration(Value):
    """One exploration. `basis` is `directed` by a decision, or `stated` by staff."""

    subject: str
    name: str
    places: tuple[str, ...]
    basis: str
    purpose: str | None
    report_owed: bool
    reported_in: str | None
    decision: str | None
    decided_on: When | None = None
    cites: tuple[Citation, ...]


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    if isinstance(entry.event, ExplorationDirected | ExplorationStated | ExplorationAnswered):
        return (entry.event.subject,)
    return ()


def _evolve(key: str, state: Exploration | None, entry: Recorded[Event]) -> Exploration | None:
    match entry.event:
        case ExplorationDirected() | ExplorationStated() as event:
            return Exploration(
                subject=key,
                name=event.name,
                places=event.places,
                basis="directed" if isinstance(event, ExplorationDirected) else "stated",
                purpose=event.purpose,
                report_owed=(state is not None and state.report_owed)
                or (isinstance(event, ExplorationDirected) and event.report_back),
                reported_in=None,
                decision=decision_of(event),
                decided_on=event.decided_on if event.authority else None,
                cites=event.cites,
            )
        case ExplorationAnswered(document=document) if state:
            return state.model_copy(update={"report_owed": False, "reported_in": document})
        case _:
            return state


EXPLORATIONS = ReadModel("explorations", 3, Exploration, _keys, _evolve)
