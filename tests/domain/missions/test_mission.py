"""Missions: rules M1, M2, M2b, M5 and N6 when proposed, M7, M9, M10, B4 and B5 on the way."""

from __future__ import annotations

import pytest

from domain.instruments import ApproveDelegation, ExceptStop
from domain.missions.budget import BudgetIncomplete, Contribution, Costs, Given, NotFunded
from domain.missions.documents import DocumentsOwed, NotOwed
from domain.missions.host import NotToWelcome, NotWelcomed
from domain.missions.messages import (
    CancelMission,
    CloseMission,
    CompleteMission,
    FileMissionDocument,
    MissionAct,
    MissionCancelled,
    MissionClosed,
    MissionCompleted,
    MissionDelegationApproved,
    MissionDocumentFiled,
    MissionEvent,
    MissionHostNamed,
    MissionPlanned,
    MissionProposed,
    MissionStarted,
    MissionStopExcepted,
    NameHost,
    Owed,
    ProposeMission,
    StartMission,
)
from domain.missions.mission import (
    Circumstances,
    DatedBeforeStep,
    DelegationApprovedTwice,
    Mission,
    NotInbound,
    NotOutbound,
    Step,
    StepSkipped,
    StillCancelled,
    decide,
    enter_plan,
    evolve,
    require_not_cancelled,
)
from domain.missions.outline import MissionOutline
from domain.missions.route import NoCaseForVisit, StopNotInProgramme
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ground, Ruling
from domain.shared.messages import DecisionRef
from domain.shared.provisions import TermValue
from tests.support.given import Context, Decision
from tests.support.programme import (
    AMSTERDAM,
    CHARTER,
    CHICAGO,
    DELEGATION,
    FRANKFURT,
    GOALS,
    KIEV,
    LONDON,
    MILAN,
    NO_POLICY,
    ON,
    RIGA,
    basis,
    budget,
    decision,
    ground,
    holder,
    inbound,
    outbound,
    ref,
)

mission = Context(evolve, Mission())

HOST = holder("Councillor D", "Mayor's designate")


def proposing(outline: MissionOutline, judged: Ground | None = None) -> Decision[Mission]:
    said = {n: getattr(outline, n) for n in MissionOutline.model_fields if n != "stops"}
    if outline.budget:
        said["budget"] = Costs(**outline.budget.model_dump())
    said["contributions"] = tuple(Given(**each.model_dump()) for each in outline.contributions)
    act = ProposeMission(on=ON, cities=tuple(s.place.code for s in outline.stops), **said)
    around = Circumstances(judged or ground(), outline.stops)
    return lambda state: decide(state, act, around, basis())


def doing(
    act: MissionAct,
    *,
    on: str = "2002-03-01",
    judged: Ground | None = None,
    approved: bool = True,
) -> Decision[Mission]:
    around = Circumstances(judged or ground(), approved=approved)
    return lambda state: decide(state, act, around, basis(on))


def approving(
    body: str = "city-council", judged: Ground | None = None, name: str = "spring"
) -> Decision[Mission]:
    act = ApproveDelegation(mission=name, travellers=DELEGATION)
    around = Circumstances(judged or ground(), body=body, charter=CHARTER)
    return lambda state: decide(state, act, around, basis(authority=decision(body)))


proposed = MissionProposed(outline=outbound(), findings=(), **basis("2002-01-10"))
planned = MissionPlanned(mission="spring", year=2002, **basis("2002-01-20"))
approved = MissionDelegationApproved(
    mission="spring",
    body="city-council",
    travellers=DELEGATION,
    consulted=(),
    findings=(),
    **basis("2002-02-01"),
)
started = MissionStarted(mission="spring", findings=(), **basis("2002-02-10"))
OWED = Owed(documents=("summary report", "action plan"), provision=ref("planning/2"))
completed = MissionCompleted(
    mission="spring", welcome_given=None, owes=OWED, findings=(), **basis("2002-02-20")
)
report = MissionDocumentFiled(
    mission="spring", kind="summary report", document="report-1", **basis("2002-02-25")
)
plan = MissionDocumentFiled(
    mission="spring", kind="Action Plan", document="plan-1", **basis("2002-02-25")
)

