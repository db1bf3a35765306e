"""`setup`, `record` and `status`: what is stored, what is refused, and with which exit code."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.bootstrap import Register
from adapters.cli.common.progress import Told
from application.command_bus import CommandBus, Envelope, Outcome, RaceLost
from application.ports import DerivedAway, StoredRow, Unavailable
from domain.shared.messages import StreamId
from domain.shared.problems import Problem
from tests.support.log_stores import PostgresStore, SQLiteStore, StoredStore
from tests.support.street import RECORDS, Street

HEAD = "meeting: { id: later, on: 2003-06-24, body: council, matter: 2003-6-1 }\nitems:\n"
OPENED = "  - open-matter: { title: Kiev }\n"
ADOPTED = """\
  - decide:
      decision: adoption
      kind: adopt
      summary: Makes Kiev {0}.
      instruments:
        - {{ instrument: classify-partnership, city: UA-KIEV, classification: {0} }}
"""


def minutes(folder: Path, text: str, name: str = "later.yaml") -> Path:
    """A minutes file with this in it."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_setting_up_again_changes_nothing(street: Street) -> None:
    street.done("record", RECORDS / "founding.yaml")
    before = street.head()

    street.done("setup")

    assert street.head() == before


def test_recording_says_what_each_item_became(own_toronto: Street, tmp_path: Path) -> None:
    rows = own_toronto.rows(
        "record", minutes(tmp_path, HEAD + OPENED + ADOPTED.format("International"))
    )

    assert [(r["item"], r["kind"], r["repeated"], r["events"]) for r in rows] == [
        ("later/open-matter/2003-6-1", "open-matter", False, 1),
        ("later/decide/2003-6-1/adoption", "decide", False, 2),
    ]
    kiev = own_toronto.rows("show", "partnership", "kiev", "--as-of", "2003-06-24")
    assert kiev[0]["classification"] == "International"


def test_recording_twice_changes_nothing_and_says_so(street: Street) -> None:
    street.done("record", RECORDS)
    before = street.run("replay").raw

    again = street.rows("record", RECORDS)

    assert {row["outcome"] for row in again} == {"recorded before"}
    assert street.run("replay").raw == before
    assert "nothing changed" in street.done("record", RECORDS)


def test_a_dry_run_shows_it_and_records_nothing(street: Street) -> None:
    shown = street.rows("record", RECORDS, "--dry-run")

    assert sum(row["events"] for row in shown) > 150
    assert street.head() == 0


@pytest.mark.rule("C2")
def test_a_refusal_names_rule_and_figures_exits_3_and_stores_nothing(
    own_toronto: Street, tmp_path: Path
) -> None:
    before = own_toronto.head()
    file = minutes(tmp_path, HEAD + OPENED + ADOPTED.format("Historical"))
    ran = own_toronto.run("record", file, "--format", "json")

    assert (ran.code, ran.out, own_toronto.head()) == (3, "", before)
    told = json.loads(ran.err)
    assert (told["problem"], told["details"]["rule"]) == ("SameClass", "C2")
    assert told["item"].startswith(str(file))
    text = own_toronto.run("record", file).err
    assert "Refused by rule C2" in text
    assert "Nothing was recorded." in text


def test_a_file_that_contradicts_the_record_exits_4(own_toronto: Street, tmp_path: Path) -> None:
    own_toronto.done("record", minutes(tmp_path, HEAD + OPENED))
    before = own_toronto.head()
    other = minutes(tmp_path, HEAD + OPENED.replace("Kiev", "Warsaw"))
    ran = own_toronto.run("record", other, "--format", "json")

    assert (ran.code, ran.out, own_toronto.head()) == (4, "", before)
    told = json.loads(ran.err)
    assert told["problem"] == "Contradicts"
    assert "`alliance log --tree ITEM`" in told["title"]
    assert "Kiev" in own_toronto.done("log", "--tree", told["details"]["item"])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            HEAD + "  - decide: { decision: adoption, kind: wish, summary: x }\n",
            3,
            "items[0].decide.kind: must be 'recommend', ",
        ),
        (
            HEAD + "  - draft-plan: { year: 2002.5 }\n",
            3,
            "items[0].draft-plan.year: needs a whole number, and not 2002.5",
        ),
        (
            HEAD + "  - consider-together: { matters: 2003-1 }\n",
            3,
            "items[0].consider-together.matters: needs a list, and not '2003-1'",
        ),
        (HEAD + "\t- open-matter: { title: Kiev }\n", 3, "a tab stands where YAML takes spaces"),
        (
            HEAD + "  - open-matter: { title: Kiev\n  - open-matter: { title: Riga }\n",
            4,
            "the bracket or brace of line 3 is not closed, or a comma is missing",
        ),
        (HEAD + "  - open-matter: { title: Kiev, colour: blue }\n", 3, "colour"),
        (HEAD + "  - sing: { title: Kiev }\n", 3, "sing"),
        ("meeting: { id: later, on: 2003-02-30 }\nitems:\n" + OPENED, 1, "on"),
        ("meeting: [\n", 2, ""),
    ],
)
def test_a_mistake_names_file_line_and_field_exits_5_and_stores_nothing(
    street: Street, tmp_path: Path, text: str, line: int, said: str
) -> None:
    good = minutes(tmp_path, HEAD.replace("later", "good") + OPENED, "a-good.yaml")
    bad = minutes(tmp_path, text, "bad.yaml")
    ran = street.run("record", good, bad)

    assert (ran.code, ran.out, street.head()) == (5, "", 0)
    assert f"{bad}:{line}: " in ran.err
    assert said in ran.err


