"""Matters under the council's own numbers: deferred and back under another, together, and split."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.minutes import Clerk

DEFERRED = """
    meeting: { id: 2024-05-22-council, body: council, on: 2024-05-22, matter: 2024.EC13.5 }
    items:
      - open-matter: { title: Partnership categories }
      - decide:
          decision: defers
          kind: defer
          until: 2024-06-26
          summary: To the next meeting.
    """
BACK = """
    meeting: { id: 2024-06-10-clerk, on: 2024-06-10 }
    items:
      - number-matter: { matter: 2024.EC13.5, number: 2024.EC14.2 }
    """
DECIDED = """
    meeting: { id: 2024-06-26-council, body: council, on: 2024-06-26, matter: 2024.EC14.2 }
    items:
      - decide:
          decision: adopts
          kind: adopt
          summary: Adopted.
          instruments: [{ instrument: target-city, city: MX-GUERRERO }]
      - correct-record:
          stream: matter/2024.EC14.2
          version: 2
          reason: A slip.
          authority: City Clerk
          changed: { summary: To the June meeting. }
    """


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    clerk = Clerk(tmp_path)
    clerk.records("deferred", DEFERRED)
    clerk.records("back", BACK)
    return clerk


def items(clerk: Clerk, name: str) -> list[tuple[str, str, str]]:
    rows = clerk.asks("show", "matter", name, as_of="2024-07-01")
    return [(row["matter"], row["item"], row["result"]) for row in rows]


def test_a_matter_that_comes_back_under_another_number_is_decided_under_it(clerk: Clerk) -> None:
    clerk.records("decided", DECIDED)
    assert items(clerk, "2024.EC13.5") == [
        ("2024.EC13.5", "2024.EC13.5", "closed"),
        ("2024.EC13.5", "defers", "defer until 2024-06-26"),
        ("2024.EC13.5", "adopts", "adopt"),
    ]
    (row,) = clerk.asks("show", "partnership", "guerrero", as_of="2024-06-26")
    assert row["decision"] == "2024.EC13.5/adopts"
    owed = clerk.asks("deadlines", "--all", as_of="2024-07-01")
    assert [r["status"] for r in owed if r["subject"] == "2024.EC13.5"] == ["done"]


@pytest.mark.parametrize(
    "name", ["2024.EC13.5", "2024.EC14.2", "2024.ec14.2", "Partnership categories"]
)
def test_every_number_and_the_title_lead_to_it_in_every_command(clerk: Clerk, name: str) -> None:
    clerk.records("decided", DECIDED)
    assert items(clerk, name)[0] == ("2024.EC13.5", "2024.EC13.5", "closed")
    (decision, other) = clerk.asks("list", "decisions", matter=name, as_of="2024-07-01")
    assert (decision["item"], other["item"]) == ("defers", "adopts")
    assert "Adopted." in clerk.sees("why", f"decision/{name}/adopts", "--as-of", "2024-07-01")
    stored = clerk.sees("log", "--stream", f"matter/{name}")
    assert "decision-taken" in stored


def test_a_mark_in_a_number_counts(clerk: Clerk) -> None:
    missing = clerk.sees("show", "matter", "2024.EC1.35")
    assert "2024.EC13.5" in missing
    assert "NothingRecorded" in missing or "Nothing is recorded" in missing


def test_a_number_leads_to_one_matter(clerk: Clerk) -> None:
    other = DEFERRED.replace("2024-05-22", "2024-05-23").replace("2024.EC13.5", "MM47.10")
    clerk.records("other", other)
    for number in ("2024.EC14.2", "2024.ec14.2", "2024.EC13.5"):
        again = BACK.replace("2024-06-10", "2024-06-11").replace(
            "matter: 2024.EC13.5, number: 2024.EC14.2", f"matter: MM47.10, number: {number}"
        )
        refused = clerk.tries("again", again)
        assert refused.code != 0
        assert "NumberTaken" in refused.err
        assert "matter: 2024.EC13.5" in refused.err
    opened = DEFERRED.replace("2024-05-22", "2024-06-12").replace("2024.EC13.5", "2024.EC14.2")
    refused = clerk.tries("opened", opened)
    assert refused.code != 0
    assert "AlreadyRecorded" in refused.err


def test_a_reference_that_is_a_number_leads_to_the_matter(clerk: Clerk) -> None:
    clerk.records(
        "rio",
        """
        meeting: { id: rio, body: council, on: 2012-07-11, matter: rio }
        items:
          - open-matter: { title: Rio, reference: MM25.40 }
          - decide: { decision: receives, kind: receive, summary: Received., matter: MM25.40 }
        """,
    )
    assert [row[1] for row in items(clerk, "mm25.40")] == ["rio", "receives"]


def test_matters_considered_together_keep_their_own_decisions(clerk: Clerk) -> None:
    clerk.records(
        "together",
        """
        meeting: { id: together, body: council, on: 2024-06-26 }
        items:
          - open-matter: { matter: 2024.EC14.3, title: Another }
          - consider-together: { matters: [2024.EC14.2, 2024.EC14.3] }
          - decide: { matter: 2024.EC14.3, decision: d, kind: receive, summary: Received. }
        """,
    )
    first = clerk.asks("show", "matter", "2024.EC13.5", as_of="2024-07-01")[0]
    other = clerk.asks("show", "matter", "2024.EC14.3", as_of="2024-07-01")[0]
    assert (first["together_with"], first["result"][:4]) == (["2024.EC14.3"], "open")
    assert (other["together_with"], other["result"]) == (["2024.EC13.5"], "closed")


SPLIT = """
    meeting: { id: split, body: council, on: 2024-06-26, matter: 2024.EC13.5 }
    items:
      - submit-report:
          document: report
          by: { office: City Manager }
          title: Report
          recommendations:
            - id: report/1
              text: That Guerrero be targeted.
              instruments: [{ instrument: target-city, city: MX-GUERRERO }]
            - { id: report/2, text: That staff report. }
      - split-matter:
          into: [{ matter: 2024.EC13.5a, title: Guerrero, recommendations: [RECOMMENDATION] }]
    """


def test_a_part_of_a_matter_goes_on_with_its_own_recommendations(clerk: Clerk) -> None:
    clerk.records("split", SPLIT.replace("RECOMMENDATION", "report/1"))
    adopts = """
        meeting: { id: MATTER, body: council, on: 2024-06-27, matter: 2024.EC13.5a }
        items:
          - decide: { decision: d, kind: adopt, adopts: [report/1], summary: Adopted. }
        """
    wrong = adopts.replace("MATTER", "whole").replace("2024.EC13.5a", "2024.EC13.5")
    refused = clerk.tries("whole", wrong)
    assert "NothingToAdopt" in refused.err
    clerk.records("part", adopts.replace("MATTER", "part"))
    whole = clerk.asks("show", "matter", "2024.EC13.5", as_of="2024-07-01")[0]
    part = clerk.asks("show", "matter", "2024.EC13.5a", as_of="2024-07-01")[0]
    assert (whole["split_into"], whole["result"][:4]) == (["2024.EC13.5a"], "open")
    assert (part["out_of"], part["result"]) == ("2024.EC13.5", "closed")
    (row,) = clerk.asks("show", "partnership", "guerrero", as_of="2024-06-27")
    assert (row["targeted"], row["decision"]) == (True, "2024.EC13.5a/d")
    why = clerk.sees("why", "targeted/guerrero", "--as-of", "2024-06-27")
    assert "That Guerrero be targeted." in why


def test_a_part_takes_only_what_is_in_the_matter(clerk: Clerk) -> None:
    refused = clerk.tries("split", SPLIT.replace("RECOMMENDATION", "report/3"))
    assert refused.code != 0
    assert "NotInTheMatter" in refused.err
    assert "missing: report/3" in refused.err
