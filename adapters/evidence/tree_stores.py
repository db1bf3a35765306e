"""Stores of a tree: tables of SQLite or PostgreSQL, or a folder for any web server.

The same tiles and head texts in each. A tile is never replaced by other bytes, and a head is kept
only after the tiles that it needs. All of it can be sealed again from the log, up to the head that
is kept outside.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from adapters.database.state_database import reading
from adapters.evidence.faults import BadTile
from adapters.evidence.signed_notes import Note, Signature, read_note
from adapters.evidence.tiles import tile_name

CHECKPOINT, CHECKPOINTS = "checkpoint", "checkpoints"


class TreeStore(Protocol):
    """A tree's tiles by path, and its signed heads."""

    def get(self, path: str) -> bytes | None:
        """The bytes of a tile, `None` where there is none."""
        ...

    def put(self, tiles: Mapping[str, bytes]) -> None:
        """Keep tiles, durably. Raises `BadTile` where other bytes are kept under a path."""
        ...

    def head(self) -> bytes | None:
        """The largest head that was published."""
        ...

    def heads(self) -> Iterator[tuple[int, bytes]]:
        """Every head that was published, with its size, the smallest first."""
        ...

    def publish(self, size: int, note: bytes) -> None:
        """Keep a head whose tiles are kept; one that is kept already gains further signatures.

        Another head of the same size changes nothing.
        """
        ...


class _Tables(NamedTuple):
    """The tables of one tree."""

    metadata: MetaData
    tiles: Table
    heads: Table


@cache
def _tables(number: int) -> _Tables:
    """The tables of a register's tree; those that follow the first have its number in the name."""
    metadata, suffix = MetaData(), "" if number == 1 else f"_{number}"
    return _Tables(
        metadata,
        Table(
            f"evidence_tiles{suffix}",
            metadata,
            Column("path", String, primary_key=True),
            Column("content", LargeBinary, nullable=False),
        ),
        Table(
            f"evidence_heads{suffix}",
            metadata,
            Column("size", BigInteger, primary_key=True, autoincrement=False),
            Column("note", LargeBinary, nullable=False),
        ),
    )


class TreeTables:
    """A tree in a database; a register has another one after a restore that lost events."""

    def __init__(self, engine: Engine, number: int = 1) -> None:
        self._engine = engine
        self._metadata, self._tiles, self._heads = _tables(number)

    def setup(self) -> None:
        """Create the tables, where they are missing."""
        self._metadata.create_all(self._engine)

    def get(self, path: str) -> bytes | None:
        with reading(self._engine) as connection:
            wanted = select(self._tiles.c.content).where(self._tiles.c.path == path)
            found: bytes | None = connection.execute(wanted).scalar_one_or_none()
        return found

    def put(self, tiles: Mapping[str, bytes]) -> None:
        try:
            self._put(tiles)
        except IntegrityError:  # a sealer on another machine kept some of them meanwhile
            self._put(tiles)

    def _put(self, tiles: Mapping[str, bytes]) -> None:
        with self._engine.begin() as connection:
            wanted = select(self._tiles.c.path, self._tiles.c.content).where(
                self._tiles.c.path.in_(tiles)
            )
            kept = {row.path: row.content for row in connection.execute(wanted)}
            _require_same(kept, tiles)
            fresh = [{"path": p, "content": c} for p, c in tiles.items() if p not in kept]
            if fresh:
                connection.execute(insert(self._tiles), fresh)

    def head(self) -> bytes | None:
        with reading(self._engine) as connection:
            wanted = select(self._heads.c.note).order_by(self._heads.c.size.desc()).limit(1)
            found: bytes | None = connection.execute(wanted).scalar_one_or_none()
        return found

    def heads(self) -> Iterator[tuple[int, bytes]]:
        with reading(self._engine) as connection:
            for row in connection.execute(select(self._heads).order_by(self._heads.c.size)):
                yield row.size, row.note

    def publish(self, size: int, note: bytes) -> None:
        with suppress(IntegrityError), self._engine.begin() as connection:
            of_size = self._heads.c.size == size
            kept = connection.execute(
                select(self._heads.c.note).where(of_size)
            ).scalar_one_or_none()
            if kept is None:
                connection.execute(insert(self._heads).values(size=size, note=note))
            elif (whole := _joined(kept, note)) != kept:
                connection.execute(update(self._heads).where(of_size).values(note=whole))


class TreeFolder:
    """A tree in a folder, as tlog-tiles lays it out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, path: str) -> bytes | None:
        if tile_name(path) is None:
            return None
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, tiles: Mapping[str, bytes]) -> None:
        for path, content in tiles.items():
            kept = self.get(path)
            if kept is None:
                write_whole(self._folder / path, content)
            else:
                _require_same({path: kept}, tiles)

    def head(self) -> bytes | None:
        try:
            return (self._folder / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return None

    def heads(self) -> Iterator[tuple[int, bytes]]:
        folder = self._folder / CHECKPOINTS
        for size in sorted(int(path.name) for path in folder.glob("[0-9]*")):
            yield size, (folder / str(size)).read_bytes()

    def publish(self, size: int, note: bytes) -> None:
        earlier = self._folder / CHECKPOINTS / str(size)
        whole = _joined(earlier.read_bytes(), note) if earlier.exists() else note
        if not earlier.exists() or whole != earlier.read_bytes():
            write_whole(earlier, whole)
        kept = self.head()
        last = -1 if kept is None else int(kept.split(b"\n")[1])
        if last < size or (last == size and whole != kept):
            write_whole(self._folder / CHECKPOINT, whole)


def with_signatures(note: Note, lines: Iterable[Signature]) -> Note:
    """The note with the signatures of further keys."""
    signed = {(line.name, line.key_id): line for line in (*lines, *note.signatures)}
    own = [(line.name, line.key_id) for line in note.signatures]
    return Note(note.text, tuple(signed[key] for key in dict.fromkeys((*own, *signed))))


def _joined(kept: bytes, note: bytes) -> bytes:
    """A note that is kept, with the signatures that another one of the same text adds."""
    ours, theirs = read_note(kept), read_note(note)
    if ours.text != theirs.text:
        return kept
    return str(with_signatures(ours, theirs.signatures)).encode()


def write_whole(path: Path, content: bytes) -> None:
    """Write a new file and put it in place: readers see all of it or none, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _require_same(kept: Mapping[str, bytes], tiles: Mapping[str, bytes]) -> None:
    for path, content in kept.items():
        if content != tiles[path]:
            raise BadTile(why=f"other bytes are kept as {path}")
