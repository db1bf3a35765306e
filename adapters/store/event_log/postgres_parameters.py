"""Parameters in PostgreSQL's binary form, each built in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct, pack

_ARRAY = Struct(">iiiii").pack
_EMPTY = Struct(">iii").pack
_SIZE = Struct(">i").pack
_INTEGER = Struct(">q").pack


def integer(value: int) -> bytes:
    """Return a number as `bigint`."""
    return _INTEGER(value)


def integer_array(items: Sequence[int]) -> bytes:
    """Return numbers as `bigint[]`."""
    content = [part for item in items for part in (8, item)]
    return _array(20, len(items), (pack(">" + "iq" * len(items), *content),))


def text_array(items: Sequence[str]) -> bytes:
    """Return texts as `text[]`."""
    encoded = [item.encode() for item in items]
    return _array(25, len(items), [_SIZE(len(item)) + item for item in encoded])


def blob_array(items: Sequence[bytes]) -> bytes:
    """Return bytes as `bytea[]`."""
    return _array(17, len(items), [_SIZE(len(item)) + item for item in items])


def _array(element: int, count: int, items: Iterable[bytes]) -> bytes:
    """Return an array: dimensions, no nulls, the elements' type and number, first index, values."""
    if not count:
        return _EMPTY(0, 0, element)
    return b"".join((_ARRAY(1, 0, element, count, 1), *items))
