"""States of a partnership: active, suspended, dormant, emeritus; decided, or only reported."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from domain.instruments import (
    PartnershipState,
    PartnershipStateStated,
    SetPartnershipState,
    Side,
)
from domain.places import Place
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.messages import Basis, Effect, Value
from domain.shared.problems import Refusal

ACTIVE = PartnershipState.ACTIVE


class PartnershipStateChanged(Effect):
    """A decision suspended or resumed a partnership, or called it dormant or emeritus.

    `until` is the last day of a suspension, `condition` what it waits for. `ran_out` is set where
    a suspension ends by itself: it is the `until` of that suspension.
    """

    TOPIC: ClassVar[str] = "partnership-state-changed.v1"

    place: Place
    state: PartnershipState
    by: Side
    until: When | None = None
    condition: str | None = None
    reason: str | None = None
    ran_out: When | None = None


class PartnershipStateReported(Effect):
    """A report said how a partnership stands, without a decision; see `PartnershipStateChanged`."""

    TOPIC: ClassVar[str] = "partnership-state-reported.v1"

    place: Place
    state: PartnershipState
    by: Side | None = None
    until: When | None = None
    condition: str | None = None
    reason: str | None = None
    ran_out: When | None = None
    findings: tuple[Finding, ...] = ()


StateEvent = PartnershipStateChanged | PartnershipStateReported


class SameState(Refusal):
    """The partnership is in this state already."""

    rule = "C8"
    city: str
    state: PartnershipState


class UntilBeforeItBegins(Refusal):
    """A suspension cannot end before it begins."""

    rule = "C8"
    city: str
    until: When
    effective_from: When


class OnlyASuspensionLasts(Refusal):
    """Only a suspension can have `until` and `condition`: they say how long it lasts."""

    rule = "C8"
    city: str
    state: PartnershipState


class Said(Value):
    """A state, and what was said with it.

    `ran_out` is the last day of a suspension that ended by itself: nobody then made it active.
    """

    state: PartnershipState = ACTIVE
    by: Side | None = None
    until: When | None = None
    condition: str | None = None
    reason: str | None = None
    ran_out: When | None = None


class Standing(Value):
    """The state by decision, and the one that reports have given since; `None` for none."""

    decided: Said | None = None
    reported: Said | None = None

    @property
    def now(self) -> Said:
        """The state that holds: decided, else reported, else active."""
        return self.decided or self.reported or Said()

    @property
    def basis(self) -> str | None:
        """`decision` or `report`, whichever the state rests on; `None` for neither."""
        if self.decided:
            return "decision"
        return "report" if self.reported else None


NOTHING_SAID = Standing()


def decide(
    state: Standing,
    act: SetPartnershipState | PartnershipStateStated,
    place: Place,
    basis: Basis,
) -> Ruling:
    """Apply rule C8: a state must be new, and a suspension must end in days to come."""
    stated = isinstance(act, PartnershipStateStated)
    said = _said(act)
    if (act.until or act.condition) and act.state is not PartnershipState.SUSPENDED:
        raise OnlyASuspensionLasts(city=place.code, state=act.state)
    if act.until and act.until.last < basis["effective_from"].first:
        raise UntilBeforeItBegins(
            city=place.code, until=act.until, effective_from=basis["effective_from"]
        )
    before = state.reported if stated else state.decided
    if before is None and not state.reported:
        before = None if stated else Said()
    alike = {"reason": said.reason, "by": said.by, "ran_out": None}
    if before and before.model_copy(update=alike) == said:
        raise SameState(city=place.code, state=act.state)
    kind = PartnershipStateReported if stated else PartnershipStateChanged
    findings = (_weaker(state, act, place),) if isinstance(act, PartnershipStateStated) else ()
    fields: dict[str, object] = {
        "by": act.by,
        "until": act.until,
        "condition": act.condition,
        "reason": act.reason,
    }
    if stated:
        fields["findings"] = findings
    event = kind.model_validate({"place": place, "state": act.state, **fields, **basis})
    return Ruling((event, *end_of_suspension(event)), findings)


def end_of_suspension(event: StateEvent) -> tuple[StateEvent, ...]:
    """Return the end that comes with a suspension until a day: the partnership goes on then."""
    if event.until is None or event.state is not PartnershipState.SUSPENDED:
        return ()
    ends: dict[str, object] = {
        "state": ACTIVE,
        "until": None,
        "condition": None,
        "reason": None,
        "ran_out": event.until,
        "effective_from": When.day(event.until.last + timedelta(days=1)),
        "by_convention": False,
        "replaces": None,
    }
    if isinstance(event, PartnershipStateReported):
        ends["findings"] = ()
    return (event.model_copy(update=ends),)


def _weaker(state: Standing, act: PartnershipStateStated, place: Place) -> Finding:
    """Apply rule C8 to what a report says."""
    told = f"{place.name}: {act.state} by a report, without a decision"
    if state.decided and state.decided.state is not act.state:
        told += f"; the decision that it is {state.decided.state} prevails"
    return Finding(rule="C8", answer=Answer.ADVISORY, reason=told)


def _said(by: SetPartnershipState | PartnershipStateStated | StateEvent) -> Said:
    return Said(state=by.state, by=by.by, until=by.until, condition=by.condition, reason=by.reason)


def evolve(state: Standing, event: StateEvent) -> Standing:
    """Return the standing after one more event; a decision outweighs earlier reports."""
    said = Said(state=event.state, ran_out=event.ran_out) if event.ran_out else _said(event)
    if isinstance(event, PartnershipStateChanged):
        if event.ran_out and (state.decided is None or state.decided.until != event.ran_out):
            return state
        return Standing(decided=said)
    if event.ran_out and (state.reported is None or state.reported.until != event.ran_out):
        return state
    return state.model_copy(update={"reported": said})


def state_in_words(state: Standing) -> str:
    """Return a state in words; empty for a partnership of which no state is recorded."""
    if state.basis is None:
        return ""
    now = state.now
    until = f" until {now.until or now.condition}" if now.until or now.condition else ""
    return f"{now.state}{until}" + (" (reported)" if state.basis == "report" else "")
