"""Agreements: what each says, who signed and ratified it when, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable

from domain.council.persons import OfficeHolder
from domain.instruments import AgreementText, Side
from domain.partnerships.agreement import (
    Agreement,
    AgreementEntered,
    AgreementEvent,
    Status,
    evolve,
)
from domain.shared.dates import When
from domain.shared.history import Recorded
from domain.shared.messages import Event, Value
from projections.engine.read_model import ReadModel, decision_of


class AgreementRow(Value):
    """One agreement. `places` are the codes of the other side's, `since` is null until in force.

    `succeeded` names the agreement that took its place. `decision` is the last decision behind the
    row, null where a report states the agreement.
    """

    agreement: str
    places: tuple[str, ...]
    text: AgreementText
    entered: AgreementEntered
    signed: dict[str, When]
    ratified: dict[str, When]
    roles: dict[str, OfficeHolder]
    status: Status
    since: When | None
    expires: When | None
    reached: When | None
    expired: bool
    ended: Side | None
    succeeded: str | None
    decision: str | None


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    return (entry.event.agreement,) if isinstance(entry.event, AgreementEvent) else ()


def _evolve(key: str, state: AgreementRow | None, entry: Recorded[Event]) -> AgreementRow | None:
    event = entry.event
    if not isinstance(event, AgreementEvent):
        return state
    before = _state(state) if state else Agreement()
    after = evolve(before, event)
    entered, status = after.entered, after.status
    if entered is None or status is None or after == before:
        return state
    return AgreementRow(
        agreement=key,
        places=tuple(place.code for place in entered.places),
        text=entered.text,
        entered=entered,
        signed=dict(after.signed),
        ratified=dict(after.ratified),
        roles=dict(after.roles),
        status=status,
        since=after.since,
        expires=after.expires,
        reached=after.reached,
        expired=after.expired,
        ended=after.ended,
        succeeded=after.succeeded,
        decision=decision_of(event) or (state.decision if state else None),
    )


def _state(row: AgreementRow) -> Agreement:
    return Agreement(
        entered=row.entered,
        signed=row.signed,
        ratified=row.ratified,
        roles=row.roles,
        expires=row.expires,
        reached=row.reached,
        expired=row.expired,
        ended=row.ended,
        succeeded=row.succeeded,
    )


AGREEMENTS = ReadModel("agreements", 2, AgreementRow, _keys, _evolve)
