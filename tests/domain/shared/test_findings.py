"""What each rule of the year finds: its answer, the provision it read, and the figures it gives.

Sentences without a figure may be reworded, so their words are not compared.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from domain.missions.budget import (
    BudgetIncomplete,
    Contribution,
    NotFunded,
    budget_complete,
    expected_contributors,
    funded_by_programme,
)
from domain.missions.documents import (
    DocumentsOwed,
    all_documents_filed,
    documents_owed_after,
    to_be_filed,
)
from domain.missions.host import NotWelcomed, to_be_welcomed, was_welcomed
from domain.missions.route import (
    NoCaseForVisit,
    StopNotInProgramme,
    enough_cities,
    goals_met,
    may_stop,
    may_visit,
    no_link_needed,
)
from domain.requests.formal_agreement import business_case_made
from domain.shared.findings import Answer, Finding
from domain.shared.messages import ProvisionRef
from domain.shared.problems import Refusal
from tests.support.programme import (
    CHICAGO,
    FRANKFURT,
    GOALS,
    KIEV,
    LONDON,
    MILAN,
    NO_POLICY,
    RIGA,
    budget,
    ground,
    inbound,
    outbound,
    partner,
    place,
    ref,
)

Told = tuple[str, Answer, ProvisionRef | None]
TOKYO = partner(place("JP-TOKYO", "Tokyo", "Japan", "Asia"))
BEIJING = partner(
    place("CN-BEIJING", "Peking", "China", "Asia").model_copy(update={"other_names": ("Beijing",)})
)


def told(answers: Iterable[Finding | Refusal]) -> list[Told]:
    """Rule, answer and provision, where nothing is refused."""
    found = tuple(answers)
    assert all(isinstance(a, Finding) for a in found)
    return [(f.rule, f.answer, f.provision) for f in found if isinstance(f, Finding)]


def said(answers: Iterable[Finding | Refusal]) -> list[str]:
    return [f.reason for f in answers if isinstance(f, Finding)]


def refused(
    answers: Iterable[Finding | Refusal], refusal: type[Refusal], **figures: object
) -> None:
    """Nothing but this refusal, with all its figures."""
    (only,) = answers
    assert isinstance(only, refusal)
    assert only.details == {"rule": refusal.rule, **figures}


# where a mission goes: rules M1, M2, M2b, M5 and N6


@pytest.mark.rule("M1")
@pytest.mark.parametrize(
    ("stops", "because", "answer", "reason"),
    [
        ((CHICAGO, FRANKFURT), None, Answer.MET, "2 of at least 2 cities"),
        ((CHICAGO, CHICAGO), None, Answer.ADVISORY, "1 of at least 2 cities; no reason given"),
        ((CHICAGO,), "a fair", Answer.ADVISORY, "1 of at least 2 cities; a fair"),
        (
            (TOKYO, BEIJING, CHICAGO),
            None,
            Answer.MET,
            "3 of at least 2 cities, of which gateways: Tokyo, Peking",
        ),
    ],
    ids=["two", "one twice", "one", "gateways"],
)
def test_a_gateway_counts_as_one_city_and_is_named(
    stops: tuple[object, ...], because: str | None, answer: Answer, reason: str
) -> None:
    outline = outbound("spring", *stops, one_city_because=because)  # type: ignore[arg-type]
    assert tuple(enough_cities(outline, ground())) == (
        Finding(rule="M1", answer=answer, reason=reason, provision=ref("planning/3")),
    )


@pytest.mark.rule("M1")
def test_a_provision_without_gateways_names_none() -> None:
    without = ground(amended={"planning/3": {"mission.cities.least": 3}})
    assert tuple(enough_cities(outbound("spring", TOKYO), without)) == (
        Finding(
            rule="M1",
            answer=Answer.ADVISORY,
            reason="1 of at least 3 cities; no reason given",
            provision=ref("planning/3", 2),
        ),
    )
    assert told(enough_cities(outbound(), NO_POLICY)) == [("M1", Answer.NOT_APPLICABLE, None)]


@pytest.mark.rule("M2")
def test_a_historical_partner_is_a_stop_where_the_table_or_a_decision_lets_it_be() -> None:
    granting = ground(
        amended={
            "programming": {"programming.outbound.historical": ("fairs", "-", "anniversaries")}
        }
    )
    table = ref("programming")
    refused(
        may_stop(KIEV, frozenset(), ground()),
        StopNotInProgramme,
        provision=table,
        city="UA-KIEV",
        classification="Historical",
    )
    assert told(may_stop(KIEV, frozenset({"UA-KIEV"}), ground())) == [("M2", Answer.MET, table)]
    assert tuple(may_stop(KIEV, frozenset(), granting)) == (
        Finding(
            rule="M2",
            answer=Answer.MET,
            reason="Kiev: fairs; anniversaries",
            provision=ref("programming", 2),
        ),
    )
    assert told(may_stop(CHICAGO, frozenset(), ground())) == []
    assert told(may_stop(KIEV, frozenset(), NO_POLICY)) == []


@pytest.mark.rule("M2b")
def test_whom_the_table_hosts_and_who_needs_a_case() -> None:
    table = ref("programming")
    unclassed = partner(KIEV.place, None)
    for stop, answer in (
        (CHICAGO, Answer.MET),
        (KIEV, Answer.ADVISORY),
        (MILAN, Answer.ADVISORY),
        (unclassed, Answer.ADVISORY),
    ):
        assert told(may_visit(stop, None, ground())) == [("M2b", answer, table)]
        assert said(may_visit(stop, None, ground()))[0].startswith(f"{stop.name}: ")
    refused(may_visit(RIGA, None, ground()), NoCaseForVisit, provision=table, city="LV-RIGA")
    assert said(may_visit(RIGA, "port trade", ground())) == [
        "Riga: outside the programme, for its economic benefit: port trade"
    ]
    assert told(may_visit(RIGA, None, NO_POLICY)) == [("M2b", Answer.NOT_APPLICABLE, None)]
    granting = ground(
        amended={"programming": {"programming.inbound.targeted": ("fairs", "-", "study")}}
    )
    assert said(may_visit(MILAN, None, granting)) == ["Milan: fairs; study"]


@pytest.mark.rule("M5")
@pytest.mark.parametrize(
    ("goals", "answer", "reason"),
    [
        (GOALS, Answer.MET, "serves 4 of 4 goals, and has priority"),
        (
            GOALS[:2],
            Answer.ADVISORY,
            f"serves 2 of 4 goals, without priority; not served: {', '.join(GOALS[2:])}",
        ),
        (
            (*GOALS, "sport", "chess"),
            Answer.MET,
            "serves 4 of 4 goals, and has priority; no goal of the programme: sport, chess",
        ),
    ],
    ids=["all", "two", "others"],
)
def test_the_goals_that_a_mission_serves_are_counted_and_the_others_named(
    goals: tuple[str, ...], answer: Answer, reason: str
) -> None:
    assert goals_met(outbound(goals=goals), ground()) == Finding(
        rule="M5", answer=answer, reason=reason, provision=ref("goals")
    )


@pytest.mark.rule("M5")
def test_priority_is_what_the_provision_makes_of_it() -> None:
    three = ground(amended={"goals": {"goals": GOALS}, "note": {"mission.priority.goals": 3}})
    met = goals_met(outbound(goals=GOALS[1:]), three)
    assert (met.answer, met.provision) == (Answer.MET, ref("note", 2))
    assert met.reason.startswith("serves 3 of 4 goals, and has priority; not served: economic")
    unranked = ground(amended={"goals": {"goals": GOALS}})
    assert goals_met(outbound(goals=GOALS), unranked) == Finding(
        rule="M5", answer=Answer.MET, reason="serves 4 of 4 goals", provision=ref("goals", 2)
    )
    fewer = goals_met(outbound(goals=GOALS[1:]), unranked)
    assert (fewer.answer, fewer.provision) == (Answer.ADVISORY, ref("goals", 2))
    assert told((goals_met(outbound(), NO_POLICY),)) == [("M5", Answer.NOT_APPLICABLE, None)]


@pytest.mark.rule("N6")
def test_cities_without_a_formal_link_are_named_and_need_none() -> None:
    outline = outbound("spring", LONDON, CHICAGO, RIGA)
    assert tuple(no_link_needed(outline, ground())) == (
        Finding(
            rule="N6",
            answer=Answer.MET,
            reason="London, Riga: no formal link, and none is needed",
            provision=ref("new-alliances"),
        ),
    )
    assert told(no_link_needed(outline, NO_POLICY)) == []
    assert told(no_link_needed(outbound(), ground())) == []


# the money of a mission: rules B4 and B5


@pytest.mark.rule("B4")
def test_a_budget_answers_all_categories_and_no_other() -> None:
    assert tuple(budget_complete(budget(), ground())) == (
        Finding(
            rule="B4",
            answer=Answer.MET,
            reason="all 8 categories answered",
            provision=ref("funding/3"),
        ),
    )
    refused(
        budget_complete(budget(insurance=7), ground()),
        BudgetIncomplete,
        provision=ref("funding/3"),
        missing=(),
        unknown=("insurance",),
    )
    cents = {name: 0 for name in budget().cents if name != "gifts"}
    refused(
        budget_complete(budget().model_copy(update={"cents": cents}), ground()),
        BudgetIncomplete,
        provision=ref("funding/3"),
        missing=("gifts",),
        unknown=(),
    )
    assert told(budget_complete(budget(), NO_POLICY)) == [("B4", Answer.NOT_APPLICABLE, None)]
    assert told(budget_complete(None, ground())) == []


@pytest.mark.rule("B5")
def test_contributors_that_the_provision_does_not_expect_are_named() -> None:
    def giving(*names: str) -> tuple[Contribution, ...]:
        return tuple(Contribution(by=name, currency="CAD", cents=1) for name in names)

    expected = giving("Business Community", "local communities")
    assert told(expected_contributors(expected, ground())) == [("B5", Answer.MET, ref("funding/2"))]
    assert "not name" not in said(expected_contributors(expected, ground()))[0]
    others = giving("a bank", "local communities", "a club")
    (finding,) = expected_contributors(others, ground())
    assert isinstance(finding, Finding)
    assert (finding.answer, finding.provision) == (Answer.ADVISORY, ref("funding/2"))
    assert finding.reason.endswith(": a bank, a club")
    assert told(expected_contributors((), ground())) == []
    assert told(expected_contributors(expected, NO_POLICY)) == []


@pytest.mark.rule("B5")
def test_programme_funds_go_to_partners_and_to_cities_of_the_approved_plan() -> None:
    paid, free = budget(travel=500, meals=1), budget()
    outside = ("Riga", "Milan")
    by = ref("funding/1")
    refused(
        funded_by_programme(paid, outside, False, ground()),
        NotFunded,
        provision=by,
        cities=outside,
        cents=501,
    )
    for answers in (
        funded_by_programme(paid, outside, True, ground()),
        funded_by_programme(paid, (), False, ground()),
        funded_by_programme(free, outside, False, ground()),
        funded_by_programme(None, outside, False, ground()),
    ):
        assert told(answers) == [("B5", Answer.MET, by)]
    (in_plan,) = said(funded_by_programme(paid, outside, True, ground()))
    (partners,) = said(funded_by_programme(paid, (), True, ground()))
    (nothing,) = said(funded_by_programme(free, outside, True, ground()))
    assert in_plan.startswith("Riga, Milan: ")
    assert len({in_plan, partners, nothing}) == 3
    assert said(funded_by_programme(None, (), True, ground())) == [nothing]
    assert told(funded_by_programme(paid, outside, False, NO_POLICY)) == [
        ("B5", Answer.NOT_APPLICABLE, None)
    ]


# hosts, welcomes and what is owed afterwards: rules M7 and M9

VISIT = inbound("visit", CHICAGO)
INBOUND_1 = ref("inbound/1")


@pytest.mark.rule("M7")
def test_a_visit_starts_with_its_host_and_a_planned_welcome() -> None:
    assert told(to_be_welcomed(VISIT, True, True, ground())) == [("M7", Answer.MET, INBOUND_1)] * 2
    for hosted, welcomed, missing in (
        (False, True, "official host"),
        (True, False, "planned welcome"),
    ):
        answers = tuple(to_be_welcomed(VISIT, hosted, welcomed, ground()))
        refused(
            (answer for answer in answers if isinstance(answer, Refusal)),
            NotWelcomed,
            provision=INBOUND_1,
            mission="visit",
            missing=(missing,),
        )
    assert (
        told(to_be_welcomed(VISIT, False, False, NO_POLICY))
        == [("M7", Answer.NOT_APPLICABLE, None)] * 2
    )
    assert [
        reason.split()[-3:] for reason in said(to_be_welcomed(VISIT, True, True, NO_POLICY))
    ] == [
        ["an", "official", "host"],
        ["a", "planned", "welcome"],
    ]
    assert told(to_be_welcomed(outbound(), False, False, ground())) == []


@pytest.mark.rule("M7")
def test_a_visit_ends_with_its_welcome_given() -> None:
    assert told(was_welcomed(VISIT, True, ground())) == [("M7", Answer.MET, INBOUND_1)]
    refused(
        was_welcomed(VISIT, False, ground()),
        NotWelcomed,
        provision=INBOUND_1,
        mission="visit",
        missing=("welcome given",),
    )
    for outline, judged in ((outbound(), ground()), (VISIT, NO_POLICY)):
        assert told(was_welcomed(outline, False, judged)) == []


@pytest.mark.rule("M9")
def test_a_mission_that_filed_what_it_owes_says_what_that_was() -> None:
    owed = ref("planning/2")
    owes = documents_owed_after(ground())
    assert to_be_filed(owes) == Finding(
        rule="M9",
        answer=Answer.NOT_MET,
        reason="owed: summary report, action plan",
        provision=owed,
    )
    assert tuple(all_documents_filed("spring", ("Action Plan", "summary report"), owes)) == (
        Finding(
            rule="M9",
            answer=Answer.MET,
            reason="filed: summary report, action plan",
            provision=owed,
        ),
    )
    refused(
        all_documents_filed("spring", ("summary report",), owes),
        DocumentsOwed,
        provision=owed,
        mission="spring",
        missing=("action plan",),
    )
    nothing = documents_owed_after(NO_POLICY)
    for answers in ((to_be_filed(nothing),), all_documents_filed("spring", (), nothing)):
        assert told(answers) == [("M9", Answer.NOT_APPLICABLE, None)]


@pytest.mark.rule("N4")
def test_a_positive_case_is_met_by_the_provision_that_asks_for_it() -> None:
    assert told(business_case_made(True, "riga", "sign-agreement", ground())) == [
        ("N4", Answer.MET, ref("new-alliances"))
    ]
    assert told(business_case_made(False, "riga", "sign-agreement", NO_POLICY)) == [
        ("N4", Answer.NOT_APPLICABLE, None)
    ]
