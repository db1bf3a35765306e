"""A key for each subject whose personal values the log keeps, in a file apart from the log.

Destroying the key makes every copy of the values unreadable, those in backups of the log too. The
file keeps a list of what was destroyed, by pseudonym, for backups of an earlier time.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, cast

from pydantic_core import from_json

from adapters.database.sqlite_connections import connect
from adapters.store.event_log.recorder import PersonalPart
from adapters.store.event_log.sealed_parts import KEY, digest_of, is_sealed_under, seal, unseal
from application.ports import NotSetUp, SubjectKeysAway
from domain.shared.text import folded

TABLES = """
CREATE TABLE IF NOT EXISTS index_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB);
CREATE TABLE IF NOT EXISTS subjects (
    subject TEXT PRIMARY KEY, name BLOB UNIQUE, key BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS destroyed (
    subject TEXT, part TEXT, told TEXT NOT NULL, PRIMARY KEY (subject, part)
) WITHOUT ROWID;
"""


class KeysExist(NotSetUp):
    """There is a file already where the copy of the keys should be written."""


class Destroyed(NamedTuple):
    """A part that was destroyed: its subject by pseudonym, its digest, the event as JSON."""

    subject: str
    part: str
    told: str


class SubjectKeys:
    """The keys of one register's subjects."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set_up(self, in_use: Callable[[], bool]) -> None:
        """Make the file. Raises `SubjectKeysAway` where parts are there that it should open."""
        if not self._path.exists():
            if in_use():
                raise self._away()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        with self._open() as connection:
            connection.executescript(TABLES)
            connection.execute(
                "INSERT OR IGNORE INTO index_key VALUES (1, ?)", (secrets.token_bytes(KEY),)
            )

    def seal_value(self, value: bytes) -> PersonalPart:
        """Seal a value as JSON; equal names, however they are written, are one subject."""
        return self._sealed("person", _name_of(value), value)

    def seal_in_camera(self, stream: str, content: bytes) -> PersonalPart:
        """Seal an entry in camera; the entries of a stream share a key."""
        return self._sealed("in-camera", f"in camera\0{stream}".encode(), content)

    def find(self, words: str) -> str | None:
        """Return the subject of this name or pseudonym."""
        with self._open() as connection:
            found = connection.execute(
                "SELECT subject FROM subjects WHERE name = ? OR subject = ?",
                (_index(connection, f"person\0{folded(words)}".encode()), words),
            ).fetchone()
        return found[0] if found else None

    def opened(self, parts: Sequence[PersonalPart]) -> Mapping[str, bytes]:
        """Return values by digest, without those of subjects that were destroyed.

        Raises `SubjectKeysAway` for a subject whose key is missing otherwise.
        """
        if not parts:
            return {}
        with self._open() as connection:
            keys = {part.subject: _key(connection, part.subject) for part in parts}
            for subject in (name for name, key in keys.items() if key is None):
                if not _is_destroyed(connection, subject):
                    raise self._away()
        held = ((part, keys[part.subject]) for part in parts)
        return {part.digest: unseal(key, part.sealed) for part, key in held if key is not None}

    def owners(self) -> Callable[[str, bytes], bool]:
        """Return what tells whether a part is sealed under the key of a subject, as known now."""
        with self._open() as connection:
            keys = dict(connection.execute("SELECT subject, key FROM subjects").fetchall())
        return lambda subject, part: subject in keys and is_sealed_under(keys[subject], part)

    def destroy(self, subject: str, parts: Iterable[str], told: str) -> None:
        """Destroy a subject's key and index, and note which parts went and by which event."""
        with self._open() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO destroyed VALUES (?,?,?)",
                [(subject, part, told) for part in parts],
            )
            connection.execute("DELETE FROM subjects WHERE subject = ?", (subject,))

    def destroyed(self) -> Sequence[Destroyed]:
        """Return all that was destroyed; nothing where there is no file."""
        if not self._path.exists():
            return []
        with self._open() as connection:
            return [*map(Destroyed._make, connection.execute("SELECT * FROM destroyed"))]

    def copy_to(self, target: Path) -> int:
        """Back the keys up into a new file for its owner only, and return how many they are."""
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise KeysExist(keys=str(target.absolute())) from None
        with self._open() as connection, closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)
            return int(copy.execute("SELECT count(*) FROM subjects").fetchone()[0])

    def take_back(self, source: Path) -> int:
        """Add the keys of a copy that are missing here, without those that were destroyed since."""
        if not source.exists():
            raise SubjectKeysAway(keys=str(source.absolute()))
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return SubjectKeys(source).copy_to(self._path)
        with self._open() as connection:
            connection.execute("ATTACH ? AS copy", (str(source.absolute()),))
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR IGNORE INTO destroyed SELECT * FROM copy.destroyed")
            connection.execute("INSERT OR REPLACE INTO index_key SELECT * FROM copy.index_key")
            connection.execute("INSERT OR IGNORE INTO subjects SELECT * FROM copy.subjects")
            connection.execute(
                "DELETE FROM subjects WHERE subject IN (SELECT subject FROM destroyed)"
            )
            connection.execute("COMMIT")
            return int(connection.execute("SELECT count(*) FROM subjects").fetchone()[0])

    def _sealed(self, kind: str, name: bytes, content: bytes) -> PersonalPart:
        with self._open() as connection:
            index = _index(connection, name)
            find = "SELECT subject, key FROM subjects WHERE name = ?"
            found = connection.execute(find, (index,)).fetchone()
            if found is None:
                drawn = (f"{kind}-{secrets.token_hex(8)}", index, secrets.token_bytes(KEY))
                # Before the commit that needs it: a key without a part does no harm.
                connection.execute("INSERT OR IGNORE INTO subjects VALUES (?,?,?)", drawn)
                found = connection.execute(find, (index,)).fetchone()
        sealed = seal(found[1], content)
        return PersonalPart(digest_of(sealed), found[0], sealed)

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        if not self._path.exists():
            raise self._away()
        with closing(connect(self._path)) as connection:
            # What is deleted is overwritten, in the file and in its journal.
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA journal_mode=TRUNCATE")
            yield connection

    def _away(self) -> SubjectKeysAway:
        return SubjectKeysAway(keys=str(self._path.absolute()))


def _index(connection: sqlite3.Connection, name: bytes) -> bytes:
    (key,) = connection.execute("SELECT key FROM index_key").fetchone()
    return hmac.new(key, name, hashlib.sha256).digest()


def _key(connection: sqlite3.Connection, subject: str) -> bytes | None:
    row = connection.execute("SELECT key FROM subjects WHERE subject = ?", (subject,)).fetchone()
    return cast("bytes", row[0]) if row else None


def _is_destroyed(connection: sqlite3.Connection, subject: str) -> bool:
    found = connection.execute("SELECT 1 FROM destroyed WHERE subject = ? LIMIT 1", (subject,))
    return found.fetchone() is not None


def _name_of(value: bytes) -> bytes:
    words = from_json(value)
    return b"person\0" + (folded(words).encode() if isinstance(words, str) else value)
