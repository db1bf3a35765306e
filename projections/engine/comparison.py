"""Differences of a read model between two days, or between two states of knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from domain.shared.messages import Value
from projections.engine.read_model import Held, R


class Side(NamedTuple):
    """The rows of a key on one side: all that may hold, and if the record can tell."""

    states: tuple[dict[str, Any], ...]
    determinate: bool

    @property
    def absent(self) -> bool:
        """True if there surely is no row."""
        return not self.states

    def value(self, name: str) -> Any:
        """Return a field, or the values it may have where they differ; `None` without a row."""
        values = [state[name] for state in self.states]
        if not values or all(value == values[0] for value in values):
            return values[0] if values else None
        return {"not determinate": values}


NOTHING = Side((), determinate=True)


class StateDifference(Value):
    """One row that differs; `before` and `after` have the fields that do.

    `change` says whether the row appeared, ended or changed. A side that is not determinate gives
    every value that may hold; where nothing but certainty differs, both are empty.
    """

    what: str
    key: str
    change: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    before_determinate: bool
    after_determinate: bool


def differences(
    what: str,
    before: Iterable[Held[R]],
    after: Iterable[Held[R]],
    without: frozenset[str] = frozenset(),
) -> Iterator[StateDifference]:
    """Yield the rows that differ, less the fields in `without`.

    Both sides come sorted by key and are read side by side, so memory does not grow with them.
    """
    for key, old, new in _paired(_sides(before, without), _sides(after, without)):
        if old == new:
            continue
        states = (*old.states, *new.states)
        whole = old.absent or new.absent
        names = [n for n in states[0] if whole or old.value(n) != new.value(n)]
        yield StateDifference(
            what=what,
            key=key,
            change="appeared" if old.absent else "ended" if new.absent else "changed",
            before=None if old.absent else {name: old.value(name) for name in names},
            after=None if new.absent else {name: new.value(name) for name in names},
            before_determinate=old.determinate,
            after_determinate=new.determinate,
        )


def _sides(held: Iterable[Held[R]], without: frozenset[str]) -> Iterator[tuple[str, Side]]:
    for key, group in groupby(held, key=lambda each: each.key):
        rows = list(group)
        states = tuple(row.state.model_dump(mode="json", exclude=set(without)) for row in rows)
        yield key, Side(states, determinate=len(rows) == 1 and rows[0].certain)


def _paired(
    before: Iterator[tuple[str, Side]], after: Iterator[tuple[str, Side]]
) -> Iterator[tuple[str, Side, Side]]:
    old, new = next(before, None), next(after, None)
    while old or new:
        if new is None or (old is not None and old[0] < new[0]):
            assert old is not None  # noqa: S101  (one of them is left)
            yield old[0], old[1], NOTHING
            old = next(before, None)
        elif old is None or new[0] < old[0]:
            yield new[0], NOTHING, new[1]
            new = next(after, None)
        else:
            yield old[0], old[1], new[1]
            old, new = next(before, None), next(after, None)
