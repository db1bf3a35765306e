"""Rows as files: CSV and JSON Lines say the same, and the same every time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.queries.lists import ListName
from tests.support.alliance import alliance
from tests.support.toronto import recorded_2001

COUNTS = {
    ListName.PARTNERSHIPS: 26,
    ListName.TARGETED: 6,
    ListName.CATEGORIES: 2,
    ListName.PROVISIONS: 53,
    ListName.MATTERS: 1,
    ListName.DECISIONS: 3,
    ListName.MOTIONS: 4,
    ListName.EXPLORATIONS: 3,
    ListName.DISCREPANCIES: 25,
    ListName.DEADLINES: 3,
    ListName.DUE: 213,
    ListName.MISSIONS: 0,
    ListName.PLANS: 0,
    ListName.REQUESTS: 0,
    ListName.AGREEMENTS: 0,
    ListName.STUDIES: 1,
    ListName.BODIES: 6,
    ListName.BASIS_CHANGED: 0,
    ListName.POLICY: 53,
}


@pytest.mark.parametrize("what", list(ListName))
def test_both_formats_have_every_row(tmp_path: Path, what: ListName) -> None:
    recorded_2001(tmp_path)
    day = ("--as-of", "2001-12-31")
    lines = alliance(tmp_path, "export", what, "-f", "jsonl", *day).out.splitlines()
    cells = alliance(tmp_path, "export", what, "-f", "csv", *day).out
    table = list(csv.DictReader(io.StringIO(cells)))
    rows = [json.loads(line) for line in lines]
    assert len(rows) == len(table) == COUNTS[what]
    assert all(set(row) == set(table[0]) for row in rows)


def test_a_sheet_without_rows_has_the_same_line_of_names(tmp_path: Path) -> None:
    recorded_2001(tmp_path)

    def names(what: ListName, day: str) -> Sequence[str]:
        told = alliance(tmp_path, "export", what, "-f", "csv", "--as-of", day).out
        return next(csv.reader(io.StringIO(told)))

    for what in ListName:
        assert names(what, "1900-01-01") == names(what, "2001-12-31")
        assert len(names(what, "1900-01-01")) > 3
    listed = alliance(tmp_path, "list", "missions", "-f", "csv").out
    assert next(csv.reader(io.StringIO(listed))) == names(ListName.MISSIONS, "1900-01-01")


def test_a_file_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    files = [tmp_path / name for name in ("one.csv", "two.csv")]
    for file in files:
        ran = alliance(tmp_path, "export", "partnerships", "--as-of", "2001-12-31", "-o", file)
        assert (ran.code, ran.out) == (0, "")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert b"UA-KIEV" in files[0].read_bytes()


def test_akoma_ntoso_is_the_policys_alone(tmp_path: Path) -> None:
    recorded_2001(tmp_path)
    assert alliance(tmp_path, "export", "partnerships", "-f", "akn").code == 2
