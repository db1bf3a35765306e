"""The meaning of database errors, by their codes, whichever driver raised them."""

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
    """Return the driver's message; for a full disk, SQLite may have none."""
    full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE
    return "database or disk is full" if full else str(error).strip()


def is_not_to_be_opened(error: BaseException | None) -> bool:
    """True where SQLite may not open the file, or not make the files beside it."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & PRIMARY == sqlite3.SQLITE_CANTOPEN


def is_no_text(error: BaseException | None) -> bool:
    """True where a text column has bytes that are not text: the file is damaged."""
    return "Could not decode to UTF-8" in str(error)


def is_read_only(error: BaseException | None) -> bool:
    """True for a standby, a database set to take no writes, or a file that may not be written."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return _state(error) == READ_ONLY or code & PRIMARY == sqlite3.SQLITE_READONLY
