"""A divided question: parts with fates of their own, and a matter that is open until none is left."""

from __future__ import annotations

import pytest

from tests.scenarios.meetings.conftest import City

pytestmark = pytest.mark.rule("A5")


def report(*numbers: int, title: str = "Five things") -> str:
    """A matter with a staff report of so many recommendations; each adopts a provision."""
    recommended = ", ".join(
        f"{{ id: r1/{n}, text: Recommendation {n} stands. }}" for n in numbers or (1, 2, 3, 4)
    )
    return f"""
  - open-matter: {{ title: {title} }}
  - submit-report: {{ document: r1, on: 2003-01-20, by: {{ office: Clerk }}, title: T, recommendations: [ {recommended} ] }}
"""


def test_parts_are_adopted_referred_deferred_and_lost_and_the_matter_stays_open(
    city: City,
) -> None:
    city.recorded(
        "divided",
        report()
        + """
  - decide: { decision: first, kind: adopt, parts: [r1/1], summary: Adopted., vote: { in_favour: 30, against: 2 } }
  - decide: { decision: second, kind: refer, parts: [r1/2], to: works, asks: To cost it., until: 2003-03-03, summary: Referred. }
  - decide: { decision: third, kind: defer, parts: [r1/3], until: 2003-05-21, summary: Deferred. }
""",
    )

    row = city.matter("divided")["divided"]
    assert row["result"] == "open: 3 of 4 parts left"
    assert row["left"] == ["r1/2", "r1/3", "r1/4"]
    assert row["content"]["parts"] == {
        "r1/1": "adopt, by first",
        "r1/2": "refer to works until 2003-03-03, by second",
        "r1/3": "defer until 2003-05-21, by third",
        "r1/4": "left",
    }
    due = [d for d in city.due("2003-02-05") if d["subject"].startswith("divided")]
    assert [(d["kind"], d["subject"], d["due"], d["owed_by"], d["says"]) for d in due] == [
        ("referred matter", "divided/r1/2", "2003-03-03", "works", "To cost it."),
        ("deferred matter", "divided/r1/3", "2003-05-21", "council", "Deferred."),
    ]

    city.recorded(
        "divided",
        """
  - decide: { decision: fourth, kind: lost, parts: [r1/4], summary: Lost on a tie., vote: { in_favour: 20, against: 20 } }
  - decide: { decision: fifth, kind: adopt, parts: [r1/3], summary: Adopted. }
""",
        on="2003-05-21",
    )
    assert city.matter("divided")["divided"]["left"] == ["r1/2"]
    assert "r1/3" not in str([d for d in city.due("2003-06-30") if "divided" in d["subject"]])

    city.recorded(
        "divided",
        "  - decide: { decision: sixth, kind: receive, parts: [r1/2], summary: Received. }\n",
        on="2003-06-24",
    )
    row = city.matter("divided")["divided"]
    assert (row["result"], row["left"], row["since"]) == ("closed", [], "2003-06-24")
    assert not [d for d in city.due("2003-06-30") if "divided" in d["subject"]]
    assert city.matter("divided", "2003-02-05")["divided"]["left"] == ["r1/2", "r1/3", "r1/4"]
    assert "Refused by rule A4" in city.refused(
        "divided",
        "  - decide: { decision: late, kind: adopt, adopts: [r1/4], summary: No. }\n",
        on="2003-09-01",
    )


def test_the_balance_of_a_divided_matter_is_adopted_by_a_decision_that_names_no_part(
    city: City,
) -> None:
    city.recorded(
        "balance",
        report()
        + """
  - decide: { decision: part, kind: lost, parts: [r1/2], summary: Lost., vote: { in_favour: 3, against: 30 } }
  - decide: { decision: rest, kind: adopt, adopts: [r1/1, r1/3, r1/4], summary: The balance. }
""",
    )

    rows = city.matter("balance")
    assert (rows["balance"]["result"], rows["balance"]["left"]) == ("closed", [])
    assert rows["balance"]["content"]["parts"]["r1/2"] == "lost, by part"
    assert rows["balance"]["content"]["parts"]["r1/4"] == "adopt, by rest"


