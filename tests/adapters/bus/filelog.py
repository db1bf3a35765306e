"""A log in a file that one process appends to and others read: as little of one as drills need."""

import sqlite3
from pathlib import Path
from typing import cast

from application.ports import Log, RawPage, StoredRow
from domain.shared.messages import StreamId
from tests.adapters.bus.fakes import FakeLog


class FileLog:
    """Appends what a `FakeLog` makes up; what is committed is acknowledged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS log (position INTEGER PRIMARY KEY, stream, version, topic,"
            " state, recorded_at)"
        )

    def close(self) -> None:
        self._db.close()

    def append(self, fake: FakeLog) -> None:
        """Store what the fake has beyond our head."""
        head = self.head()
        rows = [(r[4], r[0], r[1], r[2], r[3], r[5]) for r in fake.rows[head:]]
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def raw_after(self, position: int, limit: int) -> RawPage:
        query = "SELECT stream, version, topic, state, position, recorded_at FROM log"
        found = self._db.execute(
            f"{query} WHERE position > ? ORDER BY position LIMIT ?", (position, limit + 50)
        ).fetchall()
        page = [StoredRow(StreamId(row[0]), *row[1:]) for row in found]
        while len(page) > limit and page[limit - 1].recorded_at != page[-1].recorded_at:
            page.pop()
        return RawPage(page, page[-1].position if page else position)

    def head(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(position), 0) FROM log").fetchone()[0])

    def position_at(self, recorded_at: int) -> int:
        query = "SELECT coalesce(max(position), 0) FROM log WHERE recorded_at <= ?"
        return int(self._db.execute(query, (recorded_at,)).fetchone()[0])

    def ids(self) -> list[str]:
        found = self._db.execute(
            "SELECT stream || '/' || version FROM log WHERE topic != 'command-recorded.v1'"
            " ORDER BY position"
        )
        return [str(row[0]) for row in found]

    def epoch(self) -> str:
        return "1"

    def epochs(self) -> list[tuple[str, int]]:
        return [("1", 0)]

    def check_follower(self, position: int, epoch: str) -> None:
        """This log is never restored."""

    def port(self) -> Log:
        return cast("Log", self)
