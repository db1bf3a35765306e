"""Documents attached to a register: their bytes by SHA-256, in a table beside its log."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import IntegrityError

from adapters import clock
from adapters.database.state_database import open_database, reading, serialise
from adapters.files import FILE_NAME, LONGEST_NAME, MOST_BYTES
from application.ports import Damaged
from domain.shared.problems import Invalid
from domain.shared.text import unreadable

UNKNOWN = "application/octet-stream"
MEND = "move the file away with its -wal and -shm, and alliance restore a backup in its place"

metadata = MetaData()
attachment = Table(
    "attached_documents",
    metadata,
    Column("register", String(collation="C").with_variant(String(), "sqlite"), primary_key=True),
    Column("sha256", String(collation="C").with_variant(String(), "sqlite"), primary_key=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("attached_at", BigInteger, nullable=False),
    Column("attached_by", String, nullable=False),
)
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")


class NotAttachable(Invalid):
    """A document cannot be attached: its `field` is wrong, for this `reason`."""

    field: str
    reason: str


class Attached(NamedTuple):
    """An attached document without its bytes: `size` in bytes, the time in microseconds since 1970.

    `attached_by` is the pseudonym of who attached it.
    """

    sha256: str
    name: str
    media_type: str
    size: int
    attached_at: int
    attached_by: str


class AttachedDocument(NamedTuple):
    """A row as a backup carries it."""

    register: str
    sha256: str
    name: str
    media_type: str
    content: bytes
    attached_at: int
    attached_by: str


class Attachments:
    """The attached documents of one register. Each is kept once, under the name it first had."""

    def __init__(self, url: str, register: str) -> None:
        self._register = register
        self._engine: Engine = open_database(url, MEND, private=False)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def set_up(self) -> None:
        """Create the table if it is missing. Raises `NotPermitted`."""
        with reading(self._engine) as db:
            if inspect(db).has_table(attachment.name):
                return
        with self._engine.begin() as db:
            serialise(db, "alliance-attachments")
            metadata.create_all(db, checkfirst=True)

    def attach(self, name: str, media_type: str, content: bytes, by: str) -> Attached:
        """Keep a document, and return what is kept; the same bytes again change nothing.

        Raises `NotAttachable` for a name with a path or a character that nobody can read, for a
        media type that is none, for no bytes or more than `MOST_BYTES`; `NotSetUp`.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        row = AttachedDocument(
            self._register,
            sha256,
            checked_name(name),
            checked_type(media_type),
            _checked(content),
            clock.now(),
            by,
        )
        if self.find(sha256) is None:
            # another process may be first: the bytes are the same
            with suppress(IntegrityError), self._engine.begin() as db:
                db.execute(insert(attachment).values(row._asdict()))
        return self._told(attachment.c.sha256 == sha256)[0]

    def find(self, sha256: str) -> Attached | None:
        """Return a document without its bytes, `None` where it is not attached."""
        return next(iter(self._told(attachment.c.sha256 == sha256)), None)

    def every(self) -> dict[str, Attached]:
        """Return all attached documents by their digest."""
        return {each.sha256: each for each in self._told()}

    def content(self, sha256: str) -> bytes:
        """Return the bytes of an attached document. Raises `KeyError`; `Damaged` if altered."""
        with reading(self._engine) as db:
            found = db.execute(
                select(attachment.c.content).where(
                    attachment.c.register == self._register, attachment.c.sha256 == sha256
                )
            ).scalar_one_or_none()
        if found is None:
            raise KeyError(sha256)
        content = bytes(found)
        if hashlib.sha256(content).hexdigest() != sha256:
            reason = f"the document {sha256} has other bytes than its digest says"
            raise Damaged(file=attachment.name, reason=reason, mend=MEND)
        return content

    def _told(self, *where: ColumnElement[bool]) -> list[Attached]:
        columns = attachment.c
        query = (
            select(
                columns.sha256,
                columns.name,
                columns.media_type,
                func.length(columns.content),
                columns.attached_at,
                columns.attached_by,
            )
            .where(columns.register == self._register, *where)
            .order_by(columns.attached_at, columns.sha256)
        )
        with reading(self._engine) as db:
            return [Attached(*row) for row in db.execute(query)]


def checked_name(name: str) -> str:
    """Return a file's name. Raises `NotAttachable` for a path, or what no file is called."""
    wrong = unreadable(name)
    if wrong:
        reason = f"it has the character {wrong}"
    elif "/" in name or "\\" in name:
        reason = "it is a path: give the file's name alone"
    elif not name.strip(". ") or name != name.strip() or name.startswith("."):
        reason = "it is empty, begins with a dot, or begins or ends with a space"
    elif not re.fullmatch(FILE_NAME, name) and len(name) <= LONGEST_NAME:
        reason = "it has a tab or several lines"
    elif len(name) > LONGEST_NAME:
        reason = f"it has more than {LONGEST_NAME} characters"
    else:
        return name
    raise NotAttachable(field="name", reason=reason)


def checked_type(media_type: str) -> str:
    """Return a media type without parameters, in small letters. Raises `NotAttachable`."""
    plain = media_type.partition(";")[0].strip().lower() or UNKNOWN
    if not _MEDIA_TYPE.fullmatch(plain):
        raise NotAttachable(field="media_type", reason="it is no type such as application/pdf")
    return plain


def _checked(content: bytes) -> bytes:
    if not content:
        raise NotAttachable(field="content", reason="the document has no bytes")
    if len(content) > MOST_BYTES:
        raise NotAttachable(
            field="content",
            reason=f"the document has {len(content)} bytes, and {MOST_BYTES} at most are attached",
        )
    return content
