"""Discrepancies between the sources: open, or settled by a decision."""

from __future__ import annotations

from collections.abc import Iterable

from domain.discrepancies import DiscrepancyNoted, DiscrepancySettled, Passage, of_plan
from domain.programme.limits import Figure
from domain.programme.messages import PlanDiscrepancyOpened
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Event, Value
from projections.engine.read_model import ReadModel, decision_of


class Discrepancy(Value):
    """One discrepancy. `status` is `open` or `settled`, then with the decision and how.

    `since` is the day of the later paper, or the day on which a plan met it.
    """

    discrepancy: str
    number: int | None
    title: str
    status: str
    since: When
    passages: tuple[Passage, ...]
    about: tuple[str, ...]
    decision: str | None
    how: str | None
    cites: tuple[Citation, ...]


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case DiscrepancyNoted(discrepancy=name) | DiscrepancySettled(discrepancy=name):
            return (name,)
        case PlanDiscrepancyOpened(year=year, difference=difference):
            return (of_plan(year, difference.limit),)
        case _:
            return ()


def _evolve(key: str, state: Discrepancy | None, entry: Recorded[Event]) -> Discrepancy | None:
    match entry.event:
        case DiscrepancyNoted() as event:
            return Discrepancy(
                discrepancy=key,
                number=event.number,
                title=event.title,
                status="open",
                since=event.effective_from,
                passages=event.passages,
                about=event.about,
                decision=None,
                how=None,
                cites=event.cites,
            )
        case PlanDiscrepancyOpened(difference=difference) as event:
            stricter, other = difference.applies, difference.besides
            return Discrepancy(
                discrepancy=key,
                number=None,
                title=f"Two figures for {difference.limit} in the plan of {event.year}; "
                f"{stricter.provision.address} applies, which is stricter",
                status="open",
                since=event.effective_from,
                passages=tuple(_passage(difference.limit, figure) for figure in (stricter, other)),
                about=(stricter.provision.address, other.provision.address),
                decision=None,
                how=None,
                cites=event.cites,
            )
        case DiscrepancySettled(how=how) as event if state:
            changes = {"status": "settled", "decision": decision_of(event), "how": how}
            return state.model_copy(update=changes)
        case _:
            return state


def _passage(limit: str, figure: Figure) -> Passage:
    return Passage(
        at=Citation(document="policy", place=str(figure.provision)),
        says=f"{limit}: {figure.value}",
        figure=figure.value,
    )


DISCREPANCIES = ReadModel("discrepancies", 1, Discrepancy, _keys, _evolve)
