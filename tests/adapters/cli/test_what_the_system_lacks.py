"""Closed streams, names that are no text, a user without a name: said plainly, nothing is lost."""

from __future__ import annotations

import getpass
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.bootstrap import Register
from adapters.files import put_in_place
from application.ports import DerivedAway
from tests.support.street import RECORDS, Street

FOUNDING = RECORDS / "founding.yaml"


@pytest.fixture
def street(tmp_path: Path) -> Street:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    return street


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_program_without_standard_streams_records_and_ends_with_0(
    street: Street, closed: str
) -> None:
    program = f"{sys.executable} -m adapters.cli.main record {FOUNDING} {closed}"
    environment = {**os.environ, **street.environment}
    ran = subprocess.run(["sh", "-c", program], check=False, env=environment, capture_output=True)
    assert (ran.returncode, b"Traceback" in ran.stderr) == (0, False)
    assert street.head() > 0
    file = street.environment["ALLIANCE_DATABASE_URL"].removeprefix("sqlite:///")
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
def test_a_file_whose_name_is_no_text_is_recorded_and_its_name_written_out(
    street: Street, tmp_path: Path
) -> None:
    folder = tmp_path / "minutes"
    folder.mkdir()
    shutil.copy(FOUNDING, folder / os.fsdecode(b"f\xff.yaml"))
    for form, written in (("table", r"f\udcff.yaml"), ("json", r"f\udcff.yaml")):
        program = [sys.executable, "-m", "adapters.cli.main", "record", str(folder), "-f", form]
        environment = {**os.environ, **street.environment}
        ran = subprocess.run(program, check=False, env=environment, capture_output=True)
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert written in ran.stdout.decode()
    assert street.head() > 0


def test_a_user_without_a_name_is_asked_for_one_where_somebody_records(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4242")

    monkeypatch.setattr(getpass, "getuser", nameless)
    nobody = Street({k: v for k, v in street.environment.items() if k != "ALLIANCE_ACTOR"})
    ran = nobody.run("record", FOUNDING)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith("ALLIANCE_ACTOR: your login has no name on this machine")
    assert nobody.run("status").code == 0
    assert nobody.head() == 0


@pytest.mark.parametrize("fails", [DerivedAway(reason="disk is full"), RuntimeError("a mistake")])
def test_what_fails_after_the_minutes_are_stored_ends_with_a_code_of_its_own(
    street: Street, monkeypatch: pytest.MonkeyPatch, fails: Exception
) -> None:
    def failing(*_: object) -> None:
        raise fails

    monkeypatch.setattr(Register, "catch_up", failing)
    ran = street.run("record", FOUNDING)
    assert (ran.code, "(Unfinished)" in ran.err) == (7, True)
    assert "stored: the minutes" in ran.err
    assert ("disk is full" in ran.err) or ("a mistake" in ran.err)
    assert "Nothing was recorded" not in ran.err
    assert "recorded as" in ran.out
    monkeypatch.undo()
    assert street.head() > 0
    assert "recorded before" in street.done("record", FOUNDING)


def test_a_file_is_put_in_place_whole_or_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, link = tmp_path / "list.csv", tmp_path / "link.csv"
    put_in_place(file, b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    put_in_place(link, b"new")
    assert (file.read_bytes(), link.is_symlink(), file.stat().st_mode & 0o777) == (
        b"new",
        True,
        0o640,
    )

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as refused:
        put_in_place(file, b"newer")
    assert refused.value.filename == str(file)
    assert file.read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "list.csv"]


def test_what_is_no_file_is_written_to_as_it_is(street: Street) -> None:
    street.done("export", "partnerships", "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()
