"""Arrays in PostgreSQL's binary form, built in one go: psycopg asks each element for its type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct, pack

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = Struct(">iiiii")
_SIZE = Struct(">i").pack


class Array:
    """A one-dimensional array without nulls, ready to be sent."""

    __slots__ = ("content",)
    element: int

    def __init__(self, items: Iterable[bytes], count: int) -> None:
        head = (
            _HEAD.pack(1, 0, self.element, count, 1) if count else pack(">iii", 0, 0, self.element)
        )
        self.content = b"".join((head, *items))


class Texts(Array):
    """As `text[]`."""

    element = 25

    def __init__(self, items: Sequence[str]) -> None:
        encoded = [item.encode() for item in items]
        super().__init__([_SIZE(len(item)) + item for item in encoded], len(encoded))


class Blobs(Array):
    """As `bytea[]`."""

    element = 17

    def __init__(self, items: Sequence[bytes]) -> None:
        super().__init__([_SIZE(len(item)) + item for item in items], len(items))


class Integers(Array):
    """As `bigint[]`."""

    element = 20

    def __init__(self, items: Sequence[int]) -> None:
        count = len(items)
        super().__init__((pack(">" + "iq" * count, *[x for i in items for x in (8, i)]),), count)


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> Buffer | None:
        return obj.content


class _TextsDumper(_ArrayDumper):
    oid = 1009


class _BlobsDumper(_ArrayDumper):
    oid = 1001


class _IntegersDumper(_ArrayDumper):
    oid = 1016


psycopg.adapters.register_dumper(Texts, _TextsDumper)
psycopg.adapters.register_dumper(Blobs, _BlobsDumper)
psycopg.adapters.register_dumper(Integers, _IntegersDumper)
