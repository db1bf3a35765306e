"""`list`, `show` and `policy`: whole rows for programs, words for people, on both axes of time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapters.queries.matters import papers_silent
from tests.adapters.cli.conftest import Recorded
from tests.support.street import Street

ADOPTED = "2001-12-4/council-adopts"

LISTS: Sequence[tuple[tuple[str, ...], int]] = (
    (("list", "partnerships"), 26),
    (("list", "targeted"), 6),
    (("list", "matters"), 1),
    (("list", "decisions"), 3),
    (("list", "explorations"), 3),
    (("show", "partnership", "kiev"), 1),
    (("policy", "outbound/2"), 1),
)


def only(rows: list[dict[str, Any]], **fields: object) -> dict[str, Any]:
    """The one row that has these fields."""
    (row,) = [r for r in rows if all(r[n] == v for n, v in fields.items())]
    return row


def test_a_partnership_is_a_flat_row(toronto: Street) -> None:
    rows = toronto.rows("list", "partnerships", "--as-of", "2001-12-06")

    assert only(rows, city="Chicago") == {
        "kind": "city",
        "part_of": None,
        "successors": [],
        "code": "US-CHICAGO",
        "city": "Chicago",
        "country": "U.S.A.",
        "country_code": "US",
        "established": "1991",
        "description": "Sister City Agreement",
        "classification": "International",
        "former_category": None,
        "reason": None,
        "state": "active",
        "state_basis": None,
        "state_by": None,
        "until": None,
        "condition": None,
        "state_reason": None,
        "ran_out": None,
        "reported": None,
        "ended_by": None,
        "roles": {},
        "targeted": False,
        "region": "Northern America",
        "other_names": [],
        "decision": ADOPTED,
        "certain": True,
    }


def test_an_exploration_a_matter_and_a_decision_are_rows(toronto: Street) -> None:
    explored = toronto.rows("list", "explorations", "--as-of", "2001-12-06")
    matters = toronto.rows("list", "matters", "--as-of", "2001-12-06")
    decisions = toronto.rows("list", "decisions", "--as-of", "2001-12-06")

    assert only(explored, subject="guerrero") == {
        "subject": "guerrero",
        "name": "Guerrero",
        "places": ["MX-GUERRERO"],
        "basis": "directed",
        "purpose": "A way into the Mexican market.",
        "report_owed": True,
        "reported_in": None,
        "decision": ADOPTED,
        "cites": [
            {"document": "report-2001-11-26", "place": "Recommendations (2)"},
            {"document": "Report 12, Clause 4", "place": "head"},
        ],
        "certain": True,
    }
    assert only(matters, matter="2001-12-4") == {
        "matter": "2001-12-4",
        "item": "2001-12-4",
        "kind": "matter",
        "on": "2001-11-07",
        "title": "International Alliance Program Policy",
        "body": None,
        "by": None,
        "seconded_by": None,
        "voted": None,
        "numbers": [],
        "together_with": [],
        "split_into": [],
        "out_of": None,
        "left": [],
        "later": [],
        "wordings": [],
        "in_camera": None,
        "result": "closed",
        "since": "2001-12-04/2001-12-06",
        "computed": None,
        "declared": None,
        "findings": [],
        "cites": [{"document": "Report 12, Clause 4", "place": "title"}],
        "certain": True,
    }
    assert [(d["item"], d["body"], d["result"]) for d in decisions] == [
        ("committee-asks-for-report", "edp-committee", "request report"),
        ("committee-recommends", "edp-committee", "recommend"),
        ("council-adopts", "council", "adopt as amended"),
    ]


def test_a_provision_in_force_is_a_row_with_its_terms(toronto: Street) -> None:
    row = toronto.rows("policy", "outbound/2", "--as-of", "2001-12-06")[0]

    proposals = row.pop("proposals")
    assert [(p["source"], p["fate"]) for p in proposals] == [
        ("report-2001-11-07", "never in force"),
        ("council-approves-delegation", "adopted"),
    ]
    assert {**row, "heading": "", "text": "", "cites": []} == {
        "address": "outbound/2",
        "number": "outbound/2",
        "version": 1,
        "in_force": True,
        "heading": "",
        "text": "",
        "items": [],
        "terms": {"delegation.approver": "council"},
        "decision": ADOPTED,
        "amended_by": ["council-approves-delegation"],
        "computed": None,
        "wording": "register's words",
        "cites": [],
        "certain": True,
        "proposed_in": None,
        "takes_hold": None,
    }


def test_what_is_only_proposed_is_a_row_that_says_so(toronto: Street) -> None:
    (row,) = toronto.rows("policy", "outbound/2", "--as-of", "2001-12-03")

    assert (row["in_force"], row["version"], row["decision"]) == (False, None, None)
    assert row["proposed_in"] == "2001-12-4/report-2001-11-07"
    assert row["terms"]["delegation.selector"] == "mayor"


@pytest.mark.parametrize(("asked", "count"), LISTS)
def test_every_list_is_the_same_in_json_and_csv_and_named_in_the_table(
    toronto: Street, asked: tuple[str, ...], count: int
) -> None:
    at = (*asked, "--as-of", "2001-12-31")
    rows = toronto.rows(*at)
    cells = list(csv.DictReader(io.StringIO(toronto.done(*at, "-f", "csv"), newline="")))

    assert (len(rows), len(cells)) == (count, count)
    assert [list(row) for row in rows] == [list(row) for row in cells]
    assert toronto.done(*at).strip()


@pytest.mark.parametrize(
    "asked",
    [
        ("list", "partnerships"),
        ("list", "targeted"),
        ("list", "provisions"),
        ("list", "matters"),
        ("list", "decisions"),
        ("list", "explorations"),
        ("show", "partnership", "kiev"),
        ("policy", "outbound/2"),
        ("deadlines",),
        ("due",),
    ],
)
def test_a_day_of_the_meeting_is_uncertain_in_text_and_data(
    toronto: Street, asked: tuple[str, ...]
) -> None:
    on = ("--as-of", "2001-12-05")
    rows = toronto.rows(*asked, *on)

    assert [row for row in rows if not row["certain"]]
    assert "Uncertain on 2001-12-05: " in toronto.done(*asked, *on)
    assert "uncertain" not in toronto.done(*asked, "--as-of", "2001-12-06").lower()


def test_before_adoption_nothing_is_in_force_and_what_was_proposed_is_named(
    toronto: Street,
) -> None:
    listed = toronto.done("list", "provisions", "--as-of", "2001-12-03")
    one = toronto.done("policy", "outbound/2", "--as-of", "2001-12-03")

    assert "Nothing is in force on 2001-12-03; proposed: " in listed
    assert "outbound/2" in listed
    assert "outbound/2: not in force on 2001-12-03." in one
    assert "proposed by report-2001-11-07, not decided" in one


def test_the_mayors_version_is_known_as_proposed_and_never_in_force(toronto: Street) -> None:
    said = toronto.done("policy", "outbound/2", "--as-of", "2001-12-31")

    assert "as amended before adoption by council-approves-delegation" in said
    assert "proposed by report-2001-11-07, never in force: The Mayor" in said
    assert "proposed by motion council-approves-delegation (council), adopted" in said


def test_a_text_that_was_replaced_was_in_force_before(street: Street) -> None:
    street.done("record", "records/toronto-2001", "docs/examples/2004-03-01-council.yaml")

    said = street.done("policy", "outbound/2", "--as-of", "2004-03-01")

    assert "proposed by report-2001-11-07, never in force: The Mayor" in said
    assert "by motion council-approves-delegation (council), in force before: City Council" in said
    earlier = street.done("policy", "outbound/2", "--as-of", "2004-02-29")
    assert "proposed by motion council-approves-delegation (council), adopted" in earlier


def test_a_misspelt_city_is_told_with_those_that_are_like_it(toronto: Street) -> None:
    misspelt = toronto.run("show", "partnership", "lisbn", "--format", "json")
    former = toronto.run("why", "partnership/Mérignak/classification", "--format", "json")

    assert (misspelt.code, former.code) == (5, 5)
    assert json.loads(misspelt.err)["details"] == {"city": "lisbn", "near": ["Lisbon"]}
    assert json.loads(former.err)["details"] == {"city": "Mérignak", "near": ["Merignac"]}


def test_every_question_can_be_asked_as_known_then(recorded: Recorded) -> None:
    street, known = recorded.street, ("--as-of", "2001-12-31", "--known-at", recorded.committee)

    assert street.rows("list", "targeted", *known) == []
    assert street.rows("list", "explorations", *known) == []
    assert [d["body"] for d in street.rows("list", "decisions", *known)] == ["edp-committee"] * 2
    assert {p["classification"] for p in street.rows("list", "partnerships", *known)} == {None}
    assert only(street.rows("list", "matters", *known))["result"] == "open: request report"
    assert street.rows("policy", "outbound/2", *known)[0]["in_force"] is False
    assert "Nothing is in force" in street.done("list", "provisions", *known)


def test_a_recorded_time_is_as_good_as_its_position(recorded: Recorded) -> None:
    street = recorded.street
    line = street.run("log", "-f", "json", "--from", recorded.committee - 1, "--limit", 1).lines[0]
    asked = ("list", "partnerships", "--as-of", "2001-12-31", "--known-at")

    assert street.rows(*asked, line["recorded_at"]) == street.rows(*asked, recorded.committee)


def test_a_matter_is_shown_from_first_paper_to_disposition(toronto: Street) -> None:
    rows = toronto.rows("show", "matter", "2001-12-4", "--as-of", "2001-12-31")

    assert [row["item"] for row in rows] == [
        "2001-12-4",
        "report-2001-11-07",
        "communication-2001-11-15",
        "communication-2001-11-16",
        "deputation-lindsay-luby",
        "committee-kiev-gamma",
        "committee-recommends",
        "committee-asks-for-report",
        "report-2001-11-26",
        "council-strikes-kiev",
        "council-approves-delegation",
        "council-adds-supplementary-report",
        "council-adopts",
    ]


def test_a_city_is_found_by_any_name_also_where_nothing_holds_yet(toronto: Street) -> None:
    for name in ("UA-KIEV", "ua-kiev", "Kiev", "kyiv", "KYIV"):
        (row,) = toronto.rows("show", "partnership", name, "--as-of", "2001-12-31")
        assert row["code"] == "UA-KIEV"
    assert toronto.rows("show", "partnership", "kiev", "--as-of", "1980-01-01") == []
    assert "no partner and not targeted on 1980-01-01" in toronto.done(
        "show", "partnership", "kiev", "--as-of", "1980-01-01"
    )


@pytest.mark.parametrize(
    ("asked", "details"),
    [
        (("show", "partnership", "atlantis"), {"city": "atlantis"}),
        (("show", "matter", "1999-1-1"), {"matter": "1999-1-1", "known": ["2001-12-4"]}),
        (("show", "discrepancy", "no-such"), {"discrepancy": "no-such"}),
        (
            ("policy", "outbound/99"),
            {"provision": "outbound/99", "near": ["outbound", "outbound/3", "outbound/2"]},
        ),
    ],
)
def test_what_there_is_not_is_a_problem_with_a_name(
    toronto: Street, asked: tuple[str, ...], details: dict[str, str]
) -> None:
    ran = toronto.run(*asked, "--format", "json")

    assert (ran.code, ran.out) == (5, "")
    assert json.loads(ran.err)["problem"] == "NothingRecorded"
    assert json.loads(ran.err)["details"] == details
    assert "(NothingRecorded)" in toronto.run(*asked).err


def test_the_whole_policy_is_read_with_its_words(toronto: Street) -> None:
    policy = toronto.done("policy", "--as-of", "2001-12-06")

    for row in toronto.rows("list", "provisions", "--as-of", "2001-12-06"):
        assert f"{row['address']}, {row['heading']}\n" in policy
        assert row["text"].split()[-1] in policy
        assert all(item.split()[-1] in policy for item in row["items"])
    assert "delegation.approver: council" in policy
    before = toronto.done("policy", "--as-of", "2001-12-03")
    assert before.startswith("Nothing is in force on 2001-12-03; proposed: ")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--as-of", "2001-13-01"),
        ("--as-of", "20011206"),
        ("--as-of", "0"),
        ("--as-of", "2001-12"),
        ("--known-at", "yesterday"),
        ("--known-at", "2001-12-06T00:00:00"),
        ("--known-at", "-1"),
        ("--format", "xml"),
        ("--no-such-option",),
    ],
)
def test_an_option_that_cannot_be_read_is_refused_as_such(
    toronto: Street, wrong: tuple[str, ...]
) -> None:
    assert toronto.run("list", "partnerships", *wrong).code == 2


@pytest.mark.parametrize(
    "command",
    [
        ("serve", "--port", "1_000"),
        ("plan", "+2002"),
        ("missions", "--year", "２００２"),
        ("log", "--limit", " 5"),
        ("feed", "--from", "1_0"),
        ("correct", "policy", "+1", "--reason", "a slip"),
        ("webhooks", "add", "archive", "https://example.org/", "--from", "1_0"),
    ],
)
def test_an_odd_number_is_refused_in_every_command(
    command: tuple[str, ...], toronto: Street
) -> None:
    ran = toronto.run(*command)

    assert ran.code == 2
    assert " written in digits, such as " in " ".join(ran.err.replace("│", " ").split())


@pytest.mark.parametrize("asked", ["３", "99999999999999999999", "٣"])
def test_a_tree_of_no_position_is_a_problem_with_a_name(asked: str, toronto: Street) -> None:
    ran = toronto.run("log", "--tree", asked)

    assert (ran.code, "(NoSuchEntry)" in ran.err) == (5, True)


@pytest.mark.parametrize(
    "command",
    [
        ("subscribe", "archive"),
        ("feed",),
        ("webhooks", "add", "archive", "http://127.0.0.1:9/", "--private"),
    ],
)
def test_a_topic_that_no_event_has_is_refused(command: tuple[str, ...], toronto: Street) -> None:
    ran = toronto.run(*command, "--topic", "partnershp.#")

    assert ran.code == 5
    assert "(UnknownTopic)" in ran.err
    assert "near: partnership.#" in ran.err
    assert toronto.rows("subscribers") == toronto.rows("webhooks", "list") == []


def test_a_city_of_which_the_record_cannot_tell_is_counted_once(toronto: Street) -> None:
    """On a sitting day each of the 26 has a class or none: none is counted in two places."""
    shown = toronto.done("list", "partnerships", "--as-of", "2001-12-05")
    assert (
        "26 partnerships on 2001-12-05: 0 International, 0 Historical, 26 uncertain."
        in shown.splitlines()
    )


def test_one_partnership_is_counted_as_one(toronto: Street) -> None:
    said = toronto.done("list", "partnerships", "--as-of", "2001-12-31", "--search", "kiev")

    assert said.startswith("1 partnership on 2001-12-31:")


TOGETHER = (
    "None of the 26 on 2001-12-31 matches --country Japan and --region 'eastern europe' together."
)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (("--established", 1900), "None of the 26 on 2001-12-31 matches --established 1900."),
        (
            ("--country", "Japan", "--region", "eastern europe"),
            TOGETHER,
        ),
        (
            ("--search", "zzz", "--classification", "historical"),
            "None of the 26 on 2001-12-31 matches --search zzz.",
        ),
    ],
)
def test_an_empty_list_says_which_filter_emptied_it(
    toronto: Street, filters: tuple[object, ...], said: str
) -> None:
    asked = ("list", "partnerships", "--as-of", "2001-12-31", *filters)
    assert toronto.done(*asked).strip() == said
    assert toronto.rows(*asked) == []


def test_a_filter_that_nobody_knows_is_named_with_those_like_it(toronto: Street) -> None:
    asked = ("list", "partnerships", "--region", "asia")
    ran = toronto.run(*asked, "--format", "json")
    assert (ran.code, json.loads(ran.err)["details"]) == (
        5,
        {"region": "asia", "near": ["Eastern Asia", "Western Asia"]},
    )
    known = json.loads(
        toronto.run("list", "partnerships", "--classification", "Gamma", "-f", "json").err
    )
    assert known["details"] == {
        "classification": "Gamma",
        "known": ["International", "Historical"],
    }


def test_everything_about_a_matter_is_shown_and_nothing_is_only_in_the_log(
    toronto: Street,
) -> None:
    told = " ".join(toronto.done("show", "matter", "2001-12-4").split())

    for said in (
        "reference: Report No. 12 of the Economic Development and Parks Committee, Clause 4",
        "report-2001-11-26/2: Explore a relationship with the Guerrero region",
        "explore: guerrero, Guerrero, MX-GUERRERO",
        "What a study found cannot be changed to make Kiev a Gamma city (Comments, Kiev).",
        "partnership-exists: DE-FRANKFURT",
        "text: City Council approves who is on the official delegation.",
        "words: subject to a change of Attachment 2",
        "rule R2, not met: Guerrero: a report back is owed",
        "adopts: committee/1, council/1",
    ):
        assert said in told, said
    items = toronto.rows("show", "matter", "2001-12-4")
    report = only(items, item="report-2001-11-26")
    assert [r["id"] for r in report["content"]["recommendations"]] == [
        f"report-2001-11-26/{n}" for n in (1, 2, 3)
    ]
    assert (
        "No financial implications (Financial Implications and Impact Statement)."
        in (report["content"]["remarks"])
    )


def test_what_is_recorded_and_did_not_hold_yet_is_told_apart_from_what_nobody_knows(
    toronto: Street,
) -> None:
    asked = ("show", "matter", "2001-12-4", "--as-of", "2001-11-06", "-f", "json")
    early = json.loads(toronto.run(*asked).err)
    assert (early["problem"], early["details"]) == (
        "NotYet",
        {"matter": "2001-12-4", "as_of": "2001-11-06"},
    )


LATER_ON = """\
meeting: { id: 2003-02-04-council, body: council, on: 2003-02-04, matter: m1 }
items:
  - open-matter: { title: A }
  - decide:
      decision: d1
      kind: adopt
      summary: From 2004.
      effective_from: 2004-01-01
      instruments:
        - instrument: adopt-provision
          draft: { address: friendship, heading: Friendship, text: Friendship begins. }
        - instrument: replace-provision
          address: planning/1(ii)
          text: Two to four missions.
          terms: { plan.outbound-missions.most: 4 }
        - { instrument: delete-provision, address: purpose }
