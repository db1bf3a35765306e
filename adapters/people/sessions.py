"""Sessions in the database: several servers share them, and an administrator can end each.

The browser has a secret; the database has its digest only.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select, update

from adapters.database.state_database import clock, reading
from adapters.people import tables
from adapters.people.roles import Person, known_roles

SESSION_SECONDS = 10 * 3600
"""One working day."""
SIGN_IN_SECONDS = 600
ERASED = "(name erased)"


class BegunSession(NamedTuple):
    """A sign-in that was begun: what its answer must carry, and the page to go back to."""

    nonce: str
    verifier: str
    back: str


class OpenSession(NamedTuple):
    """A session as administrators see it."""

    id: str
    person: str
    name: str
    roles: str
    began: str
    ends: str


def seconds_in_words(seconds: float) -> str:
    """A time as pages show it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


class Sessions:
    """The sessions of one register."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin_sign_in(self, state: str, begun: BegunSession) -> None:
        """Keep what the answer to a sign-in must fit."""
        with self._engine.begin() as db:
            now = clock(db)
            db.execute(delete(tables.sign_in).where(tables.sign_in.c.ends < now))
            db.execute(
                insert(tables.sign_in),
                {"id": _digest(state), **begun._asdict(), "ends": now + SIGN_IN_SECONDS},
            )

    def end_sign_in(self, state: str) -> BegunSession | None:
        """Take what was kept for a sign-in; it is there once."""
        table = tables.sign_in
        with self._engine.begin() as db:
            ours = (table.c.id == _digest(state)) & (table.c.ends >= clock(db))
            gone = delete(table).where(ours).returning(*(table.c[n] for n in BegunSession._fields))
            row = db.execute(gone).first()
        return BegunSession(*row) if row else None

    def begin(self, who: Person) -> str:
        """Begin a session; its secret is for the browser alone."""
        secret = secrets.token_urlsafe(32)
        with self._engine.begin() as db:
            now = clock(db)
            db.execute(delete(tables.session).where(tables.session.c.ends < now))
            _remember(db, who)
            db.execute(
                insert(tables.session),
                {
                    "id": _digest(secret),
                    "person": who.id,
                    "roles": " ".join(sorted(who.roles)),
                    "began": now,
                    "ends": now + SESSION_SECONDS,
                },
            )
        return secret

    def remember(self, who: Person) -> None:
        """Keep a person's name, as of a program that records with a token of its own."""
        if self.names([who.id]).get(who.id) != who.name:
            with self._engine.begin() as db:
                _remember(db, who)

    def find(self, secret: str) -> Person | None:
        """The person of a session that is open."""
        session, person = tables.session, tables.person
        with reading(self._engine) as db:
            row = db.execute(
                select(session.c.id, session.c.person, person.c.name, session.c.roles)
                .join(person, person.c.id == session.c.person)
                .where(session.c.id == _digest(secret), session.c.ends > clock(db))
            ).first()
        if row is None:
            return None
        return Person(row.person, row.name or ERASED, known_roles(row.roles.split()), row.id)

    def end(self, id_: str) -> bool:
        """End a session, wherever it is used. False if there is none."""
        with self._engine.begin() as db:
            gone = db.execute(delete(tables.session).where(tables.session.c.id == id_))
        return bool(gone.rowcount)

    def open_ones(self) -> Sequence[OpenSession]:
        """Sessions that are open, the newest first."""
        session, person = tables.session, tables.person
        with reading(self._engine) as db:
            rows = db.execute(
                select(session, person.c.name)
                .join(person, person.c.id == session.c.person)
                .where(session.c.ends > clock(db))
                .order_by(session.c.began.desc())
            ).all()
        return [
            OpenSession(
                r.id,
                r.person,
                r.name or ERASED,
                r.roles,
                seconds_in_words(r.began),
                seconds_in_words(r.ends),
            )
            for r in rows
        ]

    def names(self, ids: Sequence[str]) -> dict[str, str]:
        """The names behind pseudonyms, of those that are known and not erased."""
        person = tables.person
        with reading(self._engine) as db:
            rows = db.execute(select(person).where(person.c.id.in_(ids))).all()
        return {row.id: row.name for row in rows if row.name}

    def erase(self, id_: str) -> bool:
        """Destroy a person's name and end the sessions: the log keeps a pseudonym of nobody."""
        with self._engine.begin() as db:
            named = tables.person.c
            erased = db.execute(update(tables.person).where(named.id == id_).values(name=""))
            db.execute(delete(tables.session).where(tables.session.c.person == id_))
        return bool(erased.rowcount)


def _remember(db: Connection, who: Person) -> None:
    table = tables.person
    named = db.execute(update(table).where(table.c.id == who.id).values(name=who.name))
    if not named.rowcount:
        db.execute(insert(table), {"id": who.id, "name": who.name})
