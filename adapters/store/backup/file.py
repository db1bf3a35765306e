"""The file of a backup: JSON Lines, written once, read and checked line by line.

Each line is an array of a SHA-256 and its content: first a header with counts, then rows in the
order of the log, then personal values, then attached documents, then an end. The digest covers the
line before as well, so what was changed or cut off is found at its line, and the last digest
vouches for the whole file.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from adapters.files import naming_file
from adapters.store.attachments import AttachedDocument
from adapters.store.event_log.recorder import Epoch, PersonalPart, Row
from domain.shared.problems import Invalid, Problem

KIND = "alliance-log-backup.v2"
WITH_DOCUMENTS = "alliance-log-backup.v3"
"""The kind of a backup that carries attached documents; programs before it refuse it."""


class BrokenBackup(Invalid):
    """The file is not a backup, or not as it was written.

    Details: `file`, `line` and the `reason`.
    """

    file: str
    line: int
    reason: str


class BackupExists(Problem):
    """There is already a file where the backup should be written."""

    file: str


class NotEmpty(Problem):
    """The log that should be restored into has entries already."""

    log: str


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a backup: the format of the log, its epochs, the numbers of what follows."""

    format: int
    epochs: Sequence[Epoch]
    rows: int
    personal: int
    documents: int = 0


class Contents(NamedTuple):
    """A log as it is read for a backup: each part once, in this order."""

    header: Header
    rows: Iterator[Row]
    personal: Iterator[PersonalPart]
    documents: Iterator[AttachedDocument]


def _sum(before: str, content: str) -> str:
    return hashlib.sha256(f"{before}{content}".encode()).hexdigest()


def write_backup(target: Path, contents: Contents) -> str:
    """Write a backup that only its owner can read, and return its digest.

    The file has its name when it is whole and on the disk, not before.
    """
    if target.exists():
        raise BackupExists(file=str(target))
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with (
            naming_file(target),
            os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file,
        ):
            digest = ""
            for content in chain(
                [_header(contents.header)],
                map(_row, contents.rows),
                map(_value, contents.personal),
                map(_document, contents.documents),
                [{}],
            ):
                text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
                digest = _sum(digest, text)
                file.write(f'["{digest}",{text}]\n')
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, target)
    except FileExistsError:
        raise BackupExists(file=str(target)) from None
    finally:
        unfinished.unlink()
    return digest


def _header(header: Header) -> dict[str, Any]:
    counts = {"documents": header.documents} if header.documents else {}
    return {
        "kind": WITH_DOCUMENTS if header.documents else KIND,
        "format": header.format,
        "epochs": header.epochs,
        "rows": header.rows,
        "personal": header.personal,
        **counts,
    }


def _row(row: Row) -> dict[str, Any]:
    stream, version, topic, state, position, recorded_at = row
    return {
        "position": position,
        "recorded_at": recorded_at,
        "stream": stream,
        "version": version,
        "topic": topic,
        "state": state.decode(),
    }


def _value(value: PersonalPart) -> dict[str, Any]:
    return {"digest": value.digest, "subject": value.subject, "sealed": value.sealed.hex()}


def _document(document: AttachedDocument) -> dict[str, Any]:
    return {**document._asdict(), "content": b64encode(document.content).decode()}


class Reader:
    """Reads a backup from its first line to its last, each checked before it is given out."""

    def __init__(self, source: Path, lines: Iterator[str]) -> None:
        self._source = source
        self._lines = lines
        self._line = 0
        self.digest = ""
        content = self._next("a header")
        if content.get("kind") not in (KIND, WITH_DOCUMENTS):
            raise self.broken("this is not a backup of a log")
        self.header = Header(
            content["format"],
            [Epoch(*epoch) for epoch in content["epochs"]],
            content["rows"],
            content["personal"],
            content.get("documents", 0),
        )

    def rows(self) -> Iterator[Row]:
        """Yield every row of the log; must be read to the end before `personal`."""
        position = recorded_at = 0
        for _ in range(self.header.rows):
            row = self._next("a row")
            if row["position"] <= position or row["recorded_at"] < recorded_at:
                raise self.broken("a row is out of order")
            position, recorded_at = row["position"], row["recorded_at"]
            state = row["state"].encode()
            yield row["stream"], row["version"], row["topic"], state, position, recorded_at

    def personal(self) -> Iterator[PersonalPart]:
        """Yield every personal value; must be read to the end before `documents`."""
        for _ in range(self.header.personal):
            value = self._next("a personal value")
            yield PersonalPart(value["digest"], value["subject"], bytes.fromhex(value["sealed"]))

    def documents(self) -> Iterator[AttachedDocument]:
        """Yield every attached document, and then the end of the file."""
        for _ in range(self.header.documents):
            given = self._next("an attached document")
            content = b64decode(given["content"])
            if hashlib.sha256(content).hexdigest() != given["sha256"]:
                raise self.broken("a document has other bytes than its digest says")
            given["content"] = content
            yield AttachedDocument(**given)
        if self._next("the end"):
            raise self.broken("the end was expected here")
        if next(self._lines, None) is not None:
            self._line += 1
            raise self.broken("the backup ended in the line before")

    def broken(self, reason: str) -> BrokenBackup:
        return BrokenBackup(file=str(self._source), line=self._line, reason=reason)

    def _next(self, expected: str) -> dict[str, Any]:
        self._line += 1
        line = next(self._lines, None)
        if line is None or not line.endswith("]\n"):
            raise self.broken(f"the file ends where {expected} was expected")
        text = line[68:-2]
        digest = _sum(self.digest, text)
        if line[:68] != f'["{digest}",':
            raise self.broken("this line or its place was changed after the backup was made")
        self.digest = digest
        content: dict[str, Any] = json.loads(text)
        return content


@contextmanager
def read_backup(source: Path) -> Generator[Reader]:
    """Open a backup to be read once; raise `BrokenBackup` once a line shows that it is one."""
    try:
        file = source.open(encoding="utf-8", newline="\n")
    except FileNotFoundError:
        raise BrokenBackup(file=str(source), line=0, reason="there is no such file") from None
    with file:
        try:
            yield Reader(source, file)
        except UnicodeDecodeError as error:
            raise BrokenBackup(file=str(source), line=0, reason=str(error)) from error
