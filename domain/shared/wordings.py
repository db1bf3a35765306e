"""The wording of a text: the paper's own, the register's, or a translation's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, cast

from pydantic import Field

Wording = Annotated[
    str,
    Field(
        pattern=r"^(verbatim|register's words|translation of [a-z]{2,3}(-[A-Za-z0-9]{2,8})*)$",
        examples=["verbatim", "register's words", "translation of ja"],
    ),
]
"""`verbatim`, `register's words`, or `translation of` a language by its BCP 47 tag."""


UNSAID = "words of which the record does not say whose they are"


def wording_in_words(wording: str | None) -> str:
    """Return a wording in a phrase."""
    if wording is None:
        return UNSAID
    if wording == "verbatim":
        return "the paper's own words"
    if wording.startswith("translation"):
        return f"a {wording}"
    return "the register's own words, and not the paper's"


def whose_words(texts: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    """Return a sentence for each wording among named texts.

    Where there are several wordings, each sentence names its texts; a text without a wording is
    named as such.
    """
    said: dict[str, list[str]] = {}
    for name, wording in texts:
        said.setdefault(wording_in_words(wording), []).append(name)
    if len(said) == 1:
        (told,) = said
        return (f"Texts: {told}.",)
    return tuple(f"{', '.join(dict.fromkeys(names))}: {told}." for told, names in said.items())


def wordings_in(content: object) -> tuple[str | None, ...]:
    """Return the wordings of all texts in an entry's content, each once.

    `None` stands for a text that does not say.
    """
    return tuple(dict.fromkeys(_wordings(content)))


def _wordings(content: object) -> Iterator[str | None]:
    if isinstance(content, list | tuple):
        for each in cast("Iterable[object]", content):
            yield from _wordings(each)
    elif isinstance(content, dict):
        fields = cast("Mapping[str, object]", content)
        if "wording" in fields:
            yield cast("str | None", fields["wording"])
        for each in fields.values():
            yield from _wordings(each)
