"""Faults of the embedded transport's file: damage, and a file that may not be written."""

from __future__ import annotations

import os
import sqlite3
from hashlib import blake2b
from pathlib import Path

from adapters.database.errors import is_read_only
from application.ports import Damaged, NotWritable

MEND = (
    "stop relay and subscribers, delete the file with its -wal and -shm, run alliance setup, and"
    " start them again: what was not handled is sent again"
)


def digest_of(*parts: bytes) -> bytes:
    """Return the digest that tells whether a message is as it was stored."""
    return blake2b(b"\0".join(parts), digest_size=16).digest()


def damaged_file(path: Path, reason: str) -> Damaged:
    """Return the problem that the file cannot be trusted, with what to do."""
    return Damaged(file=str(path), reason=reason, mend=MEND)


def explained(error: Exception, path: Path) -> Exception:
    """Translate SQLite's error if the file is damaged or may not be written; else return it."""
    if type(error) is sqlite3.DatabaseError or "not decode to UTF-8" in str(error):
        return damaged_file(path, str(error))
    code = getattr(error, "sqlite_errorcode", 0)
    closed = code == sqlite3.SQLITE_CANTOPEN and not os.access(path.absolute().parent, os.W_OK)
    if is_read_only(error) or closed:
        return NotWritable(file=str(path), reason=str(error))
    return error
