"""Each kind of stream that is judged as a whole timeline, found by a stream's name."""

from __future__ import annotations

from domain.council.succession import TIMELINE as CHARTER
from domain.council.terms import TIMELINE as TERMS
from domain.partnerships.agreement import TIMELINE as AGREEMENT
from domain.partnerships.exploration import TIMELINE as EXPLORATION
from domain.partnerships.partnership import TIMELINE as PARTNERSHIP
from domain.places import TIMELINE as PLACES
from domain.policy import TIMELINE as POLICY
from domain.shared.messages import StreamId
from domain.timelines import timeline_of


def test_a_stream_is_judged_by_its_kind() -> None:
    judged = {
        "charter": CHARTER,
        "places": PLACES,
        "terms-of-council": TERMS,
        "policy": POLICY,
        "partnership/UA-KIEV": PARTNERSHIP,
        "agreement/twins": AGREEMENT,
        "exploration/new-york/ny": EXPLORATION,
    }
    assert {name: timeline_of(StreamId(name)) for name in judged} == judged


def test_a_matter_and_a_mission_are_judged_in_the_order_recorded() -> None:
    assert timeline_of(StreamId("matter/2001-12-4")) is None
    assert timeline_of(StreamId("mission/autumn")) is None
