"""Discrepancies: noted as the sources stand, and settled by a later decision only."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from domain.dates import When
from domain.discrepancies import (
    AlreadySettled,
    DecidedBefore,
    Discrepancy,
    DiscrepancyNoted,
    DiscrepancySettled,
    NoteDiscrepancy,
    NotedOtherwise,
    Passage,
    SettleDiscrepancy,
    UnknownDiscrepancy,
    evolve,
    note,
    of_plan,
    settle,
    stream_of,
)
from domain.kernel import Basis, Citation, DecisionRef

NOVEMBER = When.parse("2001-11-07")
LATER = When.parse("2003-02-01")
BY = DecisionRef(matter="2003-1", decision="counts", body="council")
SAYS = {
    "discrepancy": "number-of-partnerships",
    "title": "How many there are",
    "passages": (
        Passage(at=Citation(document="report", place="body"), says="25", figure=25),
        Passage(at=Citation(document="report", place="Attachment 1"), says="26", figure=26),
    ),
    "about": ("funding/1",),
    "number": 1,
}
NOTE = NoteDiscrepancy(on=NOVEMBER, **SAYS)  # type: ignore[arg-type]
SETTLE = SettleDiscrepancy(
    on=LATER, discrepancy="number-of-partnerships", authority=BY, how="There are 26."
)


def basis(on: When, authority: DecisionRef | None = None) -> Basis:
    return {
        "decided_on": on,
        "effective_from": on,
        "by_convention": True,
        "authority": authority,
        "cites": (),
    }


NOTED = DiscrepancyNoted(**SAYS, **basis(NOVEMBER))  # type: ignore[arg-type]
SETTLED = DiscrepancySettled(
    discrepancy="number-of-partnerships", how="There are 26.", **basis(LATER, BY)
)


def given(*events: Any) -> Discrepancy:
    state = Discrepancy()
    for event in events:
        state = evolve(state, event)
    return state


@pytest.mark.rule("K2")
def test_a_discrepancy_is_noted_with_its_places_and_figures() -> None:
    assert note(given(), NOTE, basis(NOVEMBER)) == (NOTED,)


def test_noting_it_again_changes_nothing() -> None:
    assert note(given(NOTED), NOTE, basis(NOVEMBER)) == ()
    assert note(given(NOTED, SETTLED), NOTE, basis(NOVEMBER)) == ()


def test_another_discrepancy_of_the_same_name_is_a_conflict() -> None:
    other = NOTE.model_copy(update={"title": "Something else"})
    for state, command in ((given(NOTED), other), (Discrepancy(opened=True), NOTE)):
        with pytest.raises(NotedOtherwise) as refused:
            note(state, command, basis(NOVEMBER))
        assert refused.value.details == {"discrepancy": "number-of-partnerships"}


def test_a_single_place_does_not_disagree_with_itself() -> None:
    alone = {**SAYS, "passages": SAYS["passages"][:1]}  # type: ignore[index]
    with pytest.raises(ValidationError):
        NoteDiscrepancy(on=NOVEMBER, **alone)  # pyright: ignore[reportArgumentType]


@pytest.mark.rule("K2")
def test_a_decision_settles_it() -> None:
    assert settle(given(NOTED), SETTLE, basis(LATER, BY)) == SETTLED
    assert settle(Discrepancy(opened=True), SETTLE, basis(LATER, BY)) == SETTLED


@pytest.mark.rule("K2")
def test_what_was_never_noted_cannot_be_settled() -> None:
    with pytest.raises(UnknownDiscrepancy) as refused:
        settle(given(), SETTLE, basis(LATER, BY))
    assert refused.value.details == {"rule": "K2", "discrepancy": "number-of-partnerships"}


@pytest.mark.rule("K2")
def test_it_is_settled_once() -> None:
    with pytest.raises(AlreadySettled) as refused:
        settle(given(NOTED, SETTLED), SETTLE, basis(LATER, BY))
    assert refused.value.details == {
        "rule": "K2",
        "discrepancy": "number-of-partnerships",
        "by": BY,
    }


@pytest.mark.rule("K2")
def test_a_decision_taken_before_the_sources_disagreed_settles_nothing() -> None:
    with pytest.raises(DecidedBefore) as refused:
        settle(given(NOTED), SETTLE, basis(When.parse("2001-11-06"), BY))
    assert refused.value.details == {
        "rule": "K2",
        "discrepancy": "number-of-partnerships",
        "since": "2001-11-07",
        "decided_on": "2001-11-06",
    }
    assert settle(given(NOTED), SETTLE, basis(NOVEMBER, BY)).decided_on == NOVEMBER


def test_a_discrepancy_that_a_plan_opens_has_a_name_made_of_year_and_limit() -> None:
    assert of_plan(2002, "inbound visits, most") == "plan-2002-inbound-visits-most"
    assert of_plan(2003, "(Outbound) missions X!") == "plan-2003-outbound-missions-x"
    assert stream_of("plan-2002-goals") == "discrepancy/plan-2002-goals"
