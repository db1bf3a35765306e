"""The sealer: a follower that puts each stored row into the tree, and signs the tree's head.

What is sealed can be worked out again from the log: after a crash the same rows give the same
entries, tiles and head text. Nothing is signed that does not continue the last head, which is
also kept in a file outside the database; an older copy of the database cannot take it back.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from adapters.evidence.entries import Entry, RowToSeal, entry_of, entry_texts, read_entry
from adapters.evidence.faults import NotAnExtension
from adapters.evidence.merkle_tree import EMPTY_ROOT, frontier, leaf_hashes
from adapters.evidence.signed_notes import Head, Note, SigningKey, read_head, read_note
from adapters.evidence.tiles import WIDTH, TileName, entries_of, grow_tree, subtrees
from adapters.evidence.tree_stores import TreeStore, with_signatures, write_whole

BATCH = 10_000
"""Rows sealed under one head, where so many wait."""


class Rows(Protocol):
    """The rows of one register, in the order of their positions, whole commits only."""

    def __call__(self, after: int, limit: int, /) -> Sequence[RowToSeal]:
        """At least one row after a position, where there is one; about `limit` at most."""
        ...


class Sealer:
    """Seals the rows of one register under one origin."""

    batch = BATCH

    def __init__(
        self,
        origin: str,
        keys: Sequence[SigningKey] | Callable[[], Sequence[SigningKey]],
        rows: Rows,
        store: TreeStore,
        outside: Path,
        now: Callable[[], int],
        *,
        hold: bool = False,
    ) -> None:
        """`outside` is the file with the last head; `now` gives seconds since 1970.

        `keys` may be a function that reads them afresh for each head, since they can be rotated.
        With `hold` a head is signed and kept outside only: the cosigner publishes it.
        """
        self._origin = origin
        self._keys = keys if callable(keys) else lambda: keys
        self._rows = rows
        self._store = store
        self._outside = outside
        self._now = now
        self._hold = hold

    def head(self) -> Head:
        """The last head, in the store or outside, whichever is larger; an empty tree's at first.

        Raises `NotAnExtension` where the two are heads of different trees or origins.
        """
        kept, outside = map(self._read, (self._store.head(), self._read_outside()))
        if kept.size == outside.size and kept.root != outside.root:
            raise NotAnExtension(
                why=f"the head of {kept.size} entries in {self._outside} is of another tree"
            )
        return max(kept, outside, key=lambda head: head.size)

    def seal(self, batch: int = BATCH) -> Head | None:
        """Seal what waits, at most about `batch` rows, and return the new head; `None` for nothing.

        Raises `NotAnExtension`, and then nothing is signed. One sealer at a time signs on a
        machine; sealers on two machines give the same tiles and head texts.
        """
        with alone_with_head(self._outside):
            return self._seal(batch)

    def sign_again(self, done: Callable[[], object]) -> Head:
        """Seal all that waits, add the signatures of every key to the last head, and call `done`.

        The caller is `alone_with_head`: no other sealer of this machine signs in between.
        """
        while self._seal(BATCH):
            pass
        head = self.head()
        note = self._signed(head)
        kept = self._read_outside()
        if kept is not None and read_note(kept).text == note.text:
            note = with_signatures(read_note(kept), note.signatures)
        write_whole(self._outside, str(note).encode())
        if not self._hold:
            self._store.publish(head.size, str(note).encode())
        done()
        return head

    def _signed(self, head: Head) -> Note:
        return Note(head.text(), tuple(key.sign(head, self._now()) for key in self._keys()))

    def _seal(self, batch: int) -> Head | None:
        signed = self.head()
        size, last = self._sealed()
        self._require_row(last)
        rows = self._rows(last.pos if last else 0, signed.size - size + batch)
        if size + len(rows) < signed.size:
            raise NotAnExtension(
                why=f"{signed.size} events were sealed, and the log now has {size + len(rows)}: "
                "a restored backup is older; begin a new tree (alliance evidence anew)"
            )
        if size + len(rows) == signed.size and (
            self._hold or (self._store.head() is not None and size == signed.size)
        ):
            return None
        head = self._grow(size, rows, signed)
        note = self._signed(head)
        write_whole(self._outside, str(note).encode())
        if not self._hold:
            self._store.publish(head.size, str(note).encode())
        return head if rows else None

    def _grow(self, size: int, rows: Sequence[RowToSeal], signed: Head) -> Head:
        texts = entry_texts(rows, size)
        growth = grow_tree(size, texts, leaf_hashes(texts), self._store.get)
        self._store.put(growth.tiles)
        if signed.size:
            tiles: Mapping[str, bytes] = growth.tiles

            def get(path: str) -> bytes | None:
                return tiles.get(path) or self._store.get(path)

            # The tiles of the signed size may be gone already, but their hashes stand in the new.
            root = frontier(signed.size, subtrees(growth.edge.size, get)).root()
            if root != signed.root:
                raise NotAnExtension(
                    why=f"the first {signed.size} events are not those that were sealed; "
                    "alliance verify log names the row"
                )
        return Head(self._origin, growth.edge.size, growth.edge.root())

    def _sealed(self) -> tuple[int, Entry | None]:
        """How many entries the store's head has, and the last of them."""
        size = self._read(self._store.head()).size
        if not size:
            return 0, None
        number, within = divmod(size - 1, WIDTH)
        content = self._store.get(TileName(None, number, within + 1).path) or self._store.get(
            TileName(None, number).path
        )
        if content is None:
            raise NotAnExtension(why=f"the last of {size} sealed entries is missing")
        return size, read_entry(entries_of(content)[within])

    def _require_row(self, last: Entry | None) -> None:
        """The row of the last sealed entry is in the log, as it was sealed."""
        if last is None:
            return
        row = next(iter(self._rows(last.pos - 1, 1)), None)
        if row is None or entry_of(row, last.n) != last:
            raise NotAnExtension(
                why=f"the row at position {last.pos} is not the one that was sealed last; after a "
                "restore begin a new tree (alliance evidence anew)"
            )

    def _read(self, note: bytes | None) -> Head:
        if note is None:
            return Head(self._origin, 0, EMPTY_ROOT)
        head = read_head(read_note(note).text)
        if head.origin != self._origin:
            raise NotAnExtension(why=f"the tree's origin is {head.origin}, not {self._origin}")
        return head

    def _read_outside(self) -> bytes | None:
        try:
            return self._outside.read_bytes()
        except FileNotFoundError:
            return None


@contextmanager
def alone_with_head(outside: Path) -> Generator[None]:
    """Hold the lock beside the outside head; the system frees it when the process ends."""
    outside.parent.mkdir(parents=True, exist_ok=True)
    with outside.with_name(f"{outside.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
