"""Amendments of a motion that is pending: its own words are changed before it is voted on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from domain.proceedings.amendments import (
    NoSuchTarget,
    SilentOnEffects,
    changed_text,
)
from domain.proceedings.motions import (
    Add,
    Amend,
    Delete,
    DeleteAndInsert,
    Move,
    Operation,
    Renumber,
    Strike,
    SubjectTo,
    Substitute,
)
from domain.proceedings.recommendations import Recommendation
from domain.shared.provisions import TermChanges
from domain.shared.text_changes import (
    AddItem,
    AddWords,
    ChangeHeading,
    ChangeItem,
    InsertAfter,
    InsertBefore,
    ReplaceWords,
    TextChange,
)

OnWords = Strike | Amend | DeleteAndInsert
"""Operations that change words: of a recommendation, a provision, or a pending motion."""

MOTION = "motion/"
"""The beginning of a target that is a pending motion, or a recommendation that it would put."""


class Unamendable(NoSuchTarget):
    """The motion has no words of its own that the amendment could change."""


def motion_named(target: str) -> str:
    """Return the motion that a target names."""
    return target.removeprefix(MOTION).partition("/")[0]


def amended_motion(amendment: OnWords, pending: Operation) -> tuple[Operation, str | None]:
    """Return a pending motion's operation as it reads after an amendment of it (rule A2).

    With the text that the words as moved make of it, where the amendment declares another.
    """
    text, rebuilt = _words_of(amendment, pending)
    entered, computed = changed_text(amendment, text)
    return rebuilt(entered), computed


def _words_of(amendment: OnWords, pending: Operation) -> tuple[str, Callable[[str], Operation]]:
    part = amendment.target.removeprefix(MOTION).partition("/")[2]
    match pending:
        case Add(recommendation=one):
            return _of_recommendations(amendment, (one,), part, lambda new: Add(recommendation=new))
        case Substitute(recommendations=several):
            return _of_substitute(amendment, pending, several, part)
        case DeleteAndInsert(text=text):
            terms = _terms(amendment, pending.terms)
            changes = {"terms": terms}
            return text, lambda new: pending.model_copy(update={**changes, "text": new})
        case SubjectTo(change=change):
            return change, lambda new: pending.model_copy(update={"change": new})
        case Strike(words=words):
            return words, lambda new: pending.model_copy(update={"words": new})
        case Amend(changes=changes):
            return _of_changes(amendment, pending, changes)
        case Delete() | Renumber() | Move():
            raise Unamendable(target=amendment.target)
        case _:
            assert_never(pending)


def _of_recommendations(
    amendment: OnWords,
    several: tuple[Recommendation, ...],
    part: str,
    rebuilt: Callable[[Recommendation], Operation],
) -> tuple[str, Callable[[str], Operation]]:
    found = [one for one in several if part in ("", one.id)]
    if len(found) != 1:
        raise NoSuchTarget(target=amendment.target)
    (one,) = found
    acts = amendment.instruments
    if acts is None and one.instruments:
        kinds = tuple(sorted({act.instrument for act in one.instruments}))
        raise SilentOnEffects(target=amendment.target, silent_on=kinds)
    does = one.instruments if acts == "unchanged" else acts or ()
    return one.text, lambda new: rebuilt(one.model_copy(update={"text": new, "instruments": does}))


def _of_substitute(
    amendment: OnWords, pending: Substitute, several: tuple[Recommendation, ...], part: str
) -> tuple[str, Callable[[str], Operation]]:
    def rebuilt(new: Recommendation) -> Operation:
        changed = tuple(new if one.id == new.id else one for one in several)
        return pending.model_copy(update={"recommendations": changed})

    return _of_recommendations(amendment, several, part, rebuilt)


def _of_changes(
    amendment: OnWords, pending: Amend, changes: tuple[TextChange, ...]
) -> tuple[str, Callable[[str], Operation]]:
    """Return the words that an amendment puts in, where it puts in one passage only."""
    puts = [(n, c, _PUTS[type(c)]) for n, c in enumerate(changes) if type(c) in _PUTS]
    if len(puts) != 1:
        raise Unamendable(target=amendment.target)
    ((number, change, field),) = puts

    def rebuilt(new: str) -> Operation:
        put = change.model_copy(update={field: new})
        again = (*changes[:number], put, *changes[number + 1 :])
        return pending.model_copy(update={"changes": again})

    return str(getattr(change, field)), rebuilt


_PUTS: Mapping[type, str] = {
    InsertBefore: "words",
    InsertAfter: "words",
    AddWords: "words",
    ReplaceWords: "by",
    ChangeItem: "becomes",
    AddItem: "item",
    ChangeHeading: "becomes",
}
"""The field that has the words which a change puts in."""


def _terms(amendment: OnWords, terms: TermChanges | str | None) -> TermChanges | str | None:
    """Return the terms that a pending delete-and-insert states, as the amendment leaves them."""
    if amendment.terms == "unchanged" or not isinstance(terms, dict) or not terms:
        return terms if amendment.terms in (None, "unchanged") else amendment.terms
    if amendment.terms is None:
        raise SilentOnEffects(target=amendment.target, silent_on=tuple(sorted(terms)))
    return {**terms, **amendment.terms}
