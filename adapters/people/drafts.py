"""Drafts that wait for another person than their author."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Literal, NamedTuple

from sqlalchemy import Engine, case, insert, select, update

from adapters.database.state_database import clock, reading, serialise
from adapters.people import tables
from adapters.people.sessions import seconds_in_words

State = Literal["waiting", "recorded", "withdrawn"]
MOST = 200
"""Drafts that are shown at a time."""


class Draft(NamedTuple):
    """The text of a minutes file, who wrote it, and what became of it."""

    id: str
    author: str
    text: str
    title: str
    written: str
    state: str
    decided_by: str
    position: int


class NotWaiting(Exception):
    """The draft was recorded or withdrawn meanwhile, or there is none."""


class Drafts:
    """The drafts of one register."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, author: str, text: str, title: str) -> str:
        """Keep a draft; the same text by the same author is the same draft."""
        name = sha256(f"{author}\0{text}".encode()).hexdigest()[:16]
        table = tables.draft
        with self._engine.begin() as db:
            serialise(db, "alliance-drafts")
            now = clock(db)
            if db.execute(select(table.c.id).where(table.c.id == name)).first() is None:
                row = {"id": name, "author": author, "text": text, "title": title, "written": now}
                none = {"state": "waiting", "decided_by": "", "decided": 0.0, "position": 0}
                db.execute(insert(table), {**row, **none})
            else:  # withdrawn before: it waits again
                again = (table.c.id == name) & (table.c.state == "withdrawn")
                db.execute(update(table).where(again).values(state="waiting", written=now))
        return name

    def find(self, name: str) -> Draft | None:
        """A draft by its name."""
        return next(iter(self._select(name)), None)

    def newest(self) -> Sequence[Draft]:
        """Drafts that wait, then the others, the newest first."""
        return self._select()

    def _select(self, name: str | None = None) -> list[Draft]:
        kept = tables.draft.c
        asked = select(*(kept[each] for each in Draft._fields))
        asked = asked.where(kept.id == name) if name else asked
        settled = case((kept.state == "waiting", 0), else_=1)
        with reading(self._engine) as db:
            rows = db.execute(asked.order_by(settled, kept.written.desc()).limit(MOST)).all()
        return [Draft(*row)._replace(written=seconds_in_words(row.written)) for row in rows]

    @contextmanager
    def deciding(self, name: str, who: str, state: State) -> Generator[list[int]]:
        """Hold a draft that waits while it is recorded or withdrawn, so that only one of both is.

        The position that is put into the list is kept. Raises `NotWaiting`. A server that dies
        between the log and this leaves the draft waiting; recording it again changes nothing.
        """
        table, at = tables.draft, [0]
        with self._engine.begin() as db:
            ours = (table.c.id == name) & (table.c.state == "waiting")
            if db.execute(select(table.c.id).where(ours).with_for_update()).first() is None:
                raise NotWaiting
            yield at
            done = {"decided_by": who, "decided": clock(db), "position": at[-1]}
            db.execute(update(table).where(ours).values(state=state, **done))
