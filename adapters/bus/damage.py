"""How damage to the embedded transport's file is noticed, and what is said of it."""

from __future__ import annotations

import sqlite3
from hashlib import blake2b
from pathlib import Path

from application.ports import Damaged

MEND = (
    "stop relay and subscribers, delete the file with its -wal and -shm, run alliance setup, and"
    " start them again: what was not handled is sent again"
)


def digest_of(*parts: bytes) -> bytes:
    """What tells whether a message is as it was stored."""
    return blake2b(b"\0".join(parts), digest_size=16).digest()


def damaged(path: Path, reason: str) -> Damaged:
    """The file cannot be trusted, and what to do."""
    return Damaged(file=str(path), reason=reason, mend=MEND)


def explained(error: Exception, path: Path) -> Exception:
    """What SQLite's error means where it says that the file is damaged; else the error."""
    if type(error) is sqlite3.DatabaseError or "not decode to UTF-8" in str(error):
        return damaged(path, str(error))
    return error
