"""The tiles of a tree (C2SP tlog-tiles): paths, the reading of hashes, and the writing of growth.

A tile holds up to 256 hashes of one level, an entry bundle up to 256 entries. Full ones never
change; the last one of a level is partial, and its path names its width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from adapters.evidence.faults import BadTile
from adapters.evidence.merkle_tree import HASH_BYTES, Frontier, Subtrees, frontier, root_of

WIDTH = 256
HEIGHT = 8
_BYTES = WIDTH * HASH_BYTES
_LENGTH = Struct(">H").pack
LONGEST_ENTRY = 65_535
"""Bytes of one entry; its length is written as two bytes."""

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
_DEEPEST = 63


class TileName(NamedTuple):
    """One tile: `level` is `None` for entries, `width` the number of hashes or entries in it."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below a tree's prefix, such as `tile/0/x001/067.p/7`."""
        digits = f"{self.number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        folders = "".join(f"x{group}/" for group in groups[:-1])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        level = "entries" if self.level is None else self.level
        return f"tile/{level}/{folders}{groups[-1]}{partial}"


def tile_name(path: str) -> TileName | None:
    """The tile of a path; `None` for anything that is not written exactly as a path is."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = None if found["level"] == "entries" else int(found["level"])
    index = int(found["index"].replace("x", "").replace("/", ""))
    name = TileName(level, index, int(found["width"] or WIDTH))
    if name.path != path or (level is not None and level > _DEEPEST):
        return None  # a leading x000, or a partial tile as wide as a full one
    return name


def tiles_of(size: int) -> Iterator[TileName]:
    """Every tile of a tree of a size: all full ones, and the partial ones of this size."""
    yield from _tiles_of_level(None, size)
    level, hashes = 0, size
    while hashes:
        yield from _tiles_of_level(level, hashes)
        level, hashes = level + 1, hashes // WIDTH


def _tiles_of_level(level: int | None, hashes: int) -> Iterator[TileName]:
    for index in range(hashes // WIDTH):
        yield TileName(level, index)
    if hashes % WIDTH:
        yield TileName(level, hashes // WIDTH, hashes % WIDTH)


def subtrees(size: int, get: Callable[[str], bytes | None]) -> Subtrees:
    """The hashes of a tree of a size, from its tiles. They raise `BadTile` where one is broken."""

    @lru_cache(maxsize=WIDTH)
    def tile(level: int, index: int) -> bytes:
        width = min(WIDTH, (size >> HEIGHT * level) - index * WIDTH)
        name = TileName(level, index, width)
        content = get(name.path)
        if content is None and width < WIDTH:  # a full tile may stand where the partial one was
            whole = get(TileName(level, index).path)
            content = whole and whole[: width * HASH_BYTES]
        if content is None or len(content) != width * HASH_BYTES:
            raise BadTile(why=f"{name.path} is missing or has the wrong length")
        return content

    def subtree(level: int, index: int) -> bytes:
        if (index + 1) << level > size:
            raise BadTile(why=f"a tree of {size} has no complete subtree {index} of level {level}")
        height = level % HEIGHT
        first = index << height
        content = tile(level // HEIGHT, first // WIDTH)
        at = first % WIDTH * HASH_BYTES
        return root_of(content[at : at + (HASH_BYTES << height)])

    return subtree


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as an entry bundle: each with its length before it."""
    return b"".join([_LENGTH(len(entry)) + entry for entry in entries])


def entries_of(content: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `BadTile` where it ends within one."""
    entries: list[bytes] = []
    at = 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if end > len(content) or at + 2 > len(content):
            raise BadTile(why="an entry bundle ends within an entry")
        entries.append(content[at + 2 : end])
        at = end
    return entries


def entry_at(size: int, index: int, get: Callable[[str], bytes | None]) -> bytes:
    """The text of an entry, counted from 0, of a tree of a size. Raises `BadTile` without it."""
    number, within = divmod(index, WIDTH)
    width = min(WIDTH, size - number * WIDTH)
    content = get(TileName(None, number, width).path) if 0 <= index < size else None
    if content is None and 0 <= index < size:  # a full bundle may stand where the partial one was
        content = get(TileName(None, number).path)
    found = entries_of(content) if content is not None else []
    if len(found) <= within:
        raise BadTile(why=f"entry {index + 1} of {size} is missing")
    return found[within]


class Growth(NamedTuple):
    """A tree that has grown: its new edge, and the tiles to be kept before its head is."""

    edge: Frontier
    tiles: dict[str, bytes]


def grow_tree(
    size: int, entries: Sequence[bytes], leaves: Sequence[bytes], get: Callable[[str], bytes | None]
) -> Growth:
    """Append entries, with the hashes of their leaves, to the tree of a size whose tiles are kept.

    All full tiles that come to be are among the result, and the partial ones of the new size.
    Raises `BadTile` where a tile of the old size is missing or broken.
    """
    written = dict(_bundles(size, entries, get))
    level, before, hashes = 0, size, b"".join(leaves)
    while hashes:
        every = _kept(TileName(level, before // WIDTH, before % WIDTH), get) + hashes
        full: list[bytes] = []
        for number, start in enumerate(range(0, len(every), _BYTES), before // WIDTH):
            part = every[start : start + _BYTES]
            written[TileName(level, number, len(part) // HASH_BYTES).path] = part
            if len(part) == _BYTES:
                full.append(root_of(part))
        level, before, hashes = level + 1, before // WIDTH, b"".join(full)
    grown = size + len(leaves)
    return Growth(
        frontier(grown, subtrees(grown, lambda path: written.get(path) or get(path))), written
    )


def _bundles(
    size: int, entries: Sequence[bytes], get: Callable[[str], bytes | None]
) -> Iterator[tuple[str, bytes]]:
    begin = size - size % WIDTH
    kept: list[bytes] = []
    if size % WIDTH and entries:
        name = TileName(None, size // WIDTH, size % WIDTH)
        content = get(name.path)
        kept = entries_of(content) if content else []
        if len(kept) != name.width:
            raise BadTile(why=f"{name.path} is missing or has the wrong length")
    every = [*kept, *entries]
    for start in range(0, len(every), WIDTH):
        part = every[start : start + WIDTH]
        yield TileName(None, (begin + start) // WIDTH, len(part)).path, entry_bundle(part)


def _kept(name: TileName, get: Callable[[str], bytes | None]) -> bytes:
    if not name.width:
        return b""
    content = get(name.path)
    if content is None or len(content) != name.width * HASH_BYTES:
        raise BadTile(why=f"{name.path} is missing or has the wrong length")
    return content
