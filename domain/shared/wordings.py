"""The wording of a text: the paper's own, the register's, or a translation's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

Wording = Annotated[
    str,
    Field(
        pattern=r"^(verbatim|register's words|translation of [a-z]{2,3}(-[A-Za-z0-9]{2,8})*)$",
        examples=["verbatim", "register's words", "translation of ja"],
    ),
]
"""`verbatim`, `register's words`, or `translation of` a language by its BCP 47 tag."""


def wording_in_words(wording: str) -> str:
    """Return a wording in a phrase."""
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
        told = wording_in_words(wording) if wording else "nobody says whose words"
        said.setdefault(told, []).append(name)
    if len(said) == 1:
        (told,) = said
        return (f"Texts: {told}.",)
    return tuple(f"{', '.join(dict.fromkeys(names))}: {told}." for told, names in said.items())
