"""Read models on the command line: built again, checked, repaired, and versions side by side."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.bootstrap import open_register
from projections.models import MODELS
from projections.partnerships import PARTNERSHIPS
from tests.support.alliance import alliance
from tests.support.toronto import everything, recorded_2001, settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recorded_2001(tmp_path)
    return tmp_path


@contextmanager
def tampered(folder: Path) -> Generator[tuple[sqlite3.Connection, str]]:
    """The read models' file, opened past the register; and the register's own table."""
    connection = sqlite3.connect(settings(folder).views.removeprefix("sqlite:///"))
    (table,) = connection.execute(
        "SELECT table_name FROM views WHERE name = 'partnerships'"
    ).fetchone()
    yield connection, table
    connection.commit()
    connection.close()


def tamper(folder: Path) -> None:
    """Alter one row, delete one city and invent another."""
    with tampered(folder) as (connection, table):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")][1:]
        for change in (
            (
                "UPDATE {0} SET v_classification = 'International' "
                "WHERE key = 'UA-KIEV' AND v_classification = 'Historical'"
            ),
            "DELETE FROM {0} WHERE key = 'IT-MILAN'",
            "INSERT INTO {0} SELECT 'XX-NOWHERE', {1} FROM {0} WHERE key = 'US-CHICAGO' LIMIT 1",
        ):
            connection.execute(change.format(table, ", ".join(columns)))


def rows(folder: Path) -> dict[str, list[bytes]]:
    with open_register(settings(folder)) as register:
        return everything(register)


def test_rebuilding_twice_gives_the_bytes_that_were_live(folder: Path) -> None:
    live = rows(folder)
    built = alliance(folder, "rebuild", "-f", "json").rows
    assert [row["model"] for row in built] == [model.name for model in MODELS]
    assert rows(folder) == live
    assert alliance(folder, "rebuild", "partnerships").code == 0
    assert rows(folder) == live


def test_altered_deleted_and_invented_rows_are_all_found_named_and_repaired(folder: Path) -> None:
    live = rows(folder)
    assert alliance(folder, "verify", "projections").code == 0
    tamper(folder)
    ran = alliance(folder, "verify", "projections", "-f", "json")
    found = {(row["model"], row["kind"], row["key"]) for row in ran.rows}
    assert ran.code == 4
    assert found == {
        ("partnerships", "altered", "UA-KIEV"),
        ("partnerships", "missing", "IT-MILAN"),
        ("partnerships", "invented", "XX-NOWHERE"),
    }
    altered = next(row for row in ran.rows if row["kind"] == "altered")
    assert altered["columns"] == {
        "v_classification": {"should": "Historical", "found": "International"}
    }
    repaired = alliance(folder, "verify", "projections", "--repair", "-f", "json")
    assert (repaired.code, len(repaired.rows)) == (0, len(ran.rows))
    assert alliance(folder, "verify", "projections").code == 0
    assert rows(folder) == live


@pytest.mark.parametrize("first", [0, 4096], ids=["header", "pages"])
@pytest.mark.parametrize("command", ["list partnerships", "rebuild", "verify projections"])
def test_a_damaged_file_is_named_with_what_mends_it(folder: Path, command: str, first: int) -> None:
    live = rows(folder)
    file = Path(settings(folder).views.removeprefix("sqlite:///"))
    with file.open("r+b") as opened:
        opened.seek(first)
        opened.write(b"\xff" * (file.stat().st_size - first))
    done = alliance(folder, *command.split())
    assert done.code == 6
    assert "Damaged" in done.err
    assert f"read models: {file}" in done.err or f"file: {file}" in done.err
    assert (
        "mend: delete the file with its -wal and -shm, then alliance setup, alliance rebuild"
        in done.err
    )
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    assert alliance(folder, "setup").code == 0
    assert alliance(folder, "rebuild").code == 0
    assert rows(folder) == live


def test_checking_one_read_model_leaves_the_others_unread(folder: Path) -> None:
    tamper(folder)
    assert alliance(folder, "verify", "projections", "policy_text").code == 0
    assert alliance(folder, "verify", "projections", "partnerships").code == 4


def test_a_read_model_that_nobody_keeps_is_named(folder: Path) -> None:
    for arguments in (("rebuild", "gossip"), ("verify", "projections", "gossip")):
        ran = alliance(folder, *arguments)
        assert ran.code == 5
        assert "UnknownReadModel" in ran.err


def test_an_update_builds_its_read_models_beside_the_old_ones_which_setup_removes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = (name for name in dict(_kept(folder)) if name.startswith("partnerships_"))
    live = rows(folder)
    newer = tuple(replace(m, version=99) if m is PARTNERSHIPS else m for m in MODELS)
    for module in ("projections.models", "adapters.cli.maintain.status"):
        monkeypatch.setattr(f"{module}.MODELS", newer)
    assert alliance(folder, "setup").code == 0
    kept = dict(_kept(folder))
    (new,) = (n for n in kept if n.startswith("partnerships_") and n != old)
    assert (kept[old], kept[new]) == (False, True)
    assert rows(folder) == live, "the program before still answers from its own"
    removed = alliance(folder, "setup", "--remove-old")
    assert (removed.code, f"{old} is removed." in removed.out) == (0, True)
    assert old not in dict(_kept(folder))


def _kept(folder: Path) -> list[tuple[str, bool]]:
    found = alliance(folder, "status", "-f", "json").rows
    return [(row["what"], row["this_program"]) for row in found]
