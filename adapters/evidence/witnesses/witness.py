"""A witness (C2SP tlog-witness): it cosigns the heads of logs that only ever grow.

It keeps the last head of each log it knows, and cosigns a new one only where a proof shows that
the new tree continues the old one. Check and record are one transaction, before it answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from adapters.evidence.faults import BadNote, BadProof, BadSignature
from adapters.evidence.merkle_tree import EMPTY_ROOT, proves_consistency
from adapters.evidence.proofs import AddCheckpoint, read_add_checkpoint
from adapters.evidence.signed_notes import (
    Head,
    Note,
    SigningKey,
    VerifierKey,
    read_head,
    read_note,
)

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
BUSY_SECONDS = 10.0

_TABLE = """
CREATE TABLE IF NOT EXISTS heads (
    origin TEXT PRIMARY KEY, hashed TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, note TEXT NOT NULL
) WITHOUT ROWID
"""


class WitnessReply(NamedTuple):
    """A witness's answer: an HTTP status, a media type and a body."""

    status: int
    kind: str
    body: str


class _Refused(Exception):
    """A request that is not cosigned."""

    def __init__(self, status: int, body: str, kind: str = TEXT) -> None:
        super().__init__(body)
        self.reply = WitnessReply(status, kind, body + "\n")


class Witness:
    """A witness with its keys, the logs it knows, and the file in which it keeps their heads."""

    def __init__(
        self,
        keys: Sequence[SigningKey],
        logs: Sequence[VerifierKey],
        path: Path,
        now: Callable[[], int],
    ) -> None:
        """`now` gives the time in seconds since 1970."""
        self._keys = keys
        self._logs = logs
        self._path = path
        self._now = now
        self.verifiers = [key.verifier for key in keys]
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_TABLE)

    def add_checkpoint(self, body: bytes) -> WitnessReply:
        """Answer to a new head; the checks are made in the order of their statuses here.

        400 for a body that is none, 404 for a log that is not known, 403 for a signature, 400 for
        an old size above the new one, 409 for another old size than the one kept (the body says
        which) and for another tree of the size kept, 422 for a proof that does not hold, 200 with
        the cosignatures.
        """
        try:
            try:
                request = read_add_checkpoint(body)
                head = read_head(request.note.text)
            except (BadProof, BadNote) as error:
                raise _Refused(400, str(error)) from None
            signed = self._signed(request.note, head)
            if request.old > head.size:
                raise _Refused(400, f"the old size {request.old} is above the new {head.size}")
            with self._transaction() as connection:
                self._require_growth(connection, request, head)
                at = self._now()
                lines = tuple(key.sign(head, at) for key in self._keys)
                note = Note(request.note.text, (*signed.signatures, *lines))
                connection.execute(
                    "INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)",
                    (head.origin, _hashed(head.origin), head.size, str(note)),
                )
            return WitnessReply(200, TEXT, "".join(line.line() for line in lines))
        except _Refused as refused:
            return refused.reply

    def checkpoint(self, origin_hash: str) -> WitnessReply:
        """The last head cosigned for the log whose origin has this SHA-256, in hexadecimal."""
        with closing(self._connect()) as connection:
            found = connection.execute(
                "SELECT note FROM heads WHERE hashed = ?", (origin_hash,)
            ).fetchone()
        return (
            WitnessReply(200, TEXT, found[0]) if found else WitnessReply(404, TEXT, "no such log\n")
        )

    def _signed(self, note: Note, head: Head) -> Note:
        """The note with the signatures of the log alone, each of which fits."""
        known = [key for key in self._logs if key.name == head.origin]
        if not known:
            raise _Refused(404, "this witness does not know the log")
        lines = [(key, line) for line in note.signatures for key in known if key.made(line)]
        if not lines:
            raise _Refused(403, "no known key of the log signed the head")
        try:
            for key, line in lines:
                key.verify(head, line)
        except BadSignature as error:
            raise _Refused(403, str(error)) from None
        return Note(note.text, tuple(line for _, line in lines))

    def _require_growth(
        self, connection: sqlite3.Connection, request: AddCheckpoint, head: Head
    ) -> None:
        row = connection.execute(
            "SELECT note FROM heads WHERE origin = ?", (head.origin,)
        ).fetchone()
        kept = (
            read_head(read_note(row[0].encode()).text) if row else Head(head.origin, 0, EMPTY_ROOT)
        )
        if request.old != kept.size:
            raise _Refused(409, str(kept.size), SIZE)
        if head.size == kept.size and head.root != kept.root and row:
            raise _Refused(409, str(kept.size), SIZE)
        if head.size == 0 and head.root != EMPTY_ROOT:
            raise _Refused(422, "the root of an empty tree is another")
        if not proves_consistency(kept.size, kept.root, head.size, head.root, request.hashes):
            raise _Refused(422, f"the tree is not proven to continue the one of {kept.size}")

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        return connection


def _hashed(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()
