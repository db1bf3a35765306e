"""Rules on a decision that confirms or rescinds an earlier one."""

from __future__ import annotations

from collections.abc import Sequence

from domain.council.bodies import Charter, NotAuthorised
from domain.proceedings.decisions import Decide, DecisionKind, DecisionTaken, reference_to_decision
from domain.proceedings.matter import Matter
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding
from domain.shared.messages import DecisionRef
from domain.shared.problems import Refusal


class BeforeTheEarlier(Refusal):
    """A decision cannot be confirmed or rescinded before it was taken."""

    rule = "A4"
    decision: str
    earlier: str
    decided_on: When
    on: When


class AlreadyRescinded(Refusal):
    """A decision that was rescinded cannot be rescinded or confirmed: nothing of it is left."""

    rule = "A4"
    decision: str
    earlier: str
    by: str
    rescinded_on: When


def require_not_rescinded(
    earlier: DecisionRef, command: Decide, taken: Sequence[DecisionTaken]
) -> tuple[Finding, ...]:
    """Raise `AlreadyRescinded` for a decision that was rescinded by the day (rule A4).

    `taken` are all decisions that stand and rescind another. One of a later day does not refuse:
    it rescinded what the new decision rescinds before it, and a finding says so.
    """
    found = tuple(each for each in taken if each.earlier == earlier and _stands(each, taken))
    for each in found:
        if each.decided_on.first <= command.on.last:
            raise AlreadyRescinded(
                decision=command.decision,
                earlier=f"{earlier.matter}/{earlier.decision}",
                by=f"{each.matter}/{each.decision}",
                rescinded_on=each.decided_on,
            )
    if command.kind is not DecisionKind.RESCIND:
        return ()
    return tuple(_again(each) for each in found)


def _stands(rescission: DecisionTaken, taken: Sequence[DecisionTaken]) -> bool:
    """True unless the rescission was itself rescinded, by a decision that stands."""
    own = reference_to_decision(rescission)
    others = tuple(each for each in taken if each is not rescission)
    return not any(each.earlier == own and _stands(each, others) for each in others)


def _again(later: DecisionTaken) -> Finding:
    by = f"{later.matter}/{later.decision} on {later.decided_on}"
    reason = f"rescinded again, and then without effect: by {by}"
    return Finding(rule="A4", answer=Answer.ADVISORY, reason=reason)


def rescissions(state: Matter) -> tuple[DecisionTaken, ...]:
    """Return the decisions on a matter that rescind another, and were not taken up again."""
    again = {name for before in state.reopened for name in before.taken_up}
    return tuple(
        each
        for name, each in state.decisions.items()
        if each.kind is DecisionKind.RESCIND and name not in again
    )


def require_power_over_decision(earlier: DecisionTaken, command: Decide, charter: Charter) -> None:
    """Apply rules A1 and A4 to a decision that confirms or rescinds another.

    Raises `NotAuthorised` unless the earlier decision is the body's own, or the body has the
    residual authority, and `BeforeTheEarlier` where it was surely taken later.
    """
    if command.body not in (earlier.body, charter.residual_authority):
        raise NotAuthorised(
            act=command.kind.value, body=command.body, authority=earlier.body, provision=None
        )
    if earlier.decided_on.first > command.on.last:
        raise BeforeTheEarlier(
            decision=command.decision,
            earlier=f"{earlier.matter}/{earlier.decision}",
            decided_on=earlier.decided_on,
            on=command.on,
        )
