"""What a plan opens by itself stands in the register of discrepancies beside what a clerk noted."""

from __future__ import annotations

from domain.discrepancies import DiscrepancySettled, of_plan
from domain.programme.limits import Difference, Figure
from domain.programme.messages import PlanDiscrepancyOpened
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import DecisionRef, Event, ProvisionRef, StreamId
from projections.discrepancies import DISCREPANCIES, Discrepancy

ON = When.parse("2003-01-15")
LIMIT = "inbound visits, most"
NAME = of_plan(2003, LIMIT)
OPENED = PlanDiscrepancyOpened(
    year=2003,
    difference=Difference(
        limit=LIMIT,
        applies=Figure(value=8, provision=ProvisionRef(address="inbound/2", version=2)),
        besides=Figure(value=10, provision=ProvisionRef(address="planning/1(i)", version=1)),
    ),
    decided_on=ON,
    effective_from=ON,
)
SETTLED = DiscrepancySettled(
    discrepancy=NAME,
    how="Both provisions say eight.",
    decided_on=When.parse("2003-06-01"),
    effective_from=When.parse("2003-06-01"),
    authority=DecisionRef(matter="2003-1", decision="adopts", body="council"),
)


def after(*events: Event) -> Discrepancy | None:
    state: Discrepancy | None = None
    for number, event in enumerate(events, 1):
        entry = Recorded(event, StreamId("s"), number, number, number)
        assert list(DISCREPANCIES.keys(entry)) == [NAME]
        state = DISCREPANCIES.evolve(NAME, state, entry)
    return state


def test_two_figures_for_one_limit_are_open_with_both_places() -> None:
    state = after(OPENED)
    assert state is not None
    assert (state.status, state.since, state.number) == ("open", ON, None)
    assert [(p.at.place, p.figure) for p in state.passages] == [
        ("inbound/2 (version 2)", 8),
        ("planning/1(i) (version 1)", 10),
    ]
    assert state.about == ("inbound/2", "planning/1(i)")


def test_it_is_settled_as_any_other() -> None:
    state = after(OPENED, SETTLED)
    assert state is not None
    assert (state.status, state.decision) == ("settled", "2003-1/adopts")
    assert state.how == "Both provisions say eight."
