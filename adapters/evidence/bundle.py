"""A bundle: what an auditor takes home to verify without database or network.

| member | what it holds |
|---|---|
| `checkpoint` | the signed head, with witnesses' cosignatures |
| `checkpoints/<size>` | every head that the log signed up to it |
| `tile/**` | the tree, with the partial tiles of its own head only |
| `events.jsonl` | a line an entry: its index, its text, and its data where its stream was chosen |
| `streams.txt` | the names of the chosen streams, one a line, or `*` |
| `schemas/**`, `account.html`, `README.txt` | for readers; not covered by the proof |
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from adapters.evidence.bundle_zip import BundleWriter, reading_bundle, writing_bundle
from adapters.evidence.entries import EVENT, Entry, canonical, read_entry
from adapters.evidence.faults import BadTile
from adapters.evidence.signed_notes import Head, read_head, read_note
from adapters.evidence.tiles import TileName, entries_of, tiles_of
from adapters.evidence.tree_stores import TreeStore

CHECKPOINT = "checkpoint"
CHECKPOINTS = "checkpoints/"
EVENTS = "events.jsonl"
STREAMS = "streams.txt"
EVERY = "*"
_TILES = 256
"""Tiles that are copied at a time."""
README = """\
This bundle proves what a register of a city's partnerships holds. Verify it with
alliance evidence verify BUNDLE --policy FILE, where FILE lists the keys that you trust, which
you have from the register's operator by another way than this bundle.

checkpoint      the signed head of the tree (C2SP tlog-checkpoint)
checkpoints/    every head that was signed before
tile/           the Merkle tree over all entries (C2SP tlog-tiles, RFC 6962)
events.jsonl    one line for each entry: what was sealed, and the event where it is disclosed
streams.txt     the streams whose events are disclosed; * means all
schemas/        the shapes of events as JSON Schema; not covered by the proof
"""
READERS = re.compile(r"schemas/[A-Za-z0-9._/-]+|account\.html|README\.txt")
"""Members that help readers, and that no proof covers."""


class Contents(NamedTuple):
    """The stored bytes behind an entry: the event's, and each personal part that is left."""

    event: bytes
    parts: Mapping[str, bytes] = {}


def write_bundle(
    path: Path,
    store: TreeStore,
    contents: Callable[[Entry], Contents],
    streams: Collection[str] | None = None,
    readers: Mapping[str, bytes] | None = None,
) -> Head:
    """Write a bundle of the store's head; of all streams, or of the named ones.

    The other streams' entries are there without their data: that none is left out can be seen.
    Heads that only replaced keys signed are left out with them: the event that tells of those keys
    may be withheld.
    Raises `BundleExists`, and `BadTile` where the tree is not whole.
    """
    note = store.head()
    if note is None:
        raise BadTile(why="nothing is sealed yet")
    head = read_head(read_note(note).text)
    with writing_bundle(path) as bundle:
        bundle.write(CHECKPOINT, note)
        for size, earlier in store.heads():
            if size <= head.size and (streams is None or _share_a_key(earlier, note)):
                bundle.write(f"{CHECKPOINTS}{size}", earlier)
        for name in tiles_of(head.size):
            bundle.write(name.path, _tile(store, name))
        chosen = None if streams is None else frozenset(streams)
        listed = [EVERY] if chosen is None else sorted(chosen)
        bundle.write(STREAMS, "".join(f"{name}\n" for name in listed).encode())
        _write_events(bundle, store, head.size, contents, chosen)
        for member, content in (readers or {}).items():
            bundle.write(member, content)
    return head


def copy_tree(path: Path, store: TreeStore) -> None:
    """Copy the tree of a verified bundle into an empty store."""
    with reading_bundle(path) as bundle:
        note = bundle.read(CHECKPOINT)
        size = read_head(read_note(note).text).size
        names = tiles_of(size)
        while some := list(islice(names, _TILES)):
            store.put({name.path: bundle.read(name.path) for name in some})
        store.publish(size, note)


def _share_a_key(one: bytes, other: bytes) -> bool:
    """True if one key of the log signed both heads, whoever cosigned them."""
    keys: list[set[int]] = []
    for note in map(read_note, (one, other)):
        log = read_head(note.text).origin
        keys.append({each.key_id for each in note.signatures if each.name == log})
    return not keys[0].isdisjoint(keys[1])


def _write_events(
    bundle: BundleWriter,
    store: TreeStore,
    size: int,
    contents: Callable[[Entry], Contents],
    chosen: frozenset[str] | None,
) -> None:
    with bundle.member(EVENTS) as file:
        for index, text in enumerate(_entries(store, size)):
            entry = read_entry(text)
            data: dict[str, str] = {}
            if chosen is None or entry.stream in chosen:
                found = contents(entry)
                held = {EVENT: found.event, **found.parts}
                data = {name: b64encode(content).decode() for name, content in held.items()}
            file.write(event_line(index, text, data))


def event_line(index: int, text: bytes, data: Mapping[str, str]) -> bytes:
    """One line of `events.jsonl`, as it has to be written."""
    line = {"index": index, "leaf": text.decode("ascii"), "data": dict(data)}
    return canonical(line) + b"\n"


def _entries(store: TreeStore, size: int) -> Iterator[bytes]:
    for name in tiles_of(size):
        if name.level is not None:
            return
        yield from entries_of(_tile(store, name))


def _tile(store: TreeStore, name: TileName) -> bytes:
    content = store.get(name.path)
    if content is None:
        raise BadTile(why=f"{name.path} is missing")
    return content
