"""Two states of the policy compared: stages, days and versions, as text and as data."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest import mock

import pytest

from adapters.bootstrap import open_register
from domain.council.persons import OfficeHolder
from domain.instruments import AdoptProvision
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.proceedings.motions import DeleteAndInsert, MoveMotion, Result
from domain.proceedings.papers import ReceiveCommunication
from domain.shared.dates import When
from domain.shared.messages import Command
from domain.shared.provisions import ProvisionDraft
from tests.support.alliance import alliance
from tests.support.toronto import enter, recorded_2001

DAY = When.parse("2003-02-01")
HEARD = "City Council approves who is on the official delegation, and hears the Mayor."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The record of 2001 and a second amendment of outbound/2 in 2003, prompted by a letter."""
    commands: tuple[Command, ...] = (
        OpenMatter(on=DAY, matter="2003-1", title="Delegations"),
        ReceiveCommunication(
            on=DAY,
            matter="2003-1",
            document="letter",
            sender=OfficeHolder(name="A Councillor", office="Councillor"),
            asks="that the Mayor be heard",
        ),
        MoveMotion(
            on=DAY,
            matter="2003-1",
            motion="hear-the-mayor",
            body="council",
            operation=DeleteAndInsert(
                target="provision/outbound/2",
                text=HEARD,
                items=("the Mayor is heard first",),
                terms={"delegation.approver": "council", "delegation.consulted": ("Mayor",)},
            ),
            mover=OfficeHolder(name="A Councillor", office="Councillor"),
            prompted_by=("letter",),
            result=Result.CARRIED,
        ),
        Decide(
            on=DAY,
            matter="2003-1",
            decision="adopts",
            body="council",
            kind=DecisionKind.ADOPT_AS_AMENDED,
            summary="Adopts it.",
            adopts=("motion/hear-the-mayor",),
            instruments=(
                AdoptProvision(
                    draft=ProvisionDraft(address="outbound/4", heading="New", text="New.")
                ),
            ),
        ),
    )
    with open_register(recorded_2001(tmp_path)) as register:
        enter(register, "2003", *commands)
    return tmp_path