visit_proposed = MissionProposed(outline=inbound(), findings=(), **basis("2002-01-10"))
visit_planned = MissionPlanned(mission="visit", year=2002, **basis("2002-01-20"))
hosted = MissionHostNamed(
    mission="visit",
    host=HOST,
    welcome_by="Mayor",
    welcome_on=None,
    findings=(),
    **basis("2002-01-25"),
)
visit_started = MissionStarted(mission="visit", findings=(), **basis("2002-02-10"))


@pytest.mark.rule("M1")
def test_a_mission_to_two_cities_is_in_order() -> None:
    mission.given().when(proposing(outbound())).finds("M1", Answer.MET, provision=ref("planning/3"))


@pytest.mark.rule("M1")
def test_a_gateway_counts_as_a_city() -> None:
    mission.given().when(proposing(outbound("spring", FRANKFURT, LONDON))).finds("M1", Answer.MET)


def test_a_gateway_is_known_with_or_without_its_accents() -> None:
    stop = LONDON.model_copy(update={"place": LONDON.place.model_copy(update={"name": "Lóndon"})})
    (finding, *_) = proposing(outbound("spring", stop))(Mission()).findings
    assert "of which gateways: Lóndon" in finding.reason


@pytest.mark.rule("M1")
def test_a_mission_to_one_city_is_noted_with_its_reason() -> None:
    one = outbound("spring", FRANKFURT, one_city_because="a congress")
    ruling = proposing(one)(Mission())

    (finding,) = (f for f in ruling.findings if f.rule == "M1")
    assert finding.answer is Answer.ADVISORY
    assert "a congress" in finding.reason


@pytest.mark.rule("M1")
def test_the_same_city_twice_is_one_city() -> None:
    mission.given().when(proposing(outbound("spring", FRANKFURT, FRANKFURT))).finds(
        "M1", Answer.ADVISORY
    )


@pytest.mark.rule("M1")
def test_an_amended_provision_asks_for_three_cities() -> None:
    three = ground(amended={"planning/3": {"mission.cities.least": 3}})

    mission.given().when(proposing(outbound(), three)).finds(
        "M1", Answer.ADVISORY, provision=ref("planning/3", 2)
    )


@pytest.mark.rule("M2")
def test_no_outbound_mission_stops_at_a_historical_partner() -> None:
    mission.given().when(proposing(outbound("spring", FRANKFURT, KIEV))).refused(
        StopNotInProgramme,
        provision=ref("programming"),
        city="UA-KIEV",
        classification="Historical",
    )


@pytest.mark.rule("M2")
def test_a_stop_that_council_excepted_is_in_order() -> None:
    excepted = MissionStopExcepted(mission="spring", city="UA-KIEV", reason=None, **basis())

    mission.given(excepted).when(proposing(outbound("spring", FRANKFURT, KIEV))).finds(
        "M2", Answer.MET
    )


@pytest.mark.rule("M2")
def test_council_excepts_a_stop_once() -> None:
    act = ExceptStop(mission="spring", city="Kiev", reason="an anniversary")
    excepted = MissionStopExcepted(
        mission="spring", city="UA-KIEV", reason="an anniversary", **basis()
    )

    def excepting(state: Mission) -> Ruling:
        return decide(state, act, Circumstances(ground(), city="UA-KIEV"), basis())

    mission.given().when(excepting).then(excepted)
    mission.given(excepted).when(excepting).then()


@pytest.mark.rule("M2")
def test_a_stop_is_overridden_by_a_decision_notwithstanding_the_provision() -> None:
    set_aside = ground(notwithstanding=("programming",))

    mission.given().when(proposing(outbound("spring", FRANKFURT, KIEV), set_aside)).finds(
        "M2", Answer.OVERRIDDEN, provision=ref("programming")
    )


@pytest.mark.rule("M2")
def test_a_table_that_grants_historical_partners_missions_lets_them_be_visited() -> None:
    opened = ground(amended={"programming": {"programming.outbound.historical": ("every year",)}})

    mission.given().when(proposing(outbound("spring", FRANKFURT, KIEV), opened)).finds(
        "M2", Answer.MET, provision=ref("programming", 2)
    )


