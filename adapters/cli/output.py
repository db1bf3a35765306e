"""Rows for people and for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.text import readable

if TYPE_CHECKING:
    from rich.text import Text

Row = Mapping[str, Any]


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="A table for people, or rows for programs.")
]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show(
    rows: Sequence[Row], columns: Mapping[str, str], form: Format, *, title: str | None = None
) -> None:
    """Write rows. `columns` gives the table's columns and headings; programs get every field."""
    match form:
        case Format.JSON:
            sys.stdout.write(json.dumps(list(rows), ensure_ascii=False, indent=2) + "\n")
        case Format.CSV:
            sys.stdout.write(as_csv(rows))
        case Format.TABLE:
            _table(rows, columns, title)


@contextmanager
def ending_in(verdict: Exception | None) -> Generator[None]:
    """End as what was found demands, also where its reader has had enough of being told."""
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # rich makes the one the other
        if not verdict:
            raise
    if verdict:
        raise verdict


def as_csv(rows: Sequence[Row]) -> str:
    """RFC 4180 text, with a line of names."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = (csv_line(row.get(name) for name in names) for row in rows)
    return "".join([csv_line(names), *lines])


def csv_line(cells: Iterable[object]) -> str:
    """One line; a cell that a spreadsheet would take for a formula is led by an apostrophe."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(_cell, cells))
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text


def _table(rows: Sequence[Row], columns: Mapping[str, str], title: str | None) -> None:
    from adapters.cli.tables import comfortable, table  # noqa: PLC0415  (heavy: rich)

    headings = list(columns.values())
    cells = [[shown(row.get(name)) for name in columns] for row in rows]
    out = console(comfortable(headings, cells))
    with out.capture() as written:
        if title:
            out.print(title, style="italic", soft_wrap=True)
        out.print(table(headings, cells, out.width))
    _write_trimmed(written.get())


def _write_trimmed(text: str) -> None:
    for line in text.splitlines():
        sys.stdout.write(line.rstrip() + "\n")


def shown(value: object) -> str:
    """A value as a person reads it."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(shown(each) for each in value)
        case _:
            return readable(str(value))


def number_of(number: int, one: str, several: str = "") -> str:
    """So many of something; `several` where adding an s does not make the plural."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def console(least: int = 0) -> Any:
    """The terminal: as wide as it is; 110 columns, or as many as needed, for a file or a pipe."""
    from rich.console import Console  # noqa: PLC0415

    width = None if sys.stdout.isatty() else max(110, least)
    return Console(width=width, highlight=False, markup=False)


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
