"""Which city somebody means, by code or by any name it has had."""

from __future__ import annotations

from difflib import get_close_matches

from adapters.bootstrap import Register
from adapters.cli.moments import NothingRecorded
from adapters.moments import Moment, as_known
from domain import cities
from domain.cities import Gazetteer, Place, PlaceIdentified, UnknownPlace
from domain.history import standing


def place_of(register: Register, city: str, at: Moment) -> Place:
    """The place of a code or of any name it has had. Raises `NothingRecorded`, names `near` it."""
    gazetteer = Gazetteer()
    for entry in standing(as_known(register, (cities.STREAM,), at)[cities.STREAM]):
        if isinstance(entry.event, PlaceIdentified):
            gazetteer = cities.evolve(gazetteer, entry.event)
    try:
        return gazetteer.find(city)
    except UnknownPlace:
        near = get_close_matches(cities.folded(city), gazetteer.names, cutoff=0.7)
        like = dict.fromkeys(gazetteer.places[gazetteer.names[name]].name for name in near)
        raise NothingRecorded(city=city, **({"near": tuple(like)} if like else {})) from None
