"""What counts as text, and what is written out where it is shown."""

from __future__ import annotations

import pytest

from domain.text import readable, texts, unreadable


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
    assert list(texts(content)) == ["a", "one", "b", "c", "two", "3", "d", "four"]
    assert list(texts(7)) == []
