"""Which relationships stand: a partner is not targeted, whichever came first."""

from __future__ import annotations

from domain.partnerships.partnership import CityTargeted, PartnershipFormed, PartnershipLapsed
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Event, StreamId
from projections.partnerships import PARTNERSHIPS, Relationship
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
        state = PARTNERSHIPS.evolve("IT-MILAN", state, entry)
    assert state
    return state.targeted, state.established


def test_a_targeted_city_that_becomes_a_partner_leaves_the_targeted_list() -> None:
    assert after(TARGETED) == (True, None)
    assert after(TARGETED, FORMED) == (False, COUNCIL_DAYS)
    assert after(TARGETED, FORMED, LAPSED) == (False, None)
