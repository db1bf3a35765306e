"""Tables of people: sessions, names, drafts, refusals, rate limits, in a database of their own."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Engine, MetaData, String, Table, Text

from adapters.database.state_database import open_database, serialise

metadata = MetaData()
MEND = "move the file away with its -wal and -shm, and run alliance setup: all sign in again"

person = Table(
    "people_person",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
)
session = Table(
    "people_session",
    metadata,
    Column("id", String, primary_key=True),
    Column("person", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("began", Double, nullable=False),
    Column("ends", Double, nullable=False),
)
sign_in = Table(
    "people_sign_in",
    metadata,
    Column("id", String, primary_key=True),
    Column("nonce", String, nullable=False),
    Column("verifier", String, nullable=False),
    Column("back", String, nullable=False),
    Column("ends", Double, nullable=False),
)


draft = Table(
    "people_draft",
    metadata,
    Column("id", String, primary_key=True),
    Column("author", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("title", String, nullable=False),
    Column("written", Double, nullable=False),
    Column("state", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided", Double, nullable=False),
    Column("position", BigInteger, nullable=False),
)
refusal = Table(
    "people_refusal",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", Double, nullable=False),
    Column("person", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("what", String, nullable=False),
    Column("says", Text, nullable=False),
)
allowance = Table(
    "people_allowance",
    metadata,
    Column("id", String, primary_key=True),
    Column("full_at", Double, nullable=False, index=True),
)


def open_people(url: str) -> Engine:
    """Open the database of people. Raises `NotWritable`."""
    return open_database(url, MEND)


def create(engine: Engine) -> None:
    """Create the tables that are missing."""
    with engine.begin() as db:
        serialise(db, "alliance-people")
        metadata.create_all(db, checkfirst=True)
