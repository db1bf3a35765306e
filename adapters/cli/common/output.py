"""Rows for people and for programs."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.exports.sheets import as_csv
from adapters.queries.rows import Row
from domain.shared.text import readable

if TYPE_CHECKING:
    from rich.text import Text

NOTHING = "–"
"""The cell of a value that is not there."""

Told = Row | Mapping[str, Any]
"""A row of a question, or of what a command did."""


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="A table for people, or rows for programs.")
]


def show(
    rows: Sequence[Told],
    columns: Mapping[str, str],
    form: Format,
    *,
    title: str | None = None,
    in_full: bool = False,
    fields: Sequence[str] = (),
) -> None:
    """Write rows. `columns` gives the table's columns and headings; programs get every field.

    What there is no room for is left out of a table, and named; `in_full` writes it below each row.
    `fields` are the names in CSV where there is no row.
    """
    plain = [row.plain() if isinstance(row, Row) else row for row in rows]
    match form:
        case Format.JSON:
            sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2) + "\n")
        case Format.CSV:
            sys.stdout.write(as_csv(plain, fields=fields))
        case Format.TABLE:
            _table(plain, columns, title, in_full=in_full)


@contextmanager
def ending_in(verdict: Exception | None) -> Generator[None]:
    """End with the exit code for what was found, even if the reader of the output has gone."""
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # rich makes the one the other
        if not verdict:
            raise
    if verdict:
        raise verdict


def _table(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
    title: str | None,
    *,
    in_full: bool,
) -> None:
    from adapters.cli.common.tables import comfortable, shown_columns, table  # noqa: PLC0415

    names, headings = list(columns), list(columns.values())
    cells = [[_in_a_cell(name, row.get(name)) for name in names] for row in rows]
    number = shown_columns(headings, cells, room())
    if in_full and number < len(headings):
        _paragraphs(headings, cells, number, title)
        return
    within = [line[:number] for line in cells]
    out = console(comfortable(headings[:number], within))
    with out.capture() as written:
        if title:
            out.print(title, style="italic", soft_wrap=True)
        out.print(table(headings[:number], within, out.width))
    _write_trimmed(written.get())
    if number < len(headings):
        left_out = ", ".join(headings[number:])
        tell(
            f"(Not shown for want of room: {left_out}; a wider terminal or --format json has all.)"
        )


def _paragraphs(
    headings: Sequence[str], cells: Sequence[Sequence[str]], number: int, title: str | None
) -> None:
    """Each row as a line of its first cells, and a line for each of the others that says something.

    A cell of several lines stands below its heading.
    """
    if title:
        tell(title)
    for line in cells:
        tell("  ".join(line[:number]), strong=True)
        for heading, cell in zip(headings[number:], line[number:], strict=True):
            first, *more = cell.splitlines() or [""]
            if more:
                tell(f"{heading}:", indent=2)
                for each in (first, *more):
                    tell(each, indent=4)
            elif cell not in ("", NOTHING):
                tell(f"{heading}: {cell}", indent=2)


def _in_a_cell(name: str, value: object) -> str:
    if name == "certain":
        return "yes" if value else "uncertain"
    return shown(value)


def _write_trimmed(text: str) -> None:
    for line in text.splitlines():
        sys.stdout.write(line.rstrip() + "\n")


def shown(value: object) -> str:
    """Return a value as a person reads it."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(shown(each) for each in value)
        case _:
            return readable(str(value))


def number_of(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun; `several` where adding an s does not make the plural."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def room() -> int | None:
    """Return the columns of the terminal or COLUMNS; a file or a pipe has no bound."""
    stated = os.environ.get("COLUMNS", "")
    if sys.stdout.isatty() or (stated.isascii() and stated.isdigit() and int(stated) > 0):
        return shutil.get_terminal_size().columns
    return None


def console(least: int = 0) -> Any:
    """Return a console as wide as there is room; 110 columns or more in a file or a pipe."""
    from rich.console import Console  # noqa: PLC0415

    return Console(width=room() or max(110, least), highlight=False, markup=False)


def blank() -> None:
    """Write an empty line."""
    sys.stdout.write("\n")


def tell(text: str | Text, *, indent: int = 0, strong: bool = False) -> None:
    """Print a paragraph as it is, wrapped at the terminal's width behind its indent."""
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if isinstance(text, str):
        text = Text(readable(text), style="bold" if strong else "")
    out = console()
    with out.capture() as written:
        out.print(Padding(text, (0, 0, 0, indent), expand=False))
    _write_trimmed(written.get())