@pytest.mark.rule("M2b")
def test_visits_are_for_international_partners() -> None:
    mission.given().when(proposing(inbound())).finds(
        "M2b", Answer.MET, provision=ref("programming")
    )


@pytest.mark.rule("M2b")
@pytest.mark.parametrize("city", [KIEV, MILAN], ids=lambda city: city.name)
def test_a_visit_from_a_city_whose_cell_has_a_dash_is_advised_against(city: object) -> None:
    mission.given().when(proposing(inbound("visit", city))).finds(  # type: ignore[arg-type]
        "M2b", Answer.ADVISORY
    )


@pytest.mark.rule("M2b", "B6")
def test_any_other_city_is_hosted_on_a_case_only() -> None:
    mission.given().when(proposing(inbound("visit", RIGA))).refused(
        NoCaseForVisit, provision=ref("programming"), city="LV-RIGA"
    )
    mission.given().when(proposing(inbound("visit", RIGA, economic_case="port trade"))).finds(
        "M2b", Answer.MET
    )


@pytest.mark.rule("M2b")
def test_a_study_group_is_no_official_visit() -> None:
    mission.given().when(proposing(inbound("visit", RIGA, official=False))).finds("M2b")


@pytest.mark.rule("M5")
@pytest.mark.parametrize(
    ("goals", "answer"), [(GOALS, Answer.MET), (GOALS[:3], Answer.ADVISORY), ((), Answer.ADVISORY)]
)
def test_a_mission_that_serves_all_goals_has_priority(
    goals: tuple[str, ...], answer: Answer
) -> None:
    mission.given().when(proposing(outbound(goals=goals))).finds(
        "M5", answer, provision=ref("goals")
    )


@pytest.mark.rule("M5")
def test_a_visit_has_no_priority_over_another() -> None:
    mission.given().when(proposing(inbound())).finds("M5")


@pytest.mark.rule("M5")
def test_the_goals_a_mission_serves_are_recorded() -> None:
    ruling = proposing(outbound(goals=GOALS[1:2]))(Mission())

    (event,) = ruling.events
    assert isinstance(event, MissionProposed)
    assert event.outline.goals == ("cultural development",)
    (finding,) = (f for f in ruling.findings if f.rule == "M5")
    assert "serves 1 of 4 goals" in finding.reason


@pytest.mark.rule("N6")
def test_a_city_without_an_agreement_needs_none_to_be_visited() -> None:
    mission.given().when(proposing(outbound("spring", FRANKFURT, LONDON))).finds(
        "N6", Answer.MET, provision=ref("new-alliances")
    )
    mission.given().when(proposing(outbound())).finds("N6")


@pytest.mark.rule("M1", "M2", "M2b", "M5", "B4")
def test_before_any_policy_is_in_force_its_rules_do_not_apply() -> None:
    mission.given().when(proposing(outbound("spring", KIEV), NO_POLICY)).finds(
        "M1", Answer.NOT_APPLICABLE
    )
    mission.given().when(proposing(outbound("spring", KIEV), NO_POLICY)).finds("M2")
    mission.given().when(proposing(inbound("visit", RIGA), NO_POLICY)).finds(
        "M2b", Answer.NOT_APPLICABLE
    )
    mission.given().when(proposing(outbound(), NO_POLICY)).finds("M5", Answer.NOT_APPLICABLE)
    mission.given().when(proposing(outbound(), NO_POLICY)).finds("B4", Answer.NOT_APPLICABLE)


@pytest.mark.rule("B4")
def test_a_budget_answers_every_category() -> None:
    short = budget().model_copy(update={"cents": {"travel": 100, "balloons": 1}})

    mission.given().when(proposing(outbound(budget=short))).refused(
        BudgetIncomplete,
        provision=ref("funding/3"),
        missing=(
            "planning",
            "accommodation",
            "meals",
            "business seminars and meetings",
            "gifts",
            "official receptions",
            "follow-up",
        ),
        unknown=("balloons",),
    )


