"""Bodies over time: what belongs to a body, and what is owed to it, on every day."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.alliance import Ran
from tests.support.minutes import Clerk

MERGED = """
    meeting: { id: 2007-01-01-clerk, on: 2007-01-01 }
    items:
      - change-bodies:
          bodies:
            - { id: growing-city, name: Growing City Committee, succeeds: [edp-committee] }
          abolished: [edp-committee]
    """
REFERRED = """
    meeting: { id: 2006-11-20-council, body: council, on: 2006-11-20, matter: harbour }
    items:
      - open-matter: { title: Harbour }
      - decide:
          decision: refers
          kind: refer
          to: edp-committee
          until: 2007-03-01
          summary: The Committee looks at it.
    """
CONSIDERED = """
    meeting: { id: 2007-02-15-committee, body: growing-city, on: 2007-02-15, matter: harbour }
    items:
      - decide: { decision: answers, kind: receive, summary: Received. }
    """
OFFICE = """
    meeting: { id: 2005-02-01-council, body: council, on: 2005-02-01, matter: harbour }
    items:
      - open-matter: { title: Harbour }
      - decide:
          decision: refers
          kind: refer
          to: { office: "Commissioner of Economic Development, Culture and Tourism" }
          until: 2005-06-01
          summary: The Commissioner reports.
    """
SUCCESSOR = """
    meeting: { id: 2005-04-01-clerk, on: 2005-04-01 }
    items:
      - change-bodies:
          bodies: [{ id: deputy-manager, name: Deputy City Manager, succeeds: [commissioner] }]
          abolished: [commissioner]
    """
REPORT = """
    meeting: { id: 2005-05-02-report, on: 2005-05-02, matter: harbour }
    items:
      - submit-report:
          { document: report, by: { office: Deputy City Manager }, title: The harbour }
    """
PLANS = """
    meeting: { id: 2006-06-20-council, body: council, on: 2006-06-20, matter: plans }
    items:
      - open-matter: { title: Plans }
      - decide:
          decision: gives
          kind: adopt
          summary: Plans.
          instruments:
            - instrument: replace-provision
              address: planning/4
              text: The Mayor or the City Manager approves the plan.
              terms: { plan.approver: APPROVER }
    """
MANAGER = """
    meeting: { id: 2006-01-01-clerk, on: 2006-01-01 }
    items:
      - change-bodies:
          bodies: [{ id: city-manager, name: City Manager }]
    """
APPROVED = """
    meeting: { id: plan-2008, body: city-manager, on: 2007-01-10, matter: plan-2008 }
    items:
      - open-matter: { title: Plan }
      - draft-plan: { year: 2008 }
      - decide:
          decision: approves
          kind: adopt
          summary: The plan is approved.
          instruments: [{ instrument: approve-plan, year: 2008 }]
    """


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    return Clerk(tmp_path)


def owed(clerk: Clerk, day: str) -> list[tuple[str, str, str | None]]:
    rows = clerk.asks("deadlines", "--all", as_of=day)
    return [(r["owed_by"], r["status"], r["done_on"]) for r in rows if r["subject"] == "harbour"]


def test_what_was_owed_by_a_body_is_owed_by_its_successor_and_done_by_it(clerk: Clerk) -> None:
    clerk.records("referred", REFERRED)
    clerk.records("merged", MERGED)
    assert owed(clerk, "2006-12-31") == [("edp-committee", "due", None)]
    assert owed(clerk, "2007-01-01") == [("growing-city", "due", None)]
    assert owed(clerk, "2007-03-02") == [("growing-city", "overdue", None)]
    clerk.records("considered", CONSIDERED)
    assert owed(clerk, "2007-02-14") == [("growing-city", "due", None)]
    assert owed(clerk, "2007-03-02") == [("growing-city", "done", "2007-02-15")]


def test_what_is_owed_to_a_body_is_owed_to_its_successor(clerk: Clerk) -> None:
    annual = [r for r in clerk.asks("deadlines", as_of="2007-02-01") if r["owed_to"]]
    before = {(r["subject"], r["owed_to"]) for r in annual}
    clerk.records("merged", MERGED)
    after = {
        (r["subject"], r["owed_to"])
        for r in clerk.asks("deadlines", as_of="2007-02-01")
        if r["owed_to"]
    }
    assert before
    assert after == {(s, "growing-city" if to == "edp-committee" else to) for s, to in before}


def test_what_an_office_owes_is_owed_by_its_successor_and_its_report_answers(
    clerk: Clerk,
) -> None:
    clerk.records("referred", OFFICE)
    clerk.records("successor", SUCCESSOR)
    assert owed(clerk, "2005-03-31") == [
        ("Commissioner of Economic Development, Culture and Tourism", "due", None)
    ]
    assert owed(clerk, "2005-04-01") == [("Deputy City Manager", "due", None)]
    clerk.records("report", REPORT)
    assert owed(clerk, "2005-06-02") == [("Deputy City Manager", "done", "2005-05-02")]


def test_a_body_is_there_under_its_name_of_the_day_until_it_is_no_more(clerk: Clerk) -> None:
    clerk.records("merged", MERGED)
    there = {r["body"]: r for r in clerk.asks("list", "bodies", as_of="2006-12-31")}
    assert there["edp-committee"]["ended"] is None
    assert "growing-city" not in there
    (gone,) = clerk.asks(
        "show", "body", "economic development and parks committee", as_of="2007-01-01"
    )
    assert (gone["body"], gone["ended"]) == ("edp-committee", "2007-01-01")
    assert gone["successors"] == ["growing-city"]
    (heir,) = clerk.asks("show", "body", "Growing City Committee", as_of="2007-01-01")
    assert heir["succeeds"] == ["edp-committee"]


def test_a_body_that_is_no_more_decides_nothing_and_its_successor_is_named(clerk: Clerk) -> None:
    clerk.records("referred", REFERRED)
    clerk.records("merged", MERGED)
    refused = clerk.tries("late", CONSIDERED.replace("growing-city", "edp-committee"))
    assert refused.code != 0
    assert "body: edp-committee" in refused.err
    assert "ended: 2007-01-01" in refused.err
    assert "successors: growing-city" in refused.err
    early = CONSIDERED.replace("growing-city", "edp-committee").replace("2007-02-15", "2006-12-15")
    clerk.records("early", early)
    assert owed(clerk, "2006-12-31") == [("edp-committee", "done", "2006-12-15")]


def approves(clerk: Clerk, body: str, year: int) -> Ran:
    """Let a body approve the plan of a year."""
    return clerk.tries(
        f"approves-{year}",
        f"""
        meeting: {{ id: {body}-{year}, body: {body}, on: 2007-01-10, matter: plan-{year} }}
        items:
          - open-matter: {{ title: Plan }}
          - draft-plan: {{ year: {year} }}
          - decide:
              decision: approves
              kind: adopt
              summary: The plan is approved.
              instruments: [{{ instrument: approve-plan, year: {year} }}]
        """,
    )


def test_each_of_several_approvers_may_act_alone(clerk: Clerk) -> None:
    clerk.records("manager", MANAGER)
    clerk.records("plans", PLANS.replace("APPROVER", "[mayor, city-manager]"))
    assert approves(clerk, "mayor", 2008).code == 0
    assert approves(clerk, "city-manager", 2009).code == 0
    refused = approves(clerk, "council", 2010)
    assert refused.code != 0
    assert "NotThePlansBody" in refused.err
    assert "by: mayor or city-manager" in refused.err


def test_an_office_acts_for_another_from_the_day_it_may(clerk: Clerk) -> None:
    refused = approves(clerk, "commissioner", 2008)
    assert "NotThePlansBody" in refused.err
    delegate = MANAGER.replace("}]", ", acts_for: [mayor] }]")
    clerk.records("manager", delegate)
    clerk.records("approved", APPROVED)
    findings = clerk.asks("show", "matter", "plan-2008")[1]["findings"]
    assert [f["reason"] for f in findings if f["rule"] == "B1"] == [
        "approved by city-manager in the place of mayor"
    ]


def test_a_provision_whose_body_ends_is_named_and_the_residual_authority_acts(
    clerk: Clerk,
) -> None:
    clerk.records("plans", PLANS.replace("APPROVER", "edp-committee"))
    assert "NotThePlansBody" in approves(clerk, "council", 2008).err
    ended = """
        meeting: { id: 2007-01-01-clerk, on: 2007-01-01 }
        items:
          - change-bodies: { abolished: [edp-committee] }
        """
    said = " ".join(clerk.records("ended", ended).out.split())
    assert "planning/4 names edp-committee (plan.approver), which is not a body" in said
    assert approves(clerk, "council", 2008).code == 0


@pytest.mark.parametrize("approver", ["exec-committe", "[mayor, exec-committe]"])
def test_an_approver_that_is_no_body_is_refused(clerk: Clerk, approver: str) -> None:
    refused = clerk.tries("plans", PLANS.replace("APPROVER", approver))
    assert refused.code != 0
    assert "UnknownBody" in refused.err
    assert "body: exec-committe" in refused.err


def test_decisions_of_a_body_after_its_end_are_named_when_the_end_is_entered_late(
    clerk: Clerk,
) -> None:
    clerk.records("referred", REFERRED)
    clerk.records("early", CONSIDERED.replace("growing-city", "edp-committee"))
    said = clerk.records("merged", MERGED).out
    assert "harbour/answers of edp-committee on 2007-02-15 is after the end of that body" in (
        " ".join(said.split())
    )


def test_an_act_of_the_record_stands_in_the_way_of_an_end_that_is_entered_late(
    clerk: Clerk,
) -> None:
    clerk.records("merged", MERGED)
    late = """
        meeting: { id: 2006-12-01-clerk, on: 2006-12-01 }
        items:
          - change-bodies: { abolished: [edp-committee] }
        """
    refused = clerk.tries("late", late)
    assert refused.code != 0
    assert "TakesItsGround" in refused.err
    assert "bodies-changed" in refused.err
