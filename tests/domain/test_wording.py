"""Strikes are applied to the letter (rule A2)."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.wording import NothingLeft, WordsAmbiguous, WordsNotThere, strike

pytestmark = pytest.mark.rule("A2")

letters = st.text(alphabet="ab c", max_size=12)


@given(before=letters, words=letters, after=letters)
def test_a_strike_takes_out_the_words_and_nothing_else(before: str, words: str, after: str) -> None:
    text = before + words + after
    assume(words)
    assume(text.count(words) == 1 and _occurrences(text, words) == 1)
    if (before + after).strip():
        assert strike("t", text, words) == before + after
    else:
        with pytest.raises(NothingLeft):
            strike("t", text, words)


@given(text=letters, words=letters.filter(bool))
def test_a_strike_is_refused_unless_the_words_stand_there_once(text: str, words: str) -> None:
    times = _occurrences(text, words)
    if times == 0:
        with pytest.raises(WordsNotThere):
            strike("t", text, words)
    elif times > 1:
        with pytest.raises(WordsAmbiguous):
            strike("t", text, words)


def _occurrences(text: str, words: str) -> int:
    return sum(text.startswith(words, at) for at in range(len(text)))


def test_words_that_are_not_there_are_refused_with_target_words_and_text() -> None:
    with pytest.raises(WordsNotThere) as refused:
        strike("provision/purpose", "To meet.", "to trade")
    assert refused.value.details == {
        "rule": "A2",
        "target": "provision/purpose",
        "words": "to trade",
        "text": "To meet.",
    }


def test_words_that_stand_there_twice_are_refused_with_the_number() -> None:
    with pytest.raises(WordsAmbiguous) as refused:
        strike("provision/purpose", "to meet, to trade", "to ")
    assert refused.value.details == {
        "rule": "A2",
        "target": "provision/purpose",
        "words": "to ",
        "times": 2,
    }


def test_striking_everything_is_a_deletion_and_refused() -> None:
    with pytest.raises(NothingLeft) as refused:
        strike("provision/purpose", " To meet. ", "To meet.")
    assert refused.value.details == {
        "rule": "A2",
        "target": "provision/purpose",
        "words": "To meet.",
    }


def test_case_and_spaces_are_letters_too() -> None:
    with pytest.raises(WordsNotThere):
        strike("t", "To meet.", "to meet")
    assert strike("t", "subject to  change, adopted", "subject to  change,") == " adopted"