@pytest.mark.rule("B5")
def test_contributions_are_recorded_apart_from_the_budget() -> None:
    gift = Contribution(by="business community", currency="CAD", cents=50_000)
    stranger = Contribution(by="a lottery", currency="CAD", cents=1)

    mission.given().when(proposing(outbound(contributions=(gift,)))).finds("B5", Answer.MET)
    mission.given().when(proposing(outbound(contributions=(gift, stranger)))).finds(
        "B5", Answer.ADVISORY, provision=ref("funding/2")
    )


def test_the_same_proposal_again_changes_nothing() -> None:
    mission.given(proposed).when(proposing(outbound())).then()


def test_a_changed_proposal_replaces_the_earlier_one() -> None:
    changed = outbound(rationale="a congress")
    (event,) = proposing(changed)(Mission()).events

    mission.given(proposed).when(proposing(changed)).then(event)


@pytest.mark.rule("M10")
def test_a_planned_mission_is_not_proposed_again() -> None:
    mission.given(proposed, planned).when(proposing(outbound(rationale="other"))).refused(
        StepSkipped, mission="spring", act="propose-mission", step="planned", needed=("proposed",)
    )


@pytest.mark.rule("M10")
def test_a_mission_enters_the_plan_once_and_as_proposed() -> None:
    def planning(state: Mission) -> Ruling:
        return enter_plan(state, "spring", basis())

    mission.given(proposed).when(planning).then(
        MissionPlanned(mission="spring", year=2002, **basis())
    )
    for before, step in (((), "not proposed"), ((proposed, planned), "planned")):
        mission.given(*before).when(planning).refused(
            StepSkipped, mission="spring", act="plan-mission", step=step, needed=("proposed",)
        )


@pytest.mark.rule("M10")
def test_a_delegation_is_approved_for_a_planned_mission() -> None:
    mission.given(proposed).when(approving()).refused(
        StepSkipped,
        mission="spring",
        act="approve-delegation",
        step="proposed",
        needed=("planned", "delegation approved"),
    )
    ruling = approving()(mission.given(proposed, planned).state)

    for before in ((proposed, planned), (proposed, planned, approved)):
        mission.given(*before).when(approving()).then(
            MissionDelegationApproved(
                mission="spring",
                body="city-council",
                travellers=DELEGATION,
                consulted=(),
                findings=ruling.findings,
                **basis(authority=decision()),
            )
        )


@pytest.mark.rule("M4")
def test_one_decision_approves_one_delegation_and_another_may_change_it() -> None:
    by_council = approved.model_copy(update={"authority": decision()})
    alone = ApproveDelegation(mission="spring", travellers=DELEGATION[:1])

    def approving_alone(on: DecisionRef) -> Decision[Mission]:
        around = Circumstances(ground(), body="city-council", charter=CHARTER)
        return lambda state: decide(state, alone, around, basis(authority=on))

    before = mission.given(proposed, planned, by_council)
    before.when(approving()).then()
    first = approving()(mission.given(proposed, planned).state)
    assert approving()(before.state).findings == first.findings != ()
    before.when(approving_alone(decision())).refused(
        DelegationApprovedTwice, rule="M4", mission="spring", authority=decision()
    )
    later = decision().model_copy(update={"decision": "later"})
    ruling = approving_alone(later)(before.state)
    (event,) = ruling.events
    assert isinstance(event, MissionDelegationApproved)
    assert (event.travellers, event.authority) == (DELEGATION[:1], later)


@pytest.mark.rule("M10")
def test_a_visit_has_no_delegation_and_a_journey_no_host() -> None:
    mission.given(visit_proposed, visit_planned).when(approving(name="visit")).refused(
        NotOutbound, mission="visit"
    )
    mission.given(proposed).when(doing(NAME)).refused(NotInbound, mission="spring")


START = StartMission(on=ON, mission="spring")
COMPLETE = CompleteMission(on=ON, mission="spring")
CLOSE = CloseMission(on=ON, mission="spring")
CANCEL = CancelMission(on=ON, mission="spring", reason="no funds")
NAME = NameHost(on=ON, mission="spring", host=HOST)
FILE = FileMissionDocument(on=ON, mission="spring", kind="summary report", document="report-1")


