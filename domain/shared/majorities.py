"""Majorities that a vote needs, as minutes and terms of provisions give them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Majority(StrEnum):
    """The share of the votes that a question needs: more than half, at least a share, or all."""

    SIMPLE = "simple"
    THREE_FIFTHS = "three fifths"
    TWO_THIRDS = "two thirds"
    THREE_QUARTERS = "three quarters"
    UNANIMOUS = "unanimous"


class CountedOf(StrEnum):
    """The whole of which a majority is a share.

    Those who voted for or against, those present (who abstain included), or all members.
    """

    VOTING = "voting"
    PRESENT = "present"
    MEMBERS = "all members"


class Needed(NamedTuple):
    """A majority, and what it is a share of; the greater one of two asks more."""

    majority: Majority
    of: CountedOf

    @property
    def rank(self) -> tuple[int, int]:
        """How much it asks: the share first, then the whole."""
        return list(Majority).index(self.majority), list(CountedOf).index(self.of)


def read_majority(text: str) -> Needed:
    """Return a majority as a term gives it: `two thirds`, or `two thirds of all members`.

    Raises `ValueError` for any other text.
    """
    majority, _, of = text.partition(" of ")
    try:
        return Needed(Majority(majority), CountedOf(of) if of else CountedOf.VOTING)
    except ValueError:
        shares, wholes = ", ".join(Majority), ", ".join(CountedOf)
        said = f"{text!r} is not a majority: write {shares}, with `of` one of {wholes} behind it"
        raise ValueError(said) from None
