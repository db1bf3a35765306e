"""Provisions that an act on the whole policy ends or repeats, whenever changes were recorded.

A provision that is found late, and was in force before the policy was repealed or replaced, ended
with it. One that the new policy repeats reads from then on as that policy has it, though an
amendment or deletion of before is found late. The act's own entries name only what was known then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from domain import policy
from domain.policy import (
    Policy,
    PolicyEvent,
    ProvisionAdopted,
    ProvisionAmended,
    ProvisionDeleted,
    Whole,
)
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.history import (
    History,
    Recorded,
    fold,
    history_followed_by,
    timeline_order,
)
from domain.shared.messages import Basis, DecisionRef, Event, ProvisionRef
from domain.shared.provisions import ProvisionDraft


class _Act(NamedTuple):
    whole: Whole
    authority: DecisionRef | None


def ended_with_it(history: History[PolicyEvent]) -> Ruling:
    """Return what acts on the whole policy do to provisions that were changed before, found late.

    Each that they ended ends; each that they repeated unchanged has the text that they repeated.
    """
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


def _missing(history: History[PolicyEvent]) -> Iterator[PolicyEvent]:
    """Yield what an act ends or repeats and has no entry for, not even one withdrawn since."""
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
        for address, draft in _repeated(history, act, stands[number]):
            now = before.provisions.get(address)
            if address not in own and (now is None or now.draft != draft):
                ref = policy.next_version(history, address)
                yield _repeating(stands[number].event, ref, draft, act, new=now is None)


def _repeated(
    history: History[PolicyEvent], act: _Act, entry: Recorded[PolicyEvent]
) -> Iterator[tuple[str, ProvisionDraft]]:
    """Yield the text of each provision that an act keeps, as the record had it then.

    Of a clerk's mistake in that text, put right since, the right text counts.
    """
    first = min(e.version for e in history.entries if _act(e.event) == act)
    known = History(history.entries[: first - 1], first - 1)
    place = timeline_order(entry, entry.position)
    then = [e for e in known.standing() if timeline_order(e, e.position) < place]
    for address in act.whole.kept:
        own = [e for e in then if e.event.provision.address == address]
        if own and not isinstance(own[-1].event, ProvisionDeleted):
            yield address, _put_right(history, own[-1], own[-1].event.draft)


def _put_right(
    history: History[PolicyEvent], entry: Recorded[PolicyEvent], draft: ProvisionDraft
) -> ProvisionDraft:
    """Return the text of an entry, or of the correction that took its place."""
    by = {e.event.replaces.version: e for e in history.entries if e.event.replaces}
    while corrected := by.get(entry.version):
        entry = corrected
        if isinstance(entry.event, ProvisionAdopted | ProvisionAmended):
            draft = entry.event.draft
    return draft


def _repeating(
    by: PolicyEvent, provision: ProvisionRef, draft: ProvisionDraft, act: _Act, *, new: bool
) -> PolicyEvent:
    kind = ProvisionAdopted if new else ProvisionAmended
    return kind(
        provision=provision,
        draft=draft,
        whole=act.whole,
        placed_on=by.placed_on,
        **_basis(by),
    )


def _basis(by: PolicyEvent) -> Basis:
    return Basis(
        decided_on=by.decided_on,
        effective_from=by.effective_from,
        by_convention=by.by_convention,
        authority=by.authority,
        cites=by.cites,
    )


def _act(event: Event) -> _Act | None:
    whole = event.whole if isinstance(event, PolicyEvent) else None
    return _Act(whole, event.authority) if whole else None


def _ending(by: PolicyEvent, provision: ProvisionRef, act: _Act) -> ProvisionDeleted:
    return ProvisionDeleted(
        provision=provision,
        whole=act.whole,
        placed_on=by.placed_on,
        **_basis(by),
    )


def _said(event: PolicyEvent) -> Finding:
    by = f", by {event.authority.matter}/{event.authority.decision}" if event.authority else ""
    ended = isinstance(event, ProvisionDeleted)
    what = "ended with the whole" if ended else "reads as the whole repeats it"
    reason = f"{event.provision.address} {what} on {event.effective_from}{by}"
    return Finding(rule="A2", answer=Answer.ADVISORY, reason=reason)
