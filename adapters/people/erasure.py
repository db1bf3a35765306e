"""Personal values are erased from drafts, refusals and names: they are plain beside the log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import count

from sqlalchemy import Column, Engine, Table, select, update

from adapters.database.state_database import clock, forget, overwriting, serialise
from adapters.people import tables
from domain.shared.text import folded

ERASED = "(erased)"
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_PAGE = 500
_DISTINCT = 6
"""Letters of a value that stand in a text by chance no more, whatever is between them."""


def erase_values(engine: Engine, values: Sequence[str]) -> int:
    """Erase values, however they are written, and return how many rows held one.

    A draft that waits and held one is withdrawn: it no longer is what its author wrote. A name of
    who signs in is emptied where it is a value. On SQLite nothing of it stays in the file.
    """
    wanted = [_Value(value) for value in values if folded(value)]
    if not wanted:
        return 0
    done = 0
    with engine.begin() as db:
        overwriting(db)
        serialise(db, "alliance-drafts")
        for table, names in _COLUMNS.items():
            shown: Sequence[Column[str]] = [table.c[name] for name in names]
            for start in count(step=_PAGE):
                page = select(table.c.id, *shown).order_by(table.c.id).limit(_PAGE).offset(start)
                rows = db.execute(page).all()
                for row in rows:
                    changed = {
                        name: new
                        for name, old in zip(names, row[1:], strict=True)
                        if (new := _without(old, wanted)) != old
                    }
                    if not changed:
                        continue
                    done += 1
                    if table is tables.person:
                        changed = {"name": ""}
                    db.execute(update(table).where(table.c.id == row.id).values(changed))
                    if table is tables.draft:
                        waits = (table.c.id == row.id) & (table.c.state == "waiting")
                        gone = {"state": "withdrawn", "decided": clock(db)}
                        db.execute(update(table).where(waits).values(gone))
                if len(rows) < _PAGE:
                    break
    if done:
        forget(engine, [table.name for table in _COLUMNS])
    return done


_COLUMNS: dict[Table, tuple[str, ...]] = {
    tables.draft: ("author", "text", "title", "decided_by"),
    tables.refusal: ("person", "what", "says"),
    tables.person: ("name",),
}


class _Value:
    """One value, and how it is found in text."""

    def __init__(self, value: str) -> None:
        words = r"\s+".join(map(re.escape, value.split()))
        self.written = re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
        letters = folded(value)
        self.letters = letters if len(letters) >= _DISTINCT else None


def _without(text: str, values: Iterable[_Value]) -> str:
    """The text without the values; nothing of it where one stands in another way of writing."""
    for value in values:
        text = value.written.sub(ERASED, text)
        for read in (text, _unescaped(text)):
            if value.letters and value.letters in folded(read):
                return ERASED
    return text


def _unescaped(text: str) -> str:
    """Text with the escapes of JSON and YAML as the characters that they stand for."""
    return _ESCAPE.sub(lambda found: _character(found[1] or found[2] or found[3]), text)


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if code < 0x110000 else ""
