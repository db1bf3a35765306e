"""Topics: patterns over a message's type, as AMQP has them, wherever events are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

from domain.shared.problems import Invalid

_WORD = r"(?:[a-z0-9-]+|\*|#)"
PATTERN, LONGEST = rf"^{_WORD}(?:\.{_WORD})*$", 255
"""The form of a topic pattern, with as many characters as AMQP has room for."""
_RUN_OF_HASHES = re.compile(r"#(\.#)+")


class BadTopic(Invalid):
    """No type could ever match this topic."""

    topic: str
    like: str


class UnknownTopic(Invalid):
    """No type that this register publishes matches this topic; `near` are those like it."""

    topic: str
    near: Sequence[str]


def check_topics(patterns: Sequence[str], types: Sequence[str]) -> None:
    """Raise `BadTopic`, and `UnknownTopic` for a topic that none of these types matches."""
    for pattern in patterns:
        if not re.fullmatch(PATTERN, pattern) or len(pattern) > LONGEST:
            raise BadTopic(topic=pattern, like="partnership.#")
        if not any(topic_matches(pattern, each) for each in types):
            raise UnknownTopic(topic=pattern, near=_near(pattern, types))


def _near(pattern: str, types: Sequence[str]) -> Sequence[str]:
    """Return types of the same subject, else topics of subjects written most like it."""
    subject = pattern.partition(".")[0]
    subjects = sorted({each.partition(".")[0] for each in types})
    if subject in subjects:
        return [each for each in types if each.startswith(f"{subject}.")]
    like = get_close_matches(subject, subjects)
    return [f"{each}.#" for each in like or subjects]


def topics_take(patterns: Iterable[str], key: str) -> bool:
    """True if any of the topics takes a key."""
    return any(topic_matches(pattern, key) for pattern in patterns)


@lru_cache(maxsize=4096)
def topic_matches(pattern: str, key: str) -> bool:
    """True if an AMQP topic pattern takes a key: `*` is one word, `#` any number of them."""
    shortest = _RUN_OF_HASHES.sub("#", pattern)  # each # tries every way to go on
    return _matches(tuple(shortest.split(".")), tuple(key.split(".")))


def _matches(pattern: tuple[str, ...], words: tuple[str, ...]) -> bool:
    if not pattern:
        return not words
    head, rest = pattern[0], pattern[1:]
    if head == "#":
        return any(_matches(rest, words[skip:]) for skip in range(len(words) + 1))
    return bool(words) and head in ("*", words[0]) and _matches(rest, words[1:])