def test_a_part_is_decided_once_and_a_part_must_be_there(city: City) -> None:
    city.recorded(
        "once",
        report()
        + "  - decide: { decision: first, kind: reject, parts: [r1/1, r1/2], summary: No. }\n",
    )

    twice = city.refused(
        "once", "  - decide: { decision: d2, kind: adopt, parts: [r1/2, r1/3], summary: Yes. }\n"
    )
    assert "Refused by rule A5" in twice
    assert "(PartDecided)" in twice
    assert "by: first" in twice
    balance = city.refused(
        "once", "  - decide: { decision: d2, kind: adopt, adopts: [r1/1, r1/3], summary: Yes. }\n"
    )
    assert "(PartDecided)" in balance
    missing = city.refused(
        "once", "  - decide: { decision: d2, kind: adopt, parts: [r1/9], summary: Yes. }\n"
    )
    assert "(UnknownPart)" in missing


def test_an_amendment_of_one_part_is_no_amendment_of_another(city: City) -> None:
    motion = """
  - move-motion: { motion: m, operation: { operation: strike, target: recommendation/r1/2, words: " stands" }, result: carried }
"""
    as_amended = city.refused(
        "part-amended",
        report()
        + motion
        + "  - decide: { decision: d1, kind: adopt as amended, parts: [r1/1], summary: S. }\n",
    )
    assert "(NotAsAmended)" in as_amended
    city.recorded(
        "part-amended",
        report()
        + motion
        + """
  - decide: { decision: d1, kind: adopt, parts: [r1/1], summary: S. }
  - decide: { decision: d2, kind: adopt as amended, parts: [r1/2], summary: S. }
  - decide: { decision: d3, kind: adopt, adopts: [r1/3, r1/4], summary: S. }
""",
    )
    rows = city.matter("part-amended")
    assert rows["part-amended"]["result"] == "closed"
    assert [rows[d]["findings"] for d in ("d1", "d2", "d3")] == [[], [], []]


def test_what_a_motion_added_is_a_part_as_well(city: City) -> None:
    city.recorded(
        "added-part",
        report(1)
        + """
  - move-motion: { motion: m, operation: { operation: add, recommendation: { id: council/1, text: Report yearly. } }, result: carried }
  - decide: { decision: d1, kind: adopt, parts: [r1/1], summary: S. }
""",
    )

    assert city.matter("added-part")["added-part"]["left"] == ["council/1"]


def test_a_committee_divides_its_own_part_and_council_decides_what_is_before_it(
    city: City,
) -> None:
    city.recorded(
        "two-bodies",
        report(1, 2, 3)
        + """
  - decide: { decision: c1, kind: adopt, parts: [r1/1, r1/3], summary: To Council. }
  - decide: { decision: c2, kind: refer, parts: [r1/2], to: { office: City Clerk }, summary: Back to staff. }
""",
        body="works",
        on="2003-02-03",
    )
    city.recorded(
        "two-bodies",
        "  - decide: { decision: d1, kind: adopt, adopts: [r1/1, r1/3], summary: Adopted. }\n",
    )

    row = city.matter("two-bodies")["two-bodies"]
    assert (row["left"], row["result"]) == (["r1/2"], "open: 1 of 3 parts left")
    city.recorded(
        "two-bodies",
        "  - decide: { decision: d2, kind: adopt, adopts: [r1/2], summary: Adopted. }\n",
        on="2003-03-04",
    )
    assert city.matter("two-bodies")["two-bodies"]["result"] == "closed"


