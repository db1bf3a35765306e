"""Rows as files: CSV and JSON Lines say the same, and the same every time."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from adapters.cli.exporting import What
from tests.support.alliance import alliance
from tests.support.toronto import recorded_2001

COUNTS = {
    What.PARTNERSHIPS: 26,
    What.TARGETED: 6,
    What.PROVISIONS: 53,
    What.MATTERS: 1,
    What.DECISIONS: 3,
    What.MOTIONS: 4,
    What.EXPLORATIONS: 3,
    What.DISCREPANCIES: 16,
    What.DEADLINES: 3,
}


@pytest.mark.parametrize("what", [w for w in What if w is not What.POLICY])
def test_both_formats_have_every_row(tmp_path: Path, what: What) -> None:
    recorded_2001(tmp_path)
    day = ("--as-of", "2001-12-31")
    lines = alliance(tmp_path, "export", what, "-f", "jsonl", *day).out.splitlines()
    table = list(csv.DictReader(io.StringIO(alliance(tmp_path, "export", what, *day).out)))
    rows = [json.loads(line) for line in lines]
    assert len(rows) == len(table) == COUNTS[what]
    assert all(set(row) == set(table[0]) for row in rows)


def test_a_file_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    files = [tmp_path / name for name in ("one.csv", "two.csv")]
    for file in files:
        ran = alliance(tmp_path, "export", "partnerships", "--as-of", "2001-12-31", "-o", file)
        assert (ran.code, ran.out) == (0, "")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert b"UA-KIEV" in files[0].read_bytes()


@pytest.mark.parametrize(("what", "form"), [("policy", "csv"), ("partnerships", "akn")])
def test_akoma_ntoso_is_the_policys_and_its_own(tmp_path: Path, what: str, form: str) -> None:
    recorded_2001(tmp_path)
    assert alliance(tmp_path, "export", what, "-f", form).code == 2
