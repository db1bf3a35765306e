"""Changes of a text, one after the other and otherwise to the letter (rule A2)."""

from __future__ import annotations

import pytest

from domain.shared.problems import Refusal
from domain.shared.strikes import NothingLeft, WordsAmbiguous, WordsNotThere
from domain.shared.text_changes import (
    AddItem,
    AddWords,
    ChangeHeading,
    ChangeItem,
    End,
    InsertAfter,
    InsertBefore,
    ItemNotThere,
    NoSuchPart,
    ReplaceWords,
    StrikeItem,
    StrikeWords,
    TextChange,
    WholeText,
    heading_only,
    wording_after,
)

pytestmark = pytest.mark.rule("A2")

LIST = WholeText("ab ab", "Letters", ("one", "two", "three"))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (StrikeWords(words=" ab"), "ab"),
        (StrikeWords(words="b", everywhere=True), "a a"),
        (InsertBefore(words="x", before=" "), "abx ab"),
        (InsertAfter(words="x", after=" "), "ab xab"),
        (AddWords(words="."), "ab ab."),
        (AddWords(words="(", at=End.BEGINNING), "(ab ab"),
        (ReplaceWords(words="ab", by="aab", everywhere=True), "aab aab"),
        (ReplaceWords(words=" ", by=", "), "ab, ab"),
    ],
)
def test_words_change_and_nothing_else(change: TextChange, text: str) -> None:
    assert wording_after("t", LIST, (change,)) == LIST._replace(text=text)


@pytest.mark.parametrize(
    ("change", "items"),
    [
        (ChangeItem(item="two", becomes="2"), ("one", "2", "three")),
        (AddItem(item="four"), ("one", "two", "three", "four")),
        (AddItem(item="half", after="one"), ("one", "half", "two", "three")),
        (StrikeItem(item="one"), ("two", "three")),
    ],
)
def test_one_item_changes_and_nothing_else(change: TextChange, items: tuple[str, ...]) -> None:
    assert wording_after("t", LIST, (change,)) == LIST._replace(items=items)


def test_overlapping_words_are_struck_from_the_left() -> None:
    struck = wording_after("t", WholeText("aaab"), (StrikeWords(words="aa", everywhere=True),))
    assert struck == WholeText("ab")


def test_changes_follow_one_another() -> None:
    changes = (
        ReplaceWords(words="ab", by="c", everywhere=True),
        StrikeWords(words="c "),
        ChangeHeading(becomes="C"),
    )
    assert wording_after("t", LIST, changes) == WholeText("c", "C", LIST.items)
    assert [heading_only(changes), heading_only(changes[2:]), heading_only(())] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("change", "refusal", "told"),
    [
        (StrikeWords(words="ab"), WordsAmbiguous, {"words": "ab", "times": 2}),
        (ReplaceWords(words="ab", by="c"), WordsAmbiguous, {"words": "ab", "times": 2}),
        (InsertAfter(words="x", after="ab"), WordsAmbiguous, {"words": "ab", "times": 2}),
        (InsertBefore(words="x", before="z"), WordsNotThere, {"words": "z", "text": "ab ab"}),
        (StrikeWords(words="z", everywhere=True), WordsNotThere, {"words": "z", "text": "ab ab"}),
        (StrikeWords(words="ab ab"), NothingLeft, {"words": "ab ab"}),
        (ChangeItem(item="ten", becomes="10"), ItemNotThere, {"item": "ten", "items": LIST.items}),
        (AddItem(item="ten", after="nine"), ItemNotThere, {"item": "nine", "items": LIST.items}),
        (StrikeItem(item="ten"), ItemNotThere, {"item": "ten", "items": LIST.items}),
    ],
)
def test_a_change_that_does_not_fit_is_refused(
    change: TextChange, refusal: type[Refusal], told: dict[str, object]
) -> None:
    with pytest.raises(refusal) as raised:
        wording_after("provision/letters", LIST, (change,))
    assert raised.value.details == {"rule": "A2", "target": "provision/letters", **told}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (ChangeHeading(becomes="x"), "heading"),
        (StrikeItem(item="one"), "strike-item"),
        (AddItem(item="one"), "add-item"),
    ],
)
def test_a_text_alone_has_no_heading_and_no_list(change: TextChange, name: str) -> None:
    with pytest.raises(NoSuchPart) as raised:
        wording_after("recommendation/r/1", WholeText("Text."), (change,))
    told = {"rule": "A2", "target": "recommendation/r/1", "change": name}
    assert raised.value.details == told
