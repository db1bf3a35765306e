"""Discrepancies: noted as the sources stand, and settled by a later decision only."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

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
    decide,
    evolve,
    of_plan,
    stream_of,
)
from domain.shared.dates import When
from domain.shared.messages import Basis, Citation, DecisionRef
from domain.shared.problems import Problem
from tests.support.given import Context, Decision, Given

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


discrepancy = Context(evolve, Discrepancy())
opened_by_plan = Context(evolve, Discrepancy(opened=True))


def doing(act: NoteDiscrepancy | SettleDiscrepancy, on: When = LATER) -> Decision[Discrepancy]:
    authority = BY if isinstance(act, SettleDiscrepancy) else None
    return lambda state: decide(state, act, basis(on, authority))


@pytest.mark.rule("K2")
def test_a_discrepancy_is_noted_with_its_places_and_figures() -> None:
    discrepancy.given().when(doing(NOTE, NOVEMBER)).then(NOTED)


def test_noting_it_again_changes_nothing() -> None:
    discrepancy.given(NOTED).when(doing(NOTE)).then()
    discrepancy.given(NOTED, SETTLED).when(doing(NOTE)).then()


def test_a_single_place_does_not_disagree_with_itself() -> None:
    alone = {**SAYS, "passages": SAYS["passages"][:1]}  # type: ignore[index]
    with pytest.raises(ValidationError):
        NoteDiscrepancy(on=NOVEMBER, **alone)  # pyright: ignore[reportArgumentType]


@pytest.mark.rule("K2")
def test_a_decision_settles_it_and_what_a_plan_opened() -> None:
    discrepancy.given(NOTED).when(doing(SETTLE)).then(SETTLED)
    opened_by_plan.given().when(doing(SETTLE)).then(SETTLED)


NAMED = {"discrepancy": "number-of-partnerships"}
OTHER = NOTE.model_copy(update={"title": "Something else"})
TOO_EARLY = When.parse("2001-11-06")


@pytest.mark.rule("K2")
@pytest.mark.parametrize(
    ("before", "act", "on", "refusal", "figures"),
    [
        (discrepancy.given(NOTED), OTHER, LATER, NotedOtherwise, {}),
        (opened_by_plan.given(), NOTE, LATER, NotedOtherwise, {}),
        (discrepancy.given(), SETTLE, LATER, UnknownDiscrepancy, {}),
        (discrepancy.given(NOTED, SETTLED), SETTLE, LATER, AlreadySettled, {"by": BY}),
        (
            discrepancy.given(NOTED),
            SETTLE,
            TOO_EARLY,
            DecidedBefore,
            {"since": "2001-11-07", "decided_on": "2001-11-06"},
        ),
    ],
    ids=["another", "a plan's", "never noted", "settled before", "decided before"],
)
def test_what_is_refused(
    before: Given[Discrepancy],
    act: NoteDiscrepancy | SettleDiscrepancy,
    on: When,
    refusal: type[Problem],
    figures: dict[str, object],
) -> None:
    before.when(doing(act, on)).refused(refusal, **NAMED, **figures)


@pytest.mark.rule("K2")
def test_a_decision_of_the_same_day_settles_it() -> None:
    on_its_day = SETTLED.model_copy(update={"decided_on": NOVEMBER, "effective_from": NOVEMBER})
    discrepancy.given(NOTED).when(doing(SETTLE, NOVEMBER)).then(on_its_day)


def test_a_discrepancy_that_a_plan_opens_has_a_name_made_of_year_and_limit() -> None:
    assert of_plan(2002, "inbound visits, most") == "plan-2002-inbound-visits-most"
    assert of_plan(2003, "(Outbound) missions X!") == "plan-2003-outbound-missions-x"
    assert stream_of("plan-2002-goals") == "discrepancy/plan-2002-goals"
