"""Attached documents in either database: kept once, as they are, refused by reason, backed up."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from adapters.files import MOST_BYTES
from adapters.store.attachments import Attachments, NotAttachable
from adapters.store.backup.backup import back_up, restore, verify
from adapters.store.backup.comparison import compare
from adapters.store.backup.file import BrokenBackup
from application.ports import Damaged, NotSetUp
from tests.support.log_stores import SQLiteStore, StoredStore, note

REPORT = b"%PDF-1.7 the report\x00\xff"
DIGEST = hashlib.sha256(REPORT).hexdigest()


@pytest.fixture
def kept(stored: StoredStore) -> Iterator[Attachments]:
    stored.open().append([note("a", 1)], {})
    with closing(Attachments(stored.url, "toronto")) as attachments:
        attachments.set_up()
        yield attachments


def test_a_document_is_kept_as_it_is_and_once(kept: Attachments) -> None:
    first = kept.attach("report.pdf", "Application/PDF; charset=x", REPORT, "clara")
    assert (first.sha256, first.name, first.media_type, first.size, first.attached_by) == (
        DIGEST,
        "report.pdf",
        "application/pdf",
        len(REPORT),
        "clara",
    )
    assert kept.attach("other.pdf", "text/plain", REPORT, "rosa") == first
    assert kept.every() == {DIGEST: first}
    assert kept.content(DIGEST) == REPORT


def test_one_of_many_who_attach_the_same_at_a_time_is_kept(kept: Attachments) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = [f"{n}.pdf" for n in range(8)]
        found = list(pool.map(lambda name: kept.attach(name, "", REPORT, "clara"), names))
    assert set(found) == {kept.every()[DIGEST]}


def test_another_register_of_the_log_does_not_have_it(
    kept: Attachments, stored: StoredStore
) -> None:
    kept.attach("report.pdf", "", REPORT, "clara")
    with closing(Attachments(stored.url, "bologna")) as other:
        assert other.find(DIGEST) is None
        with pytest.raises(KeyError):
            other.content(DIGEST)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc/passwd", "it is a path: give the file's name alone"),
        ("C:\\report.pdf", "it is a path: give the file's name alone"),
        ("..", "it is empty, begins with a dot, or begins or ends with a space"),
        ("", "it is empty, begins with a dot, or begins or ends with a space"),
        (".htaccess", "it is empty, begins with a dot, or begins or ends with a space"),
        ("report.pdf\x00.exe", "it has the character U+0000"),
        ("fdp.\u202etroper", "it has the character U+202E"),
        ("a\nSet-Cookie: x", "it has a tab or several lines"),
        ("x" * 201, "it has more than 200 characters"),
    ],
)
def test_a_name_that_no_file_should_have_is_refused(
    kept: Attachments, name: str, reason: str
) -> None:
    with pytest.raises(NotAttachable) as refused:
        kept.attach(name, "", REPORT, "clara")
    assert refused.value.details == {"field": "name", "reason": reason}
    assert kept.every() == {}


def test_what_is_no_document_is_refused(kept: Attachments) -> None:
    for content, kind, field in (
        (b"", "", "content"),
        (b"x" * (MOST_BYTES + 1), "", "content"),
        (REPORT, "text/html\r\nSet-Cookie: x", "media_type"),
    ):
        with pytest.raises(NotAttachable) as refused:
            kept.attach("report.pdf", kind, content, "clara")
        assert refused.value.details["field"] == field
    assert kept.every() == {}


def test_before_setup_it_says_so(stored: StoredStore) -> None:
    stored.open()
    with closing(Attachments(stored.url, "toronto")) as attachments, pytest.raises(NotSetUp):
        attachments.attach("report.pdf", "", REPORT, "clara")


def test_altered_bytes_are_not_given_out(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    store.set_up()
    store.open().append([note("a", 1)], {})
    with closing(Attachments(store.url, "toronto")) as kept:
        kept.set_up()
        kept.attach("report.pdf", "", REPORT, "clara")
        with closing(sqlite3.connect(tmp_path / "log.sqlite")) as db:
            db.execute("UPDATE attached_documents SET content = x'00'")
            db.commit()
        with pytest.raises(Damaged, match="other bytes than its digest says"):
            kept.content(DIGEST)


def test_a_backup_carries_them_to_either_database(
    kept: Attachments, stored: StoredStore, target: StoredStore, tmp_path: Path
) -> None:
    was = kept.attach("report.pdf", "application/pdf", REPORT, "clara")
    assert back_up(stored.url, tmp_path / "backup").documents == 1
    assert verify(tmp_path / "backup").documents == 1
    restore(tmp_path / "backup", target.url, "lost")
    with closing(Attachments(target.url, "toronto")) as restored:
        assert restored.every() == {DIGEST: was}
        assert restored.content(DIGEST) == REPORT


def test_a_backup_without_documents_is_one_that_older_programs_read(
    kept: Attachments, stored: StoredStore, tmp_path: Path
) -> None:
    back_up(stored.url, tmp_path / "backup")
    assert '"kind":"alliance-log-backup.v2"' in (tmp_path / "backup").read_text()


def test_a_changed_document_in_a_backup_is_named_by_its_line(
    kept: Attachments, stored: StoredStore, tmp_path: Path
) -> None:
    kept.attach("report.pdf", "", REPORT, "clara")
    back_up(stored.url, tmp_path / "backup")
    lines = (tmp_path / "backup").read_text().splitlines()
    at = next(n for n, line in enumerate(lines, start=1) if DIGEST in line)
    lines[at - 1] = lines[at - 1].replace("report.pdf", "minute.pdf")
    (tmp_path / "backup").write_text("\n".join(lines) + "\n")
    with pytest.raises(BrokenBackup) as broken:
        verify(tmp_path / "backup")
    assert broken.value.details["line"] == at


def test_a_log_is_compared_with_its_backup_documents_included(
    kept: Attachments, stored: StoredStore, tmp_path: Path
) -> None:
    back_up(stored.url, tmp_path / "before")
    kept.attach("report.pdf", "", REPORT, "clara")
    back_up(stored.url, tmp_path / "after")
    assert compare(stored.url, tmp_path / "before").differences == ()
    assert compare(stored.url, tmp_path / "after").differences == ()
    stored.run("DELETE FROM attached_documents")
    (missing,) = compare(stored.url, tmp_path / "after").differences
    assert (missing.kind, missing.stream) == ("missing", f"document {DIGEST}")
