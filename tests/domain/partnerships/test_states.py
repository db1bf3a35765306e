"""States of a partnership: decided or reported, suspended until a day, run out (rule C8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domain.instruments import PartnershipState, PartnershipStateStated, SetPartnershipState, Side
from domain.partnerships.states import (
    OnlyASuspensionLasts,
    PartnershipStateChanged,
    PartnershipStateReported,
    Said,
    SameState,
    Standing,
    UntilBeforeItBegins,
    decide,
    end_of_suspension,
    evolve,
    state_in_words,
)
from domain.shared.dates import When as Day
from domain.shared.findings import Answer, Finding, Ruling
from tests.support.given import Context
from tests.support.small_city import ADOPTION, KIEV, REPORT, basis

pytestmark = pytest.mark.rule("C8")

ACTIVE, SUSPENDED = PartnershipState.ACTIVE, PartnershipState.SUSPENDED
DORMANT, EMERITUS = PartnershipState.DORMANT, PartnershipState.EMERITUS
BASIS = basis("2002-03-05", ADOPTION, REPORT)
UNTIL = Day.parse("2003-12-31")

partnership = Context(evolve, Standing())


def setting(state: Any, **more: Any) -> SetPartnershipState:
    return SetPartnershipState(city="UA-KIEV", state=state, **more)


def stating(state: Any, **more: Any) -> PartnershipStateStated:
    return PartnershipStateStated(city="UA-KIEV", state=state, **more)


def doing(act: SetPartnershipState | PartnershipStateStated) -> Callable[[Standing], Ruling]:
    return lambda state: decide(state, act, KIEV, BASIS)


def changed(state: PartnershipState, by: Side = Side.US, **more: Any) -> PartnershipStateChanged:
    fields: dict[str, Any] = {**BASIS, **more}
    return PartnershipStateChanged(place=KIEV, state=state, by=by, **fields)


def reported(state: PartnershipState, told: str = "", **more: Any) -> PartnershipStateReported:
    reason = f"Kiev: {state} by a report, without a decision{told}"
    finding = Finding(rule="C8", answer=Answer.ADVISORY, reason=reason)
    fields: dict[str, Any] = {"findings": (finding,), **BASIS, **more}
    return PartnershipStateReported(place=KIEV, state=state, **fields)


RUNS_OUT: dict[str, Any] = {
    "ran_out": UNTIL,
    "effective_from": Day.parse("2004-01-01"),
    "by_convention": False,
}
FOR_A_WHILE = changed(SUSPENDED, until=UNTIL, condition="no flights", reason="flights")


def test_a_decision_says_how_a_partnership_stands() -> None:
    act = setting(DORMANT, by=Side.BOTH, reason="no answer")
    event = changed(DORMANT, by=Side.BOTH, reason="no answer")
    partnership.given().when(doing(act)).then(event)
    said = Said(state=DORMANT, by=Side.BOTH, reason="no answer")
    state = partnership.given(event).state
    assert state == Standing(decided=said)
    assert (state.now, state.basis) == (said, "decision")


def test_a_partnership_of_which_nothing_is_said_is_active() -> None:
    state = partnership.given().state
    assert (state.now, state.basis, state_in_words(state)) == (Said(state=ACTIVE), None, "")


def test_a_suspension_until_a_day_ends_by_itself_on_the_day_after() -> None:
    act = setting(SUSPENDED, until=UNTIL, condition="no flights", reason="flights")
    over = changed(ACTIVE, **RUNS_OUT)
    partnership.given().when(doing(act)).then(FOR_A_WHILE, over)
    assert partnership.given(FOR_A_WHILE, over).state.now == Said(state=ACTIVE, ran_out=UNTIL)


def test_a_reported_suspension_ends_by_itself_without_a_finding_of_its_own() -> None:
    act = stating(SUSPENDED, by=Side.THEM, until=UNTIL)
    suspended = reported(SUSPENDED, by=Side.THEM, until=UNTIL)
    over = reported(ACTIVE, by=Side.THEM, findings=(), **RUNS_OUT)
    partnership.given().when(doing(act)).then(suspended, over)
    assert partnership.given(suspended, over).state == Standing(
        reported=Said(state=ACTIVE, ran_out=UNTIL)
    )


def test_a_corrected_suspension_runs_out_without_correcting_anything() -> None:
    replaces = {"version": 2, "reason": "a slip"}
    event = FOR_A_WHILE.model_validate({**dict(FOR_A_WHILE), "replaces": replaces})
    assert end_of_suspension(event) == (changed(ACTIVE, **RUNS_OUT),)
    assert end_of_suspension(changed(SUSPENDED)) == ()
    assert end_of_suspension(changed(DORMANT, until=UNTIL)) == ()


def test_a_suspension_that_was_changed_before_its_end_does_not_run_out() -> None:
    """Extended to 2005 by a decision, or ended before: the end of 2003 means nothing any more."""
    over, longer = changed(ACTIVE, **RUNS_OUT), changed(SUSPENDED, until=Day.parse("2005"))
    assert partnership.given(FOR_A_WHILE, longer, over).state.now.until == Day.parse("2005")
    assert partnership.given(FOR_A_WHILE, changed(DORMANT), over).state.now.state is DORMANT
    assert partnership.given(over).state == Standing()
    said, later = reported(SUSPENDED, until=UNTIL), reported(SUSPENDED, until=Day.parse("2005"))
    told_over = reported(ACTIVE, findings=(), **RUNS_OUT)
    assert partnership.given(said, later, told_over).state.now.until == Day.parse("2005")
    assert partnership.given(told_over).state == Standing()


@pytest.mark.parametrize("state", [ACTIVE, DORMANT, EMERITUS])
@pytest.mark.parametrize("lasts", [{"until": UNTIL}, {"condition": "peace"}], ids=str)
def test_only_a_suspension_has_an_end_or_a_condition(
    state: PartnershipState, lasts: dict[str, Any]
) -> None:
    told = {"rule": "C8", "city": "UA-KIEV", "state": state}
    for act in (setting(state, **lasts), stating(state, **lasts)):
        partnership.given().when(doing(act)).refused(OnlyASuspensionLasts, **told)


def test_a_suspension_may_wait_for_something() -> None:
    act, event = setting(SUSPENDED, condition="peace"), changed(SUSPENDED, condition="peace")
    partnership.given().when(doing(act)).then(event)
    assert state_in_words(partnership.given(event).state) == "suspended until peace"


def test_a_suspension_lasts_until_a_day_on_which_it_has_begun() -> None:
    before = setting(SUSPENDED, until=Day.parse("2002-03-04"))
    told = {"rule": "C8", "until": "2002-03-04", "effective_from": "2002-03-05"}
    partnership.given().when(doing(before)).refused(UntilBeforeItBegins, city="UA-KIEV", **told)
    for until in (Day.parse("2002-03-05"), Day.parse("2002-03")):
        ruling = doing(setting(SUSPENDED, until=until))(Standing())
        assert ruling.events[0] == changed(SUSPENDED, until=until)


def test_the_state_that_a_decision_gave_is_not_decided_again() -> None:
    told = {"rule": "C8", "city": "UA-KIEV", "state": DORMANT}
    dormant = partnership.given(changed(DORMANT, reason="no answer"))
    again = doing(setting(DORMANT, by=Side.THEM, reason="another"))
    dormant.when(again).refused(SameState, **told)
    told["state"] = ACTIVE
    partnership.given().when(doing(setting(ACTIVE))).refused(SameState, **told)
    suspended = partnership.given(FOR_A_WHILE)
    longer = setting(SUSPENDED, until=Day.parse("2005"))
    assert doing(longer)(suspended.state).events[0] == changed(SUSPENDED, until=Day.parse("2005"))


def test_a_decision_may_say_what_only_a_report_said() -> None:
    state = partnership.given(reported(DORMANT))
    state.when(doing(setting(DORMANT))).then(changed(DORMANT))
    state.when(doing(setting(ACTIVE))).then(changed(ACTIVE))
    decided = partnership.given(reported(DORMANT), changed(ACTIVE)).state
    assert decided == Standing(decided=Said(state=ACTIVE, by=Side.US))


def test_a_report_says_its_state_once_and_may_say_that_nothing_changed() -> None:
    partnership.given().when(doing(stating(ACTIVE))).then(reported(ACTIVE))
    told = {"rule": "C8", "city": "UA-KIEV", "state": ACTIVE}
    once = partnership.given(reported(ACTIVE))
    once.when(doing(stating(ACTIVE, by=Side.THEM, reason="r"))).refused(SameState, **told)


def test_a_decision_prevails_over_a_report_that_says_otherwise() -> None:
    other = "; the decision that it is dormant prevails"
    dormant = partnership.given(changed(DORMANT))
    dormant.when(doing(stating(ACTIVE))).then(reported(ACTIVE, other))
    dormant.when(doing(stating(DORMANT))).then(reported(DORMANT))
    state = partnership.given(changed(DORMANT), reported(ACTIVE, other)).state
    assert (state.now.state, state.basis) == (DORMANT, "decision")
    assert state.reported == Said(state=ACTIVE)
    ruling = doing(stating(ACTIVE))(dormant.state)
    assert ruling.findings == reported(ACTIVE, other).findings


def test_a_state_in_words_says_until_when_and_that_it_is_a_report() -> None:
    assert state_in_words(partnership.given(FOR_A_WHILE).state) == "suspended until 2003-12-31"
    assert state_in_words(partnership.given(reported(DORMANT)).state) == "dormant (reported)"
