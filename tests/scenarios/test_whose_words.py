"""Texts say whose words they are in: the paper's, the register's or a translation's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.test_any_city import charter, record, rows, stored
from tests.support.alliance import alliance
from tests.support.toronto import recorded_2001

OWN = "the register's own words, and not the paper's"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register with nothing in it."""
    assert alliance(tmp_path, "setup").code == 0
    return tmp_path


@pytest.fixture
def toronto(tmp_path: Path) -> Path:
    """The record of 2001."""
    recorded_2001(tmp_path)
    return tmp_path


def report(head: str = "", wording: str = "", source: str = "") -> str:
    """A report whose one recommendation proposes one provision, and its adoption."""
    return f"""
meeting: {{ id: beschluss, on: 2002-01-15, body: rat, matter: m-1{head} }}
items:
  - open-matter: {{ title: Leitlinien }}
  - submit-report:
      document: vorlage
      on: 2002-01-02
      title: Leitlinien
      by: {{ office: Kanzlei }}
      {source}
      recommendations:
        - id: vorlage/1
          text: Beschließen.
          instruments:
            - instrument: adopt-provision
              draft:
                address: reisen
                heading: Reisen
                text: Zwei im Jahr.
                cites: [{{ document: vorlage, place: Seite 2 }}]
                {wording}
  - decide: {{ decision: d, kind: adopt, summary: Beschlossen., adopts: [vorlage/1] }}
"""


def wordings(folder: Path) -> list[str | None]:
    """Whose words the provisions in force are in."""
    return [row["wording"] for row in rows(folder, "list", "provisions", "--as-of", "2002-02-01")]


@pytest.mark.parametrize(
    ("head", "own", "wording", "said"),
    [
        (", wording: verbatim", "", "verbatim", "the paper's own words"),
        (", wording: register's words", "", "register's words", OWN),
        (
            ", wording: register's words",
            "wording: translation of ja",
            "translation of ja",
            "a translation of ja",
        ),
        ("", "", None, "words of which the record does not say whose they are"),
    ],
)
def test_a_text_says_whose_words_it_is_in_wherever_it_is_shown(
    folder: Path, head: str, own: str, wording: str | None, said: str
) -> None:
    stored(folder, charter("1", "1990-01-01"))
    stored(folder, report(head, own))

    assert wordings(folder) == [wording]
    at = ("--as-of", "2002-02-01")
    for question in (
        ("policy", *at),
        ("policy", "history", "reisen", *at),
        ("policy", "diff", "2002-01-01", "2002-02-01"),
        ("export", "policy", *at),
    ):
        ran = alliance(folder, *question)
        assert (ran.code, said in ran.out) == (0, True), (question, ran.out, ran.err)
    exported = alliance(folder, "export", "provisions", "--format", "jsonl", *at).out
    assert json.loads(exported)["wording"] == wording


def test_a_proposed_text_has_its_items_terms_and_wording_wherever_it_is_shown(
    toronto: Path,
) -> None:
    before = alliance(toronto, "policy", "outbound/3", "--as-of", "2001-12-03").out

    lines = [line.strip() for line in before.splitlines()]
    assert lines[1] == "proposed by report-2001-11-07, not decided: Possible activities:"
    assert lines[2].startswith("1. ")
    assert [line[:2] for line in lines[2:9]] == ["1.", "2.", "3.", "4.", "5.", "6.", "7."]
    assert lines[-1] == f"in {OWN}"
    (row,) = rows(toronto, "policy", "outbound/3", "--as-of", "2001-12-03")
    (proposed,) = row["proposals"]
    assert len(row["items"]) == 7
    assert (proposed["items"], proposed["wording"]) == (row["items"], "register's words")
    (selection,) = rows(toronto, "policy", "outbound/2", "--as-of", "2001-12-03")
    assert selection["proposals"][0]["terms"]["delegation.selector"] == "mayor"
    told = alliance(toronto, "policy", "outbound/2", "--as-of", "2001-12-06").out
    assert told.count(f"in {OWN}") == 3  # in force, proposed by the report, proposed by the motion


