"""A full year on the record of 2001: the plan of 2002, its missions, and what the rules say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register
from adapters.minutes.files import read_files
from application.handlers.states import plan_of
from application.unit_of_work import UnitOfWork
from domain.corrections import CorrectRecord
from domain.council.bodies import DecidedAfterwards, NoDecision
from domain.council.persons import LEAD, OfficeHolder, Traveller
from domain.council.terms import RecordTermOfCouncil
from domain.instruments import (
    AdoptProvision,
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    EnterPartnership,
    ExceptStop,
    ExplorationReported,
    Explore,
    Instrument,
    ReplaceProvision,
)
from domain.missions.budget import Costs
from domain.missions.delegation import NotTheDelegationsBody
from domain.missions.documents import DocumentsOwed
from domain.missions.messages import (
    CancelMission,
    CloseMission,
    CompleteMission,
    FileMissionDocument,
    MissionCancelled,
    MissionDelegationApproved,
    NameHost,
    ProposeMission,
    StartMission,
)
from domain.missions.mission import StillCancelled
from domain.missions.outline import Direction
from domain.missions.route import StopNotInProgramme
from domain.partnerships.partnership import PartnershipFormed
from domain.proceedings.decisions import Decide, DecisionKind, DecisionTaken, RecordEffect
from domain.proceedings.matter import MatterClosed, OpenMatter
from domain.proceedings.papers import SubmitReport
from domain.programme.activities import AnnualReportGiven, CarryOutActivity, GiveAnnualReport
from domain.programme.limits import MissionsExhausted, SlotsExhausted
from domain.programme.messages import (
    AmendPlan,
    DraftPlan,
    ListMission,
    PlanEntryFreed,
    PlanEntryListed,
    SubmitPlan,
)
from domain.programme.plan import NotAtThisStage, Stage
from domain.requests.formal_agreement import AgreementOutOfOrder
from domain.requests.messages import (
    AdviseArrangement,
    AssessRequest,
    ConsultGroup,
    MakeBusinessCase,
    PrepareAgreement,
    ReceiveRequest,
    ReportOnRequest,
    SignAgreement,
)
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding
from domain.shared.messages import Command, DecisionRef, Event, ProvisionRef
from domain.shared.problems import Refusal
from domain.shared.provisions import ProvisionDraft
from tests.support.programme import CATEGORIES, CORE_CRITERIA, GOALS
from tests.support.toronto import ADOPTION, enter, recorded_2001, version_of

MAYOR = Traveller(person=OfficeHolder(name="the Mayor", office="Mayor"), seat=LEAD)
COUNCILLOR = Traveller(
    person=OfficeHolder(name="a Councillor", office="Councillor"), seat="councillor"
)
DELEGATION = (MAYOR, COUNCILLOR)
GUESTS = (
    "Chongqing",
    "Tianjin",
    "Merignac",
    "Frankfurt",
    "Haifa",
    "Sagamihara",
    "Amsterdam",
    "Warsaw",
)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as opened:
        yield opened


def on(day: str) -> When:
    return When.parse(day)


def journey(mission: str, *cities: str, day: str = "2002-01-08", **more: Any) -> ProposeMission:
    fields: dict[str, Any] = {
        "direction": Direction.OUTBOUND,
        "year": 2002,
        "cities": cities,
        "timing": on("2002-05"),
        "rationale": "a trade fair in each city",
        "goals": GOALS,
        "budget": Costs(currency="CAD", cents={**dict.fromkeys(CATEGORIES, 0), "travel": 950_000}),
    }
    return ProposeMission(on=on(day), mission=mission, **{**fields, **more})


def visit(city: str, *, day: str = "2002-01-08", **more: Any) -> ProposeMission:
    fields: dict[str, Any] = {"direction": Direction.INBOUND, "year": 2002, "timing": on("2002-06")}
    name = f"visit-{city.casefold().replace(' ', '-')}"
    return ProposeMission(on=on(day), mission=name, cities=(city,), **{**fields, **more})


def listing(proposal: ProposeMission, day: str = "2002-01-10") -> ListMission:
    return ListMission(on=on(day), year=proposal.year, mission=proposal.mission)


def decision(
    matter: str,
    body: str,
    day: str,
    *instruments: Instrument,
    notwithstanding: tuple[str, ...] = (),
) -> tuple[Command, Command]:
    return (
        OpenMatter(on=on(day), matter=matter, title=matter),
        Decide(
            on=on(day),
            matter=matter,
            decision="adopts",
            body=body,
            kind=DecisionKind.ADOPT,
            summary="Adopted.",
            instruments=instruments,
            notwithstanding=notwithstanding,
        ),
    )


SPRING = journey("spring", "Frankfurt", "Amsterdam")
AUTUMN = journey("autumn", "Chicago", "Indianapolis")
WINTER = journey("winter", "Sagamihara", "Chongqing")


def plan_2002(register: Register) -> None:
    """Eight visits and three missions, approved by the Mayor and then by the Committee."""
    enter(
        register,
        "planning",
        RecordTermOfCouncil(
            on=on("2002-01-02"), term="2000-2003", begins=on("2000-12-01"), ends=on("2003-11-30")
        ),
        DraftPlan(on=on("2002-01-07"), year=2002),
        *(visit(city) for city in GUESTS),
        *(listing(visit(city)) for city in GUESTS),
        SPRING,
        AUTUMN,
        WINTER,
        listing(SPRING),
        listing(AUTUMN),
        listing(WINTER),
    )
    enter(register, "mayor", *decision("plan-mayor", "mayor", "2002-01-14", ApprovePlan(year=2002)))
    enter(
        register,
        "submission",
        SubmitPlan(on=on("2002-01-15"), year=2002, document="business-plan-2002"),
        *decision("plan-committee", "edp-committee", "2002-01-21", ApprovePlan(year=2002)),
    )


def events(register: Register, kind: type[Event]) -> list[Any]:
    return [e.event for e in register.log.entries() if isinstance(e.event, kind)]


def refused(register: Register, refusal: type[Refusal], *commands: Command) -> Refusal:
    """Nothing is stored, and the refusal is given back."""
    head = register.log.head()
    with pytest.raises(refusal) as raised:
        enter(register, "refused", *commands)
    assert register.log.head() == head
    return raised.value


def findings(event: Any, rule: str) -> list[Answer]:
    found: tuple[Finding, ...] = event.findings
    return [f.answer for f in found if f.rule == rule]


@pytest.mark.rule("B1", "B2", "B3", "M8")
def test_a_plan_of_eight_visits_and_three_missions_is_approved(register: Register) -> None:
    plan_2002(register)

    listed = events(register, PlanEntryListed)
    assert len(listed) == 11
    assert [e.outline.mission for e in listed if e.outline.outbound] == [
        "spring",
        "autumn",
        "winter",
    ]
    assert all(findings(e, "M8") == [Answer.MET] for e in listed if not e.outline.outbound)


@pytest.mark.rule("M2")
def test_a_mission_to_a_historical_partner_is_refused_unless_council_excepts_the_stop(
    register: Register,
) -> None:
    plan_2002(register)
    to_kiev = journey("east", "Warsaw", "Kyiv", day="2002-02-04")

    refusal = refused(register, StopNotInProgramme, to_kiev)
    assert refusal.details["city"] == "UA-KIEV"
    assert refusal.by_provision == ProvisionRef(address="programming/outbound", version=1)

    excepted = ExceptStop(mission="east", city="Kiev", reason="the Baltic Region")
    enter(register, "exception", *decision("east", "council", "2002-02-13", excepted))
    enter(register, "again", journey("east", "Warsaw", "Kyiv", day="2002-02-14"))


@pytest.mark.rule("M4")
def test_a_delegation_is_refused_without_councils_decision_and_accepted_with_it(
    register: Register,
) -> None:
    plan_2002(register)
    act = ApproveDelegation(mission="spring", travellers=DELEGATION)

    refused(register, NoDecision, RecordEffect(on=on("2002-02-01"), instrument=act))
    refusal = refused(
        register,
        NotTheDelegationsBody,
        *decision("delegation-mayor", "mayor", "2002-02-01", act),
    )
    assert refusal.by_provision == ProvisionRef(address="outbound/2", version=1)
    assert (refusal.details["body"], refusal.details["by"]) == ("mayor", "council")

    enter(register, "delegation", *decision("delegation", "council", "2002-02-13", act))
    (approved,) = events(register, MissionDelegationApproved)
    assert approved.authority == DecisionRef(matter="delegation", decision="adopts", body="council")
    assert findings(approved, "M3") == [Answer.ADVISORY, Answer.ADVISORY]


@pytest.mark.rule("B2")
def test_an_eleventh_visit_is_refused_with_provision_version_and_figures(
    register: Register,
) -> None:
    plan_2002(register)
    more = [visit(city, day="2002-02-04") for city in ("Cankaya-Ankara", "Chicago", "Indianapolis")]
    enter(
        register,
        "more",
        AmendPlan(on=on("2002-02-05"), year=2002, reason="three more cities asked"),
        *more,
        *(listing(m, "2002-02-05") for m in more[:2]),
    )

    refusal = refused(register, SlotsExhausted, listing(more[2], "2002-02-06"))

    assert refusal.rule == "B2"
    assert refusal.details == {
        "rule": "B2",
        "provision": ProvisionRef(address="planning/1(i)", version=1),
        "year": 2002,
        "listed": 10,
        "most": 10,
    }
    enter(
        register,
        "cancellation",
        CancelMission(on=on("2002-02-06"), mission="visit-haifa", reason="postponed"),
        listing(more[2], "2002-02-07"),
    )


@pytest.mark.rule("B3", "M10")
def test_a_cancelled_mission_frees_its_place(register: Register) -> None:
    plan_2002(register)
    fourth = journey("fourth", "Chicago", "Indianapolis", day="2002-02-04")
    enter(
        register,
        "fourth",
        fourth,
        AmendPlan(on=on("2002-02-05"), year=2002, reason="a fourth mission"),
    )

    refused(register, MissionsExhausted, listing(fourth, "2002-02-06"))
    enter(
        register,
        "cancellation",
        CancelMission(on=on("2002-02-07"), mission="winter", reason="no funds"),
        listing(fourth, "2002-02-08"),
    )


@pytest.mark.rule("B3", "M10")
def test_a_cancellation_is_withdrawn_with_its_effect_on_the_plan_where_there_is_room(
    register: Register,
) -> None:
    plan_2002(register)
    fourth = journey("fourth", "Chicago", "Indianapolis", day="2002-02-04")
    reopened = AmendPlan(on=on("2002-02-05"), year=2002, reason="a fourth mission")
    cancelled = CancelMission(on=on("2002-02-07"), mission="winter", reason="no funds")
    enter(register, "cancellation", fourth, reopened, cancelled)

    def withdrawing(stream: str, topic: str) -> CorrectRecord:
        return CorrectRecord(
            on=on("2002-02-09"),
            stream=stream,
            version=version_of(register, stream, topic),
            reason="it was the summer mission",
            authority="City Clerk",
            withdraw=True,
        )

    freed = withdrawing("plan/2002", PlanEntryFreed.TOPIC)
    assert refused(register, StillCancelled, freed).details["mission"] == "winter"
    (withdrawn,) = enter(register, "fix", withdrawing("mission/winter", MissionCancelled.TOPIC))
    assert [entry.stream for entry in withdrawn.events] == ["mission/winter", "plan/2002"]
    refused(register, MissionsExhausted, listing(fourth, "2002-02-10"))

    enter(
        register,
        "again",
        cancelled.model_copy(update={"on": on("2002-02-10")}),
        listing(fourth, "2002-02-11"),
    )
    refusal = refused(
        register,
        MissionsExhausted,
        withdrawing("mission/winter", MissionCancelled.TOPIC),
    )
    assert (refusal.details["listed"], refusal.details["most"]) == (3, 3)


@pytest.mark.rule("M7", "M9", "M10")
def test_a_mission_is_closed_with_both_documents_and_a_visit_not_without(
    register: Register,
) -> None:
    plan_2002(register)
    act = ApproveDelegation(mission="spring", travellers=DELEGATION)
    enter(register, "delegation", *decision("delegation", "council", "2002-02-13", act))
    enter(
        register,
        "journey",
        StartMission(on=on("2002-05-06"), mission="spring"),
        CompleteMission(on=on("2002-05-12"), mission="spring"),
        FileMissionDocument(
            on=on("2002-06-01"), mission="spring", kind="summary report", document="spring-report"
        ),
        FileMissionDocument(
            on=on("2002-06-01"), mission="spring", kind="action plan", document="spring-plan"
        ),
        CloseMission(on=on("2002-06-03"), mission="spring"),
    )
    host = OfficeHolder(name="a Councillor", office="Mayor's designate")
    enter(
        register,
        "visit",
        NameHost(
            on=on("2002-06-01"), mission="visit-frankfurt", host=host, welcome_by="Deputy Mayor"
        ),
        StartMission(on=on("2002-06-10"), mission="visit-frankfurt"),
        CompleteMission(on=on("2002-06-12"), mission="visit-frankfurt", welcome_given=True),
    )

    refusal = refused(
        register, DocumentsOwed, CloseMission(on=on("2002-07-01"), mission="visit-frankfurt")
    )
    assert refusal.by_provision == ProvisionRef(address="planning/2", version=1)
    assert refusal.details["missing"] == ("summary report", "action plan")


@pytest.mark.rule("B3")
def test_after_an_amendment_a_fourth_mission_is_accepted_from_its_effective_date(
    register: Register,
) -> None:
    plan_2002(register)
    four = ReplaceProvision(
        address="planning/1(ii)",
        text="The plan outlines two to four outbound missions.",
        terms={
            "plan.outbound-missions.least": 2,
            "plan.outbound-missions.most": 4,
            "plan.outbound-missions.states": ("rationale", "goals", "timing", "budget"),
        },
    )
    fourth = journey("fourth", "Chicago", "Indianapolis", day="2002-02-04")
    opened, adopts = decision("amendment", "council", "2002-02-13", four)
    from_april = adopts.model_copy(update={"effective_from": on("2002-04-01")})
    enter(
        register,
        "amendment",
        fourth,
        AmendPlan(on=on("2002-02-05"), year=2002, reason="a fourth mission"),
        opened,
        from_april,
    )

    refused(register, MissionsExhausted, listing(fourth, "2002-03-31"))
    enter(register, "fourth", listing(fourth, "2002-04-01"))

    limits = [
        f.provision.version
        for e in events(register, PlanEntryListed)
        for f in e.findings
        if f.rule == "B3" and f.provision
    ]
    assert limits == [1, 1, 1, 2]


@pytest.mark.rule("M4")
def test_after_an_amendment_that_gives_it_back_the_mayor_selects_the_delegation(
    register: Register,
) -> None:
    plan_2002(register)
    back = ReplaceProvision(
        address="outbound/2",
        text="The Mayor selects the official delegation.",
        terms={"delegation.selector": "mayor", "delegation.approver": None},
    )
    enter(register, "amendment", *decision("amendment", "council", "2002-02-13", back))
    act = ApproveDelegation(mission="spring", travellers=DELEGATION)

    refusal = refused(
        register, NotTheDelegationsBody, *decision("by-council", "council", "2002-02-20", act)
    )
    assert refusal.by_provision == ProvisionRef(address="outbound/2", version=2)
    enter(register, "delegation", *decision("by-mayor", "mayor", "2002-02-20", act))
    (approved,) = events(register, MissionDelegationApproved)
    assert findings(approved, "M4") == [Answer.MET]


@pytest.mark.rule("B2")
def test_a_clerk_cites_councils_decision_notwithstanding_both_provisions(
    register: Register,
) -> None:
    plan_2002(register)
    more = [visit(city, day="2002-02-04") for city in ("Cankaya-Ankara", "Chicago", "Indianapolis")]
    enter(
        register,
        "more",
        *more,
        AmendPlan(on=on("2002-02-05"), year=2002, reason="three more cities asked"),
        *(listing(m, "2002-02-05") for m in more[:2]),
        *decision(
            "eleven",
            "council",
            "2002-02-13",
            AdoptProvision(
                draft=ProvisionDraft(address="note", heading="Note", text="Eleven this year.")
            ),
            notwithstanding=("planning/1(i)", "inbound/2"),
        ),
    )
    eleventh = listing(more[2], "2002-02-14")
    eleven = DecisionRef(matter="eleven", decision="adopts", body="council")

    refused(register, SlotsExhausted, eleventh)
    refused(
        register,
        NoDecision,
        eleventh.model_copy(update={"authority": eleven.model_copy(update={"body": "mayor"})}),
    )
    early = listing(more[2], "2002-02-12").model_copy(update={"authority": eleven})
    before = refused(register, DecidedAfterwards, early)
    assert before.details == {
        "rule": "A1",
        "act": "list-mission",
        "authority": eleven,
        "decided_on": "2002-02-13",
        "on": "2002-02-12",
    }
    enter(register, "eleventh", eleventh.model_copy(update={"authority": eleven}))

    last = events(register, PlanEntryListed)[-1]
    assert findings(last, "B2") == [Answer.OVERRIDDEN, Answer.OVERRIDDEN]
    assert last.authority == eleven


@pytest.mark.rule("N1", "N2", "N3", "N4")
def test_a_request_becomes_a_partnership_by_way_of_council(register: Register) -> None:
    request: dict[str, Any] = {"request": "riga"}
    enter(
        register,
        "request",
        ReceiveRequest(
            on=on("2002-01-31"),
            place="Riga",
            group=OfficeHolder(name="the consul", office="Consul of Latvia"),
            asks="a partnership of the ports",
            **request,
        ),
        ConsultGroup(on=on("2002-02-10"), objectives="trade and students", **request),
        AdviseArrangement(
            on=on("2002-03-01"),
            arrangement="longer-term partnership",
            reason="lasting interest",
            **request,
        ),
        AssessRequest(
            on=on("2002-06-01"),
            criteria=dict.fromkeys(CORE_CRITERIA, "answered"),
            goals=dict.fromkeys(GOALS, "answered"),
            **request,
        ),
        ReportOnRequest(on=on("2002-07-31"), document="riga", recommends=True, **request),
    )
    act = ApproveAgreement(request="riga")
    refused(register, AgreementOutOfOrder, *decision("riga", "council", "2002-09-01", act))
    case = MakeBusinessCase(on=on("2002-08-15"), document="riga-case", positive=True, **request)
    enter(register, "case", case)
    enter(register, "approval", *decision("riga", "council", "2002-09-01", act))
    enter(
        register,
        "agreement",
        PrepareAgreement(on=on("2002-09-20"), description="Friendship Agreement", **request),
        SignAgreement(on=on("2002-10-01"), **request),
    )

    formed = events(register, PartnershipFormed)[-1]
    assert formed.place.code == "LV-RIGA"
    assert formed.established == on("2002-10-01")
    assert formed.authority == DecisionRef(matter="riga", decision="adopts", body="council")


@pytest.mark.rule("R1", "C6")
def test_the_annual_report_and_the_letters_of_the_year_are_recorded(register: Register) -> None:
    enter(
        register,
        "programme",
        CarryOutActivity(
            on=on("2002-03-01"),
            year=2002,
            place="Kiev",
            activity="acknowledgement letters every year",
        ),
        GiveAnnualReport(
            on=on("2002-12-01"),
            year=2002,
            document="annual-2002",
            statuses={"Milan": "letters exchanged", "Seoul": "explored"},
        ),
    )

    (report,) = events(register, AnnualReportGiven)
    assert set(report.missing) == {
        *("Los Angeles", "New York", "Hong Kong", "London"),
        *("Guerrero", "Baltic Region"),
    }
    assert findings(report, "R1") == [Answer.ADVISORY]


@pytest.mark.rule("R1")
def test_a_partnership_established_over_the_new_year_is_new_in_both_years(
    register: Register,
) -> None:
    over = When.parse("2002-12-30/2003-01-02")
    act = EnterPartnership(city="LV-RIGA", established=over, description="Friendship City")
    aside = ("new-alliances",)
    enter(register, "riga", *decision("riga", "council", "2002-12-01", act, notwithstanding=aside))
    for year in (2001, 2002, 2003, 2004):
        command = GiveAnnualReport(on=on("2004-12-01"), year=year, document=f"annual-{year}")
        enter(register, f"annual-{year}", command)
    reports: list[AnnualReportGiven] = events(register, AnnualReportGiven)
    assert [r.year for r in reports if "Riga" in r.missing] == [2002, 2003]


@pytest.mark.rule("R1")
def test_the_annual_report_covers_explorations_until_they_are_reported(register: Register) -> None:
    targeted = ("Milan", "Los Angeles", "New York", "Hong Kong", "London", "Seoul")

    def given(name: str, day: str, *covered: str) -> AnnualReportGiven:
        statuses = dict.fromkeys((*targeted, *covered), "as before")
        command = GiveAnnualReport(on=on(day), year=2002, document=name, statuses=statuses)
        enter(register, name, command)
        reports: list[AnnualReportGiven] = events(register, AnnualReportGiven)
        return reports[-1]

    assert given("first", "2002-02-28", "Guerrero").missing == ("Baltic Region",)
    reported = SubmitReport(
        on=on("2002-03-01"),
        matter="2001-12-4",
        document="guerrero-assessed",
        by=OfficeHolder(name="A Director", office="Managing Director"),
        title="Guerrero",
        states=(ExplorationReported(subject="guerrero"),),
    )
    lima = Explore(subject="lima", name="Lima", report_back=True)
    enter(register, "later", reported, *decision("lima", "council", "2002-04-01", lima))
    assert given("second", "2002-02-28", "baltic region").missing == ("Guerrero",)
    assert given("third", "2002-03-31", "Baltic Region").missing == ()
    last = given("fourth", "2002-04-01", "Baltic Region")
    assert last.missing == ("Lima",)
    assert findings(last, "R1") == [Answer.ADVISORY]


MINUTES = """
meeting: { id: plan-2003, on: 2003-01-06 }
items:
  - draft-plan: { year: 2003 }
  - propose-mission:
      mission: spring-2003
      direction: outbound
      year: 2003
      cities: [Warsaw, Frankfurt am Main]
      timing: 2003-04
      rationale: a trade fair in each city
      goals: [economic development, cultural development]
      budget:
        currency: CAD
        cents:
          planning: 20000
          travel: 950000
          accommodation: 300000
          meals: 80000
          business seminars and meetings: 0
          gifts: 10000
          official receptions: 45000
          follow-up: 15000
  - list-mission: { year: 2003, mission: spring-2003 }
