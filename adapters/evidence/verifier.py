"""The verification of a bundle: by its own bytes and the user's policy, and nothing else.

It reads every member once, from front to back, in bounded memory. The keys come from the policy,
never from the bundle.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from binascii import a2b_base64, b2a_base64
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias, cast

from adapters.evidence.bundle import (
    CHECKPOINT,
    CHECKPOINTS,
    EVENTS,
    EVERY,
    READERS,
    STREAMS,
    event_line,
)
from adapters.evidence.bundle_zip import BundleReader, reading_bundle
from adapters.evidence.destructions import Destruction, read_destruction
from adapters.evidence.entries import EVENT, Entry, Order, read_entry
from adapters.evidence.faults import Altered, BadBundle, BadNote, BadTile, NotTrusted
from adapters.evidence.merkle_tree import HASH_BYTES, Frontier, leaf_hashes, root_of
from adapters.evidence.signed_notes import (
    Head,
    Note,
    VerifierKey,
    read_head,
    read_key,
    read_note,
)
from adapters.evidence.tiles import HEIGHT, WIDTH, TileName, entries_of, tile_name, tiles_of
from adapters.evidence.trust_policy import Policy, Trusted, signed_by, trusted_head

_BEFORE = b'{"data":{'
_NAMED = re.compile(rb'"(event|p[1-9][0-9]*)"')

Taken: TypeAlias = Callable[[Entry, Mapping[str, bytes]], object]
"""Is given each disclosed entry with its data by name, in order, before the whole is verified."""


@dataclass
class Verified:
    """The findings on a bundle. Times of witnesses are in seconds since 1970."""

    head: Head
    cosigned: Mapping[str, int]
    heads: int = 0
    streams: frozenset[str] | None = None
    """The chosen streams; `None` for all."""
    disclosed: int = 0
    withheld: int = 0
    parts: int = 0
    destroyed: Counter[int] = field(default_factory=Counter[int])
    """How many personal parts each entry destroyed, of streams that are disclosed."""
    destructions: list[Destruction] = field(default_factory=list[Destruction])
    """The destructions that are disclosed, each with its decision."""


def verify_bundle(
    path: Path, policy: Policy, now: int | None = None, taken: Taken | None = None
) -> Verified:
    """Verify a bundle. Raises an `EvidenceFault` of the kind and for the reason found first.

    What `taken` was given is proven once this returns, and not before.
    """
    with reading_bundle(path) as bundle:
        trusted = trusted_head(read_note(bundle.read(CHECKPOINT)), policy, now)
        if not trusted.met:
            raise NotTrusted(
                why=f"too few witnesses cosigned: {', '.join(trusted.cosigned) or 'none'}"
            )
        _require_members(bundle, trusted.head.size)
        with closing(bundle.lines(EVENTS)) as lines:
            return _Verification(bundle, policy, trusted, lines, taken).run()


def _require_members(bundle: BundleReader, size: int) -> None:
    tiles = {name.path for name in tiles_of(size)}
    needed = {CHECKPOINT, EVENTS, STREAMS, *tiles}
    if missing := sorted(needed - bundle.members.keys()):
        raise BadBundle(why=f"{missing[0]} is missing")
    for name in bundle.members:
        if name in needed or name.startswith(CHECKPOINTS) or READERS.fullmatch(name):
            continue
        what = "a tile of no use" if tile_name(name) else "no member of a bundle"
        raise BadBundle(why=f"{name} is {what}")


class _Verification:
    """One bundle, while it is read from front to back."""

    def __init__(
        self,
        bundle: BundleReader,
        policy: Policy,
        trusted: Trusted,
        lines: Iterator[bytes],
        taken: Taken | None,
    ) -> None:
        self._bundle = bundle
        self._policy = policy
        self._head = trusted.head
        self._result = Verified(trusted.head, trusted.cosigned, streams=_streams(bundle))
        self._of_others: dict[str, Note] = {}
        """Heads that no trusted key signed: an earlier key may have, if an event says so."""
        self._replaced: list[VerifierKey] = []
        self._order = Order()
        self._lines = lines
        self._taken = taken
        self._present: dict[str, int] = {}
        self._absent: dict[str, int] = {}
        self._earlier = self._earlier_heads()

    def run(self) -> Verified:
        edge = Frontier()
        tiles = _Tiles(self._bundle, self._head.size)
        for entries in tiles.entries():
            leaves = leaf_hashes(entries)
            for index, text in enumerate(entries, edge.size):
                self._take(index, text)
            self._compare_earlier(edge, leaves)
            tile = b"".join(leaves)
            tiles.require(0, tile)
            if len(leaves) == WIDTH:
                edge.append(tiles.add(root_of(tile)), HEIGHT)
            else:
                for leaf in leaves:
                    edge.append(leaf)
        tiles.finish()
        if edge.root() != self._head.root:
            raise Altered(why="the entries do not give the root that was signed")
        if next(self._lines, None) is not None:
            raise BadBundle(why=f"{EVENTS} has more lines than the tree has entries")
        for note in self._of_others.values():
            trusted_head(note, Policy(tuple(self._replaced)))
        self._settle()
        for name in filter(READERS.fullmatch, self._bundle.members):
            self._bundle.require_sound(name)
        return self._result

    def _compare_earlier(self, edge: Frontier, leaves: Sequence[bytes]) -> None:
        """Compare the earlier heads that end among the leaves which follow an edge."""
        ahead = Frontier(edge.size, edge.peaks)
        for size in sorted(
            self._earlier.keys() & range(edge.size + 1, edge.size + len(leaves) + 1)
        ):
            for leaf in leaves[ahead.size - edge.size : size - edge.size]:
                ahead.append(leaf)
            if self._earlier[size] != ahead.root():
                raise Altered(why=f"{CHECKPOINTS}{size} is the head of another tree")

    def _earlier_heads(self) -> dict[int, bytes]:
        """Root by size, of every head that the bundle has beside its own."""
        found: dict[int, bytes] = {}
        for name in self._bundle.members:
            if not name.startswith(CHECKPOINTS):
                continue
            note = read_note(self._bundle.read(name))
            head = read_head(note.text)
            if signed_by(note, self._policy.logs):
                trusted_head(note, self._policy)
            else:
                self._of_others[name] = note
            if name != f"{CHECKPOINTS}{head.size}" or head.origin != self._head.origin:
                raise Altered(why=f"{name} is the head of {head.size} entries of {head.origin}")
            if not 0 < head.size <= self._head.size:
                raise Altered(why=f"{name} is no head before that of {self._head.size} entries")
            found[head.size] = head.root
        self._result.heads = len(found)
        return found

    def _take(self, index: int, text: bytes) -> None:
        entry = read_entry(text)
        self._order.follow(entry)
        line = next(self._lines, None)
        if line is None:
            raise BadBundle(why=f"{EVENTS} has {index} lines, the tree {self._head.size} entries")
        data = _data(index, text, line)
        if self._result.streams is not None and entry.stream not in self._result.streams:
            if data:
                raise BadBundle(why=f"{EVENTS}:{index + 1}: data of a stream that was not chosen")
            self._result.withheld += 1
            return
        self._result.disclosed += 1
        self._compare(entry, data)
        if entry.redacts:
            self._result.destructions.append(read_destruction(entry, data[EVENT]))
        if entry.topic.startswith(ROTATED):
            self._replaced += replaced_keys(entry, data[EVENT])
        if self._taken:
            self._taken(entry, data)

    def _compare(self, entry: Entry, data: Mapping[str, bytes]) -> None:
        """Compare what is disclosed of an entry with what was sealed of it."""
        if EVENT not in data:
            raise Altered(why=f"entry {entry.n}: the event is left out")
        if unknown := sorted(data.keys() - entry.commit.keys()):
            raise Altered(why=f"entry {entry.n}: {unknown[0]} was never sealed")
        for name, sealed in entry.commit.items():
            if name not in data:
                self._absent[sealed] = entry.n
            elif sha256(data[name]).hexdigest() != sealed:
                raise Altered(why=f"entry {entry.n}: {name} is not what was sealed")
            elif name != EVENT:
                self._present[sealed] = entry.n
                self._result.parts += 1

    def _settle(self) -> None:
        """Parts are gone where an event destroyed them, and only there."""
        redacted = self._order.redacted
        for part, n in self._present.items():
            if part in redacted:
                raise Altered(
                    why=f"entry {n}: a part is here that entry {redacted[part]} destroyed"
                )
        for part, n in self._absent.items():
            if part not in redacted:
                raise Altered(why=f"entry {n}: a part is missing that no event destroyed")
            self._result.destroyed[redacted[part]] += 1


ROTATED = "evidence-keys-rotated."


def replaced_keys(entry: Entry, state: bytes) -> list[VerifierKey]:
    """The keys that an event says were replaced. Raises `Altered` where it names none."""
    try:
        return [read_key(key) for key in cast("list[str]", json.loads(state)["old"])]
    except (ValueError, KeyError, TypeError, AttributeError, BadNote):
        raise Altered(why=f"entry {entry.n}: it names no keys that were replaced") from None


class _Tiles:
    """The tiles of a bundle beside those that its entries give."""

    def __init__(self, bundle: BundleReader, size: int) -> None:
        self._bundle = bundle
        self._size = size
        self._hashes = [list[bytes]() for _ in range(9)]
        self._counts = [0] * 9

    def entries(self) -> Iterator[list[bytes]]:
        """The entries of each entry bundle."""
        for name in tiles_of(self._size):
            if name.level is not None:
                return
            found = entries_of(self._bundle.read(name.path))
            if len(found) != name.width:
                raise BadTile(why=f"{name.path} has {len(found)} entries and not {name.width}")
            yield found

    def require(self, level: int, tile: bytes) -> None:
        """Compare the next tile of a level. Raises `Altered` where the bundle has another."""
        name = TileName(level, self._counts[level], len(tile) // HASH_BYTES).path
        self._counts[level] += 1
        if self._bundle.read(name) != tile:
            raise Altered(why=f"{name} is not what the entries give")

    def add(self, root: bytes) -> bytes:
        """Take the hash of the next full tile of leaves, and return it."""
        hashed, level = root, 1
        while True:
            hashes = self._hashes[level]
            hashes.append(hashed)
            if len(hashes) < WIDTH:
                return root
            tile = b"".join(hashes)
            self.require(level, tile)
            hashed = root_of(tile)
            hashes.clear()
            level += 1

    def finish(self) -> None:
        """Compare the partial tiles above the leaves at the right edge."""
        for level, hashes in enumerate(self._hashes):
            if hashes:
                self.require(level, b"".join(hashes))


def _streams(bundle: BundleReader) -> frozenset[str] | None:
    lines = list(bundle.lines(STREAMS))
    if lines == [EVERY.encode()]:
        return None
    names = [line.decode("ascii", "replace") for line in lines]
    if not names or names != sorted(set(names)) or not all(n.isprintable() and n for n in names):
        raise BadBundle(why=f"{STREAMS} lists names, sorted, each once, or *")
    return frozenset(names)


def _data(index: int, text: bytes, line: bytes) -> Mapping[str, bytes]:
    """The content of the line of a well-formed entry; it must be written exactly as lines are."""
    leaf = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    behind = b'},"index":%d,"leaf":"%b"}' % (index, leaf)
    if line.startswith(_BEFORE) and line.endswith(behind):
        data = _plain_data(line[len(_BEFORE) : -len(behind)])
        if data is not None:
            return data
    return _data_of_any(index, text, line)


def _plain_data(written: bytes) -> dict[str, bytes] | None:
    """Data by name, in canonical JSON; `None` for anything that is written otherwise."""
    data: dict[str, bytes] = {}
    last = ""
    for each in written.split(b",") if written else ():
        named, _, encoded = each.partition(b":")
        name = _NAMED.fullmatch(named)
        try:
            content = a2b_base64(encoded)
        except ValueError:
            return None
        if name is None or b'"%b"' % b2a_base64(content, newline=False) != encoded:
            return None
        if (key := name[1].decode()) <= last:
            return None
        data[key] = content
        last = key
    return data


def _data_of_any(index: int, text: bytes, line: bytes) -> dict[str, bytes]:
    """Read a line step by step, for the reason of a refusal."""
    where = f"{EVENTS}:{index + 1}"
    try:
        content = json.loads(line)
        encoded = cast("dict[str, str]", content["data"])
        data = {name: _decoded(value) for name, value in encoded.items()}
        leaf = cast("str", content["leaf"]).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadBundle(why=f"{where}: the line is not in the exact form that lines have") from None
    if leaf != text:
        raise Altered(why=f"{where}: the leaf is not entry {index + 1} of the tree")
    if event_line(index, text, encoded) != line + b"\n":
        raise BadBundle(why=f"{where}: the line is not in the exact form that lines have")
    return data


def _decoded(value: str) -> bytes:
    content = b64decode(value, validate=True)
    if b64encode(content).decode() != value:
        raise ValueError("bits are left over")
    return content