"""


def test_what_is_decided_and_takes_hold_later_is_shown_with_its_day(
    own_toronto: Street, tmp_path: Path
) -> None:
    """Decided on 4 February 2003 for 1 January 2004: shown between the two, and not before."""
    own_toronto.done("setup")
    file = tmp_path / "later.yaml"
    file.write_text(LATER_ON)
    own_toronto.done("record", str(file))

    def rows(name: str, day: str) -> list[tuple[object, ...]]:
        found = own_toronto.rows("policy", name, "--as-of", day)
        return [(r["version"], r["in_force"], r["takes_hold"]) for r in found]

    assert rows("friendship", "2003-02-04") == [(1, False, "2004-01-01")]
    assert rows("friendship", "2004-01-01") == [(1, True, None)]
    assert rows("friendship", "2003-02-03") == []
    coming = [(1, True, None), (2, False, "2004-01-01")]
    assert rows("planning/1(ii)", "2003-12-31") == coming
    assert rows("purpose", "2003-12-31") == coming
    assert rows("planning/1(ii)", "2003-02-03") == [(1, True, None)]
    told = own_toronto.done("policy", "friendship", "--as-of", "2003-06-01")
    assert "Friendship (decided, and takes hold on 2004-01-01, version 1)" in told
    assert "friendship: not in force on 2003-06-01." in told


@pytest.mark.parametrize(
    "question",
    [
        ("list", "motions"),
        ("show", "matter", "2001-12-4"),
        ("why", "provision/outbound/2", "--as-of", "2001-12-31"),
    ],
)
def test_that_the_papers_name_no_mover_and_no_vote_is_said_once(
    toronto: Street, question: tuple[str, ...]
) -> None:
    said = toronto.done(*question)

    assert said.count("The papers name no mover and no vote.") == 1
    assert "seconder" not in said


def test_a_decision_has_no_mover_to_name(toronto: Street) -> None:
    said = toronto.done("list", "decisions")

    assert said.count("The papers name no vote.") == 1
    assert "vote" not in said.splitlines()[2]


class Act(NamedTuple):
    """A motion or decision as the papers tell it."""

    kind: str
    item: str
    result: str | None
    by: str | None = None
    voted: str | None = None


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        ([], ""),
        ([Act("report", "r", None)], ""),
        ([Act("motion", "a", "carried", "A Member", "7 in favour")], ""),
        ([Act("motion", "a", "withdrawn")], "The papers name no mover."),
        (
            [Act("motion", "a", "carried", "A Member"), Act("motion", "b", "lost")],
            "The papers name no mover of b and no vote.",
        ),
        (
            [
                Act("motion", "a", "carried", "A Member", "7 in favour"),
                Act("decision", "d", "adopt"),
            ],
            "The papers name no vote on d.",
        ),
        (
            [Act("decision", "d", "adopt"), Act("reopening", "r", None, voted="30 in favour")],
            "The papers name no vote on d.",
        ),
    ],
)
def test_only_what_the_papers_name_for_others_is_missed_by_name(acts: list[Act], said: str) -> None:
    assert papers_silent(acts) == said