@pytest.mark.rule("M10")
@pytest.mark.parametrize(
    ("before", "act", "step", "needed"),
    [
        ((), START, "not proposed", ("delegation approved",)),
        ((proposed,), START, "proposed", ("delegation approved",)),
        ((proposed, planned), START, "planned", ("delegation approved",)),
        ((proposed, planned, approved), NAME, "delegation approved", ("proposed", "planned")),
        ((proposed, planned, approved), COMPLETE, "delegation approved", ("under way",)),
        ((proposed, planned, approved), CLOSE, "delegation approved", ("completed",)),
        ((proposed, planned, approved, started), CLOSE, "under way", ("completed",)),
        ((proposed, planned, approved, started), FILE, "under way", ("completed",)),
        (
            (proposed, planned, approved, started, completed),
            START,
            "completed",
            ("delegation approved",),
        ),
        (
            (proposed, planned, approved, started, completed),
            CANCEL,
            "completed",
            ("proposed", "planned", "delegation approved", "under way"),
        ),
    ],
)
def test_no_step_is_skipped(
    before: tuple[MissionEvent, ...], act: MissionAct, step: str, needed: tuple[str, ...]
) -> None:
    mission.given(*before).when(doing(act)).refused(
        StepSkipped, mission="spring", act=act.KIND, step=step, needed=needed
    )


@pytest.mark.rule("M10")
@pytest.mark.parametrize(
    "before",
    [
        (proposed,),
        (proposed, planned),
        (proposed, planned, approved),
        (proposed, planned, approved, started),
    ],
)
def test_a_mission_is_cancelled_at_any_step_before_it_is_completed(
    before: tuple[MissionEvent, ...],
) -> None:
    cancelled = MissionCancelled(mission="spring", reason="no funds", **basis())

    mission.given(*before).when(doing(CANCEL)).then(cancelled)
    after = mission.given(*before, cancelled)
    after.when(doing(CANCEL)).refused(StepSkipped, step="cancelled")
    require_not_cancelled(mission.given(*before).state, "spring")
    with pytest.raises(StillCancelled) as raised:
        require_not_cancelled(after.state, "spring")
    assert raised.value.details == {"rule": "M10", "mission": "spring"}


@pytest.mark.rule("M10")
def test_a_step_does_not_happen_before_the_one_it_follows() -> None:
    mission.given(proposed, planned, approved).when(doing(START, on="2002-01-31")).refused(
        DatedBeforeStep, mission="spring", on="2002-01-31", previous="2002-02-01"
    )
    same_day = mission.given(proposed, planned, approved).when(doing(START, on="2002-02-01"))
    assert same_day.and_then().state.step is Step.UNDER_WAY


@pytest.mark.rule("B5")
def test_funds_go_to_partners_and_to_cities_that_the_approved_plan_names() -> None:
    through_london = MissionProposed(
        outline=outbound("spring", FRANKFURT, LONDON), findings=(), **basis("2002-01-10")
    )
    before = mission.given(through_london, planned, approved)

    before.when(doing(START, approved=False)).refused(
        NotFunded, provision=ref("funding/1"), cities=("London",), cents=1_280_000
    )
    before.when(doing(START)).finds("B5", Answer.MET, provision=ref("funding/1"))
    mission.given(proposed, planned, approved).when(doing(START, approved=False)).finds(
        "B5", Answer.MET
    )


@pytest.mark.rule("B5")
def test_a_mission_without_programme_funds_is_no_matter_of_the_plan() -> None:
    unpaid = MissionProposed(
        outline=outbound("spring", FRANKFURT, LONDON, budget=budget()),
        findings=(),
        **basis("2002-01-10"),
    )

    mission.given(unpaid, planned, approved).when(doing(START, approved=False)).finds(
        "B5", Answer.MET
    )
    mission.given(unpaid, planned, approved).when(doing(START, judged=NO_POLICY)).finds(
        "B5", Answer.NOT_APPLICABLE
    )


ARRIVE = StartMission(on=ON, mission="visit")


