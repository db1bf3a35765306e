"""What a body decides of a matter: what it may adopt, and a reopening of what is decided."""

from __future__ import annotations

from collections.abc import Iterable

from domain.authority import Charter, NotAuthorised
from domain.dates import When
from domain.decisions import (
    ADOPTING,
    Decide,
    DecisionKind,
    MatterReopened,
    Reopening,
    ReopenMatter,
)
from domain.instruments import FREE, Instrument
from domain.items import content
from domain.kernel import Answer, Basis, Finding, Refusal
from domain.matters import Matter, require_new, require_open, require_unused
from domain.motions import Recommendation, drafts_in


class MatterNotClosed(Refusal):
    """Only a decided matter can be reopened."""

    rule = "A4"

    def __init__(self, matter: str) -> None:
        super().__init__(matter=matter)


class ReopenedBeforeClosed(Refusal):
    """A matter is reopened after it was decided, and not before."""

    rule = "A4"

    def __init__(self, matter: str, closed_by: str, decided_on: When, on: When) -> None:
        super().__init__(matter=matter, closed_by=closed_by, decided_on=str(decided_on), on=str(on))


class NothingToAdopt(Refusal):
    """An adoption names the recommendations it adopts, and they are before the body."""

    rule = "A3"

    def __init__(self, decision: str, missing: tuple[str, ...], known: tuple[str, ...]) -> None:
        super().__init__(decision=decision, missing=missing, known=known)


class AdoptedBeforeProposed(Refusal):
    """A body adopts what is before it: not what was surely proposed, or amended, later."""

    rule = "A3"

    def __init__(self, decision: str, adopts: str, proposed_on: When, on: When) -> None:
        super().__init__(decision=decision, adopts=adopts, proposed_on=str(proposed_on), on=str(on))


class NotAdopted(Refusal):
    """A decision that adopts nothing puts nothing in force; it may ask for reports."""

    rule = "A3"

    def __init__(self, decision: str, kind: DecisionKind, acts: tuple[str, ...]) -> None:
        super().__init__(decision=decision, kind=kind, acts=acts)


class NotAsAmended(Refusal):
    """A body that carried amendments adopts as amended, and only such a body does."""

    rule = "A2"

    def __init__(self, decision: str, kind: DecisionKind, carried: tuple[str, ...]) -> None:
        super().__init__(decision=decision, kind=kind, carried=carried)


def require_decidable(state: Matter, command: Decide) -> tuple[Recommendation, ...]:
    """The recommendations that a decision adopts (rules A2, A3, A4); none for other kinds."""
    require_new(state, command, command.decision)
    require_open(state, command.matter)
    require_unused(state, command.matter, command.recommends)
    missing = tuple(r for r in command.adopts if r not in state.recommendations)
    idle = command.kind in ADOPTING and not (command.adopts or command.instruments)
    if missing or idle:
        raise NothingToAdopt(command.decision, missing, tuple(state.recommendations))
    if command.kind not in ADOPTING:
        return ()
    carried = state.carried.get(command.body, ())
    if bool(carried) != (command.kind is DecisionKind.ADOPT_AS_AMENDED):
        raise NotAsAmended(command.decision, command.kind, carried)
    return tuple(state.recommendations[r] for r in dict.fromkeys(command.adopts))


def require_proposed(state: Matter, decision: str, adopts: Iterable[str], on: When) -> None:
    """Raises `AdoptedBeforeProposed` for a report or recommendation that is surely later."""
    for name in adopts:
        proposed_on = state.proposed_on[name]
        if proposed_on.first > on.last:
            raise AdoptedBeforeProposed(decision, name, proposed_on, on)


def left_out(state: Matter, command: Decide, adopted: Iterable[str]) -> tuple[Finding, ...]:
    """Rule A2, on what the body amended and does not adopt; `adopted` names recommendations.

    A body may well leave it, so that this is said and refuses nothing.
    """
    if command.kind not in ADOPTING:
        return ()
    named = set(adopted)
    kept = {f"recommendation/{name}" for name in named}
    proposed = drafts_in({n: r for n, r in state.recommendations.items() if n in named})
    kept |= {f"provision/{address}" for address in (*proposed, *state.removed)}
    left = {
        m for target, motions in state.amended_by.items() if target not in kept for m in motions
    }
    carried = tuple(motion for motion in state.carried.get(command.body, ()) if motion in left)
    if not carried:
        return ()
    reason = f"carried, and what it amends is not adopted: {', '.join(carried)}"
    return (Finding(rule="A2", answer=Answer.ADVISORY, reason=reason),)


def require_adoption(command: Decide, instruments: Iterable[Instrument]) -> None:
    """Raises `NotAdopted` for effects of a decision that adopts nothing (rule A3)."""
    acts = tuple(i.instrument for i in instruments if i.ACT != FREE)
    if acts and command.kind not in ADOPTING:
        raise NotAdopted(command.decision, command.kind, acts)


def reopen(state: Matter, command: ReopenMatter, charter: Charter, basis: Basis) -> MatterReopened:
    """Enter a reopening, by the body that closed the matter or the one over it (rule A4)."""
    require_new(state, command, command.decision)
    if state.closed_by is None:
        raise MatterNotClosed(command.matter)
    closing = state.decisions[state.closed_by]
    if command.body not in (closing.body, charter.residual_authority):
        raise NotAuthorised("reopening", command.body, closing.body, None)
    if closing.decided_on.first > command.on.last:
        raise ReopenedBeforeClosed(command.matter, closing.decision, closing.decided_on, command.on)
    return MatterReopened(**content(Reopening, command), **basis)
