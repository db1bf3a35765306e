"""`alliance correct`, and corrections in a minutes file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.alliance import Ran, alliance
from tests.support.toronto import recorded_2001

YEAR = Path(__file__).parents[4] / "docs" / "examples" / "2002"
KIEV = ("correct", "partnership/UA-KIEV", "2", "--reason", "a slip", "--on", "2003-02-01")
INTERNATIONAL = ("--set", "classification=International")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recorded_2001(tmp_path)
    return tmp_path


def kiev(folder: Path, *when: str) -> str:
    ran = alliance(folder, "show", "partnership", "Kiev", "-f", "json", *when)
    (row,) = ran.rows
    return str(row["classification"])


def head(folder: Path) -> str:
    rows = alliance(folder, "status", "-f", "json").rows
    return str(rows[0]["position"])


def test_a_field_is_corrected_and_the_old_answer_stays_known(folder: Path) -> None:
    before = head(folder)
    ran = alliance(folder, *KIEV, *INTERNATIONAL, "--by", "City Clerk", "-f", "json")
    assert ran.rows == [
        {
            "stream": "partnership/UA-KIEV",
            "version": 3,
            "topic": "partnership-classified.v1",
            "replaces": 2,
            "recorded": "yes",
        }
    ]
    assert kiev(folder) == "International"
    assert kiev(folder, "--known-at", before) == "Historical"


def test_a_decision_can_be_behind_it(folder: Path) -> None:
    by = ("--decision", "2001-12-4/council-adopts")
    assert alliance(folder, *KIEV, *INTERNATIONAL, *by).code == 0
    unknown = ("--decision", "2001-12-4/nobody-decided")
    again = ("correct", "partnership/UA-KIEV", "3", "--reason", "x", "--withdraw", *unknown)
    ran = alliance(folder, *again)
    assert ran.code == 3
    assert "NoDecision" in ran.err


def test_a_decision_taken_later_is_not_behind_it(folder: Path) -> None:
    by = ("--decision", "2001-12-4/council-adopts", "--on", "2001-12-03")
    ran = alliance(folder, *KIEV[:-2], *INTERNATIONAL, *by)
    assert ran.code == 3
    for said in ("rule A1", "DecidedAfterwards", "2001-12-04/2001-12-06", "2001-12-03"):
        assert said in ran.err


def test_each_entry_says_which_it_replaces(folder: Path) -> None:
    assert alliance(folder, "record", str(YEAR)).code == 0
    withdrawing = ("correct", "plan/2002", "9", "--withdraw", "--by", "City Clerk")
    rows = alliance(folder, *withdrawing, "--reason", "not listed", "-f", "json").rows
    assert [(row["stream"], row["version"], row["replaces"]) for row in rows] == [
        ("plan/2002", 13, 9),
        ("mission/autumn", 3, 2),
    ]


def test_a_dry_run_records_nothing_and_a_repeat_says_so(folder: Path) -> None:
    before = head(folder)
    command = (*KIEV, "--withdraw", "--by", "City Clerk", "-f", "json")
    assert alliance(folder, *command, "--dry-run").rows[0]["recorded"] == "no"
    assert head(folder) == before
    assert alliance(folder, *command).rows[0]["recorded"] == "yes"
    assert alliance(folder, *command).rows[0]["recorded"] == "before"
    assert kiev(folder) == "None"


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        ((*INTERNATIONAL,), 2, "--by"),
        ((*INTERNATIONAL, "--by", "City Clerk", "--decision", "m/d"), 2, "--by"),
        (("--set", "classification", "--by", "City Clerk"), 2, "FIELD=VALUE"),
        (("--set", "classification=Chosen", "--by", "City Clerk"), 3, "UnknownCategory"),
        (("--set", "classification=Historical", "--by", "City Clerk"), 3, "ChangesNothing"),
        (("--set", 'place={"code": "IT-MILAN"}', "--by", "City Clerk"), 5, "place.name"),
        (("--by", "City Clerk"), 2, "--withdraw"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    folder: Path, arguments: tuple[str, ...], code: int, named: str
) -> None:
    before = head(folder)
    ran: Ran = alliance(folder, *KIEV, *arguments)
    assert ran.code == code
    assert named in ran.err
    assert head(folder) == before


def test_a_minutes_file_corrects_several_entries_in_one_commit(folder: Path) -> None:
    file = folder / "corrections.yaml"
    file.write_text(
        """\
meeting: { id: 2003-02-01-corrections, on: 2003-02-01 }
items:
  - correct-record:
      stream: partnership/UA-KIEV
      version: 2
      reason: the table was misread
      authority: City Clerk
      changed: { classification: International, reason: a gateway }
  - correct-record:
      stream: partnership/US-CHICAGO
      version: 2
      reason: the table was misread
      authority: { matter: 2001-12-4, decision: council-adopts, body: council }
      withdraw: true
""",
        encoding="utf-8",
    )
    assert alliance(folder, "record", file).code == 0
    assert kiev(folder) == "International"
    (chicago,) = alliance(folder, "show", "partnership", "Chicago", "-f", "json").rows
    assert chicago["classification"] is None
    assert "recorded before" in alliance(folder, "record", file).out


def test_a_file_with_one_correction_that_is_refused_records_none(folder: Path) -> None:
    before = head(folder)
    file = folder / "corrections.yaml"
    items = [
        f"  - correct-record: {{ stream: partnership/UA-KIEV, version: {version}, "
        "reason: x, authority: City Clerk, withdraw: true }\n"
        for version in (2, 9)
    ]
    head_of_file = "meeting: { id: 2003-02-01-corrections, on: 2003-02-01 }\nitems:\n"
    file.write_text(head_of_file + "".join(items), encoding="utf-8")
    ran = alliance(folder, "record", file)
    assert ran.code == 3
    assert "NoSuchEntry" in ran.err
    assert "corrections.yaml:4" in ran.err
    assert head(folder) == before


def test_an_entry_is_named_by_any_name_of_its_city_and_matter(folder: Path) -> None:
    by_name = ("correct", "partnership/kyiv", "2", "--reason", "a slip", "--on", "2003-02-01")
    ran = alliance(folder, *by_name, *INTERNATIONAL, "--by", "City Clerk", "-f", "json")
    assert [row["stream"] for row in ran.rows] == ["partnership/UA-KIEV"]
    assert kiev(folder) == "International"
    title = "matter/international alliance program policy"
    named = alliance(folder, "log", "--stream", title, "-f", "json").out
    assert named == alliance(folder, "log", "--stream", "matter/2001-12-4", "-f", "json").out != ""
