"""Text: characters that people read, and none that steer a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import cast

_STROKES = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i"}
)
"""Letters with a stroke, and joined letters: Unicode does not take them apart."""


def folded(words: str) -> str:
    """Return words without case, accents, hyphens and spaces, for comparing what people write.

    Accents are those of the alphabets; the marks of other scripts make another letter, and stay.
    """
    plain = unicodedata.normalize("NFKD", words.casefold()).casefold().translate(_STROKES)
    kept = (c for c in plain if not "\u0300" <= c <= "\u036f")
    letters = (c for c in kept if c.isalnum() or unicodedata.category(c).startswith("M"))
    return unicodedata.normalize("NFC", "".join(letters))


def missing_and_unwanted(
    wanted: Iterable[str], given: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return two lists: wanted words that are not given, and given words that are not wanted."""
    wanted, given = tuple(wanted), tuple(given)
    has, knows = {folded(g) for g in given}, {folded(w) for w in wanted}
    return (
        tuple(w for w in wanted if folded(w) not in has),
        tuple(g for g in given if folded(g) not in knows),
    )


_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def unreadable(text: str) -> str | None:
    """Return the first character that people cannot read, such as a control character, as `U+001B`.

    `None` where all can be read.
    """
    found = _UNREADABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def readable(text: str) -> str:
    """Return the text with every unreadable character written out, to show foreign text safely."""
    return _UNREADABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def texts_within(content: object) -> Iterator[str]:
    """Yield every text within plain content, keys included."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in cast("dict[object, object]", content).items():
            yield str(key)
            yield from texts_within(value)
    elif isinstance(content, list | tuple):
        for value in cast("list[object]", content):
            yield from texts_within(value)
