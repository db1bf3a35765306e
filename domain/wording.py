"""Amendments of text, applied to the letter as they were moved."""

from __future__ import annotations

import re

from domain.kernel import Refusal


class WordsNotThere(Refusal):
    """The words to strike do not stand in the text."""

    rule = "A2"

    def __init__(self, target: str, words: str, text: str) -> None:
        super().__init__(target=target, words=words, text=text)


class WordsAmbiguous(Refusal):
    """The words to strike stand in the text more than once."""

    rule = "A2"

    def __init__(self, target: str, words: str, times: int) -> None:
        super().__init__(target=target, words=words, times=times)


class NothingLeft(Refusal):
    """Striking these words would leave no text: that is a deletion."""

    rule = "A2"

    def __init__(self, target: str, words: str) -> None:
        super().__init__(target=target, words=words)


def strike(target: str, text: str, words: str) -> str:
    """The text without the words, and otherwise to the letter what it was (rule A2)."""
    times = len(re.findall(f"(?={re.escape(words)})", text))
    if times == 0:
        raise WordsNotThere(target, words, text)
    if times > 1:
        raise WordsAmbiguous(target, words, times)
    left = text.replace(words, "")
    if not left.strip():
        raise NothingLeft(target, words)
    return left
