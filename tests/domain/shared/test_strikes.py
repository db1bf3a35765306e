"""Strikes are applied to the letter (rule A2)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.shared.strikes import (
    NothingLeft,
    WordsAmbiguous,
    WordsNotThere,
    read_alike,
    strike_words,
)

pytestmark = pytest.mark.rule("A2")

letters = st.text(alphabet="ab c", max_size=12)


@given(before=letters, words=letters, after=letters)
def test_a_strike_takes_out_the_words_and_nothing_else(before: str, words: str, after: str) -> None:
    text = before + words + after
    assume(words)
    assume(text.count(words) == 1 and _occurrences(text, words) == 1)
    if (before + after).strip():
        assert strike_words("t", text, words) == before + after
    else:
        with pytest.raises(NothingLeft):
            strike_words("t", text, words)


@given(text=letters, words=letters.filter(bool))
def test_a_strike_is_refused_unless_the_words_stand_there_once(text: str, words: str) -> None:
    times = _occurrences(text, words)
    if times == 0:
        with pytest.raises(WordsNotThere):
            strike_words("t", text, words)
    elif times > 1:
        with pytest.raises(WordsAmbiguous):
            strike_words("t", text, words)


def _occurrences(text: str, words: str) -> int:
    return sum(text.startswith(words, at) for at in range(len(text)))


def test_words_that_are_not_there_are_refused_with_target_words_and_text() -> None:
    with pytest.raises(WordsNotThere) as refused:
        strike_words("provision/purpose", "To meet.", "to trade")
    assert refused.value.details == {
        "rule": "A2",
        "target": "provision/purpose",
        "words": "to trade",
        "text": "To meet.",
    }


def test_words_that_stand_there_twice_are_refused_with_the_number() -> None:
    with pytest.raises(WordsAmbiguous) as refused:
        strike_words("provision/purpose", "to meet, to trade", "to ")
    assert refused.value.details == {
        "rule": "A2",
        "target": "provision/purpose",
        "words": "to ",
        "times": 2,
    }


def test_striking_everything_is_a_deletion_and_refused() -> None:
    with pytest.raises(NothingLeft) as refused:
        strike_words("provision/purpose", " To meet. ", "To meet.")
    assert refused.value.details == {
        "rule": "A2",
        "target": "provision/purpose",
        "words": "To meet.",
    }


def test_case_and_spaces_are_letters_too() -> None:
    with pytest.raises(WordsNotThere):
        strike_words("t", "To meet.", "to meet")
    assert strike_words("t", "subject to  change, adopted", "subject to  change,") == " adopted"


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        (
            unicodedata.normalize("NFC", "A body for Mérignac."),
            unicodedata.normalize("NFD", " for Mérignac"),
            "A body.",
        ),
        (
            unicodedata.normalize("NFD", "Mérignac, été"),
            unicodedata.normalize("NFC", ", été"),
            unicodedata.normalize("NFD", "Mérignac"),
        ),
        ("two\u00a0to three a year", "two to ", "three a year"),
        ("the council\u2019s own", "council's ", "the own"),
        ("o\ufb03cial visits", "official ", "visits"),
        ("inter\u00adnational visits", "international ", "visits"),
        ("one\nline", " line", "one"),
    ],
    ids=["composed", "taken apart", "hard blank", "apostrophe", "ligature", "soft hyphen", "line"],
)
def test_words_that_look_the_same_are_struck_and_the_rest_stays_to_the_letter(
    text: str, words: str, left: str
) -> None:
    assert strike_words("t", text, words) == left


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\ufb03x, o\ufb03cial", "fi"),
        ("o\ufb03cial", "fici"),
        ("o\ufb03cial", "off"),
        ("soft\u00adhyphen", "\u00ad"),
        (unicodedata.normalize("NFD", "été"), "e"),
    ],
    ids=["within the first", "begins within", "ends within", "unseen", "without its accent"],
)
def test_words_that_begin_or_end_within_a_letter_are_not_there(text: str, words: str) -> None:
    with pytest.raises(WordsNotThere):
        strike_words("t", text, words)


def test_a_text_that_is_the_words_is_found_and_not_struck() -> None:
    with pytest.raises(NothingLeft):
        strike_words("t", "a", "a")


def test_words_that_follow_one_another_at_once_are_all_struck() -> None:
    assert strike_words("t", "aaaab", "aa", everywhere=True) == "b"


def test_texts_that_look_the_same_read_alike() -> None:
    assert read_alike(unicodedata.normalize("NFD", "Mérignac"), "Mérignac")
    assert not read_alike("Merignac", "Mérignac")
