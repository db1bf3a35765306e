"""The year on the command line: a plan against its limits, missions, requests, what is due."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.bootstrap import open_register
from adapters.cli.main import app
from adapters.queries.moment import NothingRecorded
from adapters.settings import Settings
from domain.discrepancies import NoteDiscrepancy, Passage
from domain.missions.messages import CancelMission
from domain.programme.activities import CarryOutActivity
from domain.requests.messages import ReceiveRequest
from domain.shared.messages import Citation
from tests.docs.test_reference import documented
from tests.scenarios.test_a_year import on, plan_2002
from tests.support.programme import holder
from tests.support.toronto import enter, recorded_2001


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = recorded_2001(tmp_path)
    with open_register(settings) as register:
        plan_2002(register)
        enter(
            register,
            "more",
            CancelMission(on=on("2002-02-06"), mission="winter", reason="no funds"),
            ReceiveRequest(
                on=on("2001-08-31"),
                request="riga",
                place="Riga",
                group=holder("the consul", "Consul of Latvia"),
                asks="a partnership of the ports",
            ),
            ReceiveRequest(
                on=on("2002-01-31"),
                request="vilnius",
                place="Vilnius",
                group=holder("the consul", "Consul of Lithuania"),
                asks="a partnership",
            ),
        )
    monkeypatch.setenv("ALLIANCE_DATABASE_URL", settings.database_url)
    return tmp_path


def answer(*words: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, [*words, "--format", "json"], catch_exceptions=False)
    assert result.exit_code == 0
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def told(*words: str) -> str:
    result = CliRunner().invoke(app, [*words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_a_plan_is_shown_against_its_limits(folder: Path) -> None:
    rows = answer("plan", "2002", "--as-of", "2002-03-01")

    (plan,) = (row for row in rows if row["row"] == "plan")
    assert (plan["stage"], len(plan["visits"]), plan["missions"]) == (
        "approved",
        8,
        ["spring", "autumn"],
    )
    entries = {row["mission"]: row for row in rows if row["row"] == "entry"}
    assert entries["winter"]["step"] == "cancelled"
    assert not entries["winter"]["listed"]
    assert entries["spring"]["budget"] == "CAD 9,500.00"
    found = [(r["rule"], r["answer"], r["reason"]) for r in rows if r["row"] == "finding"]
    assert ("B2", "met", "8 of at most 10 in 2002") in found
    assert ("B3", "met", "2 of at most 3 in 2002") in found
    assert ("M6", "met", "U.S.A.: a mission this year") in found
    assert sum(rule == "M5" for rule, _, _ in found) == 2


def test_a_plan_is_shown_as_it_was_on_a_day(folder: Path) -> None:
    rows = answer("plan", "2002", "--as-of", "2002-01-16")

    (plan,) = (row for row in rows if row["row"] == "plan")
    assert (plan["stage"], plan["missions"]) == ("submitted", ["spring", "autumn", "winter"])
    found = [(r["rule"], r["reason"]) for r in rows if r["row"] == "finding"]
    assert ("B3", "3 of at most 3 in 2002") in found


def test_a_plan_is_judged_and_what_is_due_is_listed_as_was_known(folder: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{folder / 'log.sqlite'}", actor="a clerk")
    with open_register(settings) as register:
        head = register.log.head()
        before = next(e.position for e in register.log.entries() if e.stream == "mission/winter")
        cancelled = CancelMission(on=on("2002-02-07"), mission="autumn", reason="no funds")
        letter = CarryOutActivity(
            on=on("2002-03-01"),
            year=2002,
            place="Chicago",
            activity="acknowledgement letters every year",
        )
        enter(register, "later", cancelled, letter)

    def reasons(*known: object) -> set[str]:
        rows = answer("plan", "2002", "--as-of", "2002-03-01", *map(str, known))
        return {row["reason"] for row in rows if row["row"] == "finding" and row["rule"] == "B3"}

    def unsent(day: str, *known: object) -> int:
        rows = answer("due", "--as-of", day, *map(str, known))
        letters = (row for row in rows if row["says"] == "acknowledgement letters every year")
        return sum(row["due"] == "2002" for row in letters)

    assert "1 of at most 3 in 2002" in reasons()
    assert "2 of at most 3 in 2002" in reasons("--known-at", head)
    assert "0 of at most 3 in 2002" in reasons("--known-at", before)
    assert [unsent("2002-02-28"), unsent("2002-03-01")] == [26, 25]
    assert unsent("2002-03-01", "--known-at", head) == 26
    assert unsent("2002-03-01", "--known-at", 0) == 0


def test_a_letter_that_was_not_sent_in_its_year_is_overdue_until_it_is_sent(folder: Path) -> None:
    def stands(day: str) -> list[tuple[str, str]]:
        rows = answer("due", "--as-of", day)
        letters = (r for r in rows if r["says"] == "acknowledgement letters every year")
        return [(r["status"], r["due"]) for r in letters if r["subject"] == "Kiev"]

    settings = Settings(database_url=f"sqlite:///{folder / 'log.sqlite'}", actor="a clerk")
    with open_register(settings) as register:
        sent = CarryOutActivity(
            on=on("2003-02-01"),
            year=2002,
            place="Kiev",
            activity="acknowledgement letters every year",
        )
        enter(register, "late", sent)

    assert stands("2001-12-31") == []  # the policy began in December, and a year before it is none
    assert stands("2002-01-01") == [("due", "2002")]
    assert stands("2003-01-31") == [("overdue", "2002"), ("due", "2003")]
    assert stands("2003-02-01") == [("due", "2003")]


def test_what_is_owed_to_many_cities_is_one_line_and_each_is_in_json(folder: Path) -> None:
    at = ("--as-of", "2003-06-01")
    table = told("due", *at)
    lines = [line.split() for line in table.splitlines() if "acknowledgement letters" in line]
    assert [(line[0], line[1], line[4:6]) for line in lines] == [
        ("overdue", "2002", ["11", "cities"]),
        ("overdue", "2002", ["15", "cities"]),
        ("due", "2003", ["11", "cities"]),
        ("due", "2003", ["15", "cities"]),
    ]
    letters = [r for r in answer("due", *at) if r["says"] == "acknowledgement letters every year"]
    assert len(letters) == 52
    kievs = answer("due", "--about", "UA-KIEV", *at)
    assert [(r["status"], r["due"], r["subject"]) for r in kievs] == [
        ("overdue", "2002", "Kiev"),
        ("due", "2003", "Kiev"),
    ]
    assert "None of the" in told("due", "--about", "hong kong", *at)


def test_a_report_back_is_owed_by_staff_to_the_body_that_asked(folder: Path) -> None:
    rows = {r["subject"]: r for r in answer("deadlines", "--as-of", "2002-01-01")}
    owed = rows["guerrero"]
    assert (owed["owed_by"], owed["owed_to"]) == ("staff", "council")


def test_advice_is_shown_where_it_is_recorded_and_in_the_plan(folder: Path) -> None:
    file = folder / "kiev.yaml"
    file.write_text(
        "meeting: {id: 2002-03-02-kiev, on: 2002-03-02, body: staff}\n"
        "items:\n"
        "  - propose-mission: {mission: visit-kiev, direction: inbound, year: 2002, "
        "cities: [Kiev], timing: 2002-11}\n"
    )
    said = "Rule M2b, advisory, on propose-mission visit-kiev (line 3): Kiev: the programming"
    dry = CliRunner().invoke(app, ["record", str(file), "--dry-run"], catch_exceptions=False)
    done = CliRunner().invoke(app, ["record", str(file)], catch_exceptions=False)
    again = CliRunner().invoke(app, ["record", str(file)], catch_exceptions=False)

    assert said in dry.stdout
    assert said in done.stdout
    assert "M2b" not in again.stdout
    found = [row for row in answer("plan", "2002") if row["row"] == "finding"]
    assert [(r["answer"], r["mission"]) for r in found if r["rule"] == "M2b"] == [
        ("advisory", "visit-kiev")
    ]
    shown = CliRunner().invoke(app, ["plan", "2002"], catch_exceptions=False).stdout
    assert "M2b" in shown
    assert "visit-kiev" in shown


def test_a_mission_is_shown_with_its_budget_travellers_and_steps(folder: Path) -> None:
    (row,) = answer("show", "mission", "SPRING", "--as-of", "2002-03-01")

    assert sum(row["costs"].values()) == row["cents"] == 950_000
    assert len(row["costs"]) == 8
    assert [step["entry"] for step in row["steps"]][:3] == [
        "mission-proposed",
        "plan-entry-listed",
        "mission-planned",
    ]
    told = CliRunner().invoke(app, ["show", "mission", "spring", "--as-of", "2002-03-01"]).stdout
    assert all(category in told for category in row["costs"])
    assert row["rationale"] is None or row["rationale"] in told


VISIT = """\
meeting: { id: 2002-04-09-clerk, on: 2002-04-09 }
items:
  - name-host:
      mission: VISIT
      host: { office: Deputy Mayor }
      welcome_by: Deputy Mayor
      welcome_on: 2002-06-17
