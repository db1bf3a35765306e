"""What is due, overdue, owed with no date, and done, on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import open_register
from domain.council.persons import OfficeHolder
from domain.instruments import DeleteProvision, ExplorationReported, Instrument, ReplaceProvision
from domain.missions.messages import CompleteMission, NameHost, StartMission
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.proceedings.papers import SubmitReport
from domain.programme.activities import GiveAnnualReport
from domain.requests.messages import (
    AdviseArrangement,
    ConsultGroup,
    ReceiveRequest,
    ReportOnRequest,
)
from domain.shared.dates import When
from domain.shared.messages import Command
from domain.shared.provisions import TermValue
from projections.deadlines import Due, Kind, Status, done_late, reported_years, status_of_duty
from tests.scenarios.test_a_year import decision, on, plan_2002
from tests.support.alliance import alliance
from tests.support.toronto import enter, recorded_2001, settings

DUE = Due(
    kind=Kind.REQUESTED_REPORT,
    subject="seoul-and-guerrero",
    says="whether they can be added",
    due=When.parse("2001-12-04"),
    owed_by="commissioner",
    owed_to="council",
    since=When.parse("2001-11-19"),
    given=(),
    done_on=None,
    decision=None,
    cites=(),
)


@pytest.mark.parametrize(
    ("changes", "day", "stands"),
    [
        ({}, date(2001, 12, 3), Status.DUE),
        ({}, date(2001, 12, 4), Status.DUE),
        ({}, date(2001, 12, 5), Status.OVERDUE),
        ({"due": When.parse("2001-12-04/2001-12-06")}, date(2001, 12, 6), Status.DUE),
        ({"due": When.parse("2001-12-04/2001-12-06")}, date(2001, 12, 7), Status.OVERDUE),
        ({"due": None}, date(2031, 1, 1), Status.OWED),
        ({"done_on": When.parse("2001-11-26")}, date(2001, 12, 5), Status.DONE),
    ],
)
def test_a_duty_is_due_up_to_its_day_and_overdue_after_it(
    changes: dict[str, Any], day: date, stands: Status
) -> None:
    assert status_of_duty(DUE.model_copy(update=changes), day) is stands


def test_a_yearly_report_is_owed_every_year_anew() -> None:
    yearly = DUE.model_copy(update={"kind": Kind.YEARLY_REPORT, "due": None})
    given = yearly.model_copy(update={"given": ("2002: report-2002",)})
    report = DUE.model_copy(update={"kind": Kind.ANNUAL_REPORT, "subject": "2003"})
    years = reported_years([yearly, report])
    assert [status_of_duty(given, date(year, 6, 1), years) for year in (2002, 2003, 2004)] == [
        Status.DONE,
        Status.DONE,
        Status.OWED,
    ]


def test_late_is_after_the_last_day_on_which_it_may_have_been_due() -> None:
    done = {
        day: DUE.model_copy(update={"done_on": When.parse(day)}) for day in ("2001-12-04", "2002")
    }
    assert [done_late(row) for row in done.values()] == [False, True]
    assert not done_late(DUE)


def stand(folder: Path, day: str, *options: str) -> dict[str, str]:
    rows = alliance(folder, "deadlines", "--as-of", day, "-f", "json", *options).rows
    return {row["subject"]: row["status"] for row in rows}


def record(folder: Path, *commands: Command) -> None:
    with open_register(recorded_2001(folder)) as register:
        enter(register, "later", *commands)


def test_the_record_of_2001_owes_two_reports_with_no_date_stated(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    assert stand(tmp_path, "2001-11-22") == {"seoul-and-guerrero": "due"}
    assert stand(tmp_path, "2001-12-07") == {"guerrero": "owed", "annual-status-report": "owed"}
    assert stand(tmp_path, "2001-12-07", "--all")["seoul-and-guerrero"] == "done"


def test_the_report_on_a_request_is_due_in_six_months_overdue_after_and_late_when_done(
    tmp_path: Path,
) -> None:
    received = ReceiveRequest(
        on=When.parse("2002-02-04"),
        request="lima",
        place="Seoul",
        group=OfficeHolder(name="A Consul", office="Consul General"),
        asks="a partnership",
    )
    reported = ReportOnRequest(
        on=When.parse("2002-09-01"), request="lima", document="report-lima", recommends=False
    )
    with open_register(recorded_2001(tmp_path)) as register:
        enter(register, "request", received)
    assert [stand(tmp_path, day)["lima"] for day in ("2002-08-04", "2002-08-05")] == [
        "due",
        "overdue",
    ]
    with open_register(settings(tmp_path)) as register:
        enter(
            register,
            "report",
            ConsultGroup(on=When.parse("2002-03-01"), request="lima", objectives="trade"),
            AdviseArrangement(
                on=When.parse("2002-04-01"),
                request="lima",
                arrangement="project",
                reason="it is one project",
            ),
            reported,
        )
    rows = alliance(tmp_path, "deadlines", "--status", "done", "-f", "json").rows
    (row,) = (row for row in rows if row["subject"] == "lima")
    assert (row["due"], row["done_on"], row["late"]) == ("2002-08-04", "2002-09-01", True)


def test_the_annual_report_answers_what_is_to_be_reported_every_year(tmp_path: Path) -> None:
    report = GiveAnnualReport(on=When.parse("2002-11-01"), year=2002, document="annual-2002")
    record(tmp_path, report)
    assert stand(tmp_path, "2002-10-31")["annual-status-report"] == "owed"
    assert "annual-status-report" not in stand(tmp_path, "2002-11-01")
    assert stand(tmp_path, "2003-01-01")["annual-status-report"] == "owed"


def test_a_report_back_that_was_given_is_owed_no_more(tmp_path: Path) -> None:
    report = SubmitReport(
        on=When.parse("2002-03-01"),
        matter="2001-12-4",
        document="guerrero-assessed",
        by=OfficeHolder(name="A Director", office="Managing Director"),
        title="Guerrero",
        states=(ExplorationReported(subject="guerrero"),),
    )
    record(tmp_path, report)
    assert stand(tmp_path, "2002-02-28")["guerrero"] == "owed"
    assert "guerrero" not in stand(tmp_path, "2002-03-01")


def _visited(folder: Path, *acts: Instrument) -> list[dict[str, Any]]:
    """What the documents of a visit are said to be, where a decision was taken before it ended."""
    host = OfficeHolder(name="a Councillor", office="Mayor's designate")
    with open_register(recorded_2001(folder)) as register:
        plan_2002(register)
        if acts:
            enter(register, "asked", *decision("asked", "council", "2002-05-01", *acts))
        visit = "visit-frankfurt"
        enter(
            register,
            "visit",
            NameHost(on=on("2002-06-01"), mission=visit, host=host, welcome_by="Mayor"),
            StartMission(on=on("2002-06-10"), mission=visit),
            CompleteMission(on=on("2002-06-12"), mission=visit, welcome_given=True),
        )
        dropped = DeleteProvision(address="planning/2")
        if not acts:
            enter(register, "after", *decision("after", "council", "2002-06-13", dropped))
    rows = alliance(folder, "deadlines", "-f", "json").rows
    return [row for row in rows if row["subject"] == "visit-frankfurt"]


@pytest.mark.rule("M9")
def test_a_mission_owes_what_the_provision_asked_for_when_it_ended(tmp_path: Path) -> None:
    terms: dict[str, TermValue | None] = {
        "mission.closing-documents": ("diary", "list of contacts"),
    }
    asked = ReplaceProvision(address="planning/2", text="A diary, and contacts.", terms=terms)
    for folder, acts, says in (
        ("as-adopted", (), "summary report, action plan"),
        ("amended", (asked,), "diary, list of contacts"),
    ):
        (row,) = _visited(tmp_path / folder, *acts)
        assert (row["kind"], row["status"]) == ("documents of a mission", "owed")
        assert row["says"] == f"{says}: filed before the mission is closed"


@pytest.mark.rule("M9")
def test_where_no_provision_asks_for_documents_a_mission_owes_none(tmp_path: Path) -> None:
    assert _visited(tmp_path, DeleteProvision(address="planning/2")) == []


def postponed(folder: Path) -> dict[str, dict[str, Any]]:
    """Three matters: deferred to 21 May 2003, referred to a committee, and to an office."""
    by: dict[str, Any] = {"on": on("2003-02-04"), "body": "council", "decision": "postpones"}
    may: dict[str, Any] = {
        "kind": DecisionKind.DEFER,
        "summary": "Defers.",
        "until": on("2003-05-21"),
    }
    committee: dict[str, Any] = {
        "kind": DecisionKind.REFER,
        "summary": "Refers.",
        "to": "edp-committee",
    }
    office: dict[str, Any] = {
        "kind": DecisionKind.REFER,
        "summary": "Asks.",
        "to": OfficeHolder(office="Clerk"),
    }
    later: dict[str, Any] = {"until": on("2003-03-01")}
    said = {"m1": may, "m2": committee | later, "m3": office}
    with open_register(recorded_2001(folder)) as register:
        for matter, decided in said.items():
            opening = OpenMatter(on=on("2003-02-04"), matter=matter, title=matter)
            enter(register, matter, opening, Decide(**by, **decided, matter=matter))
    return {row["subject"]: row for row in postponed_on(folder, "2003-02-05")}


def postponed_on(folder: Path, day: str, *options: str) -> list[dict[str, Any]]:
    rows = alliance(folder, "deadlines", "--as-of", day, "-f", "json", *options).rows
    return [row for row in rows if row["kind"].endswith("matter")]


@pytest.mark.rule("A4")
def test_a_matter_deferred_or_referred_is_due_where_what_is_due_is_shown(tmp_path: Path) -> None:
    rows = postponed(tmp_path)
    names = ("kind", "status", "due", "owed_by", "owed_to", "decision")
    assert {name: tuple(row[n] for n in names) for name, row in rows.items()} == {
        "m1": ("deferred matter", "due", "2003-05-21", "council", "council", "m1/postpones"),
        "m2": ("referred matter", "due", "2003-03-01", "edp-committee", "council", "m2/postpones"),
        "m3": ("referred matter", "owed", None, "Clerk", "council", "m3/postpones"),
    }
    assert rows["m1"]["says"] == "Defers."
    assert {row["subject"]: row["status"] for row in postponed_on(tmp_path, "2003-05-22")} == {
        "m1": "overdue",
        "m2": "overdue",
        "m3": "owed",
    }
    due = alliance(tmp_path, "due", "--as-of", "2003-05-22", "-f", "json").rows
    assert [r["subject"] for r in due if r["kind"] == "deferred matter"] == ["m1"]
    shown = alliance(tmp_path, "show", "matter", "m2", "-f", "json").rows
    results = [row["result"] for row in shown if row["item"] in ("m2", "postpones")]
    refers = "refer to edp-committee until 2003-03-01"
    assert results == [f"open: {refers}", refers]


@pytest.mark.rule("A4")
def test_a_matter_is_due_no_more_when_whoever_has_it_has_acted(tmp_path: Path) -> None:
    postponed(tmp_path)
    by: dict[str, Any] = {"summary": "So."}
    receive, asks = DecisionKind.RECEIVE, DecisionKind.REQUEST_REPORT
    mayor = Decide(**by, decision="asks", on=on("2003-02-10"), matter="m1", body="mayor", kind=asks)
    council = Decide(
        **by, decision="next", on=on("2003-02-11"), matter="m1", body="council", kind=receive
    )
    committee = Decide(
        **by, decision="next", on=on("2003-02-12"), matter="m2", body="edp-committee", kind=receive
    )
    report = SubmitReport(
        on=on("2003-02-13"),
        matter="m3",
        document="answer",
        by=OfficeHolder(office="Clerk"),
        title="An answer",
    )
    with open_register(settings(tmp_path)) as register:
        enter(register, "acted", mayor, council, committee, report)
    for day, left in (
        ("2003-02-10", ["m1", "m2", "m3"]),
        ("2003-02-11", ["m2", "m3"]),
        ("2003-02-12", ["m3"]),
        ("2003-02-13", []),
    ):
        assert sorted(row["subject"] for row in postponed_on(tmp_path, day)) == left
    done = postponed_on(tmp_path, "2003-02-13", "--all")
    assert {row["subject"]: row["done_on"] for row in done} == {
        "m1": "2003-02-11",
        "m2": "2003-02-12",
        "m3": "2003-02-13",
    }
    assert [row["given"] for row in done if row["subject"] == "m3"] == [["answer"]]
