"""The log's tables in SQLite. Made by `alliance setup`, never by opening."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from adapters.database.sqlite_connections import connect, explained
from adapters.database.wal import use_write_ahead_log
from adapters.store.event_log.recorder import FORMAT, ValuesNotSealed, new_epoch
from application.ports import NewerLog

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
CREATE TABLE IF NOT EXISTS personal_parts (
    digest TEXT PRIMARY KEY, subject TEXT NOT NULL, sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS personal_parts_of_subject ON personal_parts (subject);
CREATE TABLE IF NOT EXISTS log_mark (
    one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS log_epochs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch TEXT NOT NULL UNIQUE,
    previous TEXT,
    restored_through INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS log_registers (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""

OF_REGISTER = "substr(originator_id, 1, instr(originator_id, '/') - 1)"
SHARED = f"""
CREATE INDEX IF NOT EXISTS stored_events_of_register ON stored_events ({OF_REGISTER})
"""
"""Finds one register's rows among others'; the row's number comes after the name by itself."""

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
CREATE TRIGGER IF NOT EXISTS personal_parts_freeze BEFORE UPDATE ON personal_parts
    BEGIN SELECT RAISE(ABORT, 'personal parts are destroyed, not changed'); END;
"""


def setup(path: Path, registers: Iterable[str] = ()) -> None:
    """Create what is missing for these registers; mark the log with this program's format.

    The second register of a log brings an index, which a register by itself has no need of.

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
        if marked == 1 and connection.execute("SELECT 1 FROM personal LIMIT 1").fetchone():
            raise ValuesNotSealed(log=str(path.absolute()))
        connection.execute("INSERT OR REPLACE INTO log_mark VALUES (1, ?)", (FORMAT,))
        connection.execute(
            "INSERT INTO log_epochs (epoch, previous, restored_through) "
            "SELECT ?, NULL, 0 WHERE NOT EXISTS (SELECT 1 FROM log_epochs)",
            (new_epoch(),),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO log_registers VALUES (?)", ((name,) for name in registers)
        )
        if connection.execute("SELECT count(*) FROM log_registers").fetchone()[0] > 1:
            connection.execute(SHARED)
        connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        raise explained(error, path) from error
    finally:
        connection.close()


def _statements(script: str) -> list[str]:
    """Return single statements: `executescript` would commit the transaction first."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
