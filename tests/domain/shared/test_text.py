"""What counts as text, and what is written out where it is shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.text import folded, missing_and_unwanted, readable, texts_within, unreadable


@pytest.mark.parametrize(
    ("text", "named", "written"),
    [
        ("a\x00b\x01", "U+0000", "a\\u0000b\\u0001"),
        ("\x1b[31mred", "U+001B", "\\u001b[31mred"),
        ("soft\x7f", "U+007F", "soft\\u007f"),
        ("\u202eevil", "U+202E", "\\u202eevil"),
        ("\ud83d", "U+D83D", "\\ud83d"),
    ],
    ids=["null", "escape", "delete", "right to left", "surrogate"],
)
def test_the_first_character_that_is_no_text_is_named_and_every_one_is_written_out(
    text: str, named: str, written: str
) -> None:
    assert unreadable(text) == named
    assert readable(text) == written


def test_any_script_and_line_breaks_are_text() -> None:
    for text in ("", "Çankaya", "Київ", "廣州", "two\nlines\r\n\ta tab", "🏙"):
        assert unreadable(text) is None
        assert readable(text) == text


def test_every_text_within_is_found_keys_included() -> None:
    content = {"a": "one", "b": [{"c": ("two", 7)}, None], 3: {"d": "four"}}
    assert list(texts_within(content)) == ["a", "one", "b", "c", "two", "3", "d", "four"]
    assert list(texts_within(7)) == []


@pytest.mark.parametrize(
    ("written", "also", "same"),
    [
        ("Kiev", "KIEV", True),
        ("Çankaya-Ankara", "cankaya ankara", True),
        ("Wrocław", "Wroclaw", True),
        ("São Paulo", "Sao-Paulo", True),
        ("Gdańsk", "gdansk", True),
        ("Weißenburg", "WEISSENBURG", True),
        ("İzmir", "izmir", True),
        ("Århus", "Aarhus", False),
        ("Київ", "КИЇВ", True),
        ("横浜市", "横浜", False),
        ("ガーナ", "カーナ", False),
        ("ｿｳﾙ", "ソウル", True),
        ("दिल्ली", "दलल", False),
    ],
)
def test_words_are_the_same_whatever_their_case_accents_and_hyphens(
    written: str, also: str, *, same: bool
) -> None:
    assert (folded(written) == folded(also)) is same
    for form in ("NFC", "NFD"):
        assert folded(unicodedata.normalize(form, written)) == folded(written)


def test_a_list_of_words_is_compared_without_accents() -> None:
    assert missing_and_unwanted(("Économie", "Culture"), ("economie", "Tourism")) == (
        ("Culture",),
        ("Tourism",),
    )


@given(name=st.text(alphabet="Kiévà-. ŁßİガДй", min_size=1))
def test_folding_is_stable(name: str) -> None:
    assert folded(folded(name)) == folded(name) == folded(unicodedata.normalize("NFD", name))
