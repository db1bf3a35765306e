"""Rows as people see them."""

from __future__ import annotations

import pytest

from adapters.cli.output import Format, show

COLUMNS = {"name": "name", "timing": "timing", "says": "what it says", "also": "and beside it"}
ROW = {"name": "visit-to-cankaya-ankara", "timing": "2001-12-04/2001-12-06", "says": "a b " * 30}


def test_names_and_dates_are_not_broken_where_sentences_can_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show([ROW, ROW], COLUMNS, Format.TABLE)

    lines = capsys.readouterr().out.splitlines()
    assert sum(ROW["name"] in line and ROW["timing"] in line for line in lines) == 2
    assert max(map(len, lines)) <= 110
    assert len(lines) > 3


def test_a_pipe_is_as_wide_as_the_words_need(capsys: pytest.CaptureFixture[str]) -> None:
    columns = {str(n): str(n) for n in range(8)}
    show([dict.fromkeys(columns, ROW["timing"])], columns, Format.TABLE)

    assert capsys.readouterr().out.count(ROW["timing"]) == 8
