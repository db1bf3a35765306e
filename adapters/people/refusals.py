"""The journal of refusals, outside the log: who was refused, when, by which rule."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Engine, insert, select

from adapters.database.state_database import clock, reading
from adapters.people import tables
from adapters.people.sessions import seconds_in_words

MOST = 500
"""Refusals that are shown at a time, the newest ones."""
LONGEST = 2000


class Refused(NamedTuple):
    """One refusal. `who` is a pseudonym, or locally the name of who records."""

    at: str
    who: str
    rule: str
    what: str
    says: str


class Refusals:
    """The refusals of one register."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, who: str, rule: str, what: str, says: str) -> None:
        """Keep a refusal: `what` was sent where, and what the rule said."""
        with self._engine.begin() as db:
            given = {"person": who, "rule": rule, "what": what[:200], "says": says[:LONGEST]}
            row = {"id": secrets.token_hex(16), "at": clock(db), **given}
            db.execute(insert(tables.refusal), row)

    def newest(self, rule: str | None = None) -> Sequence[Refused]:
        """The newest refusals first, of one rule if it is given."""
        kept = tables.refusal.c
        asked = select(kept.at, kept.person, kept.rule, kept.what, kept.says)
        if rule is not None:
            asked = asked.where(kept.rule == rule)
        with reading(self._engine) as db:
            rows = db.execute(asked.order_by(kept.at.desc()).limit(MOST)).all()
        return [Refused(seconds_in_words(row[0]), *row[1:]) for row in rows]
