"""The tree of one register: sealed from its log, read for proofs and bundles, copied out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.evidence.bundle import Contents, write_bundle
from adapters.evidence.entries import Entry, RowToSeal, read_entry
from adapters.evidence.faults import Altered, BadTile, NotSealed
from adapters.evidence.merkle_tree import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
)
from adapters.evidence.proofs import AddCheckpoint, InclusionProof
from adapters.evidence.sealer import Rows, Sealer
from adapters.evidence.signed_notes import Head, Note, SigningKey, read_head, read_note
from adapters.evidence.tiles import entries_of, entry_at, subtrees, tiles_of
from adapters.evidence.tree_stores import TreeFolder, TreeStore

PAGE = 1000


@dataclass(frozen=True)
class RegisterTree:
    """A register's tree, read from the last head that its store published.

    `prefix` begins the stored names of its streams; `rows` reads its log, and `parts` the sealed
    personal parts by their digests.
    """

    origin: str
    prefix: str
    store: TreeStore
    rows: Rows
    parts: Callable[[Collection[str]], Mapping[str, bytes]]

    def sealer(
        self,
        keys: Sequence[SigningKey] | Callable[[], Sequence[SigningKey]],
        outside: Path,
        now: Callable[[], int],
        *,
        hold: bool = False,
    ) -> Sealer:
        """The sealer, which signs with these keys and keeps the last head in `outside` as well."""
        return Sealer(self.origin, keys, self.rows, self.store, outside, now, hold=hold)

    def note(self) -> Note:
        """The last head with its signatures. Raises `NotSealed` where there is none."""
        content = self.store.head()
        if content is None:
            raise NotSealed(why="nothing is sealed yet: alliance seal --once")
        return read_note(content)

    def head(self) -> Head:
        """The last head."""
        return read_head(self.note().text)

    def entry(self, index: int) -> bytes:
        """The text of an entry of the last head, counted from 0."""
        return entry_at(self.head().size, index, self.store.get)

    def index_of(self, position: int) -> int:
        """The entry of a position of the log, counted from 0. Raises `NotSealed`."""
        low, high = 0, self.head().size
        while low < high:
            middle = (low + high) // 2
            if read_entry(self.entry(middle)).pos < position:
                low = middle + 1
            else:
                high = middle
        if low == self.head().size or read_entry(self.entry(low)).pos != position:
            raise NotSealed(why=f"no event of this register at position {position} is sealed")
        return low

    def proof(self, position: int) -> InclusionProof:
        """A proof that the event at a position is under the last head; its entry is `extra`."""
        note, index = self.note(), self.index_of(position)
        size = read_head(note.text).size
        hashes = inclusion_proof(index, size, subtrees(size, self.store.get))
        return InclusionProof(index, tuple(hashes), note, self.entry(index))

    def consistency(self, old: int) -> AddCheckpoint:
        """A proof that the last head continues the tree of a size, to send to a witness."""
        note = self.note()
        size = read_head(note.text).size
        if not 0 <= old <= size:
            raise NotSealed(why=f"the tree has {size} entries, and not {old} or more")
        return AddCheckpoint(
            old, tuple(consistency_proof(old, size, subtrees(size, self.store.get))), note
        )

    def sealed(self, known: Collection[Head] = ()) -> Iterator[Entry]:
        """Every sealed entry, in order; raises `Altered` where they do not give the root of a head.

        `known` are further heads that the tree has to continue, such as the one kept outside.
        """
        head = self.head()
        roots = {each.size: each for each in (*known, head)}
        if longer := [size for size in roots if size > head.size]:
            raise Altered(why=f"a head of {longer[0]} entries was signed, the tree has {head.size}")
        edge = Frontier()
        for name in tiles_of(head.size):
            if name.level is not None:
                break
            content = self.store.get(name.path)
            for text in entries_of(content or b""):
                edge.append(leaf_hash(text))
                yield read_entry(text)
                expected = roots.get(edge.size)
                if expected is not None and (expected.root, expected.origin) != (
                    edge.root(),
                    self.origin,
                ):
                    raise Altered(why=f"the tree's first {edge.size} entries are not those sealed")
        if edge.size != head.size:
            raise BadTile(why=f"the tree has {edge.size} of {head.size} entries")

    def stored_name(self, stream: str) -> str:
        """The name under which a stream is stored, and sealed."""
        return self.prefix + stream

    def bundle(
        self, path: Path, streams: Collection[str] | None, readers: Mapping[str, bytes]
    ) -> Head:
        """Write a bundle of the last head; see `write_bundle`."""
        return write_bundle(path, self.store, _Contents(self), streams, readers)

    def export(self, folder: Path) -> Head:
        """Copy the tree of the last head into a folder, for any web server to serve."""
        note = self.note()
        head = read_head(note.text)
        copy = TreeFolder(folder)
        for name in tiles_of(head.size):
            content = self.store.get(name.path)
            if content is None:
                raise BadTile(why=f"{name.path} is missing")
            copy.put({name.path: content})
        copy.publish(head.size, str(note).encode())
        return head


class _Contents:
    """Stored rows by position, asked for in rising order and read a page at a time."""

    def __init__(self, tree: RegisterTree) -> None:
        self._tree = tree
        self._page: dict[int, RowToSeal] = {}

    def __call__(self, entry: Entry) -> Contents:
        if entry.pos not in self._page:
            rows = self._tree.rows(entry.pos - 1, PAGE)
            self._page = {row[4]: row for row in rows}
        row = self._page.get(entry.pos)
        if row is None:
            raise BadTile(why=f"the log has no row at position {entry.pos}: alliance verify log")
        sealed = {name: d for name, d in entry.commit.items() if name != "event"}
        held = self._tree.parts(sealed.values()) if sealed else {}
        return Contents(row[3], {name: held[d] for name, d in sealed.items() if d in held})