"""


def test_a_visit_is_shown_with_its_welcome(folder: Path) -> None:
    (visit, *_) = answer("missions", "--direction", "inbound", "--as-of", "2002-03-01")
    minutes = folder / "host.yaml"
    minutes.write_text(VISIT.replace("VISIT", visit["mission"]))
    CliRunner().invoke(app, ["record", str(minutes)], catch_exceptions=False)

    (row,) = answer("show", "mission", visit["mission"], "--as-of", "2002-05-01")
    planned = (row["welcome_by"], row["welcome_on"], row["welcome_given"])
    assert planned == ("Deputy Mayor", "2002-06-17", None)
    told = CliRunner().invoke(app, ["show", "mission", visit["mission"]]).stdout
    assert "welcome on: 2002-06-17" in told
    assert row["steps"][-1]["says"] == (
        "Deputy Mayor is the host; Deputy Mayor is to welcome the guests on 2002-06-17"
    )


def test_the_plans_of_all_years_are_listed(folder: Path) -> None:
    at = ("--as-of", "2002-03-01")
    [listed] = answer("list", "plans", *at)
    [whole] = (row for row in answer("plan", "2002", *at) if row["row"] == "plan")

    assert listed == {name: value for name, value in whole.items() if name != "row"}
    assert (listed["year"], listed["stage"]) == (2002, "approved")
    assert answer("list", "plans", "--as-of", "2001-12-31") == []
    shown = CliRunner().invoke(app, ["list", "plans", *at], catch_exceptions=False)
    assert shown.stdout.startswith("1 plan on 2002-03-01.\n")


def test_a_year_without_a_plan_has_its_limits(folder: Path) -> None:
    rows = answer("plan", "2003", "--as-of", "2002-12-01")

    assert {row["row"] for row in rows} == {"finding"}
    found = [(row["rule"], row["answer"], row["reason"]) for row in rows]
    assert ("B2", "met", "0 of at most 10 in 2003") in found
    assert ("B3", "met", "0 of at most 3 in 2003") in found
    shown = CliRunner().invoke(app, ["plan", "2003"], catch_exceptions=False)
    assert shown.stdout.startswith("No plan of 2003 is drafted.\n")


def test_a_mission_nobody_proposed_is_not_recorded(folder: Path) -> None:
    with pytest.raises(NothingRecorded) as caught:
        CliRunner().invoke(app, ["mission", "moon"], catch_exceptions=False)
    assert caught.value.details["mission"] == "moon"


def test_missions_are_listed_by_year_direction_and_step(folder: Path) -> None:
    outbound = answer("missions", "--direction", "outbound", "--as-of", "2002-03-01")
    planned = answer("missions", "--step", "planned", "--year", "2002", "--as-of", "2002-03-01")
    (spring,) = answer("mission", "spring", "--as-of", "2002-03-01")

    assert [row["mission"] for row in outbound] == ["autumn", "spring", "winter"]
    assert len(planned) == 10
    assert {finding["rule"] for finding in spring["findings"]} >= {"M1", "M5", "B3", "B4"}


def test_each_answer_of_a_rule_is_told_once_and_under_its_step(folder: Path) -> None:
    at = ("--as-of", "2002-03-01")
    (spring,) = answer("mission", "spring", *at)
    rules = [finding["rule"] for finding in spring["findings"]]
    assert (rules.count("B4"), rules.count("B3")) == (1, 1)
    steps = {step["entry"]: step for step in spring["steps"]}
    listed = [finding["rule"] for finding in steps["plan-entry-listed"]["findings"]]
    assert listed == ["B3", "B4"]
    table = told("mission", "spring", *at)
    steps_told = table[table.index("Steps") : table.index("What the rules said")]
    assert [steps_told.count(f"rule {rule}, ") for rule in ("B3", "B4", "M5")] == [1, 1, 1]

    findings = [row for row in answer("plan", "2002", *at) if row["row"] == "finding"]
    assert [f["mission"] for f in findings if f["rule"] == "M5"] == ["spring", "autumn"]
    assert len({json.dumps(finding) for finding in findings}) == len(findings)


def test_requests_show_at_once_when_they_are_overdue(folder: Path) -> None:
    rows = answer("requests", "--as-of", "2002-08-01")

    assert [(r["request"], r["report_due"], r["overdue"]) for r in rows] == [
        ("riga", None, False),
        ("vilnius", "2002-07-31", True),
    ]


def test_what_is_due_includes_the_letters_of_the_year(folder: Path) -> None:
    rows = answer("due", "--as-of", "2002-08-01")

    letters = [row for row in rows if row["says"] == "acknowledgement letters every year"]
    overdue = [row["subject"] for row in rows if row["status"] == "overdue" and row not in letters]
    assert overdue == ["vilnius"]
    years = [(row["status"], row["due"]) for row in letters]
    assert years == [("due", "2002")] * 26
    assert {row["provision"] for row in letters} == {"programming/marketing (version 1)"}


@pytest.mark.parametrize(
    "words", [["plan", "2002"], ["missions"], ["mission", "spring"], ["requests"], ["due"]]
)
def test_people_read_tables(folder: Path, words: list[str]) -> None:
    result = CliRunner().invoke(app, words, catch_exceptions=False)

    assert result.exit_code == 0
    assert result.stdout


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        (("missions",), "`alliance missions`"),
        (("mission", "spring"), "`alliance show mission`"),
        (("show", "request", "riga"), "`alliance show request`"),
        (("requests",), "`alliance requests`"),
        (("due",), "`alliance due`"),
        (("compare", "2001-12-03", "2001-12-06"), "`alliance compare`"),
        (("status",), "`alliance status`"),
    ],
)
def test_rows_have_the_fields_that_are_documented(
    folder: Path, words: tuple[str, ...], heading: str
) -> None:
    rows = answer(*words)
    assert rows
    documents = documented(heading) - {"row"}
    assert all(set(row) == documents for row in rows)


def test_the_rows_of_a_plan_are_documented(folder: Path) -> None:
    fields = {
        "entry": documented("`alliance missions`"),
        "plan": documented("whose `row` is `plan`"),
        "finding": documented("whose `row` is `finding`"),
    }
    rows = answer("plan", "2002")
    assert {row["row"] for row in rows} == set(fields)
    assert all(set(row) == fields[row["row"]] for row in rows)


def test_the_fields_of_an_explanation_are_documented(folder: Path) -> None:
    explained: Any = answer("why", "partnership/kiev/classification")
    assert set(explained) == documented("`alliance why`")


@pytest.mark.parametrize(
    "asked",
    [
        ("missions",),
        ("mission", "autumn"),
        ("plan", "2002"),
        ("requests",),
        ("list", "discrepancies"),
        ("show", "discrepancy", "berths"),
    ],
)
def test_an_uncertain_day_is_said_to_be_so_in_text_and_data(
    folder: Path, asked: tuple[str, ...]
) -> None:
    settings = Settings(database_url=f"sqlite:///{folder / 'log.sqlite'}", actor="a clerk")
    sitting = on("2002-03-04/2002-03-06")
    with open_register(settings) as register:
        received = ReceiveRequest(
            on=sitting,
            request="tallinn",
            place="Tallinn",
            group=holder("the consul", "Consul of Estonia"),
            asks="a partnership",
        )
        cancelled = CancelMission(on=sitting, mission="autumn", reason="no funds")
        places = (
            Passage(at=Citation(document="minutes", place="page 1"), says="Three berths."),
            Passage(at=Citation(document="minutes", place="page 2"), says="Four berths."),
        )
        noted = NoteDiscrepancy(
            on=sitting, discrepancy="berths", title="How many berths", passages=places
        )
        enter(register, "sitting", received, cancelled, noted)

    assert [row for row in answer(*asked, "--as-of", "2002-03-05") if row.get("certain") is False]
    for day, uncertain in (("2002-03-05", True), ("2002-03-06", False)):
        told = CliRunner().invoke(app, [*asked, "--as-of", day], catch_exceptions=False).stdout
        assert ("Uncertain on 2002-03-05: " in told) is uncertain
