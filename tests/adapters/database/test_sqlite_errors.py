"""What SQLite says of a folder that takes no writes, and of a text that is none."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.database.sqlalchemy_engine import sqlite_engine
from adapters.database.sqlite_connections import SQLiteFile
from adapters.store.event_log.sqlite_schema import setup
from application.ports import Damaged, NotWritable


def test_a_file_that_may_not_be_opened_is_for_a_person_to_mend(tmp_path: Path) -> None:
    log = tmp_path / "folder"
    log.mkdir()  # no file can be opened there, whoever the user is
    with closing(SQLiteFile(log)) as file, pytest.raises(NotWritable) as refused:
        file.rows("SELECT 1")
    assert refused.value.details == {"file": str(log), "reason": "unable to open database file"}
    with pytest.raises(NotWritable), sqlite_engine(log, "").connect():
        pass


def test_a_text_that_is_none_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    setup(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "INSERT INTO stored_events VALUES (1, CAST(x'ff' AS TEXT), 1, 'a.v1', x'7b7d', 1)"
        )
        db.commit()
    with closing(SQLiteFile(path)) as file, pytest.raises(Damaged, match="Could not decode"):
        file.rows("SELECT originator_id FROM stored_events")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["relay", "subscribe x"])
def test_a_program_that_waits_does_not_wait_for_a_folder_to_be_granted(
    tmp_path: Path, command: str
) -> None:
    program = [sys.executable, "-m", "adapters.cli.main"]
    subprocess.run([*program, "setup"], cwd=tmp_path, check=True)
    state = tmp_path / "var" / "alliance" / "toronto" / "relay.sqlite"
    for ending in ("", "-wal", "-shm"):
        state.with_name(state.name + ending).unlink(missing_ok=True)
    state.mkdir()
    ran = subprocess.run(
        [*program, *command.split()], cwd=tmp_path, timeout=60, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, "(NotWritable)" in ran.stderr) == (6, True), ran.stderr
    assert "relay.sqlite" in ran.stderr
