"""Cities, countries and regions by code or by any name."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import cast

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, NothingRecorded, as_known
from adapters.queries.named.names import SeveralOfThisName, key_found
from domain import places
from domain.missions.outline import MissionOutline
from domain.places import (
    Gazetteer,
    Place,
    PlaceEvent,
    PlaceIdentified,
    SeveralPlaces,
    UnknownPlace,
)
from domain.shared.history import Recorded, standing_entries
from domain.shared.messages import Event


class Names:
    """How places are called on each day, from their own stream, as far as was known."""

    def __init__(self, register: Register, at: Moment) -> None:
        stream = as_known(register, (places.STREAM,), at)[places.STREAM]
        entries = cast("tuple[Recorded[PlaceEvent], ...]", standing_entries(stream))

        @cache
        def on(day: date) -> Gazetteer:
            return places.places_as_of(entries, day)

        self.on = on

    def place(self, code: str, day: date) -> Place:
        """Return a place as it is called on a day, by its code where it is in no list of places."""
        bare = Place(code=code, name=code, country=code[:2], country_name=code[:2])
        return self.on(day).places.get(code, bare)

    def told(self, entry: Recorded[Event]) -> Recorded[Event]:
        """Return an entry with its places as they are called on its day, whenever entered."""
        event = entry.event
        if isinstance(event, PlaceIdentified):
            return entry
        day = event.effective_from.last
        place: object = getattr(event, "place", None)
        outline: object = getattr(event, "outline", None)
        changes: dict[str, object] = {}
        if isinstance(place, Place):
            changes["place"] = self.place(place.code, day)
        if isinstance(outline, MissionOutline):
            stops = tuple(
                stop.model_copy(update={"place": self.place(stop.place.code, day)})
                for stop in outline.stops
            )
            changes["outline"] = outline.model_copy(update={"stops": stops})
        return entry._replace(event=event.model_copy(update=changes)) if changes else entry


def gazetteer(register: Register, at: Moment) -> Gazetteer:
    """Return every place as it is called on the day, as far as was known."""
    return Names(register, at).on(at.on)


def every_name(known: Gazetteer) -> dict[str, tuple[str, ...]]:
    """Return all names of each place by its code, those of other times included."""
    names = {c: [place.name, *place.other_names] for c, place in known.places.items()}
    for name, codes in known.names.items():
        for code in codes:
            names[code].append(name)
    return {code: tuple(each) for code, each in names.items()}


def place_of(register: Register, city: str, at: Moment) -> Place:
    """Return the place of a code or of any name it has had.

    Raises `NothingRecorded`, with names `near` it, and `SeveralOfThisName`.
    """
    try:
        return gazetteer(register, at).find(city)
    except UnknownPlace as unknown:
        raise NothingRecorded(city=city, near=unknown.near) from None
    except SeveralPlaces as several:
        raise SeveralOfThisName(what="city", name=city, meant=several.meant) from None


def country_of(register: Register, country: str, at: Moment) -> str:
    """Return the code of a country by its code, any name it has had, or its name in ISO 3166.

    Raises `NothingRecorded` for a country that no place of the register is in.
    """
    known = gazetteer(register, at).countries
    names = {code: (*given, *country_names_of_iso().get(code, ())) for code, given in known.items()}
    return key_found("country", country, names)


def region_of(register: Register, region: str, at: Moment) -> str:
    """Return a region as it is called on the day, by any name it has had.

    Raises `NothingRecorded` where no place is or was in it.
    """
    return key_found("region", region, gazetteer(register, at).regions())


@cache
def country_names_of_iso() -> dict[str, tuple[str, ...]]:
    """Return English names of countries by ISO 3166-1 code, as the time zone database lists them.

    What stands in brackets there is a name of its own or an adjective: `Britain (UK)` is Britain
    and UK, `Korea (South)` is Korea and South Korea.
    """
    table = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {code: tuple(_names(name)) for code, name in lines}


def _names(name: str) -> list[str]:
    bare, _, bracket = name.partition(" (")
    further = bracket.rstrip(")")
    return [bare, further, f"{further} {bare}"] if further else [bare]