@pytest.mark.parametrize(
    ("wrong", "last"),
    [
        (50, "50 mistakes; nothing was recorded."),
        (51, "51 mistakes, the first 50 are shown; nothing was recorded."),
    ],
)
def test_of_many_mistakes_the_first_fifty_and_their_number_are_told(
    street: Street, tmp_path: Path, wrong: int, last: str
) -> None:
    bad = minutes(tmp_path, HEAD + "  - sing: {}\n" * wrong, "bad.yaml")
    told = street.run("record", bad).err.splitlines()
    assert [line.split(" ")[0] for line in told[:-1]] == [f"{bad}:{n}:" for n in range(3, 53)]
    assert told[-1] == last
    told = json.loads(street.run("record", bad, "-f", "json").err)["details"]
    assert (len(told["mistakes"]), told["number"]) == (50, wrong)


def test_a_file_that_is_not_there_exits_5(street: Street, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.yaml"
    ran = street.run("record", nothing)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith(f"{nothing}: No such file or directory\n")


def test_a_meeting_that_is_to_come_is_said(own_toronto: Street, tmp_path: Path) -> None:
    coming = minutes(tmp_path, HEAD.replace("2003", "2203") + OPENED)
    said = "The meeting is to come: the lists of today show none of it before 2203-"

    for words in (("--dry-run",), ()):
        assert said in own_toronto.done("record", coming, *words)
    past = minutes(tmp_path, HEAD + OPENED.replace("kiev", "riga"), "past.yaml")
    assert "to come" not in own_toronto.done("record", past)


def test_a_setting_nobody_knows_exits_5(street: Street) -> None:
    ran = street.run("list", "partnerships", ALLIANCE_DATABSE_URL="sqlite:///typo")

    assert ran.code == 5
    assert "ALLIANCE_DATABSE_URL is not a setting" in ran.err


def test_a_register_that_is_not_set_up_exits_6(tmp_path: Path) -> None:
    ran = Street.on_sqlite(tmp_path / "nowhere").run("list", "partnerships", "--format", "json")

    assert (ran.code, ran.out) == (6, "")
    assert json.loads(ran.err)["problem"] == "NotSetUp"


def test_a_database_that_does_not_answer_exits_6(tmp_path: Path) -> None:
    nobody = Street.on_postgres("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)

    assert nobody.run("list", "partnerships").code == 6


def test_status_says_where_the_log_and_every_read_model_end(own_toronto: Street) -> None:
    rows = own_toronto.rows("status")

    log = next(row for row in rows if row["what"] == "log")
    assert log["position"] > 170
    assert all((row["position"], row["behind"]) == (log["position"], 0) for row in rows)


def test_read_models_that_are_away_are_not_taken_for_the_log(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    views = tmp_path / "toronto" / "views.sqlite"
    views.unlink()
    views.mkdir()

    ran = street.run("record", RECORDS / "founding.yaml", "--format", "json")

    assert (ran.code, json.loads(ran.err)["problem"]) == (7, "Unfinished")
    views.rmdir()
    street.done("setup")
    assert all(row["repeated"] for row in street.rows("record", RECORDS / "founding.yaml"))


def test_of_two_files_of_one_meeting_each_row_and_each_problem_has_its_own_line(
    own_toronto: Street, tmp_path: Path
) -> None:
    first = minutes(tmp_path, HEAD + OPENED + ADOPTED.format("International"), "a.yaml")
    again = minutes(tmp_path, "# the same, two lines on\n\n" + first.read_text(), "b.yaml")
    rows = own_toronto.rows("record", first, again, "--dry-run")
    assert [(r["file"], r["line"], r["repeated"]) for r in rows] == [
        (str(first), 3, False),
        (str(first), 4, False),
        (str(again), 5, True),
        (str(again), 6, True),
    ]
    refused = minutes(tmp_path, HEAD + OPENED + ADOPTED.format("Historical"), "a.yaml")
    told = json.loads(own_toronto.run("record", refused, again, "--format", "json").err)
    assert (told["problem"], told["item"]) == ("SameClass", f"{refused}:4")
    other = minutes(tmp_path, "\n\n" + HEAD + OPENED + ADOPTED.format("Historical"), "c.yaml")
    first = minutes(tmp_path, HEAD + OPENED + ADOPTED.format("International"), "a.yaml")
    told = json.loads(own_toronto.run("record", first, other, "--format", "json").err)
    assert (told["problem"], told["item"]) == ("Contradicts", f"{other}:6")


@pytest.fixture
def older(street: Street, tmp_path: Path) -> Street:
    """A register whose log got two texts with a NUL before such texts were refused."""
    url = street.environment["ALLIANCE_DATABASE_URL"]
    on_file = url.startswith("sqlite")
    store: StoredStore = SQLiteStore(tmp_path) if on_file else PostgresStore(url, "public")
    dated = '"decided_on":"2001-11-07","effective_from":"2001-11-07"'
    rows = (
        ("matter/kiev", "matter-opened.v1", r'"matter":"kiev","title":"A letter\u0000 about Kiev"'),
        (
            "duties",
            "report-requested.v1",
            r'"request":"kiev\u0000","office":"x","about":"x","to":"council","yearly":false',
        ),
    )
    for position, (stream, topic, fields) in enumerate(rows, 1):
        state = f"{{{dated},{fields}}}".encode()
        stream_id = StreamId(f"toronto/{stream}")
        store.insert(StoredRow(stream_id, 1, topic, state, position, position))
    return street


def test_a_nul_in_an_older_log_stops_no_read_model(older: Street, tmp_path: Path) -> None:
    (matter,) = older.rows("list", "matters")
    assert matter["title"] == r"A letter\u0000 about Kiev"
    (duty,) = older.rows("deadlines")
    assert duty["subject"] == r"kiev\u0000"
    fixed = ("--reason", "a slip", "--by", "City Clerk", "--on", "2003-02-01")
    older.done("correct", "matter/kiev", "1", "--set", "title=About Kiev", *fixed)
    assert [row["title"] for row in older.rows("list", "matters")] == ["About Kiev"]
    assert older.run("verify", "projections").code == 0


def test_a_terminal_is_shown_how_far_recording_is(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, int, int]] = []

    @contextmanager
    def listening(what: str) -> Generator[Told]:
        yield lambda done, of: heard.append((what, done, of))

    monkeypatch.setattr("adapters.cli.record.record.progress", listening)
    street.done("record", RECORDS)

    stages = ["reading minutes", "deciding", "recording"]
    assert [each for each in heard if each[0] in stages and each[1]] == [
        (stage, done, 4) for stage in stages for done in (1, 2, 3, 4)
    ]
    assert heard[-1] == ("bringing read models up to date", street.head(), street.head())


def test_a_pipe_is_shown_no_progress(street: Street) -> None:
    assert street.run("record", RECORDS).err == ""


def test_what_was_recorded_is_said_though_read_models_cannot_follow(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.done("setup")

    def full(*_: object) -> None:
        raise DerivedAway(reason="database or disk is full")

    monkeypatch.setattr(Register, "catch_up", full)
    ran = street.run("record", RECORDS / "founding.yaml")

    assert (ran.code, "2 items recorded as 38 events." in ran.out) == (7, True)
    assert "(Unfinished)" in ran.err


@pytest.mark.parametrize("problem", [Unavailable(log="log.sqlite"), RaceLost(item="x", attempts=3)])
def test_a_problem_with_a_later_file_names_those_that_are_recorded(
    street: Street, monkeypatch: pytest.MonkeyPatch, problem: Problem
) -> None:
    street.done("setup")
    handle, asked = CommandBus.handle, list[int]()

    def failing(command_bus: CommandBus, *requests: Envelope) -> Sequence[Outcome]:
        asked.append(len(requests))
        if len(asked) == 2:
            raise problem
        return handle(command_bus, *requests)

    monkeypatch.setattr(CommandBus, "handle", failing)
    ran = street.run("record", RECORDS / "founding.yaml", RECORDS / "2001-11-19-committee.yaml")

    assert f"recorded before it: {RECORDS / 'founding.yaml'}\n" in ran.err
    assert "Nothing was recorded." not in ran.err
    assert street.head() == 40
