"""A new tree after a restore that lost sealed events, under the next origin.

The old tree stays as it is, in its own tables; its head and its keys are kept beside the new ones.
Nothing is begun anew where no restore explains what is missing: an altered log is told as altered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from adapters.evidence.entries import Entry, entry_of, read_entry
from adapters.evidence.faults import Altered, BadTile
from adapters.evidence.key_files import make_keys, read_keys
from adapters.evidence.merkle_tree import Frontier, leaf_hash
from adapters.evidence.register_tree import PAGE, RegisterTree
from adapters.evidence.sealer import Rows
from adapters.evidence.signed_notes import Head, Note, read_head, read_note
from adapters.evidence.successions.key_rotation import KINDS, next_keys
from adapters.evidence.tiles import entries_of, tiles_of
from adapters.evidence.tree_stores import write_whole
from domain.shared.problems import Invalid

_NUMBERED = re.compile(r"(?P<base>.+)/(?P<number>[2-9]|[1-9][0-9]+)")


class NothingLost(Invalid):
    """The log has every sealed event: its tree goes on, and none is begun anew."""

    sealed: int


class Epoch(NamedTuple):
    """A restore: what was recorded after `restored_through` before it is not in the log."""

    name: str
    restored_through: int


def numbered(base: str, number: int) -> str:
    """The origin of a register's tree of this number; the first has the bare name."""
    return base if number == 1 else f"{base}/{number}"


def number_of_tree(base: str, origin: str) -> int:
    """The number of a register's tree by its origin; 0 for another register's."""
    if origin == base:
        return 1
    found = _NUMBERED.fullmatch(origin)
    return int(found["number"]) if found and found["base"] == base else 0


def last_head(tree: RegisterTree, outside: Path) -> Note | None:
    """The last head that was signed for a tree, in its store or outside; the larger one."""
    notes = [tree.store.head()]
    if outside.exists():
        notes.append(outside.read_bytes())
    read = [read_note(note) for note in notes if note is not None]
    own = [note for note in read if read_head(note.text).origin == tree.origin]
    return max(own, key=lambda note: read_head(note.text).size, default=None)


def require_lost(tree: RegisterTree, last: Head, restores: Sequence[Epoch]) -> Epoch:
    """The restore that lost what the last head covers.

    Raises `NothingLost`, and `Altered` where sealed events differ that no restore can have lost.
    """
    edge, logged = Frontier(), _logged(tree.rows)
    lost = next(
        (entry for entry in _kept(tree) if not _same(entry, next(logged, None), edge)), None
    )
    if lost is None:
        for entry in islice(logged, last.size - edge.size):
            edge.append(leaf_hash(entry.text()))
        if (edge.size, edge.root()) == (last.size, last.root):
            raise NothingLost(sealed=last.size)
    for restore in reversed(restores):
        if lost is None or lost.pos > restore.restored_through:
            return restore
    where = f"entry {lost.n}" if lost else f"the tree of {last.size} entries"
    raise Altered(
        why=f"{where}: the log differs, and no restore explains it; alliance verify log names rows"
    )


def keep_head_of_old_tree(outside: Path, number: int, last: Note) -> None:
    """Keep the last head of tree `number` beside the file of the tree that follows."""
    write_whole(outside.with_name(f"{outside.name}.{number}"), str(last).encode())


def retire(origin: str, number: int, outside: Path, keys: Path) -> None:
    """Keep the keys of tree `number` beside new ones of `origin`, and take its head out of the way.

    Safe to repeat.
    """
    if keys.exists() and read_keys(keys)[0].verifier.name != origin:
        keys.replace(keys.with_name(f"{keys.name}.{number}"))
    next_keys(keys).unlink(missing_ok=True)
    if not keys.exists():
        make_keys(keys, origin, KINDS)
    if outside.exists() and read_head(read_note(outside.read_bytes()).text).origin != origin:
        outside.unlink()


def _kept(tree: RegisterTree) -> Iterator[Entry]:
    """The entries that the store still has."""
    note = tree.store.head()
    size = read_head(read_note(note).text).size if note else 0
    for name in tiles_of(size):
        if name.level is not None:
            return
        content = tree.store.get(name.path)
        if content is None:
            raise BadTile(why=f"{name.path} is missing")
        yield from map(read_entry, entries_of(content))


def _same(sealed: Entry, logged: Entry | None, edge: Frontier) -> bool:
    if sealed != logged:
        return False
    edge.append(leaf_hash(sealed.text()))
    return True


def _logged(rows: Rows) -> Iterator[Entry]:
    """The entries that a log's rows give now."""
    after = n = 0
    while page := rows(after, PAGE):
        for row in page:
            n += 1
            yield entry_of(row, n)
        after = page[-1][4]
