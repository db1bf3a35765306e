"""The log's tables in SQLite. Made by `alliance setup`, never by opening."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from adapters.store.rows import FORMAT, new_epoch
from adapters.store.sqlite_file import SQLiteFile, connect, explained
from adapters.write_ahead import use_write_ahead_log
from application.ports import NewerLog, NotSetUp

TABLES = """
CREATE TABLE IF NOT EXISTS stored_events (
    notification_id INTEGER PRIMARY KEY AUTOINCREMENT,
    originator_id TEXT NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    UNIQUE (originator_id, originator_version)
);
CREATE TABLE IF NOT EXISTS personal (
    digest TEXT PRIMARY KEY, salt BLOB NOT NULL, value BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_mark (
    one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS log_epochs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch TEXT NOT NULL UNIQUE,
    previous TEXT,
    restored_through INTEGER NOT NULL
);
"""

# INSERT OR REPLACE deletes without firing a DELETE trigger, hence the one on INSERT.
TRIGGERS = """
CREATE TRIGGER IF NOT EXISTS stored_events_keep BEFORE DELETE ON stored_events
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS stored_events_freeze BEFORE UPDATE ON stored_events
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS stored_events_replace BEFORE INSERT ON stored_events
    WHEN EXISTS (SELECT 1 FROM stored_events WHERE originator_id = NEW.originator_id
                 AND originator_version = NEW.originator_version)
      OR (NEW.notification_id > 0 AND EXISTS (
          SELECT 1 FROM stored_events WHERE notification_id = NEW.notification_id))
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS log_epochs_keep BEFORE DELETE ON log_epochs
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS log_epochs_freeze BEFORE UPDATE ON log_epochs
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS personal_freeze BEFORE UPDATE ON personal
    BEGIN SELECT RAISE(ABORT, 'personal values are erased, not changed'); END;
"""


def check(path: Path) -> None:
    """Raise `NotSetUp` where there is no log."""
    file = SQLiteFile(path)
    try:
        marked = file.rows("SELECT format FROM log_mark")
    finally:
        file.close()
    if not marked:
        raise NotSetUp(log=str(path))


def setup(path: Path) -> None:
    """Create what is missing and mark the log with this program's format.

    Raises `NewerLog` when a newer program has marked it already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(path, create=True)
    try:
        use_write_ahead_log(connection)
        connection.execute("BEGIN IMMEDIATE")
        for statement in _statements(TABLES + TRIGGERS):
            connection.execute(statement)
        marked = connection.execute("SELECT max(format) FROM log_mark").fetchone()[0]
        if marked is not None and marked > FORMAT:
            raise NewerLog(program=FORMAT, log=marked)
        connection.execute("INSERT OR REPLACE INTO log_mark VALUES (1, ?)", (FORMAT,))
        connection.execute(
            "INSERT INTO log_epochs (epoch, previous, restored_through) "
            "SELECT ?, NULL, 0 WHERE NOT EXISTS (SELECT 1 FROM log_epochs)",
            (new_epoch(),),
        )
        connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        raise explained(error, path) from error
    finally:
        connection.close()


def _statements(script: str) -> list[str]:
    """Single statements: `executescript` would commit the transaction first."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
