"""Differences between two texts, word by word: as data, and marked up for pipes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from diff_match_patch import diff_match_patch

from adapters.queries.rows import Row

_TOKENS = re.compile(r"\s+|\w+(?:['’.-]\w+)*|[^\w\s]")
_FIRST = 0xF0000
"""Tokens become characters of a private plane, in which none is a space or a letter."""


class Change(StrEnum):
    """The fate of a stretch of text: kept, deleted or inserted."""

    KEPT = "kept"
    DELETED = "deleted"
    INSERTED = "inserted"


_CHANGES = {-1: Change.DELETED, 0: Change.KEPT, 1: Change.INSERTED}


class Segment(Row):
    """A stretch of text and what became of it."""

    change: Change
    text: str


def redline(before: str, after: str) -> tuple[Segment, ...]:
    """Return the difference in whole words, with what only coincides taken as replaced."""
    tokens: dict[str, str] = {}
    words: list[str] = []

    def encoded(text: str) -> str:
        found = _TOKENS.findall(text)
        for token in found:
            if token not in tokens:
                tokens[token] = chr(_FIRST + len(words))
                words.append(token)
        return "".join(tokens[token] for token in found)

    engine = diff_match_patch()
    engine.Diff_Timeout = 0  # the same answer on every machine, however busy
    parts = engine.diff_main(encoded(before), encoded(after), False)
    engine.diff_cleanupSemantic(parts)
    return tuple(
        Segment(change=_CHANGES[sign], text="".join(words[ord(c) - _FIRST] for c in text))
        for sign, text in parts
    )


def marked_text(segments: Iterable[Segment]) -> str:
    """Return the text with its changes marked as `[-deleted-]` and `{+inserted+}`."""
    marks = {Change.KEPT: "{}", Change.DELETED: "[-{}-]", Change.INSERTED: "{{+{}+}}"}
    return "".join(marks[part.change].format(part.text) for part in segments)


def texts_differ(segments: Iterable[Segment]) -> bool:
    """True if anything was deleted or inserted."""
    return any(part.change is not Change.KEPT for part in segments)
