"""Effects entered on their own: a clerk records what a decision already in the record did."""

from __future__ import annotations

from typing import ClassVar

from domain.dates import When, left_of
from domain.instruments import AdoptProvision, ApproveDelegation, ExceptStop, Instrument
from domain.kernel import Command, DecisionRef, Refusal


class RecordEffect(Command):
    """Enter what a decision did, where its own entry did not say so."""

    KIND: ClassVar[str] = "record-effect"

    instrument: Instrument
    authority: DecisionRef | None = None
    effective_from: When | None = None

    @property
    def item(self) -> str:
        """The act, and what it is on."""
        act = self.instrument
        if isinstance(act, AdoptProvision):
            return f"{act.instrument}/{act.draft.address}"
        names = ("city", "address", "subject", "request", "document", "year")
        on = [getattr(act, n) for n in names if hasattr(act, n)][:1]
        return "/".join(map(str, (act.instrument, *_missions(act), *on)))


def _missions(act: Instrument) -> tuple[str, ...]:
    return (act.mission,) if isinstance(act, ApproveDelegation | ExceptStop) else ()


class NoDecision(Refusal):
    """An effect names the decision that authorises it, and that decision is in the record."""

    rule = "A1"

    def __init__(self, act: str, authority: DecisionRef | None) -> None:
        super().__init__(act=act, authority=authority)


class NoDecisionOnClass(NoDecision):
    """A change of class, or of the targeted list, names the Council decision behind it."""

    rule = "C1"


class DecidedAfterwards(Refusal):
    """A decision authorises what comes after it, and not what is or may be before.

    `instead` is what is left of a date that begins too early, to be written in its place.
    """

    rule = "A1"

    def __init__(self, act: str, authority: DecisionRef, decided_on: When, on: When) -> None:
        super().__init__(
            act=act,
            authority=authority,
            decided_on=str(decided_on),
            on=str(on),
            **left_of(on, decided_on),
        )


def require_decided_by(act: str, authority: DecisionRef, decided_on: When, on: When) -> None:
    """Raises `DecidedAfterwards` for an act that may be before any day of the decision (rule A1).

    It would be shown as possible on a day on which the decision cannot have been taken. Of an act
    on a sitting day of the meeting nobody can tell, and the clerk is believed.
    """
    if on.first < decided_on.first:
        raise DecidedAfterwards(act, authority, decided_on, on)