def test_from_submission_to_adoption_only_the_delegation_changed(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    (row,) = alliance(tmp_path, "policy", "diff", "submitted", "adopted", "-f", "json").rows
    assert (row["provision"], row["change"]) == ("outbound/2", "amended")
    assert row["redline"].startswith("[-The Mayor selects")
    terms = {t["term"]: (t["before"], t["after"]) for t in row["terms"]}
    assert terms["delegation.approver"] == (None, "council")
    assert terms["delegation.selector"] == ("mayor", None)
    assert [(c["kind"], c["name"]) for c in row["causes"]] == [
        ("motion", "2001-12-4/council-approves-delegation"),
        ("decision", "2001-12-4/council-adopts"),
    ]


def test_the_committee_changed_no_text(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    assert alliance(tmp_path, "policy", "diff", "submitted", "recommended", "-f", "json").rows == []
    said = alliance(tmp_path, "policy", "diff", "submitted", "recommended").out
    assert "Nothing differs" in said


def test_between_days_every_change_names_motion_mover_letter_and_decision(folder: Path) -> None:
    ran = alliance(folder, "policy", "diff", "2002-01-01", "2003-02-01", "-f", "json")
    amended, added = ran.rows
    assert (amended["provision"], added["provision"]) == ("outbound/2", "outbound/4")
    assert amended["redline"] == (
        "City Council approves who is on the official delegation{+, and hears the Mayor+}."
    )
    assert amended["items"] == [[{"change": "inserted", "text": "the Mayor is heard first"}]]
    assert amended["causes"] == [
        {
            "kind": "motion",
            "name": "2003-1/hear-the-mayor",
            "body": "council",
            "on": "2003-02-01",
            "mover": "A Councillor, Councillor",
            "documents": ["letter"],
        },
        {
            "kind": "decision",
            "name": "2003-1/adopts",
            "body": "council",
            "on": "2003-02-01",
            "mover": None,
            "documents": [],
        },
    ]
    assert added["change"] == "added"


def test_versions_are_compared_as_days_are_and_backwards_as_well(folder: Path) -> None:
    forth = alliance(folder, "policy", "diff", "v1", "v2", "outbound/2", "-f", "json").rows
    days = alliance(
        folder, "policy", "diff", "2002-01-01", "2004-01-01", "outbound/2", "-f", "json"
    ).rows
    back = alliance(folder, "policy", "diff", "v2", "v1", "outbound/2", "-f", "json").rows
    assert forth == days
    assert back[0]["redline"] == (
        "City Council approves who is on the official delegation[-, and hears the Mayor-]."
    )


def test_a_stage_of_a_later_matter_is_named_with_it(folder: Path) -> None:
    ran = alliance(folder, "policy", "diff", "v1", "adopted@2003-1", "outbound/2", "-f", "json")
    assert ran.rows[0]["causes"][0]["name"] == "2003-1/hear-the-mayor"
    assert alliance(folder, "policy", "diff", "submitted@2001-12-4", "2001-12-06").code == 0


def test_a_motion_that_carried_and_was_not_adopted_is_no_cause(tmp_path: Path) -> None:
    def moved(motion: str, text: str) -> MoveMotion:
        inserted = DeleteAndInsert(target="provision/outbound/2", text=text, terms="unchanged")
        return MoveMotion(
            on=DAY,
            matter="2003-1",
            motion=motion,
            body="council",
            operation=inserted,
            result=Result.CARRIED,
        )

    adopts = Decide(
        on=DAY,
        matter="2003-1",
        decision="adopts",
        body="council",
        kind=DecisionKind.ADOPT_AS_AMENDED,
        summary="Adopts one of two.",
        adopts=("motion/second",),
    )
    with open_register(recorded_2001(tmp_path)) as register:
        opening = OpenMatter(on=DAY, matter="2003-1", title="Delegations")
        enter(register, "2003", opening, moved("first", "One."), moved("second", "Two."), adopts)
    for one, other in (("2002-01-01", "2003-02-01"), ("v1", "v2"), ("v1", "adopted@2003-1")):
        states = (one, other, "outbound/2")
        (row,) = alliance(tmp_path, "policy", "diff", *states, "-f", "json").rows
        assert [c["name"] for c in row["causes"]] == ["2003-1/second", "2003-1/adopts"]
    shown = alliance(tmp_path, "show", "matter", "2003-1").out
    assert "carried, and what it amends is not adopted: first" in " ".join(shown.split())


def test_before_adoption_everything_is_new(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    rows = alliance(tmp_path, "policy", "diff", "2001-12-03", "2001-12-06", "-f", "json").rows
    assert {row["change"] for row in rows} == {"added"}


def test_what_was_not_known_makes_no_difference(folder: Path) -> None:
    with open_register(recorded_2001(folder / "before")) as register:
        head = register.log.head()
    arguments = ("policy", "diff", "2002-01-01", "2003-02-01", "--known-at", head, "-f", "json")
    assert alliance(folder, *arguments).rows == []


@pytest.mark.parametrize(
    "states",
    [
        ("yesterday", "2001-12-06"),
        ("v1", "v2"),
        ("v1", "v9", "outbound/2"),
        ("adopted@nowhere", "2001-12-06"),
        ("recommended@nowhere", "adopted"),
        ("2001-13-01", "2001-12-06"),
    ],
)
def test_a_state_that_is_none_is_named(tmp_path: Path, states: tuple[str, ...]) -> None:
    recorded_2001(tmp_path)
    ran = alliance(tmp_path, "policy", "diff", *states)
    assert (ran.code, "(UnknownState)" in ran.err) == (5, True)
    nothing = "nowhere neither proposed nor changed a provision"
    assert (nothing in " ".join(ran.err.split())) == any("@nowhere" in state for state in states)


def test_a_pipe_gets_marks_and_a_terminal_colours(folder: Path) -> None:
    piped = alliance(folder, "policy", "diff", "v1", "v2", "outbound/2").out
    assert "{+, and hears the Mayor+}" in piped
    assert "moved by A Councillor, Councillor, after letter" in piped
    from rich.text import Text

    from adapters.cli.ask.policy_diff import _line
    from adapters.queries.policy.redline import redline

    with mock.patch.object(sys.stdout, "isatty", return_value=True):
        line = _line("", redline("two go", "three go"))
    assert isinstance(line, Text)
    assert [str(span.style) for span in line.spans] == ["red strike", "green underline"]


def test_policy_alone_still_shows_the_text(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    shown = alliance(tmp_path, "policy", "outbound/2").out
    assert "City Council approves" in shown
    assert len(alliance(tmp_path, "policy", "-f", "json").rows) == 53
    assert "Nothing is in force" in alliance(tmp_path, "policy", "--as-of", "2001-12-03").out


def test_the_history_of_a_provision_has_every_version_and_what_changed(folder: Path) -> None:
    first, second = alliance(folder, "policy", "history", "Outbound/2", "-f", "json").rows

    assert (first["since"], first["change"]) == ("2001-12-04/2001-12-06", "adopted")
    assert first["redline"] == "City Council approves who is on the official delegation."
    assert (second["since"], second["change"], second["version"]) == ("2003-02-01", "amended", 2)
    assert second["redline"] == (
        "City Council approves who is on the official delegation{+, and hears the Mayor+}."
    )
    assert [(t["term"], t["before"], t["after"]) for t in second["terms"]] == [
        ("delegation.consulted", None, ["Mayor"])
    ]
    before = alliance(folder, "policy", "history", "outbound/2", "--as-of", "2003-01-31").out
    assert "2003-02-01" not in before
    assert (
        "was not in force by 2001-12-01"
        in alliance(folder, "policy", "history", "outbound/2", "--as-of", "2001-12-01").out
    )


def test_a_sitting_day_is_uncertain_in_a_difference(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    rows = alliance(tmp_path, "policy", "diff", "2001-12-05", "2001-12-07", "-f", "json").rows
    assert len(rows) == 53
    assert {(row["change"], row["certain"]) for row in rows} == {("added", False)}
    said = alliance(tmp_path, "policy", "diff", "2001-12-05", "2001-12-07").out
    assert said.startswith("Between 2001-12-05 and 2001-12-07: 0 differing, 53 that may differ")
    assert alliance(tmp_path, "policy", "diff", "2001-12-04", "2001-12-05", "-f", "json").rows == []
