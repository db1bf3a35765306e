"""The wording of a text: the paper's own, the register's, or a translation's."""

from __future__ import annotations

from domain.shared.wordings import whose_words, wording_in_words

PAPER = "the paper's own words"
REGISTER = "the register's own words, and not the paper's"
NOBODY = "words of which the record does not say whose they are"


def test_each_wording_has_a_phrase() -> None:
    wordings = ("verbatim", "register's words", "translation of zh-Hant")
    phrases = [wording_in_words(wording) for wording in wordings]
    assert phrases == [PAPER, REGISTER, "a translation of zh-Hant"]


def test_texts_of_one_wording_are_told_in_one_sentence_without_their_names() -> None:
    texts = [("purpose", "verbatim"), ("goals", "verbatim")]
    assert whose_words(texts) == (f"Texts: {PAPER}.",)
    assert whose_words([("purpose", None)]) == (f"Texts: {NOBODY}.",)
    assert whose_words([]) == ()


def test_of_several_wordings_each_names_its_texts_once() -> None:
    texts = [
        ("purpose", "verbatim"),
        ("goals", None),
        ("tiers", "verbatim"),
        ("purpose", "verbatim"),
    ]
    assert whose_words(texts) == (f"purpose, tiers: {PAPER}.", f"goals: {NOBODY}.")
