"""The engine of every read model: what a commit changes of a key's timeline.

A timeline is the row of phases that the standing events of a key make. A commit adds events
anywhere in it and drops those that it corrects; all that is then written is the difference, so what
was believed before stays where it was, closed. A key's events after the first change are folded
again, from the state before it, until nothing differs any more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from heapq import merge
from operator import itemgetter
from typing import Any, Generic, NamedTuple

from domain.shared.history import Recorded
from domain.shared.messages import Event
from projections.engine.changes import Arrival, Changes, Recall, decided_together, may_change_from
from projections.engine.read_model import OPEN, Phase, R, ReadModel


@dataclass(slots=True)
class Timeline(Generic[R]):
    """The current phases of a key in order: all of them, or the last few if not `whole`."""

    phases: list[Phase[R]] = field(default_factory=list[Phase[R]])
    whole: bool = True

    def reaches(self, where: str) -> bool:
        """True if the phases loaded suffice for changes from a place on, with the one before."""
        return self.whole or self.phases[0].place < where

    def forget(self) -> None:
        """Keep the last phase only; it is enough for an event that comes after all others."""
        if len(self.phases) > 1:
            del self.phases[:-1]
            self.whole = False


class Revision(NamedTuple, Generic[R]):
    """The difference a commit makes: phases no longer believed, and phases believed from now."""

    closed: Sequence[Phase[R]]
    opened: Sequence[Phase[R]]


def revise(
    model: ReadModel[R],
    key: str,
    timeline: Timeline[R],
    changes: Changes,
    recall: Recall,
    known_from: int,
) -> Revision[R]:
    """Apply a commit to a timeline that reaches it, in place, and return the difference.

    `known_from` is the last position of the commit.
    """
    phases = timeline.phases
    if not changes.dropped and len(changes.added) == 1:
        (arrival,) = changes.added
        if not phases or may_change_from(arrival.place) > phases[-1].place:
            return _append(model, key, phases, arrival, known_from)
    since = changes.since()
    if since is None:
        return Revision((), ())
    start = bisect_left(phases, since, key=_place_of)
    old = phases[max(start - 1, 0) :]
    before = old[0] if start else None
    stays = [p for p in phases[start:] if (p.stream, p.version) not in changes.dropped]
    events = (
        (where, entry or recall((stays[-left].stream, stays[-left].version)), left)
        for where, entry, left in _in_order(sorted(changes.added), stays)
    )
    evolve = partial(model.evolve, key)
    new = _joined(
        _refold(evolve, before, events, stays, max(changes.places()), known_from), known_from
    )
    revision = _difference(old, new)
    phases[max(start - 1, 0) :] = new
    return revision


def _append(
    model: ReadModel[R], key: str, phases: list[Phase[R]], arrival: Arrival, known_from: int
) -> Revision[R]:
    """Do what `revise` does for the usual case: one event, after all others."""
    where, entry = arrival
    takes_hold = entry.event.effective_from
    before = phases[-1] if phases else None
    state, latest = (before.state, before.last) if before else (None, date.min)
    phase = Phase(
        where,
        entry.stream,
        entry.version,
        entry.position,
        takes_hold.first,
        max(latest, takes_hold.last),
        OPEN,
        OPEN,
        model.evolve(key, state, entry),
        known_from,
    )
    phases.append(phase)
    if before is None:
        return Revision((), (phase,))
    phases[-2] = ended = Phase(*before[:6], phase.first, phase.last, before.state, known_from)
    return Revision((before,), (ended, phase))


def _refold(
    evolve: Callable[[R | None, Recorded[Event]], R | None],
    before: Phase[R] | None,
    events: Iterable[tuple[str, Recorded[Event], int]],
    stays: Sequence[Phase[R]],
    last_change: str,
    known_from: int,
) -> Iterator[Phase[R]]:
    """Yield the phases from the one before the first change, without their ends."""
    state, latest = None, date.min
    if before:
        state, latest = before.state, before.last
        yield before
    for where, entry, left in events:
        takes_hold = entry.event.effective_from
        latest = max(latest, takes_hold.last)
        state = evolve(state, entry)
        if where > last_change and (state, latest) == (stays[-left].state, stays[-left].last):
            yield from stays[-left:]  # from here on nothing differs
            return
        yield Phase(
            where,
            entry.stream,
            entry.version,
            entry.position,
            takes_hold.first,
            latest,
            OPEN,
            OPEN,
            state,
            known_from,
        )


def _in_order(
    added: Sequence[Arrival], stays: Sequence[Phase[Any]]
) -> Iterator[tuple[str, Recorded[Event] | None, int]]:
    """Yield each place with the event that arrives there, or how many phases are left after it."""
    if not stays:
        return ((where, entry, 0) for where, entry in added)
    there = ((phase.place, None, len(stays) - index) for index, phase in enumerate(stays))
    return merge(((where, entry, 0) for where, entry in added), there, key=itemgetter(0))


def _joined(refolded: Iterable[Phase[R]], known_from: int) -> list[Phase[R]]:
    """Let every phase end where the next begins.

    A phase in which a decision has some of its effects and not yet all ends as it begins: on
    whichever day the decision was taken, they hold together.
    """
    phases = list(refolded)
    ends = [(phase.first, phase.last) for phase in phases[1:]] + [(OPEN, OPEN)] * bool(phases)
    partial = _partial([decided_together(phase.place) for phase in phases])
    ends = [
        (phase.first, phase.first) if number in partial else end
        for number, (phase, end) in enumerate(zip(phases, ends, strict=True))
    ]
    return [
        phase
        if (phase.until_first, phase.until_last) == end
        else phase._replace(until_first=end[0], until_last=end[1], known_from=known_from)
        for phase, end in zip(phases, ends, strict=True)
    ]


def _partial(groups: Sequence[str | None]) -> set[int]:
    """Return the phases from the first of a group to the one before its last."""
    firsts: dict[str, int] = {}
    partial: set[int] = set()
    for number, group in enumerate(groups):
        if group:
            partial.update(range(firsts.setdefault(group, number), number))
    return partial


def _difference(old: Sequence[Phase[R]], new: list[Phase[R]]) -> Revision[R]:
    """Close what is not repeated; what is repeated goes on as it was first believed."""
    was = {phase.place: phase for phase in old}
    opened: list[Phase[R]] = []
    for index, phase in enumerate(new):
        previous = was.get(phase.place)
        if previous is not None and phase.repeats(previous):
            new[index] = was.pop(phase.place)
        else:
            opened.append(phase)
    return Revision(tuple(was.values()), tuple(opened))


def _place_of(phase: Phase[Any]) -> str:
    return phase.place
