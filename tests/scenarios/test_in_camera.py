"""Matters in camera: in nothing that leaves the register until a decision releases them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.alliance import alliance
from tests.support.minutes import Clerk

SECRET = "Quetzaltenango"
"""A word that stands in what is recorded in camera, and in nothing else."""

HELD = f"""
    meeting: {{ id: 2003-03-04-council, body: council, on: 2003-03-04, matter: MM1.7 }}
    items:
      - open-matter: {{ title: Talks with {SECRET}, in_camera: Relations with another city }}
      - submit-report:
          document: report
          by: {{ office: City Manager }}
          title: {SECRET}
          recommendations:
            - id: report/1
              text: That Guerrero be targeted for {SECRET}.
              instruments: [{{ instrument: target-city, city: MX-GUERRERO }}]
      - decide: {{ decision: adopts, kind: adopt, adopts: [report/1], summary: {SECRET} it is. }}
    """
RELEASED = """
    meeting: { id: 2003-06-24-council, body: council, on: 2003-06-24, matter: MM5.1 }
    items:
      - open-matter: { title: Release }
      - decide:
          decision: releases
          kind: adopt
          summary: The matter is released.
          instruments: [{ instrument: authorise-officials }]
      - release-matter:
          matter: MM1.7
          authority: { matter: MM5.1, decision: releases, body: council }
    """


COMMITTEE = """
    meeting: { id: committee, body: edp-committee, on: 2003-06-24, matter: MM5.2 }
    items:
      - open-matter: { title: Release }
      - decide:
          decision: commits
          kind: adopt
          summary: x
          instruments: [{ instrument: authorise-officials }]
    """


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    clerk = Clerk(tmp_path)
    clerk.records("held", HELD)
    return clerk


def public(clerk: Clerk) -> Iterator[tuple[str, str]]:
    """Everything that leaves the register, by the command or the file that gives it."""
    for name in ("matters", "decisions", "motions", "targeted", "deadlines", "policy"):
        yield name, clerk.sees("export", name, "--format", "csv", "--as-of", "2010-01-01")
    yield "akn", clerk.sees("export", "policy", "--format", "akn", "--as-of", "2010-01-01")
    for command in (
        ("log",),
        ("log", "--format", "json"),
        ("feed",),
        ("show", "matter", "MM1.7", "--as-of", "2010-01-01"),
        ("show", "partnership", "guerrero", "--as-of", "2010-01-01"),
        ("why", "targeted/guerrero", "--as-of", "2010-01-01"),
        ("list", "matters", "--as-of", "2010-01-01"),
        ("deadlines", "--all", "--format", "ics", "--as-of", "2010-01-01"),
    ):
        said = clerk.sees(*command)
        assert "Usage:" not in said
        yield " ".join(command), said


def in_camera(clerk: Clerk, *arguments: object) -> str:
    """A command of a clerk who may see what is in camera."""
    ran = alliance(clerk.folder, *arguments, in_camera="true")
    assert ran.code == 0, ran.err
    return ran.out


def test_what_is_in_camera_is_in_nothing_that_leaves_the_register(clerk: Clerk) -> None:
    for name, given in public(clerk):
        assert SECRET not in given, name
    assert clerk.asks("list", "targeted", search="guerrero", as_of="2010-01-01") == []
    missing = alliance(clerk.folder, "show", "matter", "MM1.7", "--as-of", "2010-01-01")
    assert missing.code != 0


def test_who_may_see_it_sees_it_in_every_answer(clerk: Clerk) -> None:
    shown = in_camera(clerk, "show", "matter", "MM1.7", "--as-of", "2003-03-04")
    assert f"Talks with {SECRET}" in shown
    assert "in camera: Relations with another city" in shown
    listed = in_camera(clerk, "list", "targeted", "--as-of", "2003-03-04", "--format", "json")
    assert "MX-GUERRERO" in {row["code"] for row in json.loads(listed)}
    assert SECRET in in_camera(clerk, "log")


def test_entries_keep_their_places_with_a_digest_for_everybody(clerk: Clerk) -> None:
    rows = [json.loads(line) for line in clerk.sees("log", "--format", "json").splitlines()]
    hidden = [row for row in rows if row["topic"] == "entry-in-camera.v1"]
    assert [(row["stream"], row["version"]) for row in hidden] == [
        ("matter/MM1.7", 1),
        ("matter/MM1.7", 2),
        ("matter/MM1.7", 3),
        ("partnership/MX-GUERRERO", 1),
    ]
    for row in hidden:
        assert set(row["fact"]) == {"content"}
        assert len(row["fact"]["content"]["digest"]) == 64
        assert row["command"].startswith("in-camera-")
    positions = [row["position"] for row in rows]
    assert positions == sorted(set(positions))


def test_a_repeat_in_camera_changes_nothing_and_another_content_contradicts(clerk: Clerk) -> None:
    before = clerk.sees("log", "--format", "json")
    assert "repeat" in clerk.records("held", HELD).out or clerk.sees("log", "--format", "json")
    assert clerk.sees("log", "--format", "json") == before
    other = clerk.tries("held", HELD.replace("it is", "it is not"))
    assert other.code != 0
    assert "Contradicts" in other.err
    assert clerk.sees("log", "--format", "json") == before


def test_a_release_publishes_everything_then(clerk: Clerk) -> None:
    messages = clerk.sees(
        "feed",
    ).splitlines()
    clerk.records("released", RELEASED)
    (matter, *items) = clerk.asks("show", "matter", "MM1.7", as_of="2003-07-01")
    assert (matter["title"], matter["in_camera"]) == (f"Talks with {SECRET}", None)
    assert matter["later"] == ["public since 2003-06-24 by MM5.1/releases"]
    shown = clerk.sees("show", "matter", "MM1.7", "--as-of", "2003-07-01")
    assert "opened in camera: " in shown
    assert "    in camera: " not in shown
    assert [row["item"] for row in items] == ["report", "adopts"]
    (row,) = clerk.asks("show", "partnership", "guerrero", as_of="2003-03-04")
    assert (row["targeted"], row["decision"]) == (True, "MM1.7/adopts")
    assert f"{SECRET} it is" in clerk.sees("why", "targeted/guerrero", "--as-of", "2003-03-04")
    after = clerk.sees(
        "feed",
    ).splitlines()
    assert after[: len(messages)] == messages, "what was sent before is sent the same again"
    added = [json.loads(line) for line in after[len(messages) :]]
    disclosed = [(each["id"], each["type"].rpartition("alliance.")[2]) for each in added]
    assert [id_ for id_, _ in disclosed if "MM1.7" in id_ or "GUERRERO" in id_] == [
        "matter/MM1.7/1",
        "matter/MM1.7/2",
        "matter/MM1.7/3",
        "partnership/MX-GUERRERO/1",
        "matter/MM1.7/4",
    ]
    (opened,) = [each for each in added if each["id"] == "matter/MM1.7/1"]
    assert opened["data"]["title"] == f"Talks with {SECRET}"
    sequences = [each["sequence"] for each in added]
    assert sequences == sorted(set(sequences))


@pytest.mark.parametrize(
    "change", ["withdraw: true", f"changed: {{ summary: {SECRET} after all. }}"]
)
def test_a_correction_of_what_is_in_camera_is_in_camera(clerk: Clerk, change: str) -> None:
    clerk.records(
        "corrected",
        f"""
        meeting: {{ id: corrected, on: 2003-03-05 }}
        items:
          - correct-record:
              stream: matter/MM1.7
              version: 2
              reason: {SECRET} was a slip.
              authority: City Clerk
              {change.replace("summary", "title")}
        """,
    )
    for name, given in public(clerk):
        assert SECRET not in given, name
    assert f"{SECRET} was a slip" in in_camera(clerk, "log")
    clerk.records("released", RELEASED)
    assert f"{SECRET} was a slip" in clerk.sees("log")


@pytest.mark.parametrize("change", ["withdraw: true", f"changed: {{ purpose: {SECRET} again }}"])
def test_a_correction_of_what_a_report_in_camera_stated_is_in_camera(
    clerk: Clerk, change: str
) -> None:
    clerk.records(
        "states",
        f"""
        meeting: {{ id: states, on: 2003-03-05, matter: MM1.7 }}
        items:
          - submit-report:
              document: second
              by: {{ office: City Manager }}
              title: {SECRET}
              states:
                - states: exploration-intended
                  subject: docks
                  name: {SECRET} docks
          - correct-record:
              stream: exploration/docks
              version: 1
              reason: {SECRET} was a slip.
              authority: City Clerk
              {change}
        """,
    )
    for name, given in public(clerk):
        assert SECRET not in given, name
    assert f"{SECRET} was a slip" in in_camera(clerk, "log")


def test_before_the_release_nobody_knew(clerk: Clerk) -> None:
    head = json.loads(clerk.sees("log", "--format", "json").splitlines()[-1])["position"]
    clerk.records("released", RELEASED)
    then = clerk.asks("list", "targeted", search="guerrero", as_of="2003-03-04", known_at=head)
    now = clerk.asks("list", "targeted", search="guerrero", as_of="2003-03-04")
    assert (then, [row["code"] for row in now]) == ([], ["MX-GUERRERO"])


def test_read_models_are_the_same_built_anew_before_and_after_a_release(clerk: Clerk) -> None:
    for released in (False, True):
        if released:
            clerk.records("released", RELEASED)
        for setting in ("false", "true"):
            ran = alliance(clerk.folder, "verify", "projections", in_camera=setting)
            assert ran.code == 0, (released, setting, ran.err)


def test_a_public_matter_may_go_on_in_camera(clerk: Clerk) -> None:
    clerk.records(
        "public",
        f"""
        meeting: {{ id: public, body: council, on: 2004-03-01, matter: port }}
        items:
          - open-matter: {{ title: The port }}
          - decide: {{ decision: first, kind: defer, until: 2004-04-01, summary: Deferred. }}
          - hold-in-camera: {{ reason: Litigation }}
          - decide: {{ decision: second, kind: receive, summary: {SECRET} }}
        """,
    )
    rows = clerk.asks("show", "matter", "port", as_of="2004-04-01")
    assert [row["item"] for row in rows] == ["port", "first"]
    shown = in_camera(clerk, "show", "matter", "port", "--as-of", "2004-04-01", "--format", "json")
    assert [row["item"] for row in json.loads(shown)] == ["port", "first", "second"]
    for name, given in public(clerk):
        assert SECRET not in given, name


def release(matter: str, of: str, decision: str, body: str) -> str:
    """An item that releases a matter by a decision."""
    by = f"{{ matter: {of}, decision: {decision}, body: {body} }}"
    return f"release-matter: {{ matter: {matter}, authority: {by} }}"


@pytest.mark.rule("A6")
@pytest.mark.parametrize(
    ("item", "refusal"),
    [
        ("hold-in-camera: { body: council, matter: MM1.7, reason: Again }", "AlreadyInCamera"),
        ("hold-in-camera: { body: council, matter: nowhere, reason: Again }", "UnknownMatter"),
        (release("2001-12-4", "MM5.1", "releases", "council"), "NotInCamera"),
        (release("MM1.7", "MM5.1", "nothing", "council"), "NoDecision"),
        (release("MM1.7", "MM5.2", "commits", "edp-committee"), "NotAuthorised"),
    ],
)
def test_what_is_held_or_released_wrongly_is_refused(clerk: Clerk, item: str, refusal: str) -> None:
    decided = RELEASED[: RELEASED.index("      - release-matter")]
    clerk.records("decided", decided)
    if refusal == "NotAuthorised":
        clerk.records("committee", COMMITTEE)
    wrong = f"""
        meeting: {{ id: wrong, on: 2003-06-25 }}
        items:
          - {item}
        """
    refused = clerk.tries("wrong", wrong)
    assert refused.code != 0
    assert refusal in refused.err
