"""Rows as people see them."""

from __future__ import annotations

import sys

import pytest
import typer

from adapters.cli.numbers import number
from adapters.cli.output import Format, number_of, show, tell

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


def on_a_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TTY_COMPATIBLE", "0")  # as wide as a terminal, with no colours
    monkeypatch.setenv("COLUMNS", str(columns))


def test_a_narrow_terminal_breaks_between_words_and_the_widest_column_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_terminal(80, monkeypatch)
    show([{**ROW, "also": "short"}], COLUMNS, Format.TABLE)

    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if ROW["name"] in line and ROW["timing"] in line]
    assert max(map(len, lines)) <= 80


def test_where_no_table_fits_each_row_is_a_block_of_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_terminal(50, monkeypatch)
    row = {"name": ROW["name"], "timing": ROW["timing"], "says": "short", "also": None}
    show([row, row], COLUMNS, Format.TABLE)

    block = [
        "name           visit-to-cankaya-ankara",
        "timing         2001-12-04/2001-12-06",
        "what it says   short",
        "and beside it  –",
    ]
    assert capsys.readouterr().out.splitlines() == [*block, "", *block]


def test_no_line_of_a_table_ends_in_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    show(
        [{"name": "long-name", "says": "a"}, {"name": "b", "says": "longer"}], COLUMNS, Format.TABLE
    )

    assert all(line == line.rstrip() for line in capsys.readouterr().out.splitlines())


def test_no_line_of_a_paragraph_ends_in_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    tell("a long word " * 20, indent=4)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert all(line == line.rstrip() for line in lines)


def test_one_of_a_thing_is_said_in_the_singular() -> None:
    assert number_of(1, "row") == "1 row"
    assert number_of(0, "row") == "0 rows"
    assert number_of(1, "discrepancy", "discrepancies") == "1 discrepancy"
    assert number_of(2, "discrepancy", "discrepancies") == "2 discrepancies"


@pytest.mark.parametrize(
    "written", ["1_000", "+5", " 5", "5 ", "-1", "５０", "٣", "", "5.0", "9" * 31]
)
def test_a_number_is_written_in_digits_and_no_other_way(written: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a number written in digits"):
        number()(written)


def test_a_number_lies_within_its_bounds() -> None:
    assert [number(1, 65535)(each) for each in ("1", "65535", 8414)] == [1, 65535, 8414]
    with pytest.raises(typer.BadParameter, match="0 is not between 1 and 65535"):
        number(1, 65535)("0")
    with pytest.raises(typer.BadParameter, match="0 is not 1 or more"):
        number(1)("0")
