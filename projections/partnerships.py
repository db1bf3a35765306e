"""Relationships: partnerships with their category and state, and the targeted list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from domain.council.persons import OfficeHolder
from domain.instruments import Side
from domain.partnerships.moves import PartnershipMoved
from domain.partnerships.partnership import (
    CityNoLongerTargeted,
    CityTargeted,
    PartnershipClassified,
    PartnershipEvent,
    PartnershipFormed,
    PartnershipLapsed,
    PartnershipReclassified,
)
from domain.partnerships.roles import PartnershipRoleGiven, roles_with
from domain.partnerships.states import (
    NOTHING_SAID,
    PartnershipStateChanged,
    PartnershipStateReported,
    Standing,
)
from domain.partnerships.states import evolve as after_state
from domain.shared.categories import category_key_of
from domain.shared.dates import When, span_of_days
from domain.shared.history import Recorded
from domain.shared.messages import Event, Value
from projections.engine.read_model import ReadModel, decision_of


class Relationship(Value):
    """One place, by its code; how it is called is the list of places' to say.

    `established` is null without a partnership. `classification` is the name of the category that
    the place was put into last, as on that day, and `category` its id: which of them are in force,
    and how they are called, is the policy's to say. `ended_by` says who or what ended the last
    partnership. `decision` is the last decision behind the row, as `matter/decision`, null where a
    report states the fact; `decided_on` is the latest day of all decisions that it holds by.
    """

    city: str
    established: When | None = None
    description: str | None = None
    classification: str | None = None
    category: str | None = None
    reason: str | None = None
    standing: Standing = NOTHING_SAID
    roles: dict[str, OfficeHolder] = Field(default_factory=dict)
    ended_by: Side | None = None
    targeted: bool = False
    decision: str | None = None
    decided_on: When | None = None


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    return (entry.event.place.code,) if isinstance(entry.event, PartnershipEvent) else ()


def _evolve(key: str, state: Relationship | None, entry: Recorded[Event]) -> Relationship | None:
    event = entry.event
    if not isinstance(event, PartnershipEvent):
        return state
    row = state or Relationship(city=key)
    changes = _change(row, event)
    if not changes:
        return state
    told = {"decision": decision_of(event), "decided_on": _latest(row, event)}
    return row.model_copy(update={**changes, **told})


def _latest(row: Relationship, event: Event) -> When | None:
    """Return the latest decision that a row holds by after an event."""
    decided = event.decided_on if event.authority else None
    return max(filter(None, (row.decided_on, decided)), key=span_of_days, default=None)


def _change(row: Relationship, event: PartnershipEvent) -> dict[str, object]:
    fields = ("established", "description", "classification", "category", "reason", "ended_by")
    none: dict[str, Any] = {**dict.fromkeys(fields), "standing": NOTHING_SAID, "roles": {}}
    match event:
        case PartnershipFormed(established=established, description=description):
            formed = {"established": established, "description": description}
            return {**none, **formed, "targeted": False}  # rule C4: a partner is not targeted
        case PartnershipClassified() | PartnershipReclassified():
            named = {"classification": event.classification, "category": event.category}
            return {**named, "reason": event.reason}
        case PartnershipMoved():
            return _moved(row, event)
        case PartnershipStateChanged() | PartnershipStateReported():
            standing = after_state(row.standing, event)
            same = row.established is None or standing == row.standing
            return {} if same else {"standing": standing}
        case PartnershipRoleGiven():
            roles = dict(roles_with(row.roles, event))
            return {} if row.established is None or roles == row.roles else {"roles": roles}
        case PartnershipLapsed(by=by):
            return {**none, "ended_by": by}
        case CityTargeted():
            return {"targeted": True}
        case CityNoLongerTargeted():
            return {"targeted": False}


def _moved(row: Relationship, event: PartnershipMoved) -> dict[str, object]:
    key = row.category or (row.classification and category_key_of(row.classification))
    if key is None or key not in event.mapping:
        return {}
    to = event.mapping[key]
    return {
        "classification": to.name if to else None,
        "category": to.id if to else None,
        "reason": event.reason,
    }


PARTNERSHIPS = ReadModel("partnerships", 6, Relationship, _keys, _evolve)
