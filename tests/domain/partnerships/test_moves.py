"""Moving partners from category to category by one mapping (rule C7)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.instruments import MovePartners
from domain.partnerships.moves import (
    STREAM,
    CategoryRef,
    PartnershipMoved,
    PartnersMoved,
    decide,
    missed_moves,
    move_of_partner,
    same_move,
)
from domain.partnerships.partnership import CityTargeted
from domain.shared.categories import Category, UnknownCategory
from domain.shared.dates import When as Day
from domain.shared.history import History, history_followed_by
from domain.shared.messages import StreamId
from tests.support.small_city import ADOPTION, KIEV, MILAN, REPORT, basis

pytestmark = pytest.mark.rule("C7")

NEAR, FAR, WIDE = Category("near", "Near"), Category("far", "Far"), Category("wide", "Worldwide")
BASIS = basis("2002-03-05", ADOPTION, REPORT, effective="2003-01-01")
TO_WIDE = CategoryRef(id="wide", name="Worldwide")
MOVED = PartnersMoved(
    mapping={"near": TO_WIDE, "far": None}, cities=("UA-KIEV",), reason="fewer kinds", **BASIS
)
NOTHING: History[Any] = History((), 0)
KIEV_MOVED = PartnershipMoved(place=KIEV, mapping=MOVED.mapping, reason="fewer kinds", **BASIS)


def moving(**mapping: str | None) -> MovePartners:
    return MovePartners(mapping=mapping, cities=("UA-KIEV",), reason="fewer kinds")


def test_partners_move_from_categories_of_before_into_those_of_after() -> None:
    """Both are named as the clerk likes, by id or by name."""
    ruling = decide(moving(Near="WORLDWIDE", far=None), [NEAR, FAR], [WIDE], BASIS)
    assert ruling.events == (MOVED,)
    assert ruling.findings == ()


@pytest.mark.parametrize(
    ("mapping", "category", "known"),
    [
        ({"wide": "wide"}, "wide", ("Near", "Far")),
        ({"near": "far"}, "far", ("Worldwide",)),
    ],
)
def test_a_category_is_one_of_its_own_time(
    mapping: dict[str, str | None], category: str, known: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownCategory) as raised:
        decide(moving(**mapping), [NEAR, FAR], [WIDE], BASIS)
    assert raised.value.details == {"rule": "C7", "category": category, "known": known}


def test_where_the_policy_names_no_categories_the_names_are_the_clerks() -> None:
    (event,) = decide(moving(Near="All of Them"), [], [], BASIS).events
    assert isinstance(event, PartnersMoved)
    assert event.mapping == {"near": CategoryRef(id=None, name="All of Them")}


def test_each_partner_has_its_own_part_in_a_move() -> None:
    assert move_of_partner(MOVED, KIEV) == KIEV_MOVED
    assert move_of_partner(MOVED, MILAN) is None
    everybody = MOVED.model_copy(update={"cities": ()})
    assert move_of_partner(everybody, MILAN) == KIEV_MOVED.model_copy(update={"place": MILAN})


def test_a_partner_that_is_entered_late_has_the_moves_since_then_that_it_missed() -> None:
    """It is a partner since 1 January 2003; the moves are of 2002, 2003 and 2004."""
    days = ("2002-12-31", "2003", "2004-05-01")
    moves = [MOVED.model_copy(update={"effective_from": Day.parse(day)}) for day in days]
    history = history_followed_by(NOTHING, STREAM, *moves)
    since, own = Day.parse("2003-01-01"), StreamId("partnership/UA-KIEV")
    parts = [
        KIEV_MOVED.model_copy(update={"effective_from": each.effective_from}) for each in moves
    ]
    assert missed_moves(history, KIEV, NOTHING, since) == parts[1:]
    assert missed_moves(history, MILAN, NOTHING, since) == []
    had = history_followed_by(NOTHING, own, parts[1])
    assert missed_moves(history, KIEV, had, since) == parts[2:]
    assert missed_moves(history, KIEV, had, Day.parse("2005")) == []


def test_a_move_is_one_decision_one_day_and_one_mapping() -> None:
    assert same_move(MOVED, KIEV_MOVED)
    no_move = CityTargeted(place=KIEV, **BASIS)
    assert not same_move(MOVED, no_move)
    turned = dict(reversed(MOVED.mapping.items()))
    assert same_move(MOVED, KIEV_MOVED.model_copy(update={"mapping": turned}))
    for other in (
        {"decided_on": Day.parse("2002-03-06")},
        {"effective_from": Day.parse("2003-01-02")},
        {"authority": None},
        {"mapping": {"near": TO_WIDE}},
    ):
        assert not same_move(MOVED, KIEV_MOVED.model_copy(update=other))
