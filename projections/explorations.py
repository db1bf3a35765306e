"""What is being explored, by whose direction, and whether a report is owed."""

from __future__ import annotations

from collections.abc import Iterable

from domain.explorations import ExplorationAnswered, ExplorationDirected, ExplorationStated
from domain.history import Recorded
from domain.kernel import Citation, Event, Value
from projections.register import decision_of
from projections.timeline import ReadModel


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
                cites=event.cites,
            )
        case ExplorationAnswered(document=document) if state:
            return state.model_copy(update={"report_owed": False, "reported_in": document})
        case _:
            return state


EXPLORATIONS = ReadModel("explorations", 2, Exploration, _keys, _evolve)
