"""Provisions that an act on the whole policy ends, whenever they were recorded.

A provision that is found late, and was in force before the policy was repealed or replaced, ended
with it. The act's own entries name only what was known then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from domain import policy
from domain.policy import Policy, PolicyEvent, ProvisionDeleted, Whole
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.history import History, fold, history_followed_by
from domain.shared.messages import DecisionRef, Event, ProvisionRef


class _Act(NamedTuple):
    whole: Whole
    authority: DecisionRef | None


def ended_with_it(history: History[PolicyEvent]) -> Ruling:
    """Return the end of each provision that stands after an act that ended the whole policy."""
    events, findings = list[Event](), list[Finding]()
    while missing := next(_missing(history), None):
        settled = policy.TIMELINE.settle(policy.STREAM, history, missing)
        ends = cast("tuple[PolicyEvent, ...]", settled.events)
        history = history_followed_by(history, policy.STREAM, *ends)
        events += ends
        findings += (_said(missing), *settled.findings)
    return Ruling(tuple(events), tuple(findings))


def with_endings(history: History[PolicyEvent], ruling: Ruling) -> Ruling:
    """Return a ruling on the policy, with the end of what it puts in force before such an act."""
    after = history_followed_by(
        history, policy.STREAM, *cast("tuple[PolicyEvent, ...]", ruling.events)
    )
    ended = ended_with_it(after)
    return Ruling((*ruling.events, *ended.events), (*ruling.findings, *ended.findings))


def _missing(history: History[PolicyEvent]) -> Iterator[ProvisionDeleted]:
    """Yield what an act leaves in force and has no entry for, not even one withdrawn since."""
    stands = history.standing()
    begins: dict[_Act, int] = {}
    for number, entry in enumerate(stands):
        if act := _act(entry.event):
            begins.setdefault(act, number)
    for act, number in begins.items():
        own = {e.event.provision.address for e in history.entries if _act(e.event) == act}
        before = fold(policy.evolve, Policy(), stands[:number])
        for address in policy.ended_by(act.whole, before):
            if address not in own:
                ref = policy.next_version(history, address)
                yield _ending(stands[number].event, ref, act)


def _act(event: Event) -> _Act | None:
    whole = event.whole if isinstance(event, PolicyEvent) else None
    return _Act(whole, event.authority) if whole else None


def _ending(by: PolicyEvent, provision: ProvisionRef, act: _Act) -> ProvisionDeleted:
    return ProvisionDeleted(
        provision=provision,
        whole=act.whole,
        decided_on=by.decided_on,
        effective_from=by.effective_from,
        by_convention=by.by_convention,
        authority=by.authority,
        cites=by.cites,
        placed_on=by.placed_on,
    )


def _said(ended: ProvisionDeleted) -> Finding:
    by = f", by {ended.authority.matter}/{ended.authority.decision}" if ended.authority else ""
    reason = f"{ended.provision.address} ended with the whole on {ended.effective_from}{by}"
    return Finding(rule="A2", answer=Answer.ADVISORY, reason=reason)
