"""Places: the cities, states and regions that relationships are with, by code and by every name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints

from domain.kernel import Basis, Command, Event, Refusal, StreamId, Value

STREAM = StreamId("places")

PlaceCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]+(-[A-Z0-9]+)*$")]
"""ISO 3166-1 country and the name in the papers, such as `UA-KIEV`; the register's own code."""

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class PlaceKind(StrEnum):
    """What kind of place it is: the source lists a state and a region beside its cities."""

    CITY = "city"
    STATE = "state"


class Place(Value):
    """A place as the papers name it. `region` is the clerk's, the source defines none (rule M6)."""

    code: PlaceCode
    name: str = Field(min_length=1)
    country: CountryCode
    country_name: str = Field(min_length=1)
    kind: PlaceKind = PlaceKind.CITY
    other_names: tuple[str, ...] = ()
    region: str | None = None


class IdentifyPlaces(Command):
    """Enter places, or give known ones further names and a region."""

    KIND: ClassVar[str] = "identify-places"

    places: tuple[Place, ...] = Field(min_length=1)


class PlaceIdentified(Event):
    """A place has this code, these names and this region."""

    TOPIC: ClassVar[str] = "place-identified.v1"

    place: Place


class NameTaken(Refusal):
    """A name may lead to one place only."""

    rule = "C5"

    def __init__(self, name: str, code: str, held_by: str) -> None:
        super().__init__(name=name, code=code, held_by=held_by)


class UnknownPlace(Refusal):
    """The place is not in the register's list of places; `near` are those with a name like it."""

    rule = "C5"

    def __init__(self, place: str, near: tuple[str, ...] = ()) -> None:
        figures: dict[str, Any] = {"near": near} if near else {}
        super().__init__(place=place, **figures)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Every place known, by code and by folded name."""

    places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    names: Mapping[str, str] = field(default_factory=dict[str, str])

    def find(self, text: str) -> Place:
        """The place of a code or any of its names. Raises `UnknownPlace`."""
        code = text.upper() if text.upper() in self.places else self.names.get(folded(text), "")
        if code not in self.places:
            raise UnknownPlace(text, self._near(text))
        return self.places[code]

    def _near(self, text: str) -> tuple[str, ...]:
        like = get_close_matches(folded(text), self.names, cutoff=0.7)
        return tuple(dict.fromkeys(self.places[self.names[name]].name for name in like))


def folded(name: str) -> str:
    """A name without case, accents or punctuation, for comparing."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if c.isalnum())


def identify(known: Gazetteer, command: IdentifyPlaces, basis: Basis) -> tuple[Event, ...]:
    """Rule C5: a name that leads elsewhere is refused, and a former name goes on leading here."""
    events: list[Event] = []
    for stated in command.places:
        place = _with_former_names(stated, known.places.get(stated.code))
        _require_free(known, place)
        if known.places.get(place.code) != place:
            event = PlaceIdentified(place=place, **basis)
            known = evolve(known, event)
            events.append(event)
    return tuple(events)


def require_names_once(events: Iterable[PlaceIdentified]) -> None:
    """Raises `NameTaken` where a name leads to two places at any time (rule C5)."""
    known = Gazetteer()
    for event in events:
        _require_free(known, event.place)
        known = evolve(known, event)


def _require_free(known: Gazetteer, place: Place) -> None:
    for name in (place.name, *place.other_names):
        held_by = known.names.get(folded(name), place.code)
        if held_by != place.code:
            raise NameTaken(name, place.code, held_by)


def _with_former_names(place: Place, known: Place | None) -> Place:
    names = (known.name, *known.other_names) if known else ()
    former = tuple(n for n in names if folded(n) != folded(place.name))
    led = {folded(name) for name in (place.name, *former)}
    further = tuple(n for n in place.other_names if folded(n) not in led)
    region = place.region or (known.region if known else None)
    return place.model_copy(update={"other_names": (*former, *further), "region": region})


def evolve(known: Gazetteer, event: PlaceIdentified) -> Gazetteer:
    """The list of places after one more event."""
    place = event.place
    names = {n: c for n, c in known.names.items() if c != place.code}
    names |= {folded(name): place.code for name in (place.name, *place.other_names)}
    return replace(known, places={**known.places, place.code: place}, names=names)
