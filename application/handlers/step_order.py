"""Check that the steps which a correction leaves are in order, by the rules of each context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from application.handlers.states import ground_on
from application.unit_of_work import UnitOfWork
from domain import discrepancies
from domain.missions import mission
from domain.programme import plan
from domain.requests import request
from domain.requests.request import steps_asked
from domain.shared.messages import StreamId
from domain.shared.problems import Refusal

ORDERS: Mapping[str, Callable[[str, Iterable[Any]], Refusal | None]] = {
    "discrepancy": discrepancies.out_of_order,
    "mission": mission.out_of_order,
    "plan": plan.out_of_order,
}
"""By the kind of stream: the check that refuses the first of its entries that is out of order."""


def in_order(work: UnitOfWork, streams: Iterable[StreamId]) -> dict[StreamId, bool]:
    """Return for each stream that a correction touches whether it is in order before it."""
    return {stream: _out_of_order(work, stream) is None for stream in sorted(set(streams))}


def require_in_order(work: UnitOfWork, before: Mapping[StreamId, bool]) -> None:
    """Raise the refusal of a step that a correction leaves out of order.

    What was out of order before may be put right step by step.
    """
    for stream, was_in_order in before.items():
        refusal = _out_of_order(work, stream)
        if refusal and was_in_order:
            raise refusal


def _out_of_order(work: UnitOfWork, stream: StreamId) -> Refusal | None:
    kind, _, name = stream.partition("/")
    steps = (entry.event for entry in work.read(stream).as_recorded())
    if kind == request.STREAMS:
        return request.out_of_order(name, steps, lambda on: steps_asked(ground_on(work, on)))
    return ORDERS[kind](name, steps) if kind in ORDERS else None