@pytest.mark.rule("M7")
def test_a_visit_starts_with_its_host_and_a_planned_welcome() -> None:
    unwelcomed = hosted.model_copy(update={"welcome_by": None})

    mission.given(visit_proposed, visit_planned).when(doing(ARRIVE)).refused(
        NotWelcomed, provision=ref("inbound/1"), missing=("official host",)
    )
    mission.given(visit_proposed, visit_planned, unwelcomed).when(doing(ARRIVE)).refused(
        NotWelcomed, provision=ref("inbound/1"), missing=("planned welcome",)
    )
    mission.given(visit_proposed, visit_planned, hosted).when(doing(ARRIVE)).finds(
        "M7", Answer.MET, Answer.MET
    )


@pytest.mark.rule("M7")
def test_the_welcome_is_given_by_whom_the_provision_names() -> None:
    by_clerk = NameHost(on=ON, mission="visit", host=HOST, welcome_by="City Clerk")
    by_deputy = NameHost(on=ON, mission="visit", host=HOST, welcome_by="deputy mayor")

    mission.given(visit_proposed).when(doing(by_clerk)).refused(
        NotToWelcome,
        provision=ref("inbound/1"),
        by="City Clerk",
        named=("Mayor", "Deputy Mayor"),
    )
    aside = ground(notwithstanding=("inbound/1",))
    mission.given(visit_proposed).when(doing(by_clerk, judged=aside)).finds(
        "M7", Answer.OVERRIDDEN, provision=ref("inbound/1")
    )
    dated = by_deputy.model_copy(update={"welcome_on": When.parse("2002-06-03")})
    for before in ((visit_proposed,), (visit_proposed, visit_planned)):
        mission.given(*before).when(doing(dated)).then(
            MissionHostNamed(
                mission="visit",
                host=HOST,
                welcome_by="deputy mayor",
                welcome_on=When.parse("2002-06-03"),
                findings=(),
                **basis(),
            )
        )


@pytest.mark.rule("M7")
def test_a_visit_is_completed_once_the_welcome_is_confirmed() -> None:
    before = mission.given(visit_proposed, visit_planned, hosted, visit_started)
    without = CompleteMission(on=ON, mission="visit")
    confirmed = CompleteMission(on=ON, mission="visit", welcome_given=True)

    before.when(doing(without)).refused(NotWelcomed, missing=("welcome given",))
    before.when(doing(confirmed)).finds("M7", Answer.MET, provision=ref("inbound/1"))
    assert before.when(doing(confirmed)).and_then().state.step is Step.COMPLETED
    ruling = doing(confirmed)(before.state)
    before.when(doing(confirmed)).then(
        MissionCompleted(
            mission="visit",
            welcome_given=True,
            owes=OWED,
            findings=ruling.findings,
            **basis(),
        )
    )
    unasked = before.when(doing(without, judged=NO_POLICY))
    unasked.then(
        MissionCompleted(
            mission="visit",
            welcome_given=False,
            owes=Owed(),
            findings=(
                Finding(
                    rule="M9",
                    answer=Answer.NOT_APPLICABLE,
                    reason="no provision in force asks for documents after a mission",
                ),
            ),
            **basis(),
        )
    )


@pytest.mark.rule("M7")
def test_where_no_provision_asks_for_a_host_none_is_needed() -> None:
    mission.given(visit_proposed, visit_planned).when(
        doing(ARRIVE, judged=ground(without=("inbound/1",)))
    ).finds("M7", Answer.NOT_APPLICABLE, Answer.NOT_APPLICABLE)


@pytest.mark.rule("M9")
def test_a_mission_is_closed_with_both_its_documents() -> None:
    before = (proposed, planned, approved, started, completed)

    mission.given(*before).when(doing(CLOSE)).refused(
        DocumentsOwed,
        provision=ref("planning/2"),
        mission="spring",
        missing=("summary report", "action plan"),
    )
    mission.given(*before, report).when(doing(CLOSE)).refused(
        DocumentsOwed, provision=ref("planning/2"), missing=("action plan",)
    )
    ruling = doing(CLOSE)(mission.given(*before, report, plan).state)
    mission.given(*before, report, plan).when(doing(CLOSE)).then(
        MissionClosed(
            mission="spring",
            documents=("report-1", "plan-1"),
            findings=ruling.findings,
            **basis(),
        )
    )
    assert [f.answer for f in ruling.findings] == [Answer.MET]


