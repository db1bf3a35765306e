"""Two ways of doing the same work, in alternating pairs, so that a busy machine is fair to both."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

PAIRS = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """How many times the other's rate ours has: median and quartiles over the pairs."""

    name: str
    against: str
    ours: float
    other: float
    ratio: float
    low: float
    high: float
    pairs: int
    target: float | None

    @property
    def met(self) -> bool:
        return self.target is None or self.ratio >= self.target

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"met": self.met}

    def __str__(self) -> str:
        goal = (
            "" if self.target is None else f"{self.target:>7.2f} {'ok' if self.met else 'MISSED'}"
        )
        return (
            f"{self.name:<44} {self.against:<22} {self.ours:>10,.0f} {self.other:>10,.0f}"
            f" {self.ratio:>7.2f} {self.low:>6.2f}-{self.high:<6.2f} {self.pairs:>3} {goal}"
        )


HEAD = (
    f"{'what':<44} {'against':<22} {'ours/s':>10} {'other/s':>10}"
    f" {'ratio':>7} {'quartiles':>13} {'n':>3} {'target':>7}"
)


def compare(
    name: str,
    against: str,
    ours: Callable[[], int],
    other: Callable[[], int],
    target: float | None = None,
    pairs: int = PAIRS,
) -> Figure:
    """Each callable does its work once and returns how many units it did."""
    for warm in (ours, other):
        warm()
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(pairs):
        for which in ("ours", "other") if number % 2 else ("other", "ours"):
            started = perf_counter()
            done = ours() if which == "ours" else other()
            rate = done / (perf_counter() - started)
            (mine if which == "ours" else theirs).append(rate)
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Figure(
        name,
        against,
        statistics.median(mine),
        statistics.median(theirs),
        middle,
        low,
        high,
        pairs,
        target,
    )