def test_one_part_is_reconsidered_and_the_others_stand(city: City) -> None:
    provision = """
  - open-matter: { title: Two provisions }
  - submit-report:
      document: r1
      on: 2003-01-20
      by: { office: Clerk }
      title: T
      recommendations:
        - { id: r1/1, text: One., instruments: [ { instrument: adopt-provision, draft: { address: parts/1, heading: One, text: One. } } ] }
        - { id: r1/2, text: Two., instruments: [ { instrument: adopt-provision, draft: { address: parts/2, heading: Two, text: Two. } } ] }
"""
    city.recorded(
        "part-again",
        provision
        + """
  - decide: { decision: d1, kind: adopt, parts: [r1/1], summary: S. }
  - decide: { decision: d2, kind: adopt, parts: [r1/2], summary: S. }
""",
    )
    not_decided = "  - reopen-matter: { decision: again, reason: New., parts: [r1/9] }\n"
    assert "(PartNotDecided)" in city.refused("part-again", not_decided, on="2003-03-04")
    city.recorded(
        "part-again",
        "  - reopen-matter: { decision: again, reason: New., parts: [r1/2] }\n",
        on="2003-03-04",
    )
    assert city.matter("part-again")["part-again"]["left"] == ["r1/2"]

    city.recorded(
        "part-again",
        "  - decide: { decision: d3, kind: reject, parts: [r1/2], summary: Not after all. }\n",
        on="2003-03-04",
    )
    rows = city.matter("part-again")
    assert rows["part-again"]["result"] == "closed"
    assert [f["reason"] for f in rows["d3"]["findings"]] == [
        "still stands, by d2: provision-adopted of parts/2 (policy)"
    ]


def test_a_part_that_is_withdrawn_from_the_record_is_left_again(city: City) -> None:
    city.recorded(
        "withdrawn-part",
        report(1, 2)
        + """
  - decide: { decision: d1, kind: adopt, parts: [r1/1], summary: S. }
  - decide: { decision: d2, kind: adopt, parts: [r1/2], summary: S. }
""",
    )
    assert city.matter("withdrawn-part")["withdrawn-part"]["result"] == "closed"

    city.street.done(
        "correct", "matter/withdrawn-part", 3, "--withdraw", "--by", "Clerk", "--reason", "Misread."
    )
    row = city.matter("withdrawn-part")["withdrawn-part"]
    assert (row["result"], row["left"]) == ("open: 1 of 2 parts left", ["r1/1"])


def test_a_part_that_is_split_off_is_no_longer_left_nor_adopted_with_its_report(
    city: City,
) -> None:
    city.recorded(
        "split",
        report(1, 2, 3)
        + """
  - decide: { decision: d1, kind: adopt, parts: [r1/1], summary: S. }
  - split-matter: { into: [ { matter: split-off, title: Another, recommendations: [r1/3] } ] }
""",
    )
    row = city.matter("split")["split"]
    assert (row["left"], row["result"]) == (["r1/2"], "open: 1 of 2 parts left")
    assert row["content"]["parts"]["r1/3"] == "now of split-off"

    city.recorded(
        "split",
        "  - decide: { decision: d2, kind: adopt, summary: S., instruments: [ { instrument: adopt-report, document: r1 } ] }\n",
        on="2003-03-04",
    )
    assert city.matter("split")["split"]["result"] == "closed"


def test_a_part_that_a_motion_deletes_is_no_longer_left(city: City) -> None:
    city.recorded(
        "part-deleted",
        report(1, 2, 3)
        + """
  - decide: { decision: d1, kind: adopt, parts: [r1/1], summary: S. }
  - move-motion: { motion: m, operation: { operation: delete, target: recommendation/r1/3 }, result: carried }
""",
    )
    row = city.matter("part-deleted")["part-deleted"]
    assert (row["left"], row["result"]) == (["r1/2"], "open: 1 of 2 parts left")

    city.recorded(
        "part-deleted", "  - decide: { decision: d2, kind: adopt, parts: [r1/2], summary: S. }\n"
    )
    assert city.matter("part-deleted")["part-deleted"]["result"] == "closed"
