"""Amendments of text, applied to the letter as they were moved."""

from __future__ import annotations

import re
import unicodedata

from domain.shared.problems import Refusal
from domain.shared.provisions import TermChanges, Terms


class WordsNotThere(Refusal):
    """The words to strike are not in the text."""

    rule = "A2"
    target: str
    words: str
    text: str


class WordsAmbiguous(Refusal):
    """The words to strike are in the text more than once."""

    rule = "A2"
    target: str
    words: str
    times: int


class NothingLeft(Refusal):
    """Striking these words would leave no text: enter a deletion instead."""

    rule = "A2"
    target: str
    words: str


def strike_words(target: str, text: str, words: str, *, everywhere: bool = False) -> str:
    """Return the text without the words, and otherwise unchanged to the letter (rule A2).

    They must be in it once only, unless they are struck `everywhere`.
    """
    left = text
    for begin, end in reversed(spans_of_words(target, text, words, everywhere=everywhere)):
        left = left[:begin] + left[end:]
    if not left.strip():
        raise NothingLeft(target=target, words=words)
    return left


def spans_of_words(
    target: str, text: str, words: str, *, everywhere: bool = False
) -> list[tuple[int, int]]:
    """Return places at which words begin and end in a text: one, or `everywhere` (rule A2).

    Words are found however their accents, blanks and quotation marks are stored.
    """
    plain, places = _plain(text)
    wanted, _ = _plain(words)
    whole = {at for at, begin in enumerate(places) if at == 0 or begin != places[at - 1]}
    found = [
        match.start()
        for match in re.finditer(f"(?={re.escape(wanted)})", plain)
        if wanted and {match.start(), match.start() + len(wanted)} <= whole
    ]
    if not found:
        raise WordsNotThere(target=target, words=words, text=text)
    if len(found) > 1 and not everywhere:
        raise WordsAmbiguous(target=target, words=words, times=len(found))
    apart: list[int] = []
    for start in found:
        if not apart or start >= apart[-1] + len(wanted):
            apart.append(start)
    return [(places[start], places[start + len(wanted)]) for start in apart]


def read_alike(one: str, other: str) -> bool:
    """True if two texts are the same to a reader, however they are stored."""
    return _plain(one)[0] == _plain(other)[0]


_SAME = str.maketrans("\u2018\u2019\u201c\u201d\n\t", "''\"\"  ", "\u00ad\u200b\ufeff")
"""Marks that look the same to a reader; the last three are not seen at all."""


def _plain(text: str) -> tuple[str, list[int]]:
    """Return the text in one normal form, and where each character of it begins in the text."""
    plain, places = "", list[int]()
    for letter in re.finditer(r"(?s).[\u0300-\u036f]*", text):
        as_seen = unicodedata.normalize("NFKC", letter[0]).translate(_SAME)
        plain += as_seen
        places += [letter.start()] * len(as_seen)
    return plain, [*places, len(text)]


class NoSuchTerm(Refusal):
    """An amendment drops a term that the provision does not carry."""

    rule = "A2"
    target: str
    terms: tuple[str, ...]
    carried: tuple[str, ...]


def terms_after(target: str, terms: Terms, changes: TermChanges) -> Terms:
    """Return the terms after an amendment; those that it does not name stay (rule A2)."""
    dropped = {name for name, value in changes.items() if value is None}
    if unknown := dropped - terms.keys():
        raise NoSuchTerm(target=target, terms=tuple(sorted(unknown)), carried=tuple(sorted(terms)))
    named = {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in {**terms, **named}.items() if name not in dropped}
