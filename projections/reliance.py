"""Which provision versions each act rested on, and whether later records took that basis away.

A late record or a correction never undoes an act. Where it turns out that another version was in
force when the act was taken, or none, the act is listed as *basis since changed*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.dates import When
from domain.history import Recorded
from domain.kernel import Event, Finding, ProvisionRef, Value
from projections.policy_text import Provision
from projections.register import decision_of
from projections.timeline import Phase, ReadModel


class Reliance(Value):
    """An entry, and the provisions it names as its basis or was judged by."""

    stream: str
    version: int
    entry: str
    on: When
    provisions: tuple[ProvisionRef, ...]
    decision: str | None


def _provisions(event: Event) -> tuple[ProvisionRef, ...]:
    relied: tuple[ProvisionRef, ...] = getattr(event, "relies_on", ())
    findings: tuple[Finding, ...] = getattr(event, "findings", ())
    judged = (finding.provision for finding in findings if finding.provision)
    return tuple(dict.fromkeys((*relied, *judged)))


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    return (f"{entry.stream} {entry.version}",) if _provisions(entry.event) else ()


def _evolve(key: str, state: Reliance | None, entry: Recorded[Event]) -> Reliance | None:
    event = entry.event
    own = f"{getattr(event, 'matter', '')}/{getattr(event, 'decision', '')}"
    return Reliance(
        stream=entry.stream,
        version=entry.version,
        entry=event.TOPIC.rpartition(".")[0],
        on=event.decided_on,
        provisions=_provisions(event),
        decision=decision_of(event) or (own if hasattr(event, "decision") else None),
    )


RELIANCE = ReadModel("reliance", 1, Reliance, _keys, _evolve)


def in_force_then(on: When, phases: Sequence[Phase[Provision]]) -> tuple[Provision, ...]:
    """What the record, as it is known now, says was in force when an act was taken.

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
