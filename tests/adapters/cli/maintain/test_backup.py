"""A register is backed up and restored on the command line; a later epoch is noticed."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest

from tests.adapters.bus.fakes import eventually
from tests.support.alliance import Ran, run

ROOT = Path(__file__).parents[4]
ALLIANCE = Path(sys.executable).with_name("alliance")
RECORDS = ROOT / "records" / "toronto-2001"


class Machine:
    """A folder with a register in it, and its command line."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.settings = {"LOGNAME": "clerk", "ALLIANCE_DATABASE_URL": url}

    def run(self, *arguments: object, code: int = 0) -> Ran:
        """Run the command line, and expect an exit code."""
        ran = run(*arguments, settings=self.settings, folder=self.folder)
        assert ran.code == code, ran.err
        return ran

    @contextmanager
    def running(self, *arguments: str) -> Generator[subprocess.Popen[str]]:
        """A command that runs until it is stopped."""
        with subprocess.Popen(
            [ALLIANCE, *arguments],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def head(self) -> int:
        """The last position of the log."""
        return self._number("log.sqlite", "SELECT max(notification_id) FROM stored_events")

    def published(self) -> int:
        """Where the relay is."""
        return self._number("toronto/relay.sqlite", "SELECT position FROM bus_relay")

    def _number(self, file: str, query: str) -> int:
        with closing(sqlite3.connect(self.folder / file)) as db:
            return int(db.execute(query).fetchone()[0])

    def partnerships(self) -> object:
        """What stands."""
        return json.loads(self.run("list", "partnerships", "--format", "json").out)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    made = Machine(tmp_path_factory.mktemp("recorded") / "machine", "sqlite:///log.sqlite")
    made.run("setup")
    made.run("record", RECORDS)
    return made


@pytest.fixture
def machine(recorded: Machine, tmp_path: Path) -> Machine:
    """A SQLite register with the record of 2001, for one test."""
    shutil.copytree(recorded.folder, tmp_path / "first")
    return Machine(tmp_path / "first", "sqlite:///log.sqlite")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_is_restored_answers_alike(
    machine: Machine, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    file = tmp_path / "backup.jsonl"
    machine.run("backup", file)
    url = "sqlite:///log.sqlite"
    if database == "postgresql":
        url = str(request.getfixturevalue("fresh_postgres_url"))
    second = Machine(tmp_path / "second", url)
    restored = second.run("restore", file, "--reason", "the disk was lost")
    assert "put the register's key at" in restored.out
    assert second.partnerships() == machine.partnerships()
    last = second.run("log", "--stream", "log", "--format", "json").out.splitlines()[-1]
    fact = json.loads(last)["fact"]
    assert fact["reason"] == "the disk was lost"
    again = second.run("record", RECORDS / "founding.yaml", code=6)
    assert "keys: " in again.err, "without the register's key no repeat can be told"
    assert "KeyAway" in second.run("setup", code=6).err
    assert "NotEmpty" in second.run("restore", file, code=6).err


def test_with_its_key_a_restored_register_knows_what_it_recorded(
    machine: Machine, tmp_path: Path
) -> None:
    file = tmp_path / "backup.jsonl"
    machine.run("backup", file)
    second = Machine(tmp_path / "second", "sqlite:///log.sqlite")
    key = second.folder / "toronto" / "register.key"
    key.parent.mkdir()
    key.write_bytes((machine.folder / "toronto" / "register.key").read_bytes())
    key.chmod(0o600)
    second.run("restore", file)
    assert "recorded before" in second.run("record", RECORDS).out


def test_a_read_model_ahead_of_the_restored_log_refuses(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "backup.jsonl"
    machine.run("backup", file)
    machine.run("record", ROOT / "docs" / "examples" / "2003-05-21-council.yaml")
    for name in ("log.sqlite", "log.sqlite-wal", "log.sqlite-shm"):
        (machine.folder / name).unlink(missing_ok=True)
    machine.run("restore", file)
    refused = machine.run("list", "partnerships", code=6)
    assert "AheadOfLog" in refused.err
    machine.run("rebuild")
    rows = machine.partnerships()
    assert isinstance(rows, list)
    assert {"Historical"} == {r["classification"] for r in rows if r["code"] == "UA-KIEV"}


@pytest.mark.slow
def test_a_relay_notices_that_its_log_was_replaced(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "backup.jsonl"
    machine.run("backup", file)
    shared = machine.head()
    machine.run("record", ROOT / "docs" / "examples" / "2003-05-21-council.yaml")
    second = Machine(tmp_path / "second", "sqlite:///log.sqlite")
    second.run("restore", file)
    with machine.running("relay") as relay:
        eventually(lambda: machine.published() == machine.head())
        for name in ("log.sqlite-wal", "log.sqlite-shm"):
            (machine.folder / name).unlink(missing_ok=True)
        (second.folder / "log.sqlite").replace(machine.folder / "log.sqlite")
        _, said = relay.communicate(timeout=60)
    assert relay.returncode == 6
    assert "alliance relay --accept-restore" in said
    assert f"shared: {shared}" in said


def test_a_damaged_backup_is_named_by_line_and_restores_nothing(
    machine: Machine, tmp_path: Path
) -> None:
    file = tmp_path / "backup.jsonl"
    machine.run("backup", file)
    lines = file.read_bytes().splitlines(keepends=True)
    lines[20] = lines[20].replace(b"Kiev", b"Kyiv").replace(b"city", b"town")
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"".join(lines))
    second = Machine(tmp_path / "second", "sqlite:///log.sqlite")
    assert "BrokenBackup" in second.run("restore", broken, "--verify", code=5).err
    assert "BrokenBackup" in second.run("restore", broken, code=5).err
    assert not (second.folder / "log.sqlite").exists()


def test_a_backup_that_finds_no_room_names_its_file_and_leaves_none(
    machine: Machine, tmp_path: Path
) -> None:
    file = tmp_path / "backup.jsonl"
    most = 64 * 1024
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (most, before[1]))
    try:
        refused = machine.run("backup", file, code=6)
    finally:
        setrlimit(RLIMIT_FSIZE, before)
    assert refused.err.splitlines()[1:] == [f"  file: {file}", "  reason: File too large"]
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_what_is_restored_is_said_though_the_rest_finds_no_room(
    machine: Machine, tmp_path: Path
) -> None:
    file = tmp_path / "backup.jsonl"
    machine.run("backup", file)
    second = Machine(tmp_path / "second", "sqlite:///log.sqlite")
    (second.folder / "toronto").mkdir()
    (second.folder / "toronto" / "register.key").write_bytes(b"short")
    done = second.run("restore", file, code=7)
    assert done.out.startswith("Restored through position ")
    assert "(Unfinished)" in done.err
    assert "found=5 bytes, expected=32 bytes" in done.err
