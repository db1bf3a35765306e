"""Which city somebody means, by code or by any name it has had."""

from __future__ import annotations

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
    except UnknownPlace as unknown:
        near = {name: said for name, said in unknown.details.items() if name == "near"}
        raise NothingRecorded(city=city, **near) from None
