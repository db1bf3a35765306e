"""Rows as sheets: CSV (RFC 4180), and Excel's `.xlsx`.

A cell that a spreadsheet would take for a formula is text, whoever wrote it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MADE = datetime(1980, 1, 1)  # noqa: DTZ001  (a zip file has no zone; the same rows, the same bytes)
WIDEST = 60
"""The widest column of a sheet, in letters; longer texts are cut in sight, and not in the cell."""
LONGEST_CELL = 32_767
"""Excel's own limit, in letters."""


EVIDENCE = "evidence"
"""The field of a row that cites the head of evidence, as a file of rows has no other place."""


def citing(rows: Sequence[Mapping[str, Any]], evidence: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows with the line of evidence, where there is one, as their last field."""
    return [{**row, EVIDENCE: evidence} for row in rows] if evidence else rows


def as_csv(
    rows: Sequence[Mapping[str, Any]], evidence: str = "", fields: Sequence[str] = ()
) -> str:
    """Return RFC 4180 text, with a line of names: those of the rows, or `fields` without rows.

    Each row cites the `evidence`, if any; where there is no row, the line of names does.
    """
    names = names_of(citing(rows, evidence)) or [*fields, *filter(None, (evidence,))]
    rows = citing(rows, evidence)
    lines = (csv_line(row.get(name) for name in names) for row in rows)
    return "".join([csv_line(names), *lines])


def csv_line(cells: Iterable[object]) -> str:
    """Return one line; a cell that looks like a formula is led by an apostrophe."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(_cell, cells))
    return out.getvalue()


def names_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fields of all rows, in the order in which they come."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _cell(value: object) -> str:
    text = _text(value)
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_xlsx(rows: Sequence[Mapping[str, Any]], title: str, about: Sequence[str]) -> bytes:
    """Return a workbook: rows under the names of their fields, and a sheet that describes them.

    Numbers are numbers; everything else is text. The same rows give the same bytes.
    """
    import xlsxwriter  # noqa: PLC0415  (heavy: only where a sheet is made)

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": MADE})
        head, long = (
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"valign": "top"}),
        )
        sheet, names = book.add_worksheet(title[:31]), names_of(rows)
        for column, name in enumerate(names):
            sheet.write_string(0, column, name, head)
            cells = [row.get(name) for row in rows]
            for line, value in enumerate(cells, 1):
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(line, column, value, long)
                else:
                    sheet.write_string(line, column, _text(value)[:LONGEST_CELL], long)
            longest = max((len(_text(value)) for value in (name, *cells)), default=0)
            sheet.set_column(column, column, min(longest + 2, WIDEST))
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(names) - 1)
        told = book.add_worksheet("About")
        told.set_column(0, 0, WIDEST)
        for line, text in enumerate(about):
            told.write_string(line, 0, text)
    return out.getvalue()
