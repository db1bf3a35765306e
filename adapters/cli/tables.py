"""Tables for people: names and dates stay whole, so that they can be read and copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

GAP = 2
"""Blanks between two columns."""

SENTENCE = 24
"""Letters of a text that is not broken in a file or a pipe."""

Cells = Sequence[Sequence[str]]


def comfortable(headings: Sequence[str], cells: Cells) -> int:
    """How much room lets every column break between words only, and short sentences not at all."""
    widths = zip(*_widths(headings, cells), strict=True)
    return sum(max(least, min(whole, SENTENCE)) + GAP for least, whole in widths)


def fitted(headings: Sequence[str], cells: Cells, room: int) -> list[int] | None:
    """The columns' widths, wide ones narrowed to fit; `None` where words would have to break."""
    least, widths = _widths(headings, cells)
    room -= GAP * (len(least) - 1)
    if cells and sum(least) > room:
        return None
    while sum(widths) > max(room, sum(least)):
        slack = [number for number, width in enumerate(widths) if width > least[number]]
        widths[max(slack, key=widths.__getitem__)] -= 1
    return widths


def table(headings: Sequence[str], cells: Cells, room: int) -> Table:
    """Rows as a table, or, where there is no room for that, each as a block of lines."""
    widths = fitted(headings, cells, room)
    return _blocks(headings, cells) if widths is None else _lines(headings, cells, widths)


def _widths(headings: Sequence[str], cells: Cells) -> tuple[list[int], list[int]]:
    """Of each column, the longest word and the longest text."""
    from rich.cells import cell_len  # noqa: PLC0415  (heavy: only where a table is shown)

    columns = [[heading, *(line[at] for line in cells)] for at, heading in enumerate(headings)]
    least = [
        max(cell_len(word) for text in column for word in text.split() or [""])
        for column in columns
    ]
    return least, [max(map(cell_len, column)) for column in columns]


def _lines(headings: Sequence[str], cells: Cells, widths: Sequence[int]) -> Table:
    lines = _bare(show_header=True)
    for heading, width in zip(headings, widths, strict=True):
        lines.add_column(heading, width=width, overflow="fold")
    for line in cells:
        lines.add_row(*map(_text, line))
    return lines


def _blocks(headings: Sequence[str], cells: Cells) -> Table:
    blocks = _bare(show_header=False)
    blocks.add_column(no_wrap=True, style="bold")
    blocks.add_column(overflow="fold")
    for number, line in enumerate(cells):
        if number:
            blocks.add_row()
        for heading, text in zip(headings, line, strict=True):
            blocks.add_row(heading, _text(text))
    return blocks


def _bare(*, show_header: bool) -> Table:
    from rich.table import Table  # noqa: PLC0415

    return Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=show_header)


def _text(text: str) -> Any:
    from rich.text import Text  # noqa: PLC0415

    return Text(text)
