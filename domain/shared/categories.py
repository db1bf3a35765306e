"""Categories of partnerships, as provisions in force name them, each with what it implies.

A category has an id, which stays, and a name, which a later text may change. A provision names one
by the term `category.<id>.name`; `category.<id>.implies` lists what the rules attach to it,
`category.<id>.order` is its place in lists, and `category.<id>.approver` names the body that puts a
city into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from domain.shared.findings import Answer, Finding, Ground
from domain.shared.messages import ProvisionRef
from domain.shared.problems import Refusal
from domain.shared.provisions import PolicyInForce, TermValue
from domain.shared.text import folded

TURNS = "turns"
"""Partners of a category that implies this take turns: as hosts of missions, and as guests."""

WORK_PLAN = "work plan"
"""The yearly plan is made for partners of a category that implies this."""

IMPLIED = (TURNS, WORK_PLAN)
"""All that rules attach to a category."""

LAST = 1_000
"""The place in lists of a category that states none."""

_NAME = re.compile(r"category\.([a-z0-9]+(?:-[a-z0-9]+)*)\.name")


class Category(NamedTuple):
    """A category in force: `implies` holds words of `IMPLIED`, and others that no rule reads.

    `certain` is false where the record cannot tell whether it is in force on the day.
    """

    id: str
    name: str
    implies: frozenset[str] = frozenset()
    provision: ProvisionRef | None = None
    order: int = LAST
    certain: bool = True


class UnknownCategory(Refusal):
    """This is not one of the categories that the policy names on this day."""

    rule = "C7"
    category: str
    known: tuple[str, ...]


def categories_in(terms: Iterable[tuple[Mapping[str, TermValue], ProvisionRef]]) -> list[Category]:
    """Return the categories that these provisions name, in their own order if they give one."""
    return sorted(_named(list(terms)), key=lambda category: category.order)


def _named(
    provisions: list[tuple[Mapping[str, TermValue], ProvisionRef]],
) -> Iterator[Category]:
    everything = {name: value for terms, _ in provisions for name, value in terms.items()}
    for terms, provision in provisions:
        for term, name in terms.items():
            if found := _NAME.fullmatch(term):
                implies = everything.get(f"category.{found[1]}.implies", ())
                words = implies if isinstance(implies, tuple) else ()
                order = everything.get(f"category.{found[1]}.order", LAST)
                at = order if isinstance(order, int) else LAST
                yield Category(found[1], str(name), frozenset(words), provision, at)


def names_a_category(term: str) -> bool:
    """True for a term that names a category."""
    return _NAME.fullmatch(term) is not None


def categories_of_policy(policy: PolicyInForce) -> list[Category]:
    """Return the categories that the policy names on its day."""
    return categories_in((p.draft.terms, p.ref) for p in policy.provisions.values())


def category_meant(known: Iterable[Category], words: str) -> Category | None:
    """Return the category of this id, or else of this name, in any spelling."""
    known = list(known)
    said = folded(words)
    by_id = (c for c in known if folded(c.id) == said)
    return next(by_id, None) or next((c for c in known if folded(c.name) == said), None)


def standing_in(known: Iterable[Category], category: str | None, name: str) -> Category | None:
    """Return the category in force of a partner that was put into it under this id and name.

    Where the policy names none at all, that is the name as it was given.
    """
    known = list(known)
    if category is not None:
        return next((c for c in known if c.id == category), None)
    return category_meant(known, name) if known else Category(category_key_of(name), name)


def implied_by_category(ground: Ground, category: str | None, what: str) -> bool:
    """True if a provision in force attaches this to a category, by its id."""
    words = ground.words(f"category.{category}.implies") if category else None
    return words is not None and what in words.value


def category_key_of(name: str) -> str:
    """Return an id for a category that no provision names: its name in lower case, with dashes."""
    return "-".join(name.casefold().split())


def no_category() -> Finding:
    """Apply rule C7 to a class that is given while the policy names no categories."""
    return Finding(
        rule="C7",
        answer=Answer.NOT_APPLICABLE,
        reason="no provision in force names categories",
    )