@pytest.mark.rule("M9")
def test_where_no_provision_asks_for_documents_none_are_owed() -> None:
    before = mission.given(proposed, planned, approved, started)
    judged = ground(without=("planning/2",))

    before.when(doing(COMPLETE, judged=judged)).finds("M9", Answer.NOT_APPLICABLE)
    after = before.when(doing(COMPLETE, judged=judged)).and_then()
    after.when(doing(CLOSE)).finds("M9", Answer.NOT_APPLICABLE)


@pytest.mark.rule("M9")
def test_a_mission_owes_what_was_asked_for_when_it_ended_whatever_is_amended_later() -> None:
    diary: dict[str, dict[str, TermValue]] = {
        "planning/2": {"mission.closing-documents": ("diary",)}
    }
    before = mission.given(proposed, planned, approved, started)
    after = before.when(doing(COMPLETE, judged=ground(amended=diary))).and_then()

    assert after.state.owes == Owed(documents=("diary",), provision=ref("planning/2", 2))
    after.when(doing(CLOSE)).refused(
        DocumentsOwed, provision=ref("planning/2", 2), missing=("diary",)
    )
    mission.given(proposed, planned, approved, started, completed, report, plan).when(
        doing(CLOSE, judged=ground(amended=diary))
    ).finds("M9", Answer.MET, provision=ref("planning/2"))


@pytest.mark.rule("M9", "M10")
def test_a_document_is_filed_once_after_the_mission() -> None:
    before = (proposed, planned, approved, started)

    mission.given(*before, completed).when(doing(FILE)).then(
        MissionDocumentFiled(
            mission="spring", kind="summary report", document="report-1", **basis()
        )
    )
    mission.given(*before, completed, report).when(doing(FILE)).then()


@pytest.mark.rule("M9")
def test_a_document_is_filed_as_one_of_those_that_are_owed_and_may_be_both() -> None:
    before = (proposed, planned, approved, started, completed)
    photographs = FILE.model_copy(update={"kind": "photographs"})

    mission.given(*before).when(doing(photographs)).refused(
        NotOwed,
        rule="M9",
        mission="spring",
        provision=ref("planning/2"),
        kind="photographs",
        owes=("summary report", "action plan"),
    )
    mission.given(*before).when(doing(FILE.model_copy(update={"kind": "Action Plan"}))).then(
        plan.model_copy(update={"document": "report-1", **basis()})
    )
    unasked = completed.model_copy(update={"owes": Owed()})
    mission.given(*before[:-1], unasked).when(doing(photographs)).then(
        report.model_copy(update={"kind": "photographs", **basis()})
    )
    both = plan.model_copy(update={"document": "report-1"})
    mission.given(*before, report, both).when(doing(CLOSE)).finds("M9", Answer.MET, Answer.ADVISORY)
    (closed,) = doing(CLOSE)(mission.given(*before, report, both).state).events
    assert isinstance(closed, MissionClosed)
    reason = "one document is filed as summary report, action plan: report-1"
    assert closed.findings[-1].reason == reason


def test_a_mission_is_completed_without_a_welcome_and_owes_its_documents() -> None:
    mission.given(proposed, planned, approved, started).when(doing(COMPLETE)).then(
        MissionCompleted(
            mission="spring",
            welcome_given=None,
            owes=OWED,
            findings=(
                Finding(
                    rule="M9",
                    answer=Answer.NOT_MET,
                    reason="owed: summary report, action plan",
                    provision=ref("planning/2"),
                ),
            ),
            **basis(),
        )
    )


def test_stops_carry_what_the_cities_were_when_proposed() -> None:
    ruling = proposing(outbound("spring", CHICAGO, AMSTERDAM))(Mission())

    (event,) = ruling.events
    assert isinstance(event, MissionProposed)
    assert [stop.classification for stop in event.outline.stops] == [
        CHICAGO.classification,
        AMSTERDAM.classification,
    ]
