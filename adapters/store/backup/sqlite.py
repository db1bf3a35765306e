"""Read a whole log from a SQLite file; load one into an empty file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from adapters import clock
from adapters.database.sqlite_connections import connect, explained
from adapters.store.attachments import AttachedDocument
from adapters.store.backup.file import Contents, Header, NotEmpty
from adapters.store.event_log.recorder import Draft, Epoch, PersonalPart, Row
from application.ports import NotSetUp

ROWS = (
    "SELECT originator_id, originator_version, topic, state, notification_id, recorded_at "
    "FROM stored_events ORDER BY notification_id"
)
INSERT = (
    "INSERT INTO stored_events "
    "(originator_id, originator_version, topic, state, notification_id, recorded_at) "
    "VALUES (?,?,?,?,?,?)"
)


FIELDS = ", ".join(AttachedDocument._fields)
DOCUMENTS = f"SELECT {FIELDS} FROM attached_documents ORDER BY register, sha256"  # noqa: S608
COUNT_DOCUMENTS = "SELECT count(*) FROM attached_documents"
INSERT_DOCUMENT = f"INSERT OR IGNORE INTO attached_documents ({FIELDS}) VALUES (?,?,?,?,?,?,?)"  # noqa: S608


@contextmanager
def snapshot(path: Path) -> Generator[Contents]:
    """Open the log as it is now, whatever is appended meanwhile; the file is never copied."""
    with closing(connect(path)) as connection:
        try:
            yield _contents(connection.execute, path)
        except sqlite3.DatabaseError as error:  # also where its rows are read
            raise explained(error, path) from error


def _contents(execute: Callable[[str], sqlite3.Cursor], path: Path) -> Contents:
    execute("BEGIN")
    (marked,) = execute("SELECT format FROM log_mark").fetchone() or (None,)
    if marked is None:
        raise NotSetUp(log=str(path))
    epochs = execute("SELECT epoch, previous, restored_through FROM log_epochs ORDER BY number")
    (rows,) = execute("SELECT count(*) FROM stored_events").fetchone()
    (personal,) = execute("SELECT count(*) FROM personal_parts").fetchone()
    found = execute("SELECT 1 FROM sqlite_master WHERE name = 'attached_documents'").fetchone()
    attached = execute(DOCUMENTS) if found else iter(())
    (documents,) = execute(COUNT_DOCUMENTS).fetchone() if found else (0,)
    return Contents(
        Header(marked, [Epoch(*epoch) for epoch in epochs], rows, personal, documents),
        execute(ROWS),
        map(PersonalPart._make, execute("SELECT * FROM personal_parts ORDER BY digest")),
        map(AttachedDocument._make, attached),
    )


def load(
    path: Path,
    rows: Iterator[Row],
    personal: Callable[[], Iterator[PersonalPart]],
    documents: Callable[[], Iterator[AttachedDocument]],
    epochs: Sequence[Epoch],
    told: Sequence[Draft],
) -> None:
    """Fill an empty log in one transaction; raises `NotEmpty`."""
    with closing(connect(path)) as connection:
        execute = connection.execute
        try:
            execute("BEGIN IMMEDIATE")
            if execute("SELECT 1 FROM stored_events LIMIT 1").fetchone():
                raise NotEmpty(log=str(path))
            connection.executemany(INSERT, rows)
            connection.executemany("INSERT INTO personal_parts VALUES (?,?,?)", personal())
            connection.executemany(INSERT_DOCUMENT, documents())
            connection.executemany(
                "INSERT INTO log_epochs (epoch, previous, restored_through) VALUES (?,?,?)", epochs
            )
            last = execute("SELECT max(notification_id), max(recorded_at) FROM stored_events")
            position, recorded_at = last.fetchone()
            now = max(clock.now(), (recorded_at or 0) + 1)
            connection.executemany(
                INSERT, [(*draft, position + n, now) for n, draft in enumerate(told, start=1)]
            )
            execute("COMMIT")
        except Exception as error:
            raise explained(error, path) from error
