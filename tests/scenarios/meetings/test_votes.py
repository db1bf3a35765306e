"""Votes: what a clerk enters of them, what follows from the figures, and what is refused."""

from __future__ import annotations

import pytest

from tests.scenarios.meetings.conftest import City

pytestmark = pytest.mark.rule("V1", "V2")

REPORT = """
  - open-matter: { title: Porto }
  - submit-report: { document: r1, on: 2003-01-20, by: { office: Clerk }, title: Porto, recommendations: [ { id: r1/1, text: Greet Porto this year. } ] }
"""


def test_a_recorded_vote_shows_its_names_figures_mover_and_seconder(city: City) -> None:
    city.recorded(
        "recorded-vote",
        REPORT
        + """
  - move-motion:
      motion: strike
      operation: { operation: strike, target: recommendation/r1/1, words: " this year" }
      mover: { name: A. Ito, office: Councillor }
      seconder: { name: B. Okafor, office: Councillor }
      result: carried
      vote:
        method: recorded
        in_favour: [C. Diaz, A. Ito, B. Okafor]
        against: [D. Novak]
        absent: [E. Roy]
  - decide:
      decision: adopted
      kind: adopt as amended
      summary: Adopted as amended.
      adopts: [r1/1]
      vote: { in_favour: 26, against: 4 }
""",
    )

    rows = city.matter("recorded-vote")
    moved, decided = rows["strike"], rows["adopted"]
    assert (moved["by"], moved["seconded_by"]) == ("A. Ito, Councillor", "B. Okafor, Councillor")
    assert moved["voted"] == "recorded, 3 in favour, 1 against, 1 absent"
    assert moved["content"]["vote"]["against"] == ["D. Novak"]
    assert decided["voted"] == "26 in favour, 4 against"


@pytest.mark.parametrize(
    ("vote", "carried"),
    [
        ("in_favour: 2, against: 1", True),
        ("in_favour: 2, against: 2", False),
        ("in_favour: 2, against: 2, casting: in favour, cast_by: The Mayor", True),
        ("in_favour: 2, against: 2, casting: against", False),
        ("in_favour: 20, against: 10, needed: two thirds", True),
        ("in_favour: 19, against: 10, needed: two thirds", False),
        ("in_favour: 20, against: 10, abstaining: 1, needed: two thirds, of: present", False),
        ("in_favour: 22, against: 2, members: 44, of: all members", False),
        ("in_favour: 23, against: 2, members: 44, of: all members", True),
        ("in_favour: 22, against: 22, members: 44, of: all members, casting: in favour", True),
        ("in_favour: 9, against: 0, needed: unanimous", True),
        ("in_favour: 9, against: 1, needed: unanimous", False),
        ("in_favour: 9, against: 0, abstaining: 1, needed: unanimous, of: present", False),
        ("against: 0, method: voice", True),
        ("in_favour: 6, against: 4, needed: three fifths", True),
        ("in_favour: 7, against: 3, needed: three quarters", False),
    ],
)
def test_the_result_must_follow_from_the_figures(city: City, vote: str, carried: bool) -> None:
    name = f"figures-{next(city.numbers)}"
    motion = """
  - move-motion: {{ motion: m, operation: {{ operation: strike, target: recommendation/r1/1, words: " this year" }}, result: {}, vote: {{ {} }} }}
"""
    right, wrong = ("carried", "lost") if carried else ("lost", "carried")

    said = city.refused(name, REPORT + motion.format(wrong, vote))
    assert "Refused by rule V1" in said
    assert f"instead: {right}" in said
    city.recorded(name, REPORT + motion.format(right, vote))


def test_figures_that_do_not_tell_refuse_neither_result(city: City) -> None:
    for result in ("carried", "lost"):
        city.recorded(
            f"untold-{result}",
            REPORT
            + f"""
  - move-motion: {{ motion: m, operation: {{ operation: strike, target: recommendation/r1/1, words: " this year" }}, result: {result}, vote: {{ in_favour: 9 }} }}
""",
        )


def test_papers_that_differ_are_recorded_with_what_they_say(city: City) -> None:
    city.recorded(
        "papers-differ",
        REPORT
        + """
  - decide:
      decision: adopted
      kind: adopt
      summary: Adopted.
      adopts: [r1/1]
      vote: { in_favour: { count: 3, names: [A. Ito, B. Okafor] }, against: 4, papers_differ: The minutes print it as carried. }
""",
    )

    findings = city.matter("papers-differ")["adopted"]["findings"]
    assert [(f["rule"], f["answer"]) for f in findings] == [
        ("V1", "advisory"),
        ("V2", "not met"),
        ("V1", "not met"),
    ]
    assert findings[0]["reason"] == "papers differ: The minutes print it as carried."
    assert "in_favour 3; against 4" in findings[2]["reason"]


@pytest.mark.parametrize(
    ("vote", "refusal"),
    [
        ("in_favour: [A. Ito, B. Okafor], against: [A. Ito]", "NamedTwice"),
        ("in_favour: { count: 3, names: [A. Ito] }, against: 1", "NamesAndFigureDiffer"),
        ("in_favour: 40, against: 5, members: 44", "MoreThanMembers"),
        ("in_favour: 4, against: 3, casting: in favour", "NoTie"),
    ],
)
def test_names_and_figures_that_disagree_are_refused(city: City, vote: str, refusal: str) -> None:
    said = city.refused(
        f"disagree-{next(city.numbers)}",
        REPORT
        + f"""
  - decide: {{ decision: adopted, kind: adopt, summary: Adopted., adopts: [r1/1], vote: {{ {vote} }} }}
""",
    )

    assert f"({refusal})" in said


def test_notice_is_waived_and_a_matter_reopened_by_two_thirds_of_the_votes(city: City) -> None:
    decide = """
  - decide: { decision: adopted, kind: adopt, summary: Adopted., adopts: [r1/1], notice_waived: { in_favour: %d, against: 10, needed: two thirds } }
"""
    reopen = """
  - reopen-matter: { decision: again, reason: New figures., mover: { office: Councillor }, vote: { in_favour: %d, against: 10, needed: two thirds } }
"""
    assert "result: notice waived" in city.refused("waived", REPORT + decide % 19)
    city.recorded("waived", REPORT + decide % 20)
    assert "result: reopened" in city.refused("waived", reopen % 19, on="2003-03-04")
    city.recorded("waived", reopen % 20, on="2003-03-04")

    rows = city.matter("waived")
    assert rows["waived"]["result"] == "open"
    assert rows["again"]["voted"] == "20 in favour, 10 against, two thirds of voting needed"
    assert rows["again"]["by"] == "Councillor"


def test_what_was_not_voted_on_has_no_vote(city: City) -> None:
    ran = city.minutes(
        "no-vote",
        REPORT
        + """
  - move-motion: { motion: m, operation: { operation: strike, target: recommendation/r1/1, words: " this year" }, result: withdrawn, vote: { in_favour: 3 } }
""",
    )

    assert ran.code != 0
    assert "a `vote` belongs to a motion with the result carried or lost" in ran.err
