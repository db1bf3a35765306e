"""Several programs that open a new file at once."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from adapters.database.wal import use_write_ahead_log


@pytest.fixture
def files(tmp_path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """One connection that has the file to itself, and another that will not wait for it."""
    path = tmp_path / "new.sqlite"
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    first.execute("CREATE TABLE something (x)")
    first.execute("BEGIN EXCLUSIVE")
    return first, sqlite3.connect(path, isolation_level=None, timeout=0)


def test_who_comes_second_waits_until_the_first_is_done(
    files: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    first, second = files
    done = threading.Timer(0.2, first.execute, ("COMMIT",))
    done.start()
    use_write_ahead_log(second)
    done.join()
    assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_nobody_waits_for_ever(
    files: tuple[sqlite3.Connection, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.database.wal.TRIES", 2)
    with pytest.raises(sqlite3.OperationalError) as raised:
        use_write_ahead_log(files[1])
    assert raised.value.sqlite_errorcode == sqlite3.SQLITE_BUSY
