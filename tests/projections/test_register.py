"""Which relationships stand: a partner is not targeted, whichever came first."""

from __future__ import annotations

from domain.dates import When
from domain.history import Recorded
from domain.kernel import Event, StreamId
from domain.partnerships import CityTargeted, PartnershipFormed, PartnershipLapsed
from projections.register import REGISTER, Relationship
from tests.support.small_city import COUNCIL_DAYS, FIRST_PAPER, LATER, MILAN, basis

TARGETED = CityTargeted(place=MILAN, **basis(FIRST_PAPER))
FORMED = PartnershipFormed(
    place=MILAN, established=COUNCIL_DAYS, description="Twinning", **basis(COUNCIL_DAYS)
)
LAPSED = PartnershipLapsed(place=MILAN, reason=None, **basis(LATER))


def after(*events: Event) -> tuple[bool, When | None]:
    state: Relationship | None = None
    for number, event in enumerate(events, 1):
        entry = Recorded(event, StreamId("partnership/IT-MILAN"), number, number, number)
        state = REGISTER.evolve("IT-MILAN", state, entry)
    assert state
    return state.targeted, state.established


def test_a_targeted_city_that_becomes_a_partner_leaves_the_targeted_list() -> None:
    assert after(TARGETED) == (True, None)
    assert after(TARGETED, FORMED) == (False, COUNCIL_DAYS)
    assert after(TARGETED, FORMED, LAPSED) == (False, None)
