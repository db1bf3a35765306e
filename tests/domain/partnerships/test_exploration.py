"""Looks at possible relationships, and the reports that they owe (rule R2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.instruments import ExplorationIntended, ExplorationReported, Explore
from domain.partnerships.exploration import (
    TIMELINE,
    Exploration,
    ExplorationAct,
    ExplorationAnswered,
    ExplorationDirected,
    ExplorationStated,
    NoExploration,
    decide,
    evolve,
    stream_of,
    tiers_in_order,
)
from domain.shared.findings import Answer, Finding, Ruling
from tests.support.given import Context
from tests.support.programme import ground, ref
from tests.support.small_city import ADOPTION, COUNCIL_DAYS, FIRST_PAPER, LATER, basis

pytestmark = pytest.mark.rule("R2")

BASIS = basis(COUNCIL_DAYS, ADOPTION)
EXPLORE = Explore(
    subject="guerrero", name="Guerrero", places=("MX-GUERRERO",), report_back=True, purpose="trade"
)
DIRECTED = ExplorationDirected(
    subject="guerrero",
    name="Guerrero",
    places=("MX-GUERRERO",),
    report_back=True,
    purpose="trade",
    **BASIS,
)
STATED = ExplorationStated(
    subject="guerrero", name="Guerrero", places=(), purpose=None, **basis(FIRST_PAPER)
)
ANSWERED = ExplorationAnswered(subject="guerrero", document="report-2002", **basis(LATER))
REPORTED = ExplorationReported(subject="guerrero")

exploration = Context(evolve, Exploration())


def doing(act: ExplorationAct) -> Callable[[Exploration], Ruling]:
    at = BASIS if isinstance(act, Explore) else basis(FIRST_PAPER)
    at = basis(LATER) if isinstance(act, ExplorationReported) else at
    return lambda state: decide(state, act, "report-2002", at)


def test_an_exploration_is_open_under_its_name_until_a_report_on_it_is_given() -> None:
    for begun in (DIRECTED, STATED, DIRECTED.model_copy(update={"report_back": False})):
        assert exploration.given(begun).state.open_as == "Guerrero"
        assert exploration.given(begun, ANSWERED).state.open_as is None
    assert exploration.given(DIRECTED, ANSWERED, STATED).state.open_as == "Guerrero"
    assert exploration.given().state.open_as is None


@pytest.mark.parametrize(
    ("report_back", "answer"), [(True, Answer.NOT_MET), (False, Answer.NOT_APPLICABLE)]
)
def test_an_exploration_is_directed_with_or_without_a_report_back(
    report_back: bool, answer: Answer
) -> None:
    act = EXPLORE.model_copy(update={"report_back": report_back})
    directed = DIRECTED.model_copy(update={"report_back": report_back})
    exploration.given().when(doing(act)).then(directed)
    ruling = doing(act)(Exploration())
    assert [(f.rule, f.answer) for f in ruling.findings] == [("R2", answer)]
    assert ("no report back" in ruling.findings[0].reason) is not report_back
    assert exploration.given(directed).state == Exploration(
        known=True, directed=True, report_owed=report_back, open_as="Guerrero"
    )


def test_staff_state_an_intention_once_and_no_body_directs_it() -> None:
    intend = ExplorationIntended(subject="guerrero", name="Guerrero")
    exploration.given().when(doing(intend)).then(STATED)
    further = {"places": ("MX-GUERRERO",), "purpose": "trade"}
    exploration.given().when(doing(intend.model_copy(update=further))).then(
        STATED.model_copy(update=further)
    )
    exploration.given(STATED).when(doing(intend)).then()
    exploration.given(DIRECTED).when(doing(intend)).then()
    assert exploration.given(STATED).state == Exploration(known=True, open_as="Guerrero")


def test_what_staff_intended_may_be_directed() -> None:
    exploration.given(STATED).when(doing(EXPLORE)).then(DIRECTED)


def test_the_report_back_is_owed_until_it_is_given() -> None:
    assert exploration.given(DIRECTED).state.report_owed
    exploration.given(DIRECTED).when(doing(REPORTED)).then(ANSWERED)
    ruling = doing(REPORTED)(exploration.given(DIRECTED).state)
    assert [(f.rule, f.answer) for f in ruling.findings] == [("R2", Answer.MET)]
    assert exploration.given(DIRECTED, ANSWERED).state == Exploration(known=True, directed=True)


def test_a_second_direction_without_a_report_back_does_not_forgive_the_first() -> None:
    again = DIRECTED.model_copy(update={"report_back": False})
    assert exploration.given(DIRECTED, again).state.report_owed
    assert not exploration.given(DIRECTED, again, ANSWERED).state.report_owed


def test_there_is_nothing_to_report_on_where_nothing_is_explored() -> None:
    exploration.given().when(doing(REPORTED)).refused(NoExploration, rule="R2", subject="guerrero")


@pytest.mark.rule("W2")
def test_alpha_and_beta_cities_come_first_and_gamma_second() -> None:
    tiers = {"Seoul": "Beta", "Kiev": None, "Prague": "Gamma", "London": "Alpha"}
    ordered = ground(
        amended={
            "purpose": {
                "exploration.tiers.first": ("Alpha", "Beta"),
                "exploration.tiers.second": ("Gamma",),
            }
        }
    )

    def told(*findings: Finding) -> list[tuple[object, ...]]:
        return [(f.rule, f.answer, f.provision, f.reason.partition(": ")[2]) for f in findings]

    by = ref("purpose", 2)
    assert told(*tiers_in_order(EXPLORE, tiers, ordered)) == [
        ("W2", Answer.MET, by, "Seoul is Beta, explored first"),
        ("W2", Answer.ADVISORY, by, "Kiev is in no tier, explored in no order"),
        ("W2", Answer.ADVISORY, by, "Prague is Gamma, explored second"),
        ("W2", Answer.MET, by, "London is Alpha, explored first"),
    ]
    (silent,) = tiers_in_order(EXPLORE, tiers, ground())
    assert (silent.rule, silent.answer, silent.provision) == ("W2", Answer.NOT_APPLICABLE, None)
    assert tiers_in_order(EXPLORE, {}, ordered) == ()


@pytest.mark.rule("W2")
def test_where_no_provision_names_a_second_tier_none_is_explored_second() -> None:
    first = ground(amended={"purpose": {"exploration.tiers.first": ("Alpha",)}})
    (finding,) = tiers_in_order(EXPLORE, {"Prague": "Gamma"}, first)
    assert finding.answer is Answer.ADVISORY
    assert finding.reason == "Guerrero: Prague is Gamma, explored in no order"


def test_each_exploration_has_a_stream_of_its_own() -> None:
    assert stream_of("seoul") == "exploration/seoul"


def test_only_a_report_needs_an_exploration_in_its_place() -> None:
    nothing = Exploration()
    refusal = TIMELINE.objection(nothing, ANSWERED)
    assert isinstance(refusal, NoExploration)
    assert refusal.details == {"rule": "R2", "subject": "guerrero"}
    assert TIMELINE.objection(exploration.given(STATED).state, ANSWERED) is None
    assert TIMELINE.objection(nothing, DIRECTED) is TIMELINE.objection(nothing, STATED) is None


def test_what_a_report_rests_on_is_how_the_exploration_stood() -> None:
    stood = {
        "not explored": (),
        "directed, open": (STATED, DIRECTED),
        "directed, reported": (DIRECTED, ANSWERED),
        "stated, open": (STATED,),
        "stated, reported": (STATED, ANSWERED),
    }
    grounds = [TIMELINE.ground(exploration.given(*acts).state, ANSWERED) for acts in stood.values()]
    assert grounds == list(stood)
