"""Changes of a wording: words struck, inserted and replaced, items of a list, a heading."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, assert_never

from pydantic import Field

from domain.shared.messages import Value
from domain.shared.problems import Refusal
from domain.shared.provisions import ProvisionDraft
from domain.shared.strikes import read_alike, spans_of_words, strike_words

Words = Annotated[str, Field(min_length=1)]


class End(StrEnum):
    """An end of a text."""

    BEGINNING = "beginning"
    END = "end"


class StrikeWords(Value):
    """Strike words from the text, where they stand once or everywhere."""

    change: Literal["strike"] = "strike"
    words: Words
    everywhere: bool = False


class InsertBefore(Value):
    """Insert words, with their blanks, before others."""

    change: Literal["insert-before"] = "insert-before"
    words: Words
    before: Words


class InsertAfter(Value):
    """Insert words, with their blanks, after others."""

    change: Literal["insert-after"] = "insert-after"
    words: Words
    after: Words


class AddWords(Value):
    """Add words, with their blanks, at an end of the text."""

    change: Literal["add"] = "add"
    words: Words
    at: End = End.END


class ReplaceWords(Value):
    """Put words in the place of others, where those stand once or everywhere."""

    change: Literal["replace"] = "replace"
    words: Words
    by: Words
    everywhere: bool = False


class ChangeItem(Value):
    """Put another item in the place of one of the list."""

    change: Literal["item"] = "item"
    item: Words
    becomes: Words


class AddItem(Value):
    """Add an item, at the end of the list or after another."""

    change: Literal["add-item"] = "add-item"
    item: Words
    after: Words | None = None


class StrikeItem(Value):
    """Strike one item of the list."""

    change: Literal["strike-item"] = "strike-item"
    item: Words


class ChangeHeading(Value):
    """Give another heading."""

    change: Literal["heading"] = "heading"
    becomes: Words


TextChange = Annotated[
    StrikeWords
    | InsertBefore
    | InsertAfter
    | AddWords
    | ReplaceWords
    | ChangeItem
    | AddItem
    | StrikeItem
    | ChangeHeading,
    Field(discriminator="change"),
]


class ItemNotThere(Refusal):
    """The list has no such item, or has it more than once."""

    rule = "A2"
    target: str
    item: str
    items: tuple[str, ...]


class NoSuchPart(Refusal):
    """A recommendation or motion has only a text: it has no heading and no list to change."""

    rule = "A2"
    target: str
    change: str


class WholeText(NamedTuple):
    """A text with its heading and its list of items; a recommendation has neither."""

    text: str
    heading: str | None = None
    items: tuple[str, ...] | None = None


def whole_text(draft: ProvisionDraft) -> WholeText:
    """Return the wording of a provision."""
    return WholeText(draft.text, draft.heading, draft.items)


def wording_after(target: str, wording: WholeText, changes: Iterable[TextChange]) -> WholeText:
    """Return the wording after each change in turn (rule A2), otherwise unchanged to the letter."""
    for change in changes:
        wording = _after(target, wording, change)
    return wording


def heading_only(changes: Iterable[TextChange]) -> bool:
    """True if the changes leave the text and the list as they are."""
    return all(isinstance(change, ChangeHeading) for change in changes)


def _after(target: str, wording: WholeText, change: TextChange) -> WholeText:
    match change:
        case StrikeWords():
            text = strike_words(target, wording.text, change.words, everywhere=change.everywhere)
            return wording._replace(text=text)
        case InsertBefore() | InsertAfter() | AddWords():
            return wording._replace(text=_inserted(target, wording.text, change))
        case ReplaceWords():
            text = wording.text
            found = spans_of_words(target, text, change.words, everywhere=change.everywhere)
            for begin, end in reversed(found):
                text = text[:begin] + change.by + text[end:]
            return wording._replace(text=text)
        case ChangeItem() | AddItem() | StrikeItem():
            if wording.items is None:
                raise NoSuchPart(target=target, change=change.change)
            return wording._replace(items=_items(target, wording.items, change))
        case ChangeHeading():
            if wording.heading is None:
                raise NoSuchPart(target=target, change=change.change)
            return wording._replace(heading=change.becomes)
        case _:
            assert_never(change)


def _inserted(target: str, text: str, change: InsertBefore | InsertAfter | AddWords) -> str:
    match change:
        case AddWords(words=words, at=at):
            return words + text if at is End.BEGINNING else text + words
        case InsertBefore(before=others):
            ((place, _),) = spans_of_words(target, text, others)
        case InsertAfter(after=others):
            ((_, place),) = spans_of_words(target, text, others)
        case _:
            assert_never(change)
    return text[:place] + change.words + text[place:]


def _items(
    target: str, items: tuple[str, ...], change: ChangeItem | AddItem | StrikeItem
) -> tuple[str, ...]:
    if isinstance(change, AddItem):
        last = change.after is None
        place = len(items) if last else _place(target, items, change.after or "") + 1
        return (*items[:place], change.item, *items[place:])
    place = _place(target, items, change.item)
    becomes = (change.becomes,) if isinstance(change, ChangeItem) else ()
    return (*items[:place], *becomes, *items[place + 1 :])


def _place(target: str, items: tuple[str, ...], wanted: str) -> int:
    found = [place for place, item in enumerate(items) if read_alike(item, wanted)]
    if len(found) != 1:
        raise ItemNotThere(target=target, item=wanted, items=items)
    return found[0]
