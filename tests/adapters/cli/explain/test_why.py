"""`why` and `compare` as people and programs see them."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from prov.model import ProvDocument

from adapters.bootstrap import open_register
from domain.instruments import ClassifyPartnership, ReplaceProvision
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.shared.dates import When
from tests.adapters.cli.conftest import Recorded
from tests.support.alliance import alliance
from tests.support.street import ACTOR, RECORDS, Street
from tests.support.toronto import enter, recorded_2001

KIEVS_CLASS = ("why", "partnership/kiev/classification", "--as-of", "2001-12-31")

FACTS = (
    "partnership/kiev",
    "partnership/UA-KIEV/established",
    "partnership/kyiv/description",
    "partnership/kiev/classification",
    "targeted/seoul",
    "provision/outbound/2",
    "provision/planning/1(i)",
    "exploration/guerrero",
    "exploration/baltic-region",
    "decision/2001-12-4/council-adopts",
    "decision/2001-12-4/committee-recommends",
    "motion/2001-12-4/council-strikes-kiev",
    "recommendation/2001-12-4/report-2001-11-07/3",
    "body/council",
    "place/kyiv",
)


def test_a_step_has_these_fields_and_no_others(recorded: Recorded) -> None:
    account = recorded.street.rows(*KIEVS_CLASS)
    step = next(s for s in account["steps"] if s["item"] == "council-strikes-kiev")

    assert list(account) == [
        *("fact", "as_of", "candidates", "determinate", "proposed"),
        "steps",
    ]
    assert recorded.committee < step.pop("position") <= recorded.council
    assert step.pop("recorded_at").endswith("Z")
    assert step.pop("says").startswith("strike from recommendation/committee/1: ")
    assert all("Kiev" in passage for passage in step.pop("passages"))
    assert step.pop("computed") == step.pop("declared").removesuffix(".") + "; ."
    assert step == {
        "number": 14,
        "role": "proposes",
        "relation": "amended the recommendation that proposes it",
        "by_name": False,
        "kind": "motion",
        "on": "2001-12-04/2001-12-06",
        "effective_from": "2001-12-04/2001-12-06",
        "matter": "2001-12-4",
        "item": "council-strikes-kiev",
        "body": "council",
        "by": None,
        "wordings": [],
        "result": "carried",
        "voted": None,
        "cites": [{"document": "Report 12, Clause 4", "place": "head, amendment (1)"}],
        "findings": [],
        "rules": [],
        "provisions": [],
        "correction": None,
        "authority": None,
        "stream": "matter/2001-12-4",
        "version": 11,
        "command": "2001-12-04-council/move-motion/2001-12-4/council-strikes-kiev",
        "actor": ACTOR,
    }


def test_the_motion_and_the_decision_carry_the_rules_they_were_judged_by(toronto: Street) -> None:
    account = toronto.rows(*KIEVS_CLASS)
    steps = {s["item"]: s for s in account["steps"]}

    assert steps["committee-kiev-gamma"]["rules"] == ["W1"]
    assert [(f["rule"], f["answer"]) for f in steps["council-adopts"]["findings"]] == [
        ("C3", "advisory")
    ]


@pytest.mark.parametrize("fact", FACTS)
def test_every_form_of_fact_is_told_in_every_format(toronto: Street, fact: str) -> None:
    asked = ("why", fact, "--as-of", "2001-12-31")
    account = toronto.rows(*asked)
    steps = account["steps"]

    assert [s["number"] for s in steps] == list(range(1, len(steps) + 1))
    assert any(s["role"] == "changes" for s in steps)
    assert all(s["actor"] == ACTOR and s["command"] for s in steps)
    assert len(list(csv.DictReader(io.StringIO(toronto.done(*asked, "-f", "csv"))))) == len(steps)
    prov = ProvDocument.deserialize(content=toronto.done(*asked, "-f", "prov"), format="json")
    assert len(list(prov.get_records())) > len(steps)
    text = toronto.done(*asked)
    assert account["fact"] in text
    assert all(s["item"] in text for s in steps)


def test_it_is_printed_as_one_line_of_time_with_the_part_of_each_step(toronto: Street) -> None:
    printed = toronto.done(*KIEVS_CLASS)
    heads = [line for line in printed.splitlines() if re.match(r"\d+\. ", line)]
    rows = toronto.rows(*KIEVS_CLASS)["steps"]

    assert printed.startswith("partnership/UA-KIEV/classification on 2001-12-31: Historical.")
    summed = "17 steps in the order of days: 2 changed it, 3 proposed it, 8 allowed it"
    assert summed in " ".join(printed.split())
    assert [int(head.partition(".")[0]) for head in heads] == [row["number"] for row in rows]
    assert "6. 2001-11-15  only spoke of it: communication communication-2001-11-15" in printed
    assert "16. 2001-12-04/2001-12-06  changed it: decision council-adopts" in printed


def test_many_steps_that_only_allow_a_decision_are_told_together(toronto: Street) -> None:
    printed = toronto.done("why", "decision/2001-12-4/council-adopts")
    rows = toronto.rows("why", "decision/2001-12-4/council-adopts")["steps"]
    together = " ".join(printed.split())

    formed = [row["says"] for row in rows if row["item"] == "partnership-formed"]
    assert len(formed) == 26
    assert f"allowed it: 26 partnership-formed: {'; '.join(formed)} (positions" in together
    assert all(row["says"] in together for row in rows)


def test_before_adoption_it_says_nothing_and_what_was_proposed(toronto: Street) -> None:
    said = toronto.done("why", "provision/outbound/2", "--as-of", "2001-12-03")

    assert said.startswith(
        "provision/outbound/2: nothing in force on 2001-12-03; proposed: The Mayor"
    )


def test_between_the_days_of_the_meeting_it_says_that_it_cannot_tell(toronto: Street) -> None:
    asked = ("why", "partnership/kiev/classification", "--as-of", "2001-12-05")

    assert "uncertain on 2001-12-05, it is nothing or Historical" in toronto.done(*asked)
    assert toronto.rows(*asked)["determinate"] is False


def test_a_position_inside_a_commit_knows_what_the_commit_before_it_knew(
    recorded: Recorded,
) -> None:
    street, fact = recorded.street, ("why", "partnership/kiev", "--as-of", "2001-12-31")
    inside = recorded.committee + 5

    assert street.run(*fact, "--known-at", recorded.committee).code == 0
    assert (
        street.run(*fact, "--known-at", inside, "-f", "json").raw
        == street.run(*fact, "--known-at", recorded.committee, "-f", "json").raw
    )


@pytest.mark.parametrize(
    ("fact", "code", "problem"),
    [
        ("partnership/atlantis", 5, "NothingRecorded"),
        ("partnership/kiev/colour", 5, "NoSuchFact"),
        ("decision/2001-12-4", 5, "NoSuchFact"),
        ("weather/kiev", 5, "NoSuchFact"),
        ("provision/outbound/99", 5, "NothingRecorded"),
        ("exploration/atlantis", 5, "NothingRecorded"),
        ("decision/2001-12-4/no-such", 5, "NothingRecorded"),
    ],
)
def test_a_fact_that_cannot_be_asked_for_is_a_problem_with_a_name(
    toronto: Street, fact: str, code: int, problem: str
) -> None:
    ran = toronto.run("why", fact, "--format", "json")

    assert (ran.code, ran.out) == (code, "")
    assert json.loads(ran.err)["problem"] == problem


def test_two_days_differ_in_what_council_did(toronto: Street) -> None:
    rows = toronto.rows("compare", "2001-12-03", "2001-12-06")

    assert {r["what"] for r in rows} == {
        *("partnerships", "policy_text", "proposals", "decision_record"),
        *("explorations", "deadlines"),
    }
    assert next(r for r in rows if r["key"] == "UA-KIEV") == {
        "what": "partnerships",
        "key": "UA-KIEV",
        "change": "changed",
        "before": {
            "classification": None,
            "category": None,
            "decision": None,
            "decided_on": None,
        },
        "after": {
            "classification": "Historical",
            "category": "historical",
            "decision": "2001-12-4/council-adopts",
            "decided_on": "2001-12-04/2001-12-06",
        },
        "before_determinate": True,
        "after_determinate": True,
    }
    assert {(r["what"], r["key"], r["change"]) for r in rows if r["what"] == "explorations"} == {
        ("explorations", "guerrero", "appeared"),
        ("explorations", "seoul", "appeared"),
    }
    assert "classification: – → Historical" in toronto.done("compare", "2001-12-03", "2001-12-06")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("2001-12-06", "2001-12-03"), "the earlier of two days, or times, comes first"),
        (("--known", "170", "45"), "the earlier of two days, or times, comes first"),
        (("--known", "90", "soon"), "Invalid value for --known: 'soon' is neither"),
        (("2001-12-03", "--known-at", "soon"), "Invalid value for --known-at: 'soon' is neither"),
    ],
)
def test_two_times_in_another_order_or_form_are_refused(
    toronto: Street, asked: tuple[str, ...], said: str
) -> None:
    ran = toronto.run("compare", *asked)

    assert (ran.code, ran.out) == (2, "")
    assert said in " ".join(ran.err.replace("│", " ").split())


def test_what_differs_is_told_at_80_columns(toronto: Street) -> None:
    said = toronto.run("compare", "--known", "45", "170", COLUMNS="80").out

    assert "want of room" not in said
    assert "difference: appeared: " in said


def test_what_changed_of_a_provision_or_mission_is_told_part_by_part(street: Street) -> None:
    street.done("record", "records/toronto-2001", "docs/examples/2002")
    street.done("record", "docs/examples/2003-05-21-council.yaml")

    said = " ".join(street.done("compare", "2002-02-12", "2003-05-21").split())

    assert "terms, plan.outbound-missions.most: 3 → 4" in said
    assert "plan.outbound-missions.least" not in said
    assert "cites, gone: Report 12, Clause 4, head" in said
    assert "findings, new: M4 met: approved by council" in said
    assert "M5" not in said
    assert "{" not in said


def test_a_day_that_is_not_determinate_is_said_so_in_text_and_data(toronto: Street) -> None:
    asked = ("compare", "2001-12-03", "2001-12-05")
    kiev = next(r for r in toronto.rows(*asked) if r["key"] == "UA-KIEV")

    assert kiev["after"]["classification"] == {"not determinate": [None, "Historical"]}
    assert (kiev["before_determinate"], kiev["after_determinate"]) == (True, False)
    assert "one side is uncertain" in toronto.done(*asked)


def test_two_states_of_knowledge_differ_in_what_was_recorded_between(recorded: Recorded) -> None:
    known = ("compare", "--known", recorded.founding, recorded.committee, "--as-of", "2001-12-31")
    rows = recorded.street.rows(*known)

    formed = [
        r for r in rows if r["what"] == "partnerships" and "established" in (r["after"] or {})
    ]
    assert len(formed) == 26
    assert not [r for r in rows if r["what"] == "policy_text"]


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("2001-12-03", "--known", "1", "2"),
        ("2001-12-03", "--as-of", "2001-12-31"),
        ("--known", "1", "2", "--known-at", "5"),
        ("yesterday",),
    ],
)
def test_a_comparison_that_cannot_be_read_is_refused_as_such(
    toronto: Street, wrong: tuple[str, ...]
) -> None:
    assert toronto.run("compare", *wrong).code == 2


def test_the_last_day_of_the_calendar_is_answered_as_the_one_before_by_every_question(
    tmp_path: Path,
) -> None:
    taken = Decide(
        on=When.parse("2002-03-01"),
        matter="never",
        decision="adopts",
        body="council",
        kind=DecisionKind.ADOPT,
        summary="Adopts it.",
        instruments=(
            ClassifyPartnership(city="UA-KIEV", classification="International"),
            ReplaceProvision(address="outbound/2", text="Never.", terms="unchanged"),
        ),
        effective_from=When.parse("9999-12-31"),
    )
    with open_register(recorded_2001(tmp_path)) as register:
        enter(register, "never", OpenMatter(on=taken.on, matter="never", title="Never"), taken)
    for last in ("9999-12-30", "9999-12-31"):
        at = ("--as-of", last, "-f", "json")
        (kiev,) = alliance(tmp_path, "show", "partnership", "kiev", *at).rows
        account = alliance(tmp_path, "why", "partnership/kiev/classification", *at).rows
        assert ([kiev["classification"]], kiev["certain"]) == (account["candidates"], True)
        assert account["as_of"] == "9999-12-30"
        provision, coming = alliance(tmp_path, "policy", "outbound/2", *at).rows
        assert (coming["version"], coming["takes_hold"]) == (2, "9999-12-31")
        (told,) = alliance(tmp_path, "why", "provision/outbound/2", *at).rows["candidates"]
        assert (provision["version"], told["version"]) == (1, 1)
        assert alliance(tmp_path, "policy", "diff", "2002-01-01", last, "-f", "json").rows == []


def test_an_answer_ends_in_one_full_stop(toronto: Street) -> None:
    for day in ("2001-12-03", "2001-12-05", "2001-12-31"):
        assert ".." not in toronto.done("why", "provision/outbound/2", "--as-of", day)


def test_what_cites_no_papers_has_no_line_for_them(own_toronto: Street) -> None:
    own_toronto.done("record", RECORDS.parents[1] / "docs" / "examples" / "2003-05-21-council.yaml")

    said = own_toronto.done("why", "decision/2003-6-1/council-adopts")

    assert "council-adopts" in said
    assert not [line for line in said.splitlines() if line.strip() == "cites:"]


def test_a_corrected_fact_says_who_answers_for_the_correction(own_toronto: Street) -> None:
    """Five steps, in table, rows and sheet: nothing of the class that Haifa was given later."""
    entry = ("partnership/IL-HAIFA", 1, "--by", "City Clerk", "--reason", "Misread.")
    own_toronto.done("correct", *entry, "--set", "established=1996")
    asked = ("why", "partnership/haifa/established")

    printed = own_toronto.done(*asked)
    assert printed.startswith("partnership/IL-HAIFA/established on ")
    assert "5 steps in the order of days: 1 changed it, 1 proposed it, 2 allowed it" in printed
    assert "   corrects version 1: Misread (City Clerk answers for it)\n" in printed
    steps = own_toronto.rows(*asked)["steps"]
    assert [(step["item"], step["role"]) for step in steps] == [
        ("place-identified", "allows"),
        ("2001-12-4", "allows"),
        ("report-2001-11-07", "proposes"),
        ("partnership-formed", "corrected"),
        ("partnership-formed", "changes"),
    ]
    assert steps[-1]["correction"] == {
        "version": 1,
        "reason": "Misread.",
        "authority": "City Clerk",
    }
    sheet = list(csv.DictReader(io.StringIO(own_toronto.done(*asked, "-f", "csv"))))
    assert "City Clerk" in sheet[-1]["correction"]
