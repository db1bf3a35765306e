"""What the bodies did: a matter's state is what its last act left it in."""

from __future__ import annotations

from domain.proceedings.decisions import DecisionKind, DecisionTaken, MatterReopened, Resolution
from domain.proceedings.matter import MatterOpened
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Event, StreamId, shared_fields
from projections.matters import DECISION_RECORD, MatterItem
from tests.support.small_city import COUNCIL_DAYS, FIRST_PAPER, LATER, MATTER, basis, decide

OPENED = MatterOpened(matter=MATTER, title="City partners", **basis(FIRST_PAPER))
CLOSED = DecisionTaken(
    **shared_fields(Resolution, decide("adoption", DecisionKind.ADOPT)),
    relies_on=(),
    final=True,
    findings=(),
    **basis(COUNCIL_DAYS, effective="2003-01-01"),
)
REOPENED = MatterReopened(
    matter=MATTER, decision="reopening", body="council", reason="new facts", **basis(LATER)
)


def after(*events: Event) -> tuple[str | None, When | None]:
    state: MatterItem | None = None
    for number, event in enumerate(events, 1):
        entry = Recorded(event, StreamId(f"matter/{MATTER}"), number, number, number)
        assert MATTER in DECISION_RECORD.keys(entry)
        state = DECISION_RECORD.evolve(MATTER, state, entry)
    assert state
    return state.result, state.since


def test_a_matter_is_open_closed_and_open_again() -> None:
    assert after(OPENED) == ("open", FIRST_PAPER)
    assert after(OPENED, CLOSED) == ("closed", COUNCIL_DAYS)
    assert after(OPENED, CLOSED, REOPENED) == ("open", LATER)


def test_a_decision_that_takes_hold_after_a_reopening_does_not_close_the_matter_again() -> None:
    assert after(OPENED, REOPENED, CLOSED) == ("open", LATER)
