"""The fewest things that still fail, of many that do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


def fewest(things: Sequence[T], fail: Callable[[Sequence[T]], bool], seconds: float) -> Sequence[T]:
    """Leave out whatever can be left out, in halves, quarters and so on, for so many seconds."""
    until, size = monotonic() + seconds, len(things) // 2
    while size:
        at = 0
        while at < len(things) and monotonic() < until:
            fewer = [*things[:at], *things[at + size :]]
            if fail(fewer):
                things = fewer
            else:
                at += size
        size //= 2
    return things
