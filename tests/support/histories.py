"""Random histories, and the plainest possible fold of them: the oracle of the read models.

Nothing here is shared with the engine nor with `domain.shared.history`: what stands, in which
order, and what holds on a day is worked out again from the rules as they are written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.log_facts import EntryWithdrawn
from domain.shared.messages import DecisionRef, Event, Replacement
from projections.engine.read_model import ReadModel
from tests.support.papers import Classified, Formed, Listed, Papers, Standing, Struck, Worded

# Few days, close together, so that events tie, overlap and abut; one is far in the future.
DAYS = tuple(
    When.parse(text)
    for text in (
        "1986",
        "2001",
        "2001-11",
        "2001-12",
        "2001-11-19",
        "2001-11-30",
        "2001-12-01",
        "2001-12-04/2001-12-06",
        "2001-12-04",
        "2001-12-05",
        "2001-12-06",
        "2001-12-05/2002-01-02",
        "2002",
        "2031-01-01",
    )
)
BOUNDARIES = sorted({d for when in DAYS for d in (when.first, when.last)})
ONE = timedelta(days=1)
EVERY_DAY = sorted({day + step for day in BOUNDARIES for step in (-ONE, 0 * ONE, ONE)})
COMMITS = 6


@dataclass(frozen=True)
class Step:
    """One event of a history: where, what, when, and which earlier one of its stream it corrects.

    `corrects` counts back from the stream's last version at that time; there may be none. A
    correction may put nothing in the place of what it `withdraws`.
    """

    commit: int
    kind: int
    which: tuple[int, ...]
    word: int
    effective: When
    decided: When
    corrects: int
    withdraws: bool
    by: int | None


AUTHORITIES = tuple(DecisionRef(matter="m", decision=f"d{n}", body="council") for n in range(2))
whens = st.sampled_from(DAYS)
steps = st.builds(
    Step,
    commit=st.integers(0, COMMITS - 1),
    kind=st.integers(0, 4),
    which=st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True).map(tuple),
    word=st.integers(0, 2),
    effective=whens,
    decided=whens,
    corrects=st.sampled_from((0, 0, 0, 1, 1, 2, 3)),
    withdraws=st.sampled_from((False, False, True)),
    by=st.sampled_from((None, 0, 0, 1)),
)
histories = st.lists(steps, min_size=1, max_size=12)


def record(batch: Sequence[Sequence[Step]]) -> Papers:
    """One log of all histories: their commits together, their keys and streams apart."""
    papers = Papers(step=2)  # positions have holes
    versions: dict[str, int] = {}
    for number in range(COMMITS):
        events: list[tuple[str, Event]] = []
        for index, history in enumerate(batch):
            steps_now = (step for step in history if step.commit == number)
            events += [_event(f"{index:03}", step, versions) for step in steps_now]
        papers.commit(*events)
    return papers


def _event(name: str, step: Step, versions: dict[str, int]) -> tuple[str, Event]:
    stream = _stream(name, step)
    last = versions.get(stream, 0)
    versions[stream] = last + 1
    replaced = last + 1 - step.corrects
    correction = step.corrects > 0 and replaced > 0
    common: dict[str, Any] = {
        "effective_from": step.effective,
        "decided_on": step.decided,
        "replaces": Replacement(version=replaced, reason="mistaken") if correction else None,
        "authority": None if step.by is None else AUTHORITIES[step.by],
    }
    first = f"{name}-{step.which[0]}"
    if step.withdraws and correction:
        return stream, EntryWithdrawn(**common)
    match step.kind:
        case 0:
            return stream, Formed(city=first, description=f"d{step.word}", **common)
        case 1:
            return stream, Classified(city=first, standing=list(Standing)[step.word % 2], **common)
        case 2:
            return stream, Listed(cities=tuple(f"{name}-{w}" for w in step.which), **common)
        case 3:
            return stream, Worded(address=first, words=f"w{step.word}", **common)
        case _:
            return stream, Struck(address=first, **common)


def _stream(name: str, step: Step) -> str:
    """A city's own, one for lists, one for the text: a correction may name another key."""
    return {2: f"lists/{name}", 3: f"text/{name}", 4: f"text/{name}"}.get(
        step.kind, f"city/{name}-{min(step.which[0], 1)}"
    )


@dataclass(frozen=True)
class Believed:
    """One key as known at a position: the states it goes through, and when each begins."""

    states: Sequence[Any]
    begins: Sequence[tuple[date, date]]
    decisions: Sequence[tuple[str, str] | None]
    """What each has in common with others that hold with it or not at all: days and decision."""

    def candidates(self, day: date) -> list[Any]:
        sure = possible = 0
        for first, last in self.begins:
            possible += first <= day
            sure += last <= day
        return [self.states[n] for n in range(sure, possible + 1) if not self._in_part(n)]

    def _in_part(self, count: int) -> bool:
        """Whether a decision has some of its effects and not all."""
        held, open_ = self.decisions[:count], self.decisions[count:]
        return any(decision and decision in open_ for decision in held)


def origin(entry: Recorded[Any], known: Sequence[Recorded[Any]]) -> int:
    """The position of the entry or, for a correction, of the first that it goes back to."""
    if not entry.event.replaces:
        return entry.position
    version = entry.event.replaces.version
    (replaced,) = (r for r in known if (r.stream, r.version) == (entry.stream, version))
    return origin(replaced, known)


def believed(
    model: ReadModel[Any],
    rows: Iterable[Recorded[Any]],
    key: str,
    position: int,
    ends: Sequence[int],
) -> Believed:
    """Fold everything of a key that was known at a position, from nothing."""
    known_to = max((end for end in ends if end <= position), default=0)
    known = [r for r in rows if r.position <= known_to and isinstance(r.event, Event)]
    replaced = {(r.stream, r.event.replaces.version) for r in known if r.event.replaces}
    stands = [
        r
        for r in known
        if (r.stream, r.version) not in replaced
        and not isinstance(r.event, EntryWithdrawn)
        and key in model.keys(r)
    ]
    firsts: dict[tuple[str, int], int] = {}
    for r in known:  # a correction keeps the place of what it goes back to
        again = r.event.replaces
        firsts[r.stream, r.version] = firsts[r.stream, again.version] if again else r.position
    stands.sort(
        key=lambda r: (
            r.event.effective_from.first,
            r.event.effective_from.last,
            r.event.decided_on.first,
            r.event.decided_on.last,
            firsts[r.stream, r.version],
            r.position,
        )
    )
    states, begins, latest = [None], [], date(1, 1, 1)
    for entry in stands:
        states.append(model.evolve(key, states[-1], entry))
        latest = max(latest, entry.event.effective_from.last)
        begins.append((entry.event.effective_from.first, latest))
    return Believed(states, begins, [_together(entry.event) for entry in stands])


def _together(event: Event) -> tuple[str, str] | None:
    takes_hold = event.effective_from
    if takes_hold.first == takes_hold.last or event.authority is None:
        return None
    return f"{takes_hold.first} {takes_hold.last}", event.authority.decision
