"""The provisions and decisions that each act rested on, and later records that took them away.

A late record or a correction never undoes an act. It is listed as *basis since changed* where it
turns out that another version of a provision was in force when the act was taken, or none, and
where the decision that it cites is no longer what it was when the act was recorded.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from domain.proceedings.decisions import DecisionTaken, MatterReopened
from domain.proceedings.divisions import Division, closes_part
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.history import Recorded, as_recorded, standing_entries
from domain.shared.messages import DecisionRef, Event, ProvisionRef, Value
from projections.engine.read_model import Phase, ReadModel, decision_of
from projections.policy import Provision


class Reliance(Value):
    """An entry, the provisions it names as its basis or was judged by, and the decisions it cites.

    The decisions are the one that authorises it and, of a corrected entry, the one behind that;
    `corrects` is the version that it replaces. A decision is an entry whatever it names.
    """

    stream: str
    version: int
    entry: str
    on: When
    provisions: tuple[ProvisionRef, ...]
    authorities: tuple[DecisionRef, ...]
    decision: str | None
    corrects: int | None


class ChangedDecision(NamedTuple):
    """Changes of a decision since, and the reasons given with the corrections."""

    what: tuple[str, ...]
    because: str | None


def _provisions(event: Event) -> tuple[ProvisionRef, ...]:
    relied: tuple[ProvisionRef, ...] = getattr(event, "relies_on", ())
    findings: tuple[Finding, ...] = getattr(event, "findings", ())
    judged = (finding.provision for finding in findings if finding.provision)
    return tuple(dict.fromkeys((*relied, *judged)))


def _authorities(event: Event) -> tuple[DecisionRef, ...]:
    """Return the decision that authorises an entry, and the one behind its correction."""
    behind = event.replaces.authority if event.replaces else None
    cited = (ref for ref in (event.authority, behind) if isinstance(ref, DecisionRef))
    return tuple(dict.fromkeys(cited))


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    event = entry.event
    relies = _provisions(event) or _authorities(event) or isinstance(event, DecisionTaken)
    return (f"{entry.stream} {entry.version}",) if relies else ()


def _evolve(key: str, state: Reliance | None, entry: Recorded[Event]) -> Reliance | None:
    event = entry.event
    own = f"{getattr(event, 'matter', '')}/{getattr(event, 'decision', '')}"
    return Reliance(
        stream=entry.stream,
        version=entry.version,
        entry=event.TOPIC.rpartition(".")[0],
        on=event.decided_on,
        provisions=_provisions(event),
        authorities=_authorities(event),
        decision=decision_of(event) or (own if hasattr(event, "decision") else None),
        corrects=event.replaces.version if event.replaces else None,
    )


RELIANCE = ReadModel("reliance", 3, Reliance, _keys, _evolve)


def in_force_then(on: When, phases: Sequence[Phase[Provision]]) -> tuple[Provision, ...]:
    """Return the provisions in force when an act was taken, by the record as it is known now.

    `phases` are the provision's. Of what took hold on the very days of the act, the record cannot
    tell what came first, so each version of those days may have been in force, latest first.
    """
    known = [phase for phase in phases if phase.last <= on.last]
    tied = [phase for phase in known if (phase.first, phase.last) == (on.first, on.last)]
    last_before = [phase for phase in known if phase not in tied][-1:]
    return tuple(
        phase.state
        for phase in reversed((*last_before, *tied))
        if phase.state and phase.state.in_force
    )


def changed_since(
    cited: DecisionRef, matter: Sequence[Recorded[Event]], recorded: int
) -> ChangedDecision | None:
    """Return how a decision differs from what it was when an act that cites it was recorded.

    `matter` are the entries of the decision's matter as they are known now, `recorded` is the last
    position of the act's commit. `None` where it stands as it was.
    """
    if gone := no_longer_so(cited.decision, matter):
        return gone
    then = _taken(cited.decision, [entry for entry in matter if entry.position <= recorded])
    now = _taken(cited.decision, matter)
    if now is None:
        return None
    what = tuple(_differences(cited, then, now))
    because = dict.fromkeys(_reasons(_named(cited.decision, matter), matter, recorded))
    return ChangedDecision(what, "; ".join(because) or None) if what else None


def no_longer_so(decision: str, matter: Sequence[Recorded[Event]]) -> ChangedDecision | None:
    """Return a change of a decision: it was withdrawn, or taken on a closed matter, as known now.

    A matter turns out to have been closed where the reopening before the decision is withdrawn.
    """
    if _taken(decision, matter) is None:
        reasons = _reasons(_named(decision, matter), matter)
        return ChangedDecision(("withdrawn",), [None, *reasons][-1])
    closed_by = _closed_by(decision, matter)
    if closed_by is None:
        return None
    reopened = {e.version for e in matter if isinstance(e.event, MatterReopened)}
    because = dict.fromkeys(_reasons(reopened, matter))
    return ChangedDecision((f"matter closed by {closed_by}",), "; ".join(because) or None)


def _closed_by(decision: str, matter: Sequence[Recorded[Event]]) -> str | None:
    """Return the decision that closed the matter when this one was recorded."""
    closed_by, division = None, Division()
    for entry in as_recorded(matter):
        match entry.event:
            case MatterReopened(body=body, parts=parts):
                division = division.without(body, parts) if parts else Division()
                closed_by = None
            case DecisionTaken(decision=name) as taken:
                if name == decision:
                    return closed_by
                division = division.after(taken)
                ended = taken.closes and closes_part(taken, division)
                closed_by = name if ended else closed_by
            case _:
                pass
    return None


def _taken(decision: str, entries: Sequence[Recorded[Event]]) -> DecisionTaken | None:
    taken = [entry.event for entry in standing_entries(entries) if _is(decision, entry.event)]
    return taken[-1] if taken and isinstance(taken[-1], DecisionTaken) else None


def _named(decision: str, matter: Sequence[Recorded[Event]]) -> set[int]:
    return {entry.version for entry in matter if _is(decision, entry.event)}


def _is(decision: str, event: Event) -> bool:
    return isinstance(event, DecisionTaken) and event.decision == decision


def _differences(
    cited: DecisionRef, then: DecisionTaken | None, now: DecisionTaken
) -> Iterator[str]:
    """Yield the differences of a decision; the act itself tells the body."""
    if now.body != cited.body:
        yield f"body: {cited.body}, now {now.body}"
    if then is None:
        return
    for name in ("kind", "decided_on", "effective_from"):
        was, becomes = getattr(then, name), getattr(now, name)
        if was != becomes:
            yield f"{name.replace('_', ' ')}: {was}, now {becomes}"
    for name in ("adopts", "instruments", "notwithstanding"):
        if getattr(then, name) != getattr(now, name):
            yield f"what it {_DOES[name]}"


_DOES = {"adopts": "adopts", "instruments": "does", "notwithstanding": "sets aside"}


def _reasons(
    named: Container[int], matter: Sequence[Recorded[Event]], recorded: int = 0
) -> Iterator[str]:
    """Yield why entries of these versions were corrected or withdrawn after a position."""
    for entry in matter:
        correction = entry.event.replaces
        if correction and correction.version in named and entry.position > recorded:
            yield correction.reason
