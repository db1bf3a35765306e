"""Trees for tests: tiles in a dictionary, and the plainest possible Merkle tree beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from adapters.evidence.merkle_tree import Subtrees, leaf_hash
from adapters.evidence.tiles import grow_tree, subtrees


def entry(number: int) -> bytes:
    return b'{"n":%d}' % (number + 1)


@dataclass
class Tiles:
    """A tree that keeps its tiles in memory, each written once."""

    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])
    size: int = 0
    root: bytes = sha256(b"").digest()

    def grow(self, entries: Sequence[bytes]) -> Tiles:
        growth = grow_tree(self.size, entries, list(map(leaf_hash, entries)), self.kept.get)
        for path, content in growth.tiles.items():
            assert self.kept.setdefault(path, content) == content, path
        self.size += len(entries)
        self.root = growth.edge.root()
        return self

    @property
    def subtree(self) -> Subtrees:
        return subtrees(self.size, self.kept.get)


def plain_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()
