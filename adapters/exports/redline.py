"""What changed between two texts, word by word: as data, and marked up for pipes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from diff_match_patch import diff_match_patch

_TOKENS = re.compile(r"\s+|\w+(?:['’.-]\w+)*|[^\w\s]")
_FIRST = 0xF0000
"""Tokens become characters of a private plane, in which none is a space or a letter."""


class Change(StrEnum):
    """What became of a stretch of text."""

    KEPT = "kept"
    DELETED = "deleted"
    INSERTED = "inserted"


_CHANGES = {-1: Change.DELETED, 0: Change.KEPT, 1: Change.INSERTED}


class Segment(NamedTuple):
    """A stretch of text and what became of it."""

    change: Change
    text: str


def redline(before: str, after: str) -> tuple[Segment, ...]:
    """The difference in whole words, with what only coincides taken as replaced."""
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
        Segment(_CHANGES[sign], "".join(words[ord(c) - _FIRST] for c in text))
        for sign, text in parts
    )


def marked(segments: Iterable[Segment]) -> str:
    """The text with its changes marked as `[-deleted-]` and `{+inserted+}`."""
    marks = {Change.KEPT: "{}", Change.DELETED: "[-{}-]", Change.INSERTED: "{{+{}+}}"}
    return "".join(marks[change].format(text) for change, text in segments)


def differs(segments: Iterable[Segment]) -> bool:
    """Whether anything was deleted or inserted."""
    return any(change is not Change.KEPT for change, _ in segments)
