"""The thing that a name means, and names like one that means nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from adapters.queries.moment import NothingRecorded
from domain.shared.problems import Invalid
from domain.shared.text import folded

FEW = 30
"""Up to so many names, all are listed where none is like the one that was not found."""


class SeveralOfThisName(Invalid):
    """Several things have this name: give one of those that are `meant`."""

    what: str
    name: str
    meant: tuple[str, ...]


@dataclass(frozen=True)
class About:
    """A thing that entries or rows may speak of, by any of its names."""

    name: str
    names: frozenset[str]

    @cached_property
    def _named(self) -> re.Pattern[str]:
        longest_first = sorted(self.names, key=len, reverse=True)
        return re.compile(
            rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE
        )

    def is_in(self, *texts: str) -> bool:
        """True if one of the texts has one of the names, in whole words and any case."""
        return any(self._named.search(text) for text in texts)

    def __str__(self) -> str:
        return self.name


def key_found(what: str, text: str, names: Mapping[str, Iterable[str]]) -> str:
    """Return the key that is meant, by itself or by one of its names.

    `names` gives the names of each key, `what` the kind of thing, for the message. Raises
    `NothingRecorded` and `SeveralOfThisName`.
    """
    keys = keys_meant(what, text, names)
    if text in keys:
        return text
    first, *others = keys
    if others:
        raise SeveralOfThisName(what=what, name=text, meant=keys)
    return first


def keys_meant(what: str, text: str, names: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return every key that may be meant, at least one.

    Raises `NothingRecorded` with the names that are `near`, or with all that are `known` where
    they are few.
    """
    asked = folded(text)
    keys = {key: (key, *given) for key, given in names.items()}
    found = tuple(k for k, given in keys.items() if any(folded(n) == asked for n in given))
    if text in keys or found:
        return found or (text,)
    fields: dict[str, Any] = {what: text, **_like(asked, keys)}
    raise NothingRecorded(**fields)


MOST_LIKE = 12
"""Up to so many names like it are given."""


def names_like(text: str, names: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return names like this one, of each thing one."""
    keys = {key: (key, *given) for key, given in names.items()}
    return _like(folded(text), keys).get("near", ())


def _like(asked: str, keys: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return names like this one, each thing once; or all, where they are few and none is."""
    names = {folded(name): (key, name) for key, given in keys.items() for name in reversed(given)}
    like = get_close_matches(asked, names, cutoff=0.7)
    like += [name for name in names if len(asked) > 2 and asked in name and name not in like]
    near = dict(names[name] for name in reversed(like))
    if near:
        return {"near": tuple(reversed(near.values()))[:MOST_LIKE]}
    return {"known": tuple(map(_called, keys.items()))} if 0 < len(keys) <= FEW else {}


def _called(thing: tuple[str, tuple[str, ...]]) -> str:
    """Return the name to show; for a code, which is in capitals, the name that it stands for."""
    key, (_, *names) = thing
    return names[0] if names and key.isupper() else key
