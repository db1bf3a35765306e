"""Topics: patterns over a message's type, as AMQP has them, wherever events are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from domain.kernel import Invalid

_WORD = r"(?:[a-z0-9-]+|\*|#)"
PATTERN, LONGEST = rf"^{_WORD}(?:\.{_WORD})*$", 255
"""What a topic pattern looks like, and how many characters AMQP has room for."""
_RUN_OF_HASHES = re.compile(r"#(\.#)+")


class BadTopic(Invalid):
    """No type could ever match this topic."""


def check_patterns(patterns: Sequence[str]) -> None:
    """Raise `BadTopic` for a topic pattern that no type could ever match."""
    for pattern in patterns:
        if not re.fullmatch(PATTERN, pattern) or len(pattern) > LONGEST:
            raise BadTopic(topic=pattern, like="partnership.#")


@lru_cache(maxsize=4096)
def matches(pattern: str, key: str) -> bool:
    """Whether an AMQP topic pattern takes a key: `*` is one word, `#` any number of them."""
    shortest = _RUN_OF_HASHES.sub("#", pattern)  # each # tries every way to go on
    return _matches(tuple(shortest.split(".")), tuple(key.split(".")))


def _matches(pattern: tuple[str, ...], words: tuple[str, ...]) -> bool:
    if not pattern:
        return not words
    head, rest = pattern[0], pattern[1:]
    if head == "#":
        return any(_matches(rest, words[skip:]) for skip in range(len(words) + 1))
    return bool(words) and head in ("*", words[0]) and _matches(rest, words[1:])
