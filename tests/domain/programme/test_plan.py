"""The year's plan: its steps (B1), its limits (B2, B3), its entries (B6) and turns (M6, M8)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.council.terms import TermOfCouncil
from domain.instruments import ApprovePlan
from domain.missions.budget import BudgetIncomplete
from domain.missions.outline import CityStanding, MissionOutline
from domain.programme.limits import (
    Difference,
    Figure,
    MissionNotDescribed,
    MissionsExhausted,
    OutsideThePlan,
    SlotsExhausted,
    VisitNotDescribed,
)
from domain.programme.messages import (
    AmendPlan,
    DraftPlan,
    ListMission,
    PlanAct,
    PlanApproved,
    PlanConfirmed,
    PlanDiscrepancyOpened,
    PlanDrafted,
    PlanEntryFreed,
    PlanEntryListed,
    PlanEvent,
    PlanReopened,
    PlanSubmitted,
    SubmitPlan,
)
from domain.programme.plan import (
    Circumstances,
    DatedBeforeStage,
    NoPlan,
    NotAtThisStage,
    NotThePlansBody,
    OtherYear,
    Plan,
    Stage,
    decide,
    evolve,
    free_plan_entry,
)
from domain.programme.rotation import RestOfProgramme, Visit
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ground
from domain.shared.provisions import TermValue
from tests.support.given import Context, Decision
from tests.support.programme import (
    AMSTERDAM,
    CHICAGO,
    FRANKFURT,
    KIEV,
    LONDON,
    MILAN,
    NO_POLICY,
    ON,
    RIGA,
    SAGAMIHARA,
    basis,
    decision,
    ground,
    inbound,
    outbound,
    place,
    ref,
)

plan = Context(evolve, Plan())

COMMITTEE = "economic-development-and-parks-committee"

drafted = PlanDrafted(year=2002, **basis("2002-01-02"))
approved = PlanApproved(year=2002, body="mayor", findings=(), **basis("2002-01-20"))
submitted = PlanSubmitted(
    year=2002,
    to=COMMITTEE,
    document="plan-2002",
    visits=0,
    missions=0,
    findings=(),
    **basis("2002-01-25"),
)
confirmed = PlanConfirmed(year=2002, body=COMMITTEE, findings=(), **basis("2002-02-05"))


def listed(outline: MissionOutline) -> PlanEntryListed:
    return PlanEntryListed(year=2002, outline=outline, findings=(), **basis("2002-01-10"))


def visits(number: int) -> tuple[PlanEntryListed, ...]:
    return tuple(listed(inbound(f"visit-{n}")) for n in range(number))


def journeys(number: int) -> tuple[PlanEntryListed, ...]:
    return tuple(listed(outbound(f"journey-{n}", CHICAGO, FRANKFURT)) for n in range(number))


def listing(
    outline: MissionOutline,
    *,
    judged: Ground | None = None,
    rest: RestOfProgramme | None = None,
    year: int = 2002,
    on: str = "2002-01-15",
) -> Decision[Plan]:
    act = ListMission(on=When.parse(on), year=year, mission=outline.mission)
    around = Circumstances(judged or ground(), rest or RestOfProgramme(), outline)
    return lambda state: decide(state, act, around, basis(on))


def doing(
    act: PlanAct, *, judged: Ground | None = None, rest: RestOfProgramme | None = None
) -> Decision[Plan]:
    around = Circumstances(judged or ground(), rest or RestOfProgramme())
    return lambda state: decide(state, act, around, basis())


def approving(body: str, judged: Ground | None = None) -> Decision[Plan]:
    around = Circumstances(judged or ground(), body=body)
    act = ApprovePlan(year=2002)
    return lambda state: decide(state, act, around, basis(authority=decision(body)))


DRAFT = DraftPlan(on=ON, year=2002)
SUBMIT = SubmitPlan(on=ON, year=2002, document="plan-2002")
AMEND = AmendPlan(on=ON, year=2002, reason="a further visit")


def test_a_year_has_one_plan() -> None:
    plan.given().when(doing(DRAFT)).then(PlanDrafted(year=2002, **basis()))
    plan.given(drafted).when(doing(DRAFT)).then()


@pytest.mark.rule("B1")
def test_the_mayor_approves_before_submission_and_the_committee_after_it() -> None:
    plan.given(drafted).when(doing(SUBMIT)).refused(
        NotAtThisStage,
        provision=ref("planning/4"),
        year=2002,
        act="submit-plan",
        stage="draft",
        needed=("approved for submission",),
    )
    plan.given(drafted).when(approving("mayor")).finds(
        "B1", Answer.MET, provision=ref("planning/4")
    )
    ruling = doing(SUBMIT)(plan.given(drafted, approved).state)
    plan.given(drafted, approved).when(doing(SUBMIT)).then(
        submitted.model_copy(update={**basis(), "findings": ruling.findings})
    )
    after = plan.given(drafted, approved, submitted).when(approving(COMMITTEE))
    after.finds("B1", Answer.MET)
    assert (
        after.and_then().state
        == plan.given(drafted, approved, submitted, confirmed.model_copy(update=basis())).state
    )


@pytest.mark.rule("B1")
def test_neither_approval_is_anothers_to_give() -> None:
    plan.given(drafted).when(approving(COMMITTEE)).refused(
        NotThePlansBody, provision=ref("planning/4"), body=COMMITTEE, by="mayor"
    )
    plan.given(drafted, approved, submitted).when(approving("mayor")).refused(
        NotThePlansBody, body="mayor", by=COMMITTEE
    )


@pytest.mark.rule("B1")
def test_a_plan_is_approved_once_before_its_submission_and_once_after() -> None:
    plan.given(drafted, approved).when(approving("mayor")).refused(
        NotAtThisStage,
        provision=ref("planning/4"),
        year=2002,
        act="approve-plan",
        stage="approved for submission",
        needed=("draft",),
    )
    plan.given(drafted, approved, submitted, confirmed).when(approving(COMMITTEE)).refused(
        NotAtThisStage, provision=ref("planning/4"), stage="approved", needed=("draft",)
    )
    plan.given(drafted).when(approving("city-council")).refused(NotThePlansBody, year=2002)
    ruling = approving("mayor")(plan.given(drafted).state)
    plan.given(drafted).when(approving("mayor")).then(
        PlanApproved(
            year=2002,
            body="mayor",
            findings=ruling.findings,
            **basis(authority=decision("mayor")),
        )
    )


@pytest.mark.rule("B1")
def test_a_plan_is_approved_only_when_both_have_approved_it() -> None:
    entry = listed(outbound())
    stages = (drafted, entry, approved, submitted, confirmed)

    assert [plan.given(*stages[:n]).state.approves("spring") for n in range(6)] == [
        False,
        False,
        False,
        False,
        False,
        True,
    ]
    assert not plan.given(*stages).state.approves("autumn")


@pytest.mark.rule("B1")
def test_the_plan_stage_ends_with_submission_and_an_addition_goes_through_the_steps_anew() -> None:
    plan.given(drafted, approved, submitted).when(listing(inbound(), on="2002-02-01")).refused(
        NotAtThisStage, provision=ref("planning/4"), act="list-mission", stage="submitted"
    )
    reopened = PlanReopened(year=2002, reason="a further visit", **basis())
    plan.given(drafted, approved, submitted).when(doing(AMEND)).then(reopened)
    plan.given(drafted, approved, submitted).when(doing(AMEND)).finds("B1")
    again = plan.given(drafted, approved, submitted, confirmed, reopened)
    again.when(doing(SUBMIT)).refused(NotAtThisStage, stage="draft")
    again.when(listing(inbound(), on="2002-03-01")).finds("B2", Answer.MET, Answer.MET)


@pytest.mark.rule("B1")
def test_an_entry_that_a_decision_adds_after_submission_leaves_the_plan_at_its_stage() -> None:
    aside = ground(notwithstanding=("planning/4",))

    for before, stage in (
        ((drafted, approved), Stage.DRAFT),
        ((drafted, approved, submitted), Stage.SUBMITTED),
        ((drafted, approved, submitted, confirmed), Stage.CONFIRMED),
    ):
        adding = plan.given(*before).when(listing(inbound(), judged=aside, on="2002-03-01"))
        assert adding.and_then().state.stage is stage
        adding.finds("B1", *([] if stage is Stage.DRAFT else [Answer.OVERRIDDEN]))


@pytest.mark.rule("B1")
def test_an_addition_after_the_mayors_approval_needs_it_again() -> None:
    before = plan.given(drafted, approved).when(listing(inbound(), on="2002-01-21")).and_then()

    before.when(doing(SUBMIT)).refused(NotAtThisStage, stage="draft")


@pytest.mark.rule("B1")
def test_a_plan_that_is_not_drafted_takes_no_step() -> None:
    for decision_ in (doing(SUBMIT), doing(AMEND), approving("mayor"), listing(inbound())):
        plan.given().when(decision_).refused(NoPlan, year=2002)


@pytest.mark.rule("B1")
def test_a_draft_is_not_amended_and_a_step_not_dated_before_the_last() -> None:
    plan.given(drafted).when(doing(AMEND)).refused(
        NotAtThisStage,
        year=2002,
        act="amend-plan",
        stage="draft",
        needed=("submitted", "approved"),
    )
    plan.given(drafted).when(listing(inbound(), on="2002-01-01")).refused(
        DatedBeforeStage, previous="2002-01-02"
    )


@pytest.mark.rule("B1")
def test_without_a_provision_nobody_needs_to_approve_a_plan() -> None:
    judged = ground(without=("planning/4",))

    plan.given(drafted).when(doing(SUBMIT, judged=judged)).finds("B1")
    plan.given(drafted).when(approving("anybody", judged)).finds("B1", Answer.NOT_APPLICABLE)


@pytest.mark.rule("B1")
def test_a_mission_is_listed_in_its_own_year_and_once() -> None:
    plan.given(drafted).when(listing(inbound(year=2003))).refused(
        OtherYear, year=2002, mission="visit", own=2003
    )
    plan.given(drafted, listed(inbound())).when(listing(inbound())).then()


@pytest.mark.rule("B2")
def test_ten_visits_have_room_and_an_eleventh_has_none() -> None:
    ruling = listing(inbound("tenth"))(plan.given(drafted, *visits(9)).state)
    plan.given(drafted, *visits(9)).when(listing(inbound("tenth"))).then(
        PlanEntryListed(
            year=2002, outline=inbound("tenth"), findings=ruling.findings, **basis("2002-01-15")
        )
    )
    plan.given(drafted, *visits(10)).when(listing(inbound("eleventh"))).refused(
        SlotsExhausted, provision=ref("planning/1(i)"), year=2002, listed=10, most=10
    )


@pytest.mark.rule("B2")
def test_a_cancelled_visit_frees_its_place() -> None:
    cancelled = PlanEntryFreed(
        year=2002, mission="visit-3", reason="postponed", **basis("2002-01-12")
    )

    plan.given(drafted, *visits(10), cancelled).when(listing(inbound("eleventh"))).finds(
        "B2", Answer.MET, Answer.MET
    )


@pytest.mark.rule("B2")
def test_study_groups_take_no_place() -> None:
    group = inbound("students", official=False)

    plan.given(drafted, *visits(10)).when(listing(group)).finds("B2", Answer.NOT_APPLICABLE)
    plan.given(drafted, *visits(9), listed(group)).when(listing(inbound("tenth"))).finds(
        "B2", Answer.MET, Answer.MET
    )


TWELVE: dict[str, dict[str, TermValue]] = {
    "planning/1(i)": {"plan.inbound-visits.least": 8, "plan.inbound-visits.most": 12}
}


@pytest.mark.rule("B2")
def test_of_two_provisions_the_stricter_applies_and_their_difference_is_opened_once() -> None:
    judged = ground(amended=TWELVE)
    most = Difference(
        limit="most",
        applies=Figure(value=10, provision=ref("inbound/2")),
        besides=Figure(value=12, provision=ref("planning/1(i)", 2)),
    )
    least = Difference(
        limit="least",
        applies=Figure(value=8, provision=ref("planning/1(i)", 2)),
        besides=Figure(value=6, provision=ref("inbound/2")),
    )
    first = listing(inbound("first"), judged=judged)(plan.given(drafted).state)

    assert first.events[:-1] == tuple(
        PlanDiscrepancyOpened(year=2002, difference=difference, **basis("2002-01-15"))
        for difference in (most, least)
    )
    assert first.findings[:2] == (
        Finding(
            rule="B2",
            answer=Answer.ADVISORY,
            reason="most: 10 applies, and planning/1(i) (version 2) says 12",
            provision=ref("inbound/2"),
        ),
        Finding(
            rule="B2",
            answer=Answer.ADVISORY,
            reason="least: 8 applies, and inbound/2 (version 1) says 6",
            provision=ref("planning/1(i)", 2),
        ),
    )
    after = plan.given(drafted).when(listing(inbound("first"), judged=judged)).and_then()
    second = listing(inbound("second"), judged=judged)(after.state)
    assert [type(event) for event in second.events] == [PlanEntryListed]
    plan.given(drafted, *visits(10)).when(listing(inbound("eleventh"), judged=judged)).refused(
        SlotsExhausted, provision=ref("inbound/2"), listed=10, most=10
    )


@pytest.mark.rule("B2")
def test_when_both_provisions_say_twelve_an_eleventh_visit_has_room() -> None:
    both = ground(amended={**TWELVE, "inbound/2": {"inbound.visits.most": 12}})

    plan.given(drafted, *visits(10)).when(listing(inbound("eleventh"), judged=both)).finds(
        "B2", Answer.MET, Answer.MET
    )


@pytest.mark.rule("B2")
def test_an_eleventh_visit_is_listed_where_a_decision_sets_both_provisions_aside() -> None:
    one = ground(notwithstanding=("planning/1(i)",))
    both = ground(notwithstanding=("planning/1(i)", "inbound/2"))
    full = plan.given(drafted, *visits(10))

    full.when(listing(inbound("eleventh"), judged=one)).refused(
        SlotsExhausted, provision=ref("inbound/2")
    )
    full.when(listing(inbound("eleventh"), judged=both)).finds(
        "B2", Answer.OVERRIDDEN, Answer.OVERRIDDEN
    )


@pytest.mark.rule("B3")
@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({}, ("Begründung", "理由")),
        ({"begründung": "Handel", "理由": ""}, ("理由",)),
        ({"Begründung": "Handel", "理由": "貿易"}, ()),
    ],
)
def test_a_plan_asks_by_the_words_of_its_own_provision(
    answers: dict[str, str], missing: tuple[str, ...]
) -> None:
    asks: dict[str, TermValue] = {"plan.outbound-missions.states": ("Begründung", "理由", "budget")}
    judged = ground(amended={"planning/1(ii)": asks})
    entry = outbound().model_copy(update={"answers": answers})
    when = plan.given(drafted).when(listing(entry, judged=judged))
    if missing:
        when.refused(
            MissionNotDescribed,
            provision=ref("planning/1(ii)", 2),
            mission=entry.mission,
            missing=missing,
        )
    else:
        when.finds("B3", Answer.NOT_APPLICABLE)


@pytest.mark.rule("B2")
def test_a_visit_is_listed_with_its_tentative_timing() -> None:
    plan.given(drafted).when(listing(inbound(timing=None))).refused(
        VisitNotDescribed,
        provision=ref("planning/1(i)"),
        mission="visit",
        missing=("timing",),
    )


@pytest.mark.rule("B2", "B3")
@pytest.mark.parametrize(("number", "answer"), [(5, Answer.ADVISORY), (6, Answer.MET)])
def test_fewer_visits_than_the_aim_are_noted_on_submission(number: int, answer: Answer) -> None:
    before = plan.given(drafted, *visits(number), approved)

    before.when(doing(SUBMIT)).finds("B2", answer, provision=ref("planning/1(i)"))
    said = [f.reason for f in doing(SUBMIT)(before.state).findings if f.rule in ("B2", "B3")]
    assert said == [f"{number} of at least 6 in 2002", "0 of at least 2 in 2002"]
    before.when(doing(SUBMIT)).finds("B3", Answer.ADVISORY, provision=ref("planning/1(ii)"))


@pytest.mark.rule("B3")
def test_three_missions_have_room_and_a_fourth_has_none() -> None:
    plan.given(drafted, *journeys(2)).when(listing(outbound("third"))).finds("B3", Answer.MET)
    plan.given(drafted, *journeys(3)).when(listing(outbound("fourth"))).refused(
        MissionsExhausted, provision=ref("planning/1(ii)"), year=2002, listed=3, most=3
    )


@pytest.mark.rule("B3")
def test_a_mission_to_the_us_counts_and_a_trip_to_two_cities_counts_once() -> None:
    state = plan.given(drafted, *journeys(3)).state

    assert len(state.missions) == 3


@pytest.mark.rule("B3")
def test_once_the_provision_says_four_a_fourth_mission_has_room() -> None:
    four = ground(
        amended={
            "planning/1(ii)": {
                "plan.outbound-missions.least": 2,
                "plan.outbound-missions.most": 4,
            }
        }
    )

    plan.given(drafted, *journeys(3)).when(listing(outbound("fourth"), judged=four)).finds(
        "B3", Answer.MET, provision=ref("planning/1(ii)", 2)
    )


@pytest.mark.rule("B3", "B4")
@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ({"rationale": None}, ("rationale",)),
        ({"goals": ()}, ("goals",)),
        ({"timing": None}, ("timing",)),
        ({"budget": None}, ("budget",)),
    ],
)
def test_a_mission_is_listed_with_rationale_goals_timing_and_budget(
    left_out: dict[str, Any], missing: tuple[str, ...]
) -> None:
    plan.given(drafted).when(listing(outbound(**left_out))).refused(
        MissionNotDescribed, provision=ref("planning/1(ii)"), missing=missing
    )


@pytest.mark.rule("B6")
def test_a_city_outside_the_programme_enters_at_plan_stage_with_its_case() -> None:
    with_case = inbound("riga", RIGA, economic_case="port trade")
    without = inbound("riga", RIGA)

    plan.given(drafted).when(listing(with_case)).finds("B6", Answer.MET, provision=ref("inbound/2"))
    tallinn = CityStanding(place=place("EE-TALLINN", "Tallinn", "Estonia"))
    both = inbound("baltic", RIGA, MILAN, tallinn, economic_case="port trade")
    ruling = listing(both)(plan.given(drafted).state)
    assert [f.reason for f in ruling.findings if f.rule == "B6"] == ["Riga, Tallinn: port trade"]
    plan.given(drafted).when(listing(without)).refused(
        OutsideThePlan, provision=ref("inbound/2"), missing="case of economic benefit"
    )
    plan.given(drafted, approved, submitted).when(listing(with_case, on="2002-02-01")).refused(
        OutsideThePlan, cities=("Riga",), missing="plan stage"
    )


@pytest.mark.rule("B6")
def test_a_case_that_comes_too_late_notwithstanding_has_one_answer() -> None:
    aside = ground(notwithstanding=("inbound/2", "planning/4"))
    guest = inbound("guest", RIGA, economic_case="port trade")

    plan.given(drafted, submitted).when(listing(guest, on="2002-02-01", judged=aside)).finds(
        "B6", Answer.OVERRIDDEN, provision=ref("inbound/2")
    )


@pytest.mark.rule("B6")
def test_partners_and_targeted_cities_need_no_case() -> None:
    plan.given(drafted).when(listing(inbound("kiev", KIEV))).finds("B6")
    plan.given(drafted).when(listing(inbound("milan", MILAN))).finds("B6")
    plan.given(drafted).when(listing(inbound("riga", RIGA, official=False))).finds("B6")
    plan.given(drafted).when(
        listing(inbound("riga", RIGA), judged=ground(without=("inbound/2",)))
    ).finds("B6", Answer.NOT_APPLICABLE)


@pytest.mark.rule("B2", "B3")
def test_before_any_policy_is_in_force_a_year_has_no_limits() -> None:
    plan.given(drafted, *visits(20)).when(listing(inbound("more"), judged=NO_POLICY)).finds(
        "B2", Answer.NOT_APPLICABLE
    )
    plan.given(drafted, *journeys(20)).when(
        listing(outbound("more", budget=None), judged=NO_POLICY)
    ).finds("B3", Answer.NOT_APPLICABLE)
    plan.given(drafted).when(doing(SUBMIT, judged=NO_POLICY)).finds("B2", Answer.NOT_APPLICABLE)


TERM = TermOfCouncil(
    term="2000-2003", begins=When.parse("2000-12-01"), ends=When.parse("2003-11-30")
)
PARTNERS = (CHICAGO.place, FRANKFURT.place)


def had(*cities: str, timing: str = "2001-05") -> RestOfProgramme:
    return RestOfProgramme(
        terms=(TERM,),
        visits=tuple(Visit(f"earlier-{c}", c, When.parse(timing)) for c in cities),
        taking_turns=PARTNERS,
    )


@pytest.mark.rule("M8")
def test_a_partner_has_its_visit_and_a_second_is_noted_while_another_waits() -> None:
    chicago = inbound("chicago", CHICAGO)

    for facts, answer in (
        (had(), Answer.MET),
        (had("DE-FRANKFURT"), Answer.MET),
        (had("US-CHICAGO"), Answer.ADVISORY),
        (had("US-CHICAGO", "DE-FRANKFURT"), Answer.MET),
        (had("US-CHICAGO", timing="2000-06"), Answer.MET),
    ):
        plan.given(drafted).when(listing(chicago, rest=facts)).finds(
            "M8", answer, provision=ref("inbound/2")
        )


@pytest.mark.rule("M8")
def test_a_provision_that_gives_two_visits_a_term_notes_the_third() -> None:
    two = ground(amended={"inbound/2": {"inbound.per-city-and-term": 2, "inbound.visits.most": 10}})
    chicago = inbound("chicago", CHICAGO)

    plan.given(drafted).when(listing(chicago, judged=two, rest=had("US-CHICAGO"))).finds(
        "M8", Answer.MET
    )
    plan.given(drafted).when(
        listing(chicago, judged=two, rest=had("US-CHICAGO", "US-CHICAGO"))
    ).finds("M8", Answer.ADVISORY, provision=ref("inbound/2", 2))


@pytest.mark.rule("M8")
def test_historical_partners_are_shown_and_take_no_turn() -> None:
    plan.given(drafted).when(listing(inbound("kiev", KIEV), rest=had())).finds(
        "M8", Answer.NOT_APPLICABLE
    )


@pytest.mark.rule("M8")
def test_where_no_term_of_council_is_recorded_none_is_assumed() -> None:
    plan.given(drafted).when(listing(inbound())).finds("M8", Answer.NOT_APPLICABLE)
    plan.given(drafted).when(listing(inbound(), judged=NO_POLICY, rest=had())).finds(
        "M8", Answer.NOT_APPLICABLE
    )
    plan.given(drafted).when(listing(inbound("students", official=False), rest=had())).finds("M8")


@pytest.mark.rule("M6")
def test_the_us_is_visited_every_year() -> None:
    to_chicago = plan.given(drafted, *journeys(1), approved)
    elsewhere = plan.given(drafted, listed(outbound("spring", AMSTERDAM)), approved)

    to_chicago.when(doing(SUBMIT)).finds("M6", Answer.MET, Answer.MET)
    elsewhere.when(doing(SUBMIT)).finds("M6", Answer.ADVISORY, Answer.MET)


@pytest.mark.rule("M6")
def test_a_region_again_before_another_had_its_turn_is_noted() -> None:
    before = plan.given(drafted, *journeys(1), approved)
    all_regions = (CHICAGO.place, FRANKFURT.place, SAGAMIHARA.place)
    europe = (outbound("last", AMSTERDAM, CHICAGO, year=2001),)
    asia = (outbound("last", SAGAMIHARA, CHICAGO, year=2001),)

    before.when(
        doing(SUBMIT, rest=RestOfProgramme(taking_turns=all_regions, last_year=europe))
    ).finds("M6", Answer.MET, Answer.ADVISORY, provision=ref("programming"))
    before.when(
        doing(SUBMIT, rest=RestOfProgramme(taking_turns=all_regions, last_year=asia))
    ).finds("M6", Answer.MET, Answer.MET)
    before.when(doing(SUBMIT, rest=RestOfProgramme(taking_turns=PARTNERS, last_year=europe))).finds(
        "M6", Answer.MET, Answer.MET
    )


@pytest.mark.rule("M6")
def test_a_city_without_a_region_and_a_table_without_an_order_are_said_so() -> None:
    nowhere = LONDON.model_copy(update={"place": LONDON.place.model_copy(update={"region": None})})
    before = plan.given(drafted, listed(outbound("spring", nowhere)), approved)

    before.when(doing(SUBMIT)).finds("M6", Answer.ADVISORY, Answer.NOT_APPLICABLE, Answer.MET)
    before.when(doing(SUBMIT, judged=ground(without=("programming",)))).finds(
        "M6", Answer.NOT_APPLICABLE
    )


def test_a_cancelled_mission_leaves_the_plan_at_any_stage() -> None:
    freed = PlanEntryFreed(year=2002, mission="spring", reason="no funds", **basis())

    plan.given(drafted, listed(outbound()), approved, submitted, confirmed).when(
        lambda state: free_plan_entry(state, 2002, "spring", "no funds", basis())
    ).then(freed)
    plan.given(drafted).when(
        lambda state: free_plan_entry(state, 2002, "spring", "no funds", basis())
    ).then()


def test_what_is_not_cancelled_stays_in_the_plan() -> None:
    freed = PlanEntryFreed(year=2002, mission="visit-0", reason="no funds", **basis())

    assert tuple(plan.given(drafted, *visits(3), freed).state.entries) == ("visit-1", "visit-2")


@pytest.mark.rule("B1")
@pytest.mark.parametrize(
    ("before", "on", "previous"),
    [
        ((drafted, *visits(1)), "2002-01-09", "2002-01-10"),
        ((drafted, approved), "2002-01-19", "2002-01-20"),
        ((drafted, approved, submitted), "2002-01-24", "2002-01-25"),
        ((drafted, approved, submitted, confirmed), "2002-02-04", "2002-02-05"),
        (
            (drafted, approved, PlanReopened(year=2002, reason="more", **basis("2002-02-10"))),
            "2002-02-09",
            "2002-02-10",
        ),
    ],
)
def test_each_step_is_dated_after_the_one_before(
    before: tuple[PlanEvent, ...], on: str, previous: str
) -> None:
    plan.given(*before).when(listing(inbound("late"), on=on)).refused(
        DatedBeforeStage, year=2002, on=on, previous=previous
    )


@pytest.mark.rule("B1")
def test_a_confirmed_plan_is_amended_as_well() -> None:
    plan.given(drafted, approved, submitted, confirmed).when(doing(AMEND)).then(
        PlanReopened(year=2002, reason="a further visit", **basis())
    )


@pytest.mark.rule("B4")
def test_a_budget_answers_the_categories_of_the_day_it_is_listed() -> None:
    further = ground(amended={"funding/3": {"budget.categories": ("travel", "insurance")}})

    plan.given(drafted).when(listing(outbound(), judged=further)).refused(
        BudgetIncomplete, provision=ref("funding/3", 2), missing=("insurance",)
    )


@pytest.mark.rule("B2", "B6", "M8")
def test_findings_on_an_entry_give_the_figures_and_the_cities() -> None:
    two = inbound("chicago", KIEV, CHICAGO)
    ruling = listing(two, rest=had("US-CHICAGO"))(plan.given(drafted, *visits(9)).state)

    said = {(f.rule, f.reason) for f in ruling.findings}
    assert said == {
        ("B2", "10 of at most 10 in 2002"),
        ("M8", "Kiev: only International partners take turns"),
        ("M8", "Chicago: visit 2 in 2000-2003, while none yet for Frankfurt"),
    }
    plan.given(drafted).when(listing(inbound("riga", RIGA))).refused(
        OutsideThePlan, mission="riga", cities=("Riga",)
    )
    plan.given(drafted, approved, submitted).when(
        listing(inbound("riga", RIGA, economic_case="port"), on="2002-02-01")
    ).refused(OutsideThePlan, provision=ref("inbound/2"), mission="riga")
