"""The parts of every read model: its declaration, its rows, and the answers read from them.

A projection declares a `ReadModel` and nothing else:

    class City(Value):                      # one row; its fields are the table's columns
        city: str
        classification: str | None = None
        targeted: bool = False

    def keys(entry: Recorded[Event]) -> Iterable[str]:
        match entry.event:
            case PartnershipFormed() | PartnershipClassified() as event:
                return (event.place.code,)
            case _:
                return ()

    def evolve(key: str, state: City | None, entry: Recorded[Event]) -> City | None:
        ...                                 # the row after the event; None is no row

    PARTNERSHIPS = ReadModel("partnerships", 1, City, keys, evolve)

Fields that are `str` (enumerations and `When` included), `int` or `bool`, or one of these or
`None`, become columns that a query can filter by; anything else, such as a tuple of values, is
stored as JSON. `keys` names the rows that an event touches and depends on nothing but the entry.
`evolve` is told for which key, and never refuses. Whoever changes either raises the version: a new
version is built beside the old one, compared with it and switched to.

`domain.shared.history` says what stands, and in which order: of a correction of a correction only
the last word stands, and what the first one replaced stays replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, NamedTuple, TypeVar

from domain.shared.history import Recorded
from domain.shared.messages import Event, StreamId, Value


def decision_of(event: Event) -> str | None:
    """Return the decision an event cites, as `matter/decision`."""
    ref = event.authority
    return f"{ref.matter}/{ref.decision}" if ref else None


R = TypeVar("R", bound=Value)

OPEN = date.max
"""The day until which a phase lasts that nothing known ends."""

LAST_DAY = OPEN - timedelta(days=1)
"""The last day that can be asked about; the one after it is answered as this one."""

FOREVER = 2**63 - 1
"""The position until which a phase is known that nothing recorded has revised."""


@dataclass(frozen=True, slots=True)
class ReadModel(Generic[R]):
    """One question's answers, folded from the log; see the module for how to declare one."""

    name: str
    version: int
    row: type[R]
    keys: Callable[[Recorded[Event]], Iterable[str]]
    evolve: Callable[[str, R | None, Recorded[Event]], R | None]


class Phase(NamedTuple, Generic[R]):
    """A key's state after one standing event, and the time it holds: one stored row.

    It begins on one day from `first` to `last` and ends on one from `until_first` to `until_last`
    (`OPEN` while no known event ends it). It may hold on day D when `first <= D < until_last`, and
    surely does when `last <= D < until_first`. `place` is the event's own, whatever else becomes
    known, and sorts as `domain.shared.history.timeline_order` does; stream, version and position
    name the event. `state` is `None` where there is no row. It is believed from the commit that
    ends at `known_from` up to the one at `known_to`, which revised it.
    """

    place: str
    stream: StreamId
    version: int
    position: int
    first: date
    last: date
    until_first: date
    until_last: date
    state: R | None
    known_from: int
    known_to: int = FOREVER

    def repeats(self, other: Phase[R]) -> bool:
        """True if both say the same, whenever it became known."""
        return self[:9] == other[:9]


class Held(NamedTuple, Generic[R]):
    """A row of an answer: what holds of a key on the day asked about, and whether that is sure."""

    key: str
    state: R
    certain: bool
    phase: Phase[R]


@dataclass(frozen=True, slots=True)
class Possible(Generic[R]):
    """The answer about one key on a day, as known at a position.

    Where the record cannot tell (the days of a meeting, the year of a partnership), all that may
    hold is in `candidates` in order, `None` among them if it may be that there is no row.
    """

    key: str
    candidates: tuple[R | None, ...]

    @property
    def determinate(self) -> bool:
        """True if the record can tell."""
        return len(self.candidates) == 1

    @property
    def state(self) -> R | None:
        """The one state. Raises `ValueError` if the record cannot tell: look at `candidates`."""
        (only,) = self.candidates
        return only
