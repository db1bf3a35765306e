"""What a database's error means, by its code, whichever driver raised it."""

from __future__ import annotations

import sqlite3

NO_RIGHT = ("42501", "3F000")
"""PostgreSQL's states for what its user may not do; the other is for a schema it may not see."""
ENDED = ("57P01", "57P02", "57P03", "57P05", "25P03", "25P04")
"""PostgreSQL ends this connection; the last two for a transaction that took too long."""
READ_ONLY = "25006"
PRIMARY = 0xFF
"""The part of SQLite's codes that says the kind of error."""


def _state(error: BaseException | None) -> str | None:
    return getattr(error, "sqlstate", None)


def has_no_right(error: BaseException | None) -> bool:
    return _state(error) in NO_RIGHT


def is_ended(error: BaseException | None) -> bool:
    return _state(error) in ENDED


def said(error: BaseException | None) -> str:
    """What the driver says. Where a disk has no room to share memory in, SQLite does not say it."""
    full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE
    return "database or disk is full" if full else str(error).strip()


def is_read_only(error: BaseException | None) -> bool:
    """A standby, a database that is set to take no writes, a file that may not be written."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return _state(error) == READ_ONLY or code & PRIMARY == sqlite3.SQLITE_READONLY
