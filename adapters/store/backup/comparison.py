"""Compare a log with a backup of it, row by row: altered, missing or invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from adapters.store.attachments import AttachedDocument
from adapters.store.backup.backup import snapshot, survey
from adapters.store.backup.file import read_backup
from adapters.store.event_log.recorder import PersonalPart, Row
from domain.shared.problems import Conflict

COLUMNS = ("stream", "version", "topic", "state", "position", "recorded_at")
T = TypeVar("T")


class BackupOfAnotherLog(Conflict):
    """The log never was in the backup's epoch: this is a backup of another one."""

    backup: str
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row of the log that is not as in the backup; `columns` names what is altered.

    Of a personal value or an attached document, `stream` is its digest, and position and version
    are 0.
    """

    kind: str
    position: int
    stream: str
    version: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows compared, rows recorded `since`, personal values `erased`; and the differences."""

    compared: int
    since: int
    erased: int
    differences: tuple[RowDifference, ...]


def compare(url: str, source: Path) -> Comparison:
    """Read a log and a backup of it side by side.

    Nothing is decoded, so that a damaged row is named like an altered one. Raises `BrokenBackup`,
    `BackupOfAnotherLog`, `NotSetUp`, `Unavailable`.
    """
    with read_backup(source) as reader:
        backup, _ = survey(reader)  # to its end: what is not whole proves nothing
    differences: list[RowDifference] = []
    since = erased = 0
    with read_backup(source) as reader, snapshot(url) as contents:
        epochs = tuple(epoch.epoch for epoch in contents.header.epochs)
        if backup.epoch not in epochs:
            raise BackupOfAnotherLog(backup=backup.epoch, log=epochs)
        for should, found in _side_by_side(reader.rows(), contents.rows, lambda row: row[4]):
            if should is None and found is not None and found[4] > backup.head:
                since += 1
            elif should != found:
                differences.append(_of_rows(should, found))
        for kept, value in _side_by_side(
            reader.personal(), contents.personal, lambda value: value.digest
        ):
            if kept is not None and value is None:
                erased += 1
            elif kept is not None and value is not None and kept != value:
                differences.append(_of_values(kept, value))
        for document, other in _side_by_side(
            reader.documents(), contents.documents, lambda each: (each.register, each.sha256)
        ):
            if document is not None and document != other:  # others were attached since
                differences.append(_of_documents(document, other))
    return Comparison(backup.rows, since, erased, tuple(differences))


def _side_by_side(
    should: Iterator[T], found: Iterator[T], place: Callable[[T], Any]
) -> Iterator[tuple[T | None, T | None]]:
    """Yield pairs of one place each; both are in the order of their places."""
    a, b = next(should, None), next(found, None)
    while a is not None or b is not None:
        if b is None or (a is not None and place(a) < place(b)):
            yield a, None
            a = next(should, None)
        elif a is None or place(b) < place(a):
            yield None, b
            b = next(found, None)
        else:
            yield a, b
            a, b = next(should, None), next(found, None)


def _of_rows(should: Row | None, found: Row | None) -> RowDifference:
    stream, version, _, _, position, _ = should or found or ("", 0, "", b"", 0, 0)
    if should is None or found is None:
        kind = "invented" if should is None else "missing"
        return RowDifference(kind, position, stream, version)
    pairs = zip(COLUMNS, should, found, strict=True)
    return RowDifference(
        "altered", position, stream, version, tuple(name for name, a, b in pairs if a != b)
    )


def _of_documents(kept: AttachedDocument, found: AttachedDocument | None) -> RowDifference:
    name = f"document {kept.sha256}"
    if found is None:
        return RowDifference("missing", 0, name, 0)
    pairs = zip(AttachedDocument._fields, kept, found, strict=True)
    return RowDifference("altered", 0, name, 0, tuple(n for n, a, b in pairs if a != b))


def _of_values(kept: PersonalPart, value: PersonalPart) -> RowDifference:
    pairs = zip(PersonalPart._fields, kept, value, strict=True)
    return RowDifference(
        "altered", 0, f"personal value {kept.digest}", 0, tuple(n for n, a, b in pairs if a != b)
    )
