"""One file holds a log, says when it does not, and gives it back to either database."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from adapters.store.backup.backup import back_up, restore, verify
from adapters.store.backup.file import BackupExists, BrokenBackup, NotEmpty, _row, _sum
from adapters.store.event_log.log import EventLog
from adapters.store.event_log.recorder import FORMAT, Row
from application.ports import AheadOfLog, NewerLog, NotSetUp, Pending, StoredRow
from domain.shared.log_facts import LOG, EpochOpened
from domain.shared.messages import Personal, StreamId
from tests.support.log_stores import (
    NOON,
    LetterReceived,
    Sender,
    SQLiteStore,
    StoredStore,
    note,
)

A = StreamId("a")
LATE = 1_795_000_000_000_000_000


def written(stored: StoredStore) -> EventLog:
    """Two registers, text beyond ASCII, personal values, and a hole in the positions."""
    log = stored.open()
    log.append([note("a", 1, 'Köln — "quoted"\n\u2028'), note("b", 1), note("a", 2)], {})
    sender = Sender(name=Personal[str](value="Ms. Smith"))
    log.append([Pending(StreamId("letters"), 1, LetterReceived(subject="x", sender=sender))], {})
    row = StoredRow(StreamId("toronto/a"), 3, "noted.v1", b'{"text":"x"}', 9, LATE)
    stored.insert(row)
    stored.open("bologna").append([note("a", 1)], {})
    return log


@pytest.fixture
def backup(stored: StoredStore, tmp_path: Path) -> Path:
    written(stored)
    back_up(stored.url, tmp_path / "log.backup")
    return tmp_path / "log.backup"


# --- backing up -----------------------------------------------------------------------------------


def test_a_backup_says_what_it_holds(stored: StoredStore, tmp_path: Path) -> None:
    log = written(stored)
    made = back_up(stored.url, tmp_path / "log.backup")
    assert (made.rows, made.personal, made.head, made.epoch) == (6, 1, 10, log.epoch())
    assert verify(tmp_path / "log.backup") == made


def test_a_backup_is_for_its_owner_alone_and_replaces_nothing(
    stored: StoredStore, tmp_path: Path
) -> None:
    target = tmp_path / "log.backup"
    back_up(stored.url, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(BackupExists):
        back_up(stored.url, target)
    assert [path.name for path in tmp_path.glob("*backup*")] == ["log.backup"]


def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotSetUp):
        back_up(f"sqlite:///{tmp_path}/log.sqlite", tmp_path / "log.backup")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_holds_the_log_still_while_others_write(
    stored: StoredStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = written(stored)
    begun, go_on = Event(), Event()

    def slowly(row: Row) -> dict[str, object]:
        begun.set()
        assert go_on.wait(30)
        return _row(row)

    monkeypatch.setattr("adapters.store.backup.file._row", slowly)
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(back_up, stored.url, tmp_path / "log.backup")
        assert begun.wait(30)
        log.append([note("during", 1)], {})
        go_on.set()
        assert made.result(30).rows == 6
    assert verify(tmp_path / "log.backup").head == 10


# --- what is damaged is not restored --------------------------------------------------------------


def cut_all(text: str) -> str:
    return text[:0]


def cut_last_line(text: str) -> str:
    return text[: text.rstrip().rindex("\n") + 1]


def cut_in_a_line(text: str) -> str:
    return text[: text.index("noted.v1") + 4]


def change_a_row(text: str) -> str:
    return text.replace("Köln", "Bonn")


def change_a_part(text: str) -> str:
    start = text.index('"sealed":"') + 8
    return text[:start] + ("0" if text[start] != "0" else "1") + text[start + 1 :]


def swap_rows(text: str) -> str:
    lines = [line + "\n" for line in text.split("\n")[:-1]]
    lines[2], lines[3] = lines[3], lines[2]
    return "".join(lines)


def drop_a_row(text: str) -> str:
    lines = [line + "\n" for line in text.split("\n")[:-1]]
    return "".join(lines[:3] + lines[4:])


def add_a_line(text: str) -> str:
    return text + text[text.rstrip("\n").rindex("\n") + 1 :]


DAMAGE: dict[str, tuple[Callable[[str], str], int]] = {
    "nothing left": (cut_all, 1),
    "last line cut": (cut_last_line, 9),
    "cut in a line": (cut_in_a_line, 2),
    "row changed": (change_a_row, 2),
    "part changed": (change_a_part, 8),
    "rows swapped": (swap_rows, 3),
    "row dropped": (drop_a_row, 4),
    "line added": (add_a_line, 10),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_is_refused_at_its_line_and_nothing_is_restored(
    backup: Path, tmp_path: Path, damage: str
) -> None:
    change, line = DAMAGE[damage]
    backup.write_text(change(backup.read_text("utf-8")), "utf-8", newline="\n")
    with pytest.raises(BrokenBackup) as broken:
        verify(backup)
    assert broken.value.details["line"] == line
    target = tmp_path / "restored.sqlite"
    with pytest.raises(BrokenBackup):
        restore(backup, f"sqlite:///{target}", "drill")
    assert not target.exists()


def test_another_file_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "other"
    digest = _sum("", json.dumps({"kind": "else"}))
    other.write_text(f'["{digest}",{json.dumps({"kind": "else"})}]\n')
    for path, line in ((other, 1), (tmp_path / "missing", 0)):
        with pytest.raises(BrokenBackup) as broken:
            verify(path)
        assert broken.value.details["line"] == line


# --- restoring ------------------------------------------------------------------------------------


def test_a_restored_log_is_the_log_on_either_database(
    stored: StoredStore, backup: Path, target: StoredStore
) -> None:
    restore(backup, target.url, "the disk failed")
    for register in ("toronto", "bologna"):
        old, new = stored.open(register), target.open(register)
        *rows, told = new.raw_after(0, 100).rows
        assert rows == old.raw_after(0, 100).rows
        assert (told.stream, told.version, told.topic) == (LOG, 1, EpochOpened.TOPIC)
    digests = [
        str(entry.event.sender.name.digest)
        for entry in target.open().entries()
        if isinstance(entry.event, LetterReceived)
    ]
    assert target.open().personal(digests) == {digests[0]: "Ms. Smith"}


def test_a_restored_log_goes_on_where_it_ended(
    stored: StoredStore, backup: Path, target: StoredStore
) -> None:
    restore(backup, target.url, "the disk failed")
    log = target.open()
    told = [list(target.open(register).entries())[-1] for register in ("toronto", "bologna")]
    assert sorted(last.position for last in told) == [11, 12]
    assert told[0].recorded_at == told[1].recorded_at > LATE, "told in one commit"
    (entry,) = log.append([note("a", 4)], {A: 3})
    assert entry.position == log.head() == 13
    assert entry.recorded_at > told[0].recorded_at


def test_a_new_epoch_says_from_what_and_why(
    stored: StoredStore, backup: Path, target: StoredStore
) -> None:
    epoch = restore(backup, target.url, "the disk failed")
    (told,) = target.open().read(LOG)[LOG]
    assert told.event == EpochOpened(
        epoch=epoch.epoch,
        previous=stored.open().epoch(),
        restored_through=10,
        backup=verify(backup).digest,
        reason="the disk failed",
    )
    assert target.open().epoch() == epoch.epoch != stored.open().epoch()


def test_followers_that_read_what_the_backup_has_go_on_and_those_ahead_refuse(
    stored: StoredStore, backup: Path, target: StoredStore
) -> None:
    restore(backup, target.url, "the disk failed")
    log, before = target.open(), stored.open().epoch()
    log.check_follower(10, before)
    for _ in range(5):
        log.append([note("later", len(log.read(StreamId("later"))[StreamId("later")]) + 1)], {})
    log.check_follower(log.head(), log.epoch())
    with pytest.raises(AheadOfLog) as ahead:
        log.check_follower(11, before)
    assert ahead.value.details == {"position": 11, "epoch": before, "shared": 10}


def test_restored_twice_a_follower_of_the_first_epoch_shares_the_shorter_part(
    stored: StoredStore, backup: Path, tmp_path: Path
) -> None:
    first = stored.open().epoch()
    second = SQLiteStore(tmp_path / "second")
    restore(backup, second.url, "once")
    log = second.open()
    log.append([note("later", 1)], {})
    back_up(second.url, tmp_path / "again.backup")
    third = SQLiteStore(tmp_path / "third")
    restore(tmp_path / "again.backup", third.url, "twice")
    latest = third.open()
    latest.check_follower(10, first)
    latest.check_follower(13, log.epoch())
    for position, epoch, shared in ((11, first, 10), (14, log.epoch(), 13)):
        with pytest.raises(AheadOfLog) as ahead:
            latest.check_follower(position, epoch)
        assert ahead.value.details["shared"] == shared
    assert [entry.version for entry in latest.read(LOG)[LOG]] == [1, 2]
    second.close()
    third.close()


def test_a_log_that_has_entries_is_not_restored_into(backup: Path, target: StoredStore) -> None:
    target.set_up()
    target.open().append([note("a", 1)], {})
    with pytest.raises(NotEmpty):
        restore(backup, target.url, "by mistake")
    assert len(list(target.open().entries())) == 1


def test_a_log_that_was_set_up_and_is_empty_may_be_restored_into(
    backup: Path, target: StoredStore
) -> None:
    target.set_up()
    empty = target.open().epoch()
    restore(backup, target.url, "the disk failed")
    target.open().check_follower(0, empty)
    assert sorted(target.open(register).head() for register in ("toronto", "bologna")) == [11, 12]


def test_an_empty_log_can_be_backed_up_and_restored(tmp_path: Path, target: StoredStore) -> None:
    store = SQLiteStore(tmp_path)
    store.set_up()
    back_up(store.url, tmp_path / "log.backup")
    restore(tmp_path / "log.backup", target.url, "drill")
    assert target.open().head() == 0
    assert target.open().append([note("a", 1)], {})[0].position == 1


def test_a_backup_of_a_newer_program_is_refused(
    stored: StoredStore, tmp_path: Path, target: StoredStore
) -> None:
    written(stored)
    stored.run(f"UPDATE log_mark SET format = {FORMAT + 1}")  # noqa: S608
    back_up(stored.url, tmp_path / "log.backup")
    with pytest.raises(NewerLog) as newer:
        restore(tmp_path / "log.backup", target.url, "drill")
    assert newer.value.details == {"program": FORMAT, "log": FORMAT + 1}


def test_moments_are_kept_though_the_clock_of_the_target_is_behind(
    stored: StoredStore, backup: Path, tmp_path: Path
) -> None:
    store = SQLiteStore(tmp_path / "behind")
    restore(backup, store.url, "the disk failed")
    log = store.open()
    store.set_clock(NOON)
    last = list(log.entries())[-1].recorded_at
    assert log.append([note("a", 4)], {})[0].recorded_at == last + 1
    store.close()
