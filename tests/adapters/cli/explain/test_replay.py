"""`log` and `replay`: filters, the tree, and the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.bootstrap import open_register
from application.command_bus import Envelope
from domain.programme.messages import DraftPlan
from domain.shared.dates import When
from tests.adapters.cli.conftest import Recorded
from tests.support.alliance import Ran, alliance
from tests.support.street import ACTOR, Street
from tests.support.toronto import recorded_2001


def positions(street: Street, *filters: object) -> list[int]:
    return [line["position"] for line in street.run("log", "-f", "json", *filters).lines]


def test_an_entry_has_its_command_and_who_recorded_it(toronto: Street) -> None:
    (row,) = toronto.run("log", "-f", "json", "--kind", "charter-recorded").lines

    assert row.pop("recorded_at").endswith("Z")
    assert row.pop("fact")["charter"]["residual_authority"] == "council"
    assert row == {
        "position": 2,
        "stream": "charter",
        "version": 1,
        "topic": "charter-recorded.v1",
        "command": "founding/record-charter/toronto-2001",
        "actor": ACTOR,
    }


def test_filters_narrow_and_combine(toronto: Street) -> None:
    def found(*filters: str) -> list[tuple[str, str]]:
        lines = toronto.run("log", "-f", "json", *filters).lines
        return [(line["stream"], line["topic"]) for line in lines]

    assert found("--stream", "partnership/UA-KIEV") == [
        ("partnership/UA-KIEV", "partnership-formed.v1"),
        ("partnership/UA-KIEV", "partnership-classified.v1"),
    ]
    assert len(found("--stream", "partnership", "--kind", "partnership-formed")) == 26
    assert len(found("--stream", "partnership/*", "--kind", "partnership-classified.v1")) == 26
    assert [t for _, t in found("--body", "edp-committee", "--kind", "decision-taken")] == [
        "decision-taken.v1"
    ] * 2
    assert found("--kind", "city-targeted", "--body", "edp-committee") == []
    assert len(found("--kind", "city-targeted", "--body", "council")) == 6
    assert found("--actor", ACTOR) == found("--actor", ACTOR.upper()) == found()
    assert len(found("--kind", "decide")) == 3  # of commands
    assert [s for s, _ in found("--on", "2001-11-15")] == ["matter/2001-12-4"]
    assert len(found("--kind", "partnership-formed", "--on", "1991-06-01")) == 5


def test_a_person_who_recorded_nothing_is_named_with_those_like_them(toronto: Street) -> None:
    ran = toronto.run("log", "--actor", ACTOR[:-1])

    assert (ran.code, ran.out) == (5, "")
    assert f"actor: {ACTOR[:-1]}\n  near: {ACTOR}" in ran.err


def test_positions_and_times_bound_what_is_shown(recorded: Recorded) -> None:
    street = recorded.street
    times = [line["recorded_at"] for line in street.run("log", "-f", "json").lines]
    council = times[-1]

    after = positions(street, "--from", recorded.committee)
    assert after == positions(street, "--since", council)
    assert (after[0], after[-1]) == (recorded.committee + 1, recorded.council)
    assert positions(street, "--until", recorded.committee)[-1] == recorded.committee
    assert positions(street, "--until", recorded.committee + 3)[-1] == recorded.committee + 3
    assert positions(street, "--from", recorded.founding, "--limit", "3") == [
        recorded.founding + n for n in (1, 2, 3)
    ]


def test_an_entry_inside_a_commit_still_knows_its_command(recorded: Recorded) -> None:
    (line,) = recorded.street.run(
        "log", "-f", "json", "--from", recorded.council - 1, "--limit", 1
    ).lines

    assert line["command"] == "2001-12-04-council/decide/2001-12-4/council-adopts"


def test_the_log_is_a_line_an_entry_for_people_and_in_csv(recorded: Recorded) -> None:
    text = recorded.street.done("log", "--kind", "decision-taken").splitlines()
    cells = recorded.street.done("log", "--kind", "decision-taken", "-f", "csv").splitlines()

    assert len(text) == 3
    assert "Adopts the policy and the supplementary report" in text[-1]
    assert cells[0] == "position,recorded_at,stream,version,topic,command,actor,fact"
    assert len(cells) == 4


def test_a_log_without_such_an_entry_says_so_to_people(toronto: Street) -> None:
    asked = ("log", "--stream", "partnershp/UA-KIEV")

    text, rows = toronto.run(*asked), toronto.run(*asked, "--format", "json")

    said = "The log has no entry after position 0 that has --stream partnershp/UA-KIEV.\n"
    assert (text.code, text.out, text.err) == (0, "", said)
    assert (rows.code, rows.out, rows.err) == (0, "", "")
    assert toronto.run("log", "--limit", 1).err == ""


def test_a_name_that_a_spreadsheet_would_calculate_is_text_in_the_log_too(street: Street) -> None:
    founding = Path("records/toronto-2001/founding.yaml")
    assert street.run("record", founding, ALLIANCE_ACTOR="=1+1").code == 0
    rows = csv.DictReader(io.StringIO(street.done("log", "-f", "csv"), newline=""))
    assert {row["actor"] for row in rows} == {"'=1+1"}


def test_the_tree_of_an_effect_shows_the_decision_it_came_of(toronto: Street) -> None:
    (effect,) = positions(
        toronto, "--kind", "exploration-directed", "--stream", "exploration/seoul"
    )
    (command,) = toronto.rows("log", "--tree", effect)

    assert (command["topic"], command["actor"]) == ("command-recorded.v1", ACTOR)
    (decision,) = command["led_to"]
    assert decision["topic"] == "decision-taken.v1"
    assert [e["topic"] for e in decision["led_to"] if e["asked"]] == ["exploration-directed.v1"]
    assert toronto.done("log", "--tree", effect).count("← asked") == 1
    by_name = toronto.rows("log", "--tree", "2001-12-04-council/decide/2001-12-4/council-adopts")
    assert by_name[0]["led_to"][0]["position"] == decision["position"]


def test_the_tree_ends_where_it_is_asked_to(tmp_path: Path) -> None:
    kept = recorded_2001(tmp_path)
    plan = Envelope("a/draft-plan/2002", DraftPlan(on=When.parse("2002"), year=2002), "a clerk")
    later = Envelope("b/draft-plan/2003", DraftPlan(on=When.parse("2002"), year=2003), "x", plan.id)
    with open_register(kept) as register:
        register.command_bus.handle(plan)
        until = register.log.head()
        register.command_bus.handle(later)

    def tree(*how: object) -> Ran:
        return alliance(tmp_path, "log", "--tree", plan.id, "-f", "json", *how)

    (whole,), (part,) = tree().rows, tree("--until", until).rows
    assert [e["topic"] for e in whole["led_to"]] == ["plan-drafted.v1", "command-recorded.v1"]
    assert [e["topic"] for e in part["led_to"]] == ["plan-drafted.v1"]
    assert json.loads(tree("--until", part["position"] - 1).err)["problem"] == "NoSuchEntry"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_following_goes_on_with_what_is_recorded_meanwhile(street: Street, form: str) -> None:
    street.done("record", Path("records/toronto-2001/founding.yaml"))
    program = [sys.executable, "-m", "adapters.cli.main", "log", "--follow", "-f", form]
    with subprocess.Popen(
        [*program, "--kind", "matter-opened"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **street.environment, "PYTHONUNBUFFERED": ""},
    ) as follower:
        try:
            street.done("record", Path("records/toronto-2001/2001-11-19-committee.yaml"))
            assert follower.stdout
            told = follower.stdout.readline()
            told += follower.stdout.readline() if form == "csv" else ""
        finally:
            follower.kill()

    assert "matter-opened.v1" in told


@pytest.mark.parametrize("asked", ["100000", "no-such/command"])
def test_the_tree_of_nothing_is_a_problem_with_a_name(toronto: Street, asked: str) -> None:
    ran = toronto.run("log", "--tree", asked, "-f", "json")

    assert (ran.code, json.loads(ran.err)["problem"]) == (5, "NoSuchEntry")


def test_replay_gives_the_same_bytes_every_time(recorded: Recorded) -> None:
    street = recorded.street
    for asked in ((), ("--as-of", "2001-12-05"), ("--events",)):
        first, second = street.run("replay", *asked), street.run("replay", *asked)
        assert first.code == 0
        assert first.raw == second.raw


def test_replay_to_a_position_is_what_the_register_was_there(
    recorded: Recorded, street: Street
) -> None:
    street.done("record", Path("records/toronto-2001/founding.yaml"))
    street.done("record", Path("records/toronto-2001/2001-11-19-committee.yaml"))

    there = street.run("replay").raw
    later = recorded.street.run("replay", "--until", recorded.committee).raw
    inside = recorded.street.run("replay", "--until", recorded.committee + 7).raw

    assert later == there
    assert inside == later


def test_replay_as_of_a_day_agrees_with_the_lists(recorded: Recorded) -> None:
    street = recorded.street
    head, *lines = street.run(
        "replay", "--until", recorded.committee, "--as-of", "2001-12-31"
    ).lines
    explored = [line for line in lines if line["model"] == "explorations"]
    standing = {
        line["key"]
        for line in lines
        if line["model"] == "partnerships" and line["row"]["established"]
    }
    listed = street.rows("list", "partnerships", "--as-of", "2001-12-31")

    assert head == {
        "replayed": {"as_of": "2001-12-31", "register": "toronto", "until": recorded.committee}
    }
    assert explored == []
    assert standing == {row["code"] for row in listed}


def test_replay_reads_the_log_and_not_the_live_read_models(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    street.done("record", Path("records/toronto-2001/founding.yaml"))
    before = street.run("replay").raw
    for name in ("views.sqlite", "views.sqlite-wal", "views.sqlite-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.rmtree(tmp_path / "alliance", ignore_errors=True)

    assert street.run("replay").raw == before


def test_replayed_events_are_those_of_the_log_in_canonical_form(recorded: Recorded) -> None:
    street = recorded.street
    replayed = street.run("replay", "--events", "--until", recorded.committee)
    logged = street.run("log", "-f", "json", "--until", recorded.committee)

    assert replayed.lines == logged.lines
    line = replayed.out.splitlines()[0]
    assert line == json.dumps(
        json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def test_one_entry_is_shown_whole_by_its_position_and_by_its_command(recorded: Recorded) -> None:
    street = recorded.street
    (moved,) = street.run(
        "log", "-f", "json", "--grep", "who is on the OFFICIAL delegation", "--kind", "motion-moved"
    ).lines

    told = street.done("log", moved["position"])

    assert told.startswith(f"{moved['position']}  motion-moved  (matter/2001-12-4 ")
    assert "decided on 2001-12-04/2001-12-06, takes hold on 2001-12-04/2001-12-06" in told
    assert "text: City Council approves who is on the official delegation." in told
    assert "delegation.approver: council" in told
    assert "source: Report 12, Clause 4, head, amendment (2)" in told
    assert street.rows("log", moved["position"]) == [moved]
    assert "kind: decide" in street.done(
        "log", "2001-12-04-council/decide/2001-12-4/council-adopts"
    )


def test_words_are_found_without_case_and_accents_and_bodies_by_name(toronto: Street) -> None:
    found = toronto.run("log", "-f", "json", "--grep", "GAMMA wórld city").lines
    assert {line["topic"] for line in found} >= {"communication-received.v1", "motion-moved.v1"}
    by_name = toronto.run("log", "-f", "json", "--body", "City council").lines
    assert by_name == toronto.run("log", "-f", "json", "--body", "council").lines != []
    unknown = toronto.run("log", "--body", "City Counsil")
    assert (unknown.code, "near: City Council" in unknown.err) == (5, True)


def test_a_correction_says_in_the_log_what_it_replaces_and_why(street: Street) -> None:
    street.done("record", "records/toronto-2001")
    entry = ("partnership/UA-KIEV", 1, "--by", "City Clerk", "--reason", "A slip of the pen.")
    street.done("correct", *entry, "--set", "description=Friendship")

    line = street.done("log", "--stream", "partnership/UA-KIEV").splitlines()[-1]
    was, new = (
        row["position"]
        for row in street.run("log", "-f", "json", "--stream", "partnership/UA-KIEV").lines[::2]
    )

    assert line.endswith("; corrects version 1: A slip of the pen (City Clerk answers for it)")
    assert f"was corrected at position {new}: A slip of the pen." in street.done("log", was)
    told = "corrects version 1: A slip of the pen (City Clerk answers for it)"
    assert f"{told}; it stands at position {was}" in street.done("log", new)


def test_the_log_wraps_where_the_terminal_is_narrow(toronto: Street) -> None:
    lines = toronto.run("log", "--kind", "motion-moved", COLUMNS="80").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) > 4


def test_a_kind_that_no_entry_can_have_is_named_with_those_like_it(toronto: Street) -> None:
    unknown = toronto.run("log", "--kind", "decision-takn", "-f", "json")
    assert unknown.code == 5
    assert json.loads(unknown.err)["details"] == {
        "kind": "decision-takn",
        "near": ["decision-taken", "decision-taken.v1"],
    }
