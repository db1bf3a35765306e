"""The majority that a vote needs, read from the policy where the minutes state none."""

from __future__ import annotations

import pytest

from tests.scenarios.meetings.conftest import City

pytestmark = pytest.mark.rule("V3")

RULES = """
  - open-matter: { title: Rules of procedure }
  - decide:
      decision: d
      kind: adopt
      summary: S.
      instruments:
        - instrument: adopt-provision
          draft:
            address: rules/1
            heading: Majorities
            text: Two thirds to waive, to reopen and to rescind; all members for a category.
            terms: { TERMS }
"""
TERMS = (
    "decision.majority.notice-waived: two thirds, decision.majority.reopening: two thirds, "
    "decision.majority.rescind: two thirds of all members, decision.majority.motion: three fifths, "
    "decision.majority.notwithstanding: three quarters"
)
GREETING = """
  - open-matter: { title: Porto }
  - submit-report: { document: r1, on: 2003-01-20, by: { office: Clerk }, title: Porto, recommendations: [ { id: r1/1, text: Greet Porto this year. } ] }
"""
DECIDE = "  - decide: {{ decision: d, kind: adopt, adopts: [r1/1], summary: S., {} }}\n"
DAY = "2004-02-03"


@pytest.fixture(scope="module")
def governed(city: City) -> City:
    """The city once its rules of procedure are in force, from 6 January 2004 to the end of 2004."""
    city.recorded("majorities", RULES.replace("TERMS", TERMS), on="2004-01-06")
    ends = "instruments: [ { instrument: delete-provision, address: rules/1 } ]"
    city.recorded(
        "majorities-end",
        f"  - open-matter: {{ title: End }}\n  - decide: {{ decision: d, kind: adopt, summary: S., {ends} }}\n",
        on="2005-01-04",
    )
    return city


def findings(city: City, matter: str, item: str) -> list[tuple[str, str, str]]:
    row = city.matter(matter, "2004-12-31")[item]
    return [(f["rule"], f["answer"], f["reason"]) for f in row["findings"] if f["rule"] == "V3"]


def test_notice_is_waived_by_the_majority_that_the_rules_ask(governed: City) -> None:
    waive = DECIDE.format("notice_waived: { in_favour: %d, against: 10 }")
    why = governed.refused("waive", GREETING + waive % 19, on=DAY)
    assert "Refused by rule V1" in why
    assert "provision: rules/1 (version 1)" in why
    assert "needed: two thirds of voting" in why

    governed.recorded("waive", GREETING + waive % 20, on=DAY)
    assert findings(governed, "waive", "d") == [("V3", "met", "two thirds of voting needed")]
    content = governed.matter("waive", "2004-12-31")["d"]["content"]
    assert content["notice_waived"]["needed"] == "two thirds"


def test_before_and_after_the_rules_a_simple_majority_is_enough(governed: City) -> None:
    waive = DECIDE.format("notice_waived: { in_favour: 19, against: 18 }")
    governed.recorded("waive-before", GREETING + waive, on="2004-01-05")
    later = GREETING + waive
    governed.recorded("waive-after", later, on="2005-01-05")
    assert findings(governed, "waive-before", "d") == []


def test_a_motion_a_reopening_and_a_rescission_have_majorities_of_their_own(
    governed: City,
) -> None:
    move = '  - move-motion: {{ motion: m, operation: {{ operation: strike, target: recommendation/r1/1, words: " this year" }}, result: {}, vote: {{ in_favour: {}, against: 4 }} }}\n'
    assert "three fifths of voting" in governed.refused(
        "own", GREETING + move.format("carried", 5), on=DAY
    )
    governed.recorded("own", GREETING + move.format("carried", 6), on=DAY)
    adopt = "  - decide: { decision: d, kind: adopt as amended, adopts: [r1/1], summary: S. }\n"
    governed.recorded("own", adopt, on=DAY)

    reopen = "  - reopen-matter: {{ decision: again, reason: New., vote: {{ in_favour: {}, against: 10 }} }}\n"
    assert "two thirds of voting" in governed.refused("own", reopen.format(19), on="2004-03-02")
    governed.recorded("own", reopen.format(20), on="2004-03-02")

    rescind = "  - open-matter: {{ title: T }}\n  - decide: {{ decision: e, kind: rescind, earlier: {{ matter: own, decision: d, body: council }}, summary: S., vote: {{ in_favour: {}, against: 0, members: 45 }} }}\n"
    why = governed.refused("own-rescinded", rescind.format(29), on="2004-04-06")
    assert "needed: two thirds of all members" in why
    governed.recorded("own-rescinded", rescind.format(30), on="2004-04-06")


def test_to_set_a_provision_aside_takes_the_greatest_majority_asked(governed: City) -> None:
    aside = DECIDE.format("notwithstanding: [rules/1], vote: { in_favour: %d, against: 10 }")
    assert "three quarters of voting" in governed.refused("aside", GREETING + aside % 29, on=DAY)
    governed.recorded("aside", GREETING + aside % 30, on=DAY)
    governed.recorded(
        "plain", GREETING + DECIDE.format("vote: { in_favour: 11, against: 10 }"), on=DAY
    )


def test_minutes_that_state_another_majority_are_followed_and_a_finding_says_so(
    governed: City,
) -> None:
    waive = DECIDE.format("notice_waived: { in_favour: 19, against: 18, needed: simple }")
    governed.recorded("stated", GREETING + waive, on=DAY)

    said = "two thirds of voting needed, and the minutes state simple of voting"
    assert findings(governed, "stated", "d") == [("V3", "advisory", said)]


def test_where_the_papers_differ_the_finding_names_the_provision(governed: City) -> None:
    waive = DECIDE.format(
        "notice_waived: { in_favour: 19, against: 10, papers_differ: Printed as waived. }"
    )
    governed.recorded("differ", GREETING + waive, on=DAY)

    row = governed.matter("differ", "2004-12-31")["d"]
    (said,) = [f for f in row["findings"] if f["answer"] == "not met"]
    assert said["provision"] == {"address": "rules/1", "version": 1}
    assert "needed two thirds of voting" in said["reason"]


def test_a_term_that_is_no_majority_is_not_taken(city: City) -> None:
    terms = "decision.majority: most of them"
    ran = city.minutes("no-majority", RULES.replace("TERMS", terms).replace("rules/1", "rules/2"))
    assert ran.code != 0
    assert "'most of them' is not a majority" in ran.err
    assert "two thirds" in ran.err