def test_motions_recommendations_and_why_say_whose_words_they_quote(toronto: Path) -> None:
    for question in (
        ("list", "motions"),
        ("show", "matter", "2001-12-4"),
        ("why", "provision/outbound/2"),
    ):
        assert f"Texts: {OWN}." in alliance(toronto, *question).out, question
    motions = rows(toronto, "list", "motions")
    assert {row["item"]: row["wordings"] for row in motions} == {
        "committee-kiev-gamma": [],
        "council-adds-supplementary-report": ["register's words"],
        "council-approves-delegation": ["register's words"],
        "council-strikes-kiev": ["register's words"],
    }


def test_a_comparison_says_whose_words_either_side_is_in(toronto: Path) -> None:
    version, draft = _adopted(toronto, "outbound/2")
    original = {**draft, "text": "The paper's very words.", "wording": "verbatim"}
    ran = alliance(
        toronto,
        *("correct", "policy", version, "--by", "City Clerk"),
        *("--reason", "The original was found.", "--set", f"draft={json.dumps(original)}"),
    )
    assert ran.code == 0, ran.err

    question = ("policy", "diff", "submitted", "2001-12-06", "outbound/2")
    (row,) = rows(toronto, *question)
    assert (row["wording_before"], row["wording"]) == ("register's words", "verbatim")
    told = alliance(toronto, *question).out
    assert f"outbound/2 (before): {OWN}." in told
    assert "outbound/2 (after): the paper's own words." in told


def test_a_wording_is_one_of_three(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01"))
    ran = record(folder, report(", wording: mine"))

    assert (ran.code, "meeting.wording" in ran.err) == (5, True)


def test_the_record_of_2001_is_in_the_registers_own_words(toronto: Path) -> None:
    found = rows(toronto, "list", "provisions", "--as-of", "2002-01-01")
    assert {row["wording"] for row in found} == {"register's words"}
    assert all(row["cites"] for row in found)
    assert f"Texts: {OWN}." in alliance(toronto, "policy", "--as-of", "2002-01-01").out
    written = alliance(toronto, "export", "policy", "--as-of", "2002-01-01").out
    assert f"<p>Texts: {OWN}.</p>" in written
    assert written.count(">register's words</ar:wording>") == len(found)


def test_who_has_the_original_enters_it_verbatim(toronto: Path) -> None:
    version, draft = _adopted(toronto, "outbound/2")
    original = {**draft, "text": "The paper's very words.", "wording": "verbatim"}
    ran = alliance(
        toronto,
        *("correct", "policy", version, "--by", "City Clerk"),
        *("--reason", "The original was found.", "--set", f"draft={json.dumps(original)}"),
    )
    assert ran.code == 0, ran.err

    found = rows(toronto, "list", "provisions", "--as-of", "2002-01-01")
    assert [r["address"] for r in found if r["wording"] == "verbatim"] == ["outbound/2"]
    told = " ".join(alliance(toronto, "policy", "--as-of", "2002-01-01").out.split())
    assert "outbound/2: the paper's own words." in told


def _adopted(folder: Path, address: str) -> tuple[int, dict[str, Any]]:
    entries = alliance(folder, "log", "--stream", "policy", "--format", "json").out.splitlines()
    for line in entries:
        entry = json.loads(line)
        if entry["fact"]["draft"]["address"] == address:
            return entry["version"], entry["fact"]["draft"]
    raise LookupError(address)


def test_the_digest_of_an_original_is_held_and_written_with_the_policy(folder: Path) -> None:
    digest = hashlib.sha256(b"%PDF-1.7").hexdigest()
    stored(folder, charter("1", "1990-01-01"))
    source = f"source: {{ name: vorlage.pdf, sha256: {digest} }}"
    stored(folder, report(source=source))

    items = rows(folder, "show", "matter", "m-1", "--as-of", "2002-02-01")
    (held,) = [row["content"]["source"] for row in items if row["item"] == "vorlage"]
    assert held == {"name": "vorlage.pdf", "sha256": digest}
    written = alliance(folder, "export", "policy", "--as-of", "2002-02-01").out
    assert f'document="vorlage" name="vorlage.pdf" sha256="{digest}"' in written


def test_a_digest_has_sixty_four_hexadecimal_digits(folder: Path) -> None:
    stored(folder, charter("1", "1990-01-01"))
    ran = record(folder, report(source="source: { name: a.pdf, sha256: abc }"))

    assert (ran.code, "source.sha256" in ran.err) == (5, True)
