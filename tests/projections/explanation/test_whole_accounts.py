"""Accounts worked out by hand: a partnership by request, a mission's approval, a year's plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from application.command_bus import CommandBus
from application.handlers.table import HANDLERS
from domain.council.persons import LEAD, OfficeHolder, Traveller
from domain.discrepancies import NoteDiscrepancy, Passage, SettleDiscrepancy
from domain.instruments import ApproveAgreement, ApproveDelegation, ApprovePlan, TargetCity
from domain.missions.messages import ProposeMission
from domain.missions.outline import Direction
from domain.proceedings.decisions import DecisionKind, ReopenMatter
from domain.proceedings.matter import OpenMatter
from domain.programme.messages import DraftPlan, ListMission, SubmitPlan
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
from domain.shared.messages import Citation, Command, DecisionRef
from projections.explanation.account import Account
from projections.explanation.subject import Subject
from tests.support import small_city as city
from tests.support.explained import explained
from tests.support.memory_log import MemoryLog, PlainKeys

END = date(2002, 12, 31)
GROUP = OfficeHolder(office="Milan Friendship Association")


def on(day: str) -> When:
    return When.parse(f"2002-{day}")


def recorded(*commands: Command) -> MemoryLog:
    log = MemoryLog()
    city.record(CommandBus(log, PlainKeys(), HANDLERS), *city.FOUNDING, *commands)
    return log


def decided(day: str, matter: str, act: Any, kind: DecisionKind = DecisionKind.ADOPT) -> Command:
    return city.decide(f"{matter}-decided", kind, on=on(day), matter=matter, instruments=(act,))


def told(account: Account) -> list[tuple[str, str, str]]:
    """Day, part and item of every step."""
    return [(str(step.on), step.role.value, step.item) for step in account.steps]


FOUNDED = [
    ("2001-11-07", "allows", "charter-recorded"),
    ("2001-11-07", "allows", "place-identified"),
]

MILAN: dict[str, Any] = {"request": "milan"}
AGREED = (
    ReceiveRequest(on=on("03-04"), **MILAN, place="IT-MILAN", group=GROUP, asks="A partnership."),
    ConsultGroup(on=on("04-08"), **MILAN, objectives="Trade."),
    AdviseArrangement(
        on=on("04-09"), **MILAN, arrangement="longer-term partnership", reason="It lasts."
    ),
    AssessRequest(on=on("04-15"), **MILAN, criteria={"goals": "met"}),
    ReportOnRequest(on=on("05-06"), **MILAN, document="report-on-milan", recommends=True),
    MakeBusinessCase(on=on("05-20"), **MILAN, document="case-for-milan", positive=True),
    OpenMatter(on=on("06-01"), matter="agreement", title="An agreement with Milan"),
    decided("06-18", "agreement", ApproveAgreement(request="milan")),
    PrepareAgreement(on=on("08-01"), **MILAN, description="Friendship Agreement"),
    SignAgreement(on=on("09-10"), **MILAN),
)


def test_a_partnership_by_request_goes_from_the_request_to_the_signature() -> None:
    account = explained(recorded(*AGREED), Subject("partnership", "IT-MILAN"), END)

    assert account.candidates == (
        {
            "established": "2002-09-10",
            "description": "Friendship Agreement",
            "classification": None,
        },
    )
    assert told(account) == [
        *FOUNDED,
        ("2002-03-04", "proposes", "request-received"),
        ("2002-04-08", "proposes", "request-group-consulted"),
        ("2002-04-09", "proposes", "request-arrangement-advised"),
        ("2002-04-15", "proposes", "request-assessed"),
        ("2002-05-06", "proposes", "request-reported"),
        ("2002-05-20", "proposes", "request-business-case-made"),
        ("2002-06-01", "allows", "agreement"),
        ("2002-06-18", "changes", "agreement-decided"),
        ("2002-06-18", "changes", "request-agreement-approved"),
        ("2002-08-01", "changes", "request-agreement-prepared"),
        ("2002-09-10", "changes", "request-agreement-signed"),
        ("2002-09-10", "changes", "partnership-formed"),
    ]


def test_a_city_that_became_a_partner_is_not_targeted_by_that() -> None:
    targeting = (
        OpenMatter(on=on("01-02"), matter="targeted", title="Milan"),
        decided("01-10", "targeted", TargetCity(city="IT-MILAN")),
    )
    account = explained(recorded(*targeting, *AGREED), Subject("targeted", "IT-MILAN"), END)

    assert account.candidates == (False,)
    parts = {item: part for _, part, item in told(account)}
    assert parts["city-targeted"] == "changed before"
    assert parts["partnership-formed"] == "changes"
    assert parts["request-agreement-signed"] == "changes"


MAYOR = Traveller(person=OfficeHolder(office="Mayor"), seat=LEAD)
SPRING = (
    ProposeMission(
        on=on("01-10"),
        mission="spring",
        direction=Direction.OUTBOUND,
        year=2002,
        cities=("UA-KIEV", "IT-MILAN"),
    ),
    DraftPlan(on=on("01-10"), year=2002),
    ListMission(on=on("01-11"), year=2002, mission="spring"),
)
DELEGATED = (
    OpenMatter(on=on("02-01"), matter="delegation", title="The delegation"),
    decided("02-13", "delegation", ApproveDelegation(mission="spring", travellers=(MAYOR,))),
)
SUBMITTED = (
    SubmitPlan(on=on("01-15"), year=2002, document="plan"),
    OpenMatter(on=on("01-16"), matter="plan", title="The plan"),
    decided("01-21", "plan", ApprovePlan(year=2002)),
)


def test_a_missions_approval_rests_on_its_proposal_its_plan_and_councils_decision() -> None:
    account = explained(recorded(*SPRING, *DELEGATED), Subject("mission", "spring", year=2002), END)

    assert account.candidates[0]["step"] == "delegation approved"
    assert told(account) == [
        *FOUNDED,
        FOUNDED[1],  # Kiev and Milan
        ("2002-01-10", "changes", "mission-proposed"),
        ("2002-01-10", "allows", "plan-drafted"),
        ("2002-01-11", "changes", "plan-entry-listed"),
        ("2002-01-11", "changed before", "mission-planned"),
        ("2002-02-01", "allows", "delegation"),
        ("2002-02-13", "changes", "delegation-decided"),
        ("2002-02-13", "changes", "mission-delegation-approved"),
    ]


def test_a_plan_rests_on_the_missions_it_lists_and_on_its_approval() -> None:
    account = explained(recorded(*SPRING, *SUBMITTED), Subject("plan", "2002"), END)

    assert account.candidates[0]["stage"] == "approved"
    assert account.candidates[0]["missions"] == ["spring"]
    assert told(account) == [
        *FOUNDED,
        FOUNDED[1],
        ("2002-01-10", "proposes", "mission-proposed"),
        ("2002-01-10", "changes", "plan-drafted"),
        ("2002-01-11", "changes", "plan-entry-listed"),
        ("2002-01-15", "changed before", "plan-submitted"),
        ("2002-01-16", "allows", "plan"),
        ("2002-01-21", "changes", "plan-decided"),
        ("2002-01-21", "changes", "plan-confirmed"),
    ]


def test_a_settled_discrepancy_goes_back_to_the_decision_that_settled_it() -> None:
    passages = tuple(
        Passage(at=Citation(document="report", place=place), says=f"It is {place}.")
        for place in ("25", "26")
    )
    log = recorded(
        NoteDiscrepancy(on=on("01-02"), discrepancy="counts", title="How many", passages=passages),
        OpenMatter(on=on("01-03"), matter="counts", title="How many"),
        decided("01-10", "counts", TargetCity(city="IT-MILAN")),
        SettleDiscrepancy(
            on=on("01-11"),
            discrepancy="counts",
            authority=DecisionRef(matter="counts", decision="counts-decided", body="council"),
            how="By counting.",
        ),
    )
    account = explained(log, Subject("discrepancy", "counts"), END)

    assert account.candidates[0]["status"] == "settled"
    assert told(account) == [
        *FOUNDED,
        ("2002-01-02", "changes", "discrepancy-noted"),
        ("2002-01-03", "allows", "counts"),
        ("2002-01-10", "changes", "counts-decided"),
        ("2002-01-10", "changes", "discrepancy-settled"),
    ]


def test_names_of_places_and_bodies_go_back_to_who_recorded_them() -> None:
    log = recorded()

    place = explained(log, Subject("place", "IT-MILAN", names=("Milan",)), END)
    assert place.candidates[0]["name"] == "Milan"
    assert told(place) == [("2001-11-07", "changes", "place-identified")]
    body = explained(log, Subject("body", "council"), END)
    assert body.candidates == ({"name": "City Council"},)
    assert told(body) == [("2001-11-07", "changes", "charter-recorded")]


def test_what_is_only_proposed_for_a_mission_a_plan_or_a_request_is_told_as_that() -> None:
    acts = (
        ApproveDelegation(mission="spring", travellers=(MAYOR,)),
        ApprovePlan(year=2002),
        ApproveAgreement(request="milan"),
    )
    report = city.submit(
        "proposal",
        *(city.recommendation(f"proposal/{n}", act) for n, act in enumerate(acts, 1)),
        on=on("02-01"),
        matter="open",
    )
    opened = OpenMatter(on=on("02-01"), matter="open", title="What may come")
    log = recorded(*SPRING, *AGREED[:1], opened, report)

    for subject, would in (
        (Subject("mission", "spring", year=2002), "a delegation of 1 (proposal/1)"),
        (Subject("plan", "2002"), "approve the plan (proposal/2)"),
        (Subject("request", "milan"), "approve the agreement (proposal/3)"),
    ):
        account = explained(log, subject, END)
        assert account.proposed == (would,)
        assert ("2002-02-01", "proposes", "proposal") in told(account)


def test_a_reopening_rests_on_the_decision_that_closed_the_matter() -> None:
    log = recorded(
        OpenMatter(on=on("01-02"), matter="milan", title="Milan"),
        city.decide("first", DecisionKind.REJECT, on=on("01-10"), matter="milan"),
        ReopenMatter(
            on=on("02-01"), matter="milan", decision="again", body="council", reason="New facts."
        ),
        decided("02-10", "milan", TargetCity(city="IT-MILAN")),
    )

    again = explained(log, Subject("decision", "milan/again"), END)
    assert again.candidates == ("reopen (council)",)
    assert told(again) == [
        FOUNDED[0],
        ("2002-01-02", "allows", "milan"),
        ("2002-01-10", "allows", "first"),
        ("2002-02-01", "changes", "again"),
    ]
    targeted = explained(log, Subject("targeted", "IT-MILAN"), END)
    assert told(targeted) == [
        *FOUNDED,
        ("2002-01-02", "allows", "milan"),
        ("2002-01-10", "allows", "first"),
        ("2002-02-01", "allows", "again"),
        ("2002-02-10", "changes", "milan-decided"),
        ("2002-02-10", "changes", "city-targeted"),
    ]
