"""`verify log --against`: each row that differs from the backup is named; damage ends with 6."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.support.street import RECORDS, Street


@pytest.fixture(params=["sqlite", "postgres"])
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Street:
    """A register with a file recorded, and a backup of it."""
    if request.param == "sqlite":
        street = Street.on_sqlite(tmp_path)
    else:
        street = Street.on_postgres(str(request.getfixturevalue("fresh_postgres_url")), tmp_path)
    street.done("setup")
    street.done("record", RECORDS / "founding.yaml")
    street.done("backup", tmp_path / "backup.jsonl")
    return street


def past_the_triggers(street: Street, *statements: str) -> None:
    """What somebody with every right could do to the log."""
    url = street.environment["ALLIANCE_DATABASE_URL"]
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                db.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                db.execute(statement)
            db.commit()
    else:
        with psycopg.connect(url) as db:
            db.execute("SET session_replication_role = replica")
            for statement in statements:
                db.execute(re.sub(r"\bx'", r"'\\\\x", statement).encode())


def compared(street: Street, tmp_path: Path, code: int) -> list[dict[str, object]]:
    ran = street.run("verify", "log", "--against", tmp_path / "backup.jsonl", "-f", "json")
    assert ran.code == code, ran.err
    found: list[dict[str, object]] = json.loads(ran.out)
    return found


def test_a_log_that_went_on_since_the_backup_does_not_differ(
    street: Street, tmp_path: Path
) -> None:
    street.done("record", RECORDS / "2001-11-19-committee.yaml")
    assert compared(street, tmp_path, 0) == []
    said = " ".join(street.done("verify", "log", "--against", tmp_path / "backup.jsonl").split())
    assert ": 0 differ." in said
    assert "rows recorded since." in said


def test_each_row_that_differs_is_named(street: Street, tmp_path: Path) -> None:
    past_the_triggers(
        street,
        "UPDATE stored_events SET state = x'ff7d' WHERE notification_id = 3",
        "UPDATE stored_events SET topic = 'other.v1', recorded_at = 1 WHERE notification_id = 4",
        "DELETE FROM stored_events WHERE notification_id = 5",
        "INSERT INTO stored_events (originator_id, originator_version, topic, state,"
        " notification_id, recorded_at) VALUES ('toronto/y', 1, 'x.v1', x'7b7d', -2, 1)",
    )
    found = compared(street, tmp_path, 4)
    assert [(row["kind"], row["position"], row["columns"]) for row in found] == [
        ("invented", -2, []),
        ("altered", 3, ["state"]),
        ("altered", 4, ["topic", "recorded_at"]),
        ("missing", 5, []),
    ]
    assert found[0]["stream"] == "toronto/y"


def test_a_backup_that_is_not_whole_or_of_another_log_proves_nothing(
    street: Street, tmp_path: Path
) -> None:
    other = Street.on_sqlite(tmp_path / "other")
    (tmp_path / "other").mkdir()
    other.done("setup")
    ran = other.run("verify", "log", "--against", tmp_path / "backup.jsonl")
    assert (ran.code, "(BackupOfAnotherLog)" in ran.err) == (4, True)
    cut = (tmp_path / "backup.jsonl").read_text().splitlines(keepends=True)[:-1]
    (tmp_path / "cut.jsonl").write_text("".join(cut))
    ran = street.run("verify", "log", "--against", tmp_path / "cut.jsonl")
    assert (ran.code, "(BrokenBackup)" in ran.err) == (5, True)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE stored_events SET state = x'7b22f47d' WHERE notification_id = 3",
        "UPDATE stored_events SET state = x'7b227d' WHERE notification_id = 3",
        "UPDATE stored_events SET state = x'' WHERE notification_id = 3",
    ],
)
def test_damage_in_the_log_is_named_by_whoever_reads_it(
    street: Street, tmp_path: Path, damage: str
) -> None:
    past_the_triggers(street, damage)
    for command in (
        ("log",),
        ("verify", "projections"),
        ("rebuild",),
        ("feed",),
        ("relay",),
        ("backup", tmp_path / "again.jsonl"),
    ):
        ran = street.run(*command)
        assert (command[0], ran.code, "position: 3" in ran.err) == (command[0], 6, True), ran.err
        assert "(Unreadable)" in ran.err or "(Unhandled)" in ran.err
        assert "Traceback" not in ran.err
    assert not (tmp_path / "again.jsonl").exists()
