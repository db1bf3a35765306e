"""Release of a matter in parts: a paper, motion or decision is public, the rest stays closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.alliance import alliance
from tests.support.minutes import Clerk

pytestmark = pytest.mark.rule("A6")

SECRET, TOLD = "Quetzaltenango", "Xochimilco"
"""A word of what stays in camera, and one of what is released."""

HELD = f"""
    meeting: {{ id: held, body: council, on: 2003-03-04, matter: MM1.7 }}
    items:
      - open-matter: {{ title: Talks abroad, in_camera: Relations with another city }}
      - submit-report:
          document: paper
          by: {{ office: City Manager }}
          title: {SECRET}
          recommendations:
            - id: paper/1
              text: That {SECRET} be asked.
              instruments: [{{ instrument: target-city, city: MX-GUERRERO }}]
            - {{ id: paper/2, text: That {SECRET} be told. }}
      - submit-report:
          document: open-paper
          by: {{ office: City Manager }}
          title: {TOLD}
          recommendations: [{{ id: open-paper/1, text: That {TOLD} be greeted. }}]
          states: [{{ states: exploration-intended, subject: docks, name: {TOLD} docks }}]
      - decide: {{ decision: asks, kind: adopt, parts: [paper/1], summary: {SECRET} is asked. }}
      - decide:
          decision: greets
          kind: adopt
          parts: [open-paper/1]
          summary: {TOLD} is greeted.
          instruments:
            - {{ instrument: explore, subject: lake, name: {TOLD} lake, report_back: false }}
      - decide:
          decision: defers
          kind: defer
          parts: [paper/2]
          until: 2003-09-01
          summary: {SECRET} waits.
    """
RELEASED = """
    meeting: { id: DAY-released, body: council, on: DAY, matter: MM5-DAY }
    items:
      - open-matter: { title: Release }
      - decide:
          decision: releases
          kind: adopt
          summary: Released.
          instruments: [{ instrument: authorise-officials }]
      - release-matter:
          matter: MM1.7
          parts: [PARTS]
          authority: { matter: MM5-DAY, decision: releases, body: council }
    """


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    clerk = Clerk(tmp_path)
    clerk.records("held", HELD)
    return clerk


def releasing(parts: str, day: str) -> str:
    return RELEASED.replace("PARTS", parts).replace("DAY", day)


def released(clerk: Clerk, parts: str, day: str = "2003-06-24") -> None:
    clerk.records(f"released-{day}", releasing(parts, day))


def outlets(clerk: Clerk) -> dict[str, str]:
    """All that leaves the register by some commands."""
    commands = (
        ("log", "--format", "json"),
        ("feed",),
        ("show", "matter", "MM1.7", "--as-of", "2004-01-01", "--format", "json"),
        ("list", "decisions", "--as-of", "2004-01-01", "--format", "json"),
        ("list", "explorations", "--as-of", "2004-01-01", "--format", "json"),
        ("list", "targeted", "--as-of", "2004-01-01", "--format", "json"),
        ("due", "--as-of", "2004-01-01"),
    )
    return {" ".join(command): clerk.sees(*command) for command in commands}


def items(clerk: Clerk) -> list[tuple[str, str | None]]:
    """The public items of the matter, each with its title or summary."""
    rows = clerk.asks("show", "matter", "MM1.7", as_of="2004-01-01")
    return [(row["item"], row["title"]) for row in rows]


def told_secrets(clerk: Clerk) -> list[str]:
    return [name for name, said in outlets(clerk).items() if SECRET in said]


def test_a_decision_is_released_with_what_it_did_and_the_rest_stays_closed(clerk: Clerk) -> None:
    released(clerk, "greets")

    assert told_secrets(clerk) == []
    assert f"{TOLD} docks" not in "".join(outlets(clerk).values())
    assert items(clerk) == [("MM1.7", "Talks abroad"), ("greets", f"{TOLD} is greeted.")]
    explored = clerk.asks("list", "explorations", as_of="2004-01-01")
    assert ("lake", "MM1.7/greets") in [(row["subject"], row["decision"]) for row in explored]
    (matter, *_) = clerk.asks("show", "matter", "MM1.7", as_of="2004-01-01")
    assert (matter["in_camera"], matter["withheld"]) == ("Relations with another city", 4)
    assert f"{TOLD} is greeted" in clerk.sees("why", "exploration/lake", "--as-of", "2004-01-01")


def test_a_paper_is_released_with_what_it_states(clerk: Clerk) -> None:
    released(clerk, "open-paper")

    assert told_secrets(clerk) == []
    assert items(clerk) == [("MM1.7", "Talks abroad"), ("open-paper", TOLD)]
    explored = [row["subject"] for row in clerk.asks("list", "explorations", as_of="2004-01-01")]
    assert ("docks" in explored, "lake" in explored) == (True, False)


def test_a_recommendation_is_split_off_and_released_alone(clerk: Clerk) -> None:
    clerk.records(
        "split",
        """
        meeting: { id: split, body: council, on: 2003-05-06, matter: MM1.7 }
        items:
          - split-matter:
              into: [{ matter: MM1.8, title: The telling, recommendations: [paper/2] }]
        """,
    )
    released(clerk, "greets")
    text = releasing("", "2003-06-25").replace("matter: MM1.7", "matter: MM1.8")
    clerk.records("released-split", text)

    (row, *_) = clerk.asks("show", "matter", "MM1.8", as_of="2004-01-01")
    assert (row["title"], row["in_camera"]) == ("The telling", None)
    log = clerk.sees("log", "--format", "json")
    assert f"That {SECRET} be told." in log
    assert f"That {SECRET} be asked." not in log
    assert f"{SECRET} is asked." not in log


def test_what_is_recorded_after_a_release_in_part_is_in_camera(clerk: Clerk) -> None:
    released(clerk, "greets")
    later = f"""
        meeting: {{ id: later, body: council, on: 2003-09-02, matter: MM1.7 }}
        items:
          - decide:
              {{ decision: tells, kind: receive, parts: [paper/2], summary: {SECRET} is told. }}
        """
    clerk.records("later", later)
    assert told_secrets(clerk) == []


def test_a_correction_of_a_part_is_released_with_it(clerk: Clerk) -> None:
    clerk.records(
        "corrected",
        f"""
        meeting: {{ id: corrected, on: 2003-03-05 }}
        items:
          - correct-record:
              stream: matter/MM1.7
              version: 5
              reason: A slip.
              authority: City Clerk
              changed: {{ summary: {TOLD} is hailed. }}
        """,
    )
    released(clerk, "greets")
    assert items(clerk)[1:] == [("greets", f"{TOLD} is hailed.")]


def test_parts_are_released_one_after_the_other_and_the_rest_at_last(clerk: Clerk) -> None:
    released(clerk, "greets")
    sent = clerk.sees("feed").splitlines()
    released(clerk, "asks, open-paper", "2003-07-01")
    assert {name for name, _ in items(clerk)} == {"MM1.7", "open-paper", "greets", "asks"}
    targeted = clerk.asks("list", "targeted", as_of="2004-01-01")
    assert "MX-GUERRERO" in [row["code"] for row in targeted]
    released(clerk, "", "2003-08-01")
    everything = {"MM1.7", "paper", "open-paper", "greets", "asks", "defers"}
    assert {name for name, _ in items(clerk)} == everything
    (matter, *_) = clerk.asks("show", "matter", "MM1.7", as_of="2004-01-01")
    assert (matter["in_camera"], matter["withheld"]) == (None, 0)
    after = clerk.sees("feed").splitlines()
    assert after[: len(sent)] == sent
    ids = [json.loads(line)["id"] for line in after]
    assert len(ids) == len(set(ids)), "nothing is sent twice"


def test_read_models_are_the_same_built_anew(clerk: Clerk) -> None:
    released(clerk, "greets")
    for setting in ("false", "true"):
        ran = alliance(clerk.folder, "verify", "projections", in_camera=setting)
        assert ran.code == 0, (setting, ran.err)


@pytest.mark.parametrize("part", ["paper/1", "nothing", "MM1.7"])
def test_a_part_that_is_none_is_refused_with_those_there_are(clerk: Clerk, part: str) -> None:
    refused = clerk.tries("wrong", releasing(part, "2003-06-24"))
    assert "NotReleasedAlone" in refused.err
    assert "known: paper, open-paper, asks, greets, defers" in refused.err


def test_a_part_is_released_once(clerk: Clerk) -> None:
    released(clerk, "greets")
    refused = clerk.tries("again", releasing("greets", "2003-07-01"))
    assert "NotReleasedAlone" in refused.err
    assert "known: paper, open-paper, asks, defers" in refused.err
