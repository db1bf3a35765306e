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

FEWEST = 2
"""The number of columns that are always shown."""

READABLE = 16
"""The letters a line that a text gets before a column is left out."""

STYLES = {
    "overdue": "bold red",
    "not met": "bold red",
    "not met, overridden": "bold yellow",
    "advisory": "bold yellow",
    "uncertain": "bold yellow",
}
"""Words that a clerk should not miss, in colour on a terminal; the word says it without."""

Cells = Sequence[Sequence[str]]


def comfortable(headings: Sequence[str], cells: Cells) -> int:
    """Return the width at which no word and no short sentence has to be broken."""
    widths = zip(*_widths(headings, cells), strict=True)
    return sum(max(least, min(whole, SENTENCE)) + GAP for least, whole in widths)


def fitted(headings: Sequence[str], cells: Cells, room: int) -> list[int] | None:
    """Return the columns' widths, wide ones narrowed to fit.

    `None` where words would have to break.
    """
    least, widths = _widths(headings, cells)
    room -= GAP * (len(least) - 1)
    if cells and sum(least) > room:
        return None
    while sum(widths) > max(room, sum(least)):
        slack = [number for number, width in enumerate(widths) if width > least[number]]
        widths[max(slack, key=widths.__getitem__)] -= 1
    return widths


def shown_columns(headings: Sequence[str], cells: Cells, room: int | None) -> int:
    """Return how many columns there is room for, from the left; each row stays on its row.

    Where even two are too wide, both are shown, and long words are broken.
    """
    number = len(headings)
    while room and number > FEWEST:
        within = [line[:number] for line in cells]
        if fitted(headings[:number], within, room) is not None:
            break
        number -= 1
    return number


def table(headings: Sequence[str], cells: Cells, room: int) -> Table:
    """Return rows as a table."""
    widths = fitted(headings, cells, room)
    if widths is None:
        least, _ = _widths(headings, cells)
        share = max(1, (room - GAP * (len(least) - 1)) // len(least))
        widths = [min(each, share) for each in least]
    lines = _bare()
    for heading, width in zip(headings, widths, strict=True):
        lines.add_column(heading, width=width, overflow="fold")
    for line in cells:
        lines.add_row(*map(_text, line))
    return lines


def _widths(headings: Sequence[str], cells: Cells) -> tuple[list[int], list[int]]:
    """Return for each column the least readable width, and the length of the longest text."""
    from rich.cells import cell_len  # noqa: PLC0415  (heavy: only where a table is shown)

    columns = [[heading, *(line[at] for line in cells)] for at, heading in enumerate(headings)]
    whole = [max(map(cell_len, column)) for column in columns]
    words = [
        max(cell_len(word) for text in column for word in text.split() or [""])
        for column in columns
    ]
    return [max(w, min(READABLE, all_)) for w, all_ in zip(words, whole, strict=True)], whole


def _bare() -> Table:
    from rich.table import Table  # noqa: PLC0415

    return Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))


def _text(text: str) -> Any:
    from rich.text import Text  # noqa: PLC0415

    return Text(text, style=STYLES.get(text, ""))
