"""The Merkle tree of RFC 6962: roots, inclusion and consistency proofs, and their verification.

Hashes are 32 bytes of SHA-256. A *subtree* is named by level and index: level 0 are the leaves,
and subtree (l, i) covers the leaves from `i << l` up to, but not including, `(i + 1) << l`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Protocol

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962, 2.1)."""

Proof = Sequence[bytes]
"""Hashes from the leaf's sibling upwards, in the order of RFC 6962."""


class Subtrees(Protocol):
    """The hashes of complete subtrees, as tiles hold them."""

    def __call__(self, level: int, index: int, /) -> bytes:
        """The hash of one complete subtree."""
        ...


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The hashes of entries, one after the other."""
    hashed = sha256
    return [hashed(b"\x00" + entry).digest() for entry in entries]


def root_of(hashes: bytes) -> bytes:
    """The hash of a complete subtree, from the hashes of one level of it, one after the other."""
    hashed, two = sha256, 2 * HASH_BYTES
    while len(hashes) > HASH_BYTES:
        pairs = range(0, len(hashes), two)
        hashes = b"".join([hashed(b"\x01" + hashes[at : at + two]).digest() for at in pairs])
    return hashes


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, the largest first.

    Appending a leaf costs two hashes on average; `root` joins the edges.
    """

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks")

    def append(self, hashed: bytes, level: int = 0) -> None:
        """Add the hash of the next leaf, or of the next complete subtree of a level.

        Raises `ValueError` where no subtree of that level begins.
        """
        if self.size & (1 << level) - 1:
            raise ValueError(f"no subtree of level {level} begins at leaf {self.size}")
        joined, peaks = self.size >> level, self.peaks
        while joined & 1:
            hashed = sha256(b"\x01" + peaks.pop() + hashed).digest()
            joined >>= 1
        peaks.append(hashed)
        self.size += 1 << level

    def root(self) -> bytes:
        """The root of the tree as it is."""
        if not self.peaks:
            return EMPTY_ROOT
        *others, root = self.peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root


def frontier(size: int, subtree: Subtrees) -> Frontier:
    """The right edge of the tree of a size, read from its subtrees."""
    peaks: list[bytes] = []
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(subtree(level, start >> level))
            start += 1 << level
    return Frontier(size, peaks)


def inclusion_proof(index: int, size: int, subtree: Subtrees) -> list[bytes]:
    """The proof that a leaf is in the tree of a size. Raises `ValueError` for no such leaf."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    siblings: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            siblings.append(_hash_of(middle, end, subtree))
            end = middle
        else:
            siblings.append(_hash_of(start, middle, subtree))
            start = middle
    return siblings[::-1]


def consistency_proof(old: int, new: int, subtree: Subtrees) -> list[bytes]:
    """The proof that the tree of size `new` continues the one of size `old`.

    Empty where `old` is 0 or equals `new`. Raises `ValueError` where `old` is above `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    if old in (0, new):
        return []
    hashes: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            hashes.append(_hash_of(middle, end, subtree))
            end = middle
        else:
            hashes.append(_hash_of(start, middle, subtree))
            start, whole = middle, False
    if not whole:
        hashes.append(_hash_of(start, end, subtree))
    return hashes[::-1]


def proves_inclusion(leaf: bytes, index: int, size: int, proof: Proof, root: bytes) -> bool:
    """True if the proof binds the hash of a leaf to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node_hash(sibling, found)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        first >>= 1
        last >>= 1
    return last == 0 and found == root


def proves_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Proof) -> bool:
    """True if the proof shows that one tree continues the other (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if old > new or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    first, last = old - 1, new - 1
    while first & 1:
        first >>= 1
        last >>= 1
    of_old = of_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            of_old, of_new = node_hash(sibling, of_old), node_hash(sibling, of_new)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            of_new = node_hash(of_new, sibling)
        first >>= 1
        last >>= 1
    return last == 0 and of_old == old_root and of_new == new_root


def _split(leaves: int) -> int:
    """The largest power of two below a number of leaves."""
    return 1 << (leaves - 1).bit_length() - 1


def _hash_of(start: int, end: int, subtree: Callable[[int, int], bytes]) -> bytes:
    """The hash of the leaves from `start` up to `end`; `start` is where a subtree begins."""
    leaves = end - start
    if leaves & (leaves - 1) == 0:
        level = leaves.bit_length() - 1
        return subtree(level, start >> level)
    middle = start + _split(leaves)
    return node_hash(_hash_of(start, middle, subtree), _hash_of(middle, end, subtree))
