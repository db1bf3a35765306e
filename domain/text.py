"""What counts as text: characters that people read, and none that steer a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def unreadable(text: str) -> str | None:
    """The first character that is no text, as `U+001B`; `None` where all are."""
    found = _UNREADABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def readable(text: str) -> str:
    """The text with every such character written out, for showing what came from elsewhere."""
    return _UNREADABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def texts(content: object) -> Iterator[str]:
    """Every text within plain content, keys included."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in cast("dict[object, object]", content).items():
            yield str(key)
            yield from texts(value)
    elif isinstance(content, list | tuple):
        for value in cast("list[object]", content):
            yield from texts(value)
