"""Which relationships stand: partnerships with their class, and the targeted list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.cities import Place, PlaceIdentified
from domain.dates import When
from domain.history import Recorded
from domain.instruments import Classification
from domain.kernel import Event, Value
from domain.partnerships import (
    CityNoLongerTargeted,
    CityTargeted,
    PartnershipClassified,
    PartnershipFormed,
    PartnershipLapsed,
    PartnershipReclassified,
)
from projections.timeline import ReadModel


class Relationship(Value):
    """One place. `established` is null without a partnership, `classification` until one is given.

    `decision` is the last decision behind the row, as `matter/decision`, null where a report
    states the fact.
    """

    city: str
    name: str
    country: str
    country_name: str
    kind: str
    region: str | None = None
    other_names: tuple[str, ...] = ()
    established: When | None = None
    description: str | None = None
    classification: Classification | None = None
    reason: str | None = None
    targeted: bool = False
    decision: str | None = None


_Shown = (
    PartnershipFormed
    | PartnershipClassified
    | PartnershipReclassified
    | PartnershipLapsed
    | CityTargeted
    | CityNoLongerTargeted
)


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    if isinstance(entry.event, _Shown | PlaceIdentified):
        return (entry.event.place.code,)
    return ()


def _evolve(key: str, state: Relationship | None, entry: Recorded[Event]) -> Relationship | None:
    event = entry.event
    if not isinstance(event, _Shown | PlaceIdentified):
        return state
    row = (state or _row(key, event.place)).model_copy(update=_place(event.place))
    if isinstance(event, PlaceIdentified):
        return row
    return row.model_copy(update={**_change(event), "decision": decision_of(event)})


def _change(event: _Shown) -> dict[str, object]:
    fields: tuple[str, ...] = ("established", "description", "classification", "reason")
    none: dict[str, Any] = dict.fromkeys(fields)
    match event:
        case PartnershipFormed(established=established, description=description):
            formed = {"established": established, "description": description}
            return {**none, **formed, "targeted": False}  # rule C4: a partner is not targeted
        case PartnershipClassified() | PartnershipReclassified():
            return {"classification": event.classification, "reason": event.reason}
        case PartnershipLapsed():
            return none
        case CityTargeted():
            return {"targeted": True}
        case CityNoLongerTargeted():
            return {"targeted": False}


def _row(key: str, place: Place) -> Relationship:
    return Relationship(
        city=key,
        name=place.name,
        country=place.country,
        country_name=place.country_name,
        kind=place.kind,
    )


def _place(place: Place) -> dict[str, object]:
    return {
        "name": place.name,
        "country": place.country,
        "country_name": place.country_name,
        "kind": place.kind.value,
        "region": place.region,
        "other_names": place.other_names,
    }


def decision_of(event: Event) -> str | None:
    """The decision an event cites, as `matter/decision`."""
    ref = event.authority
    return f"{ref.matter}/{ref.decision}" if ref else None


REGISTER = ReadModel("register", 2, Relationship, _keys, _evolve)