"""


@pytest.mark.rule("M5")
def test_a_minutes_file_enters_a_year_and_is_entered_once(
    register: Register, tmp_path: Path
) -> None:
    path = tmp_path / "plan-2003.yaml"
    path.write_text(MINUTES)
    (file,) = read_files([path], "a clerk")

    first = register.command_bus.handle(*file.minutes.envelopes)
    again = register.command_bus.handle(*file.minutes.envelopes)

    assert [o.repeated for o in first] == [False, False, False]
    assert [o.repeated for o in again] == [True, True, True]
    (listed,) = events(register, PlanEntryListed)
    assert listed.outline.stops[1].place.code == "DE-FRANKFURT"
    assert listed.outline.budget.total == 1_420_000


@pytest.mark.rule("B1")
def test_a_visit_is_not_added_to_a_submitted_plan(register: Register) -> None:
    plan_2002(register)
    late = visit("Chicago", day="2002-02-04")
    enter(register, "late", late)

    refusal = refused(register, NotAtThisStage, listing(late, "2002-02-05"))
    assert refusal.by_provision == ProvisionRef(address="planning/4", version=1)


def test_every_effect_of_the_year_cites_its_decision(register: Register) -> None:
    assert ADOPTION.body == "council"
    plan_2002(register)

    assert all(
        e.authority and e.authority.matter == "plan-mayor"
        for e in events(register, Event)
        if e.TOPIC == "plan-approved.v1"
    )


@pytest.mark.rule("B1", "A4")
def test_both_approvals_of_a_plan_are_decided_in_one_matter(register: Register) -> None:
    def approval(body: str, day: str) -> Decide:
        _, decide = decision("plan-2002", body, day, ApprovePlan(year=2002))
        assert isinstance(decide, Decide)
        return decide.model_copy(update={"decision": f"{body}-approves"})

    enter(register, "draft", DraftPlan(on=on("2002-01-07"), year=2002))
    opening = OpenMatter(on=on("2002-01-14"), matter="plan-2002", title="The plan of 2002")
    enter(register, "mayor", opening, approval("mayor", "2002-01-14"))
    again = approval("mayor", "2002-01-15").model_copy(update={"decision": "again"})
    refused(register, MatterClosed, again)
    enter(
        register,
        "committee",
        SubmitPlan(on=on("2002-01-15"), year=2002, document="business-plan-2002"),
        approval("edp-committee", "2002-01-21"),
    )

    taken = [e for e in events(register, DecisionTaken) if e.matter == "plan-2002"]
    assert [(e.body, e.final) for e in taken] == [("mayor", False), ("edp-committee", True)]
    assert plan_of(UnitOfWork(register.log), 2002).stage is Stage.CONFIRMED
    refused(register, MatterClosed, approval("council", "2002-02-13"))
