"""Rows as people see them."""

from __future__ import annotations

import sys

import pytest
import typer

from adapters.cli.common.number_options import number, year
from adapters.cli.common.output import Format, number_of, show, tell

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


def test_a_column_that_does_not_fit_is_left_out_and_named_and_rows_stay_rows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_terminal(50, monkeypatch)
    row = {"name": ROW["name"], "timing": ROW["timing"], "says": "short", "also": None}
    show([row, row], COLUMNS, Format.TABLE)

    line = "visit-to-cankaya-ankara  2001-12-04/2001-12-06"
    assert capsys.readouterr().out.splitlines() == [
        "name                     timing",
        line,
        line,
        "(Not shown for want of room: what it says, and",
        "beside it; a wider terminal or --format json has",
        "all.)",
    ]


def test_a_row_that_must_be_whole_has_below_it_what_there_is_no_room_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_terminal(50, monkeypatch)
    row = {"name": ROW["name"], "timing": ROW["timing"], "says": "one\ntwo", "also": None}
    other: dict[str, object] = {**row, "says": "short", "also": []}
    show([row, other], COLUMNS, Format.TABLE, in_full=True)

    line = "visit-to-cankaya-ankara  2001-12-04/2001-12-06"
    assert capsys.readouterr().out.splitlines() == [
        line,
        "  what it says:",
        "    one",
        "    two",
        line,
        "  what it says: short",
    ]


def test_two_columns_always_stand_and_long_words_are_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_terminal(30, monkeypatch)
    show(
        [{"name": ROW["name"], "timing": ROW["timing"]}], {"name": "n", "timing": "t"}, Format.TABLE
    )

    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 30
    assert "".join(line[:14] for line in lines[1:]).replace(" ", "") == ROW["name"]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_pipe_is_as_wide_as_columns_says(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    show([ROW] * 3, COLUMNS, Format.TABLE)
    tell("word " * 60)

    lines = capsys.readouterr().out.splitlines()
    assert columns - 20 < max(map(len, lines)) <= columns


def test_words_that_matter_are_coloured_on_a_terminal_and_said_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"status": "overdue"}, {"status": "done"}]
    show(rows, {"status": "status"}, Format.TABLE)
    assert capsys.readouterr().out == "status\noverdue\ndone\n"

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    show(rows, {"status": "status"}, Format.TABLE)
    assert "\x1b[1;31moverdue" in capsys.readouterr().out


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


def test_a_year_in_words_is_answered_with_a_year_in_digits() -> None:
    with pytest.raises(typer.BadParameter) as said:
        year("twenty")
    assert str(said.value) == "'twenty' is not a year written in digits, such as 2002"


def test_a_number_lies_within_its_bounds() -> None:
    assert [number(1, 65535)(each) for each in ("1", "65535", 8414)] == [1, 65535, 8414]
    with pytest.raises(typer.BadParameter, match="0 is not between 1 and 65535"):
        number(1, 65535)("0")
    with pytest.raises(typer.BadParameter, match="0 is not 1 or more"):
        number(1)("0")
