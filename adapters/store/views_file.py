"""The read models' own SQLite file, as it is opened for whoever asks or writes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import unquote

from adapters.store.sqlite_file import Connections, Opened, explained, opened
from adapters.write_ahead import use_write_ahead_log

BUSY_SECONDS = 30
HOLDS = "read_models"

MAPPED_BYTES = 2**31 - 2**16
"""As much of the file as SQLite can map: a page not in its cache is then no call to the system."""


def prepare(connection: sqlite3.Connection) -> None:
    """Read models are derived, so SQLite need not wait for the disk at each commit.

    After a power failure rows and position are back at the same earlier state, and the log is read
    from there.
    """
    use_write_ahead_log(connection)
    for pragma in (
        "synchronous=NORMAL",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "cache_size=-65536",
        f"mmap_size={MAPPED_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def connect(path: Path) -> Opened:
    """A connection for questions; raises `NotSetUp` when there is no file."""
    try:
        connection = opened(path, "rw", BUSY_SECONDS)
        prepare(connection)
    except sqlite3.DatabaseError as error:
        raise explained(error, path, HOLDS) from error
    return connection


def views_file(url: str) -> Connections:
    """Connections for questions to the file of a `sqlite:///` URL, as SQLAlchemy reads it."""
    path = Path(unquote(url.removeprefix("sqlite:///").partition("?")[0]))
    return Connections(path, connect, HOLDS)
