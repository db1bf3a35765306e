"""Places: cities, states and regions, by code and every name; unknown and ambiguous ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from domain.shared.codes import CountryCode
from domain.shared.findings import Ruling
from domain.shared.history import Recorded, boundaries, fold
from domain.shared.messages import Basis, Command, Event, StreamId, Value
from domain.shared.problems import Refusal
from domain.shared.text import folded
from domain.shared.timeline import Timeline

STREAM = StreamId("places")

PLACE_CODE = r"^[A-Z]{2}-[A-Z0-9]+(-[A-Z0-9]+)*$"

PlaceCode = Annotated[str, StringConstraints(pattern=PLACE_CODE)]
"""ISO 3166-1 country and the name in the papers, such as `UA-KIEV`; the register's own code."""


class Place(Value):
    """A place as the papers name it, with its kind in the country's own words.

    `part_of` is the state, province, county or prefecture that it is in, which tells two places of
    one name apart. `region` is the clerk's, the source defines none (rule M6). Either may be the
    code of a place, and is then called as that place is on the day.
    """

    code: PlaceCode
    name: str = Field(min_length=1)
    country: CountryCode
    country_name: str = Field(min_length=1)
    kind: str = Field(default="city", min_length=1)
    part_of: str | None = Field(default=None, min_length=1)
    other_names: tuple[str, ...] = ()
    region: str | None = None


class IdentifyPlaces(Command):
    """Enter places, or what is new of known ones: name, kind, country, further names, region."""

    KIND: ClassVar[str] = "identify-places"

    places: tuple[Place, ...] = Field(min_length=1)

    @property
    def item(self) -> str:
        """The first place, and how many others."""
        first, *others = self.places
        return f"{first.code}+{len(others)}" if others else first.code


class Replaced(Value):
    """Places that end, and those in whose territory they are from then on.

    Several that end and one that follows are a merger, one and several a split. A place that had
    ended may be one of those that follow: it is there again.
    """

    places: tuple[PlaceCode, ...] = Field(min_length=1)
    by: tuple[PlaceCode, ...] = Field(min_length=1)


class ReplacePlaces(Replaced, Command):
    """Enter that places were merged, split, or made part of another."""

    KIND: ClassVar[str] = "replace-places"

    @property
    def item(self) -> str:
        """The places that end."""
        return "+".join(self.places)


class PlaceIdentified(Event):
    """A place has this code, these names and this region."""

    TOPIC: ClassVar[str] = "place-identified.v1"

    place: Place


class PlacesReplaced(Replaced, Event):
    """Places ended, and others have their territory."""

    TOPIC: ClassVar[str] = "places-replaced.v1"


PlaceEvent = PlaceIdentified | PlacesReplaced


class UnknownPlace(Refusal):
    """The place is not in the register's list of places.

    `near` are those with a name like it.
    """

    rule = "C5"

    place: str
    near: tuple[str, ...] = ()


class SeveralPlaces(Refusal):
    """Several places have this name: give a code, or add the country, province or kind.

    `London, Canada`, `Taizhou, Zhejiang` and `New York, state` name one place each.
    """

    rule = "C5"
    place: str
    meant: tuple[str, ...]


class PlaceNoMore(Refusal):
    """The place ended before this day, and other places have its territory."""

    rule = "C5"
    place: str
    successors: tuple[str, ...]


class ReplacedByItself(Refusal):
    """A place cannot replace itself: name the places that have its territory."""

    rule = "C5"
    place: str


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Every place known, by code; the codes that each name leads to; the names of each country.

    Names are folded. A name leads to every place that has it or had it, in whatever country, and a
    country keeps the names it had, a place the countries it was in (`countries_of`). `successors`
    has the places that ended, each with those that have its territory. `former` are the names that
    a place was called by before. `parts_of` and `regions_of` have the states and the regions that a
    place was in, as they were entered.
    """

    places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    countries: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    countries_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    successors: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    former: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    parts_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    regions_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def find(self, text: str) -> Place:
        """Return the place of a code or any of its names, with its country where that is needed.

        Of several the one that has the name now is meant, and not one that had it before or will.
        Raises `UnknownPlace` and `SeveralPlaces`.
        """
        if text.upper() in self.places:
            return self.places[text.upper()]
        codes = self.names.get(folded(text)) or self._told_apart(text)
        if not codes:
            raise UnknownPlace(place=text, near=self._near(text))
        there = self._there(codes)
        having = tuple(code for code in there if self._has(code, folded(text)))
        code, *others = having if len(having) == 1 else there
        if others:
            raise SeveralPlaces(place=text, meant=(code, *others))
        return self.places[code]

    def _has(self, code: str, name: str) -> bool:
        place = self.places[code]
        if name in self.former.get(code, ()):
            return False
        return name in {folded(each) for each in (place.name, *place.other_names)}

    def is_country(self, code: str, text: str) -> bool:
        """True if a country has this code or any name that it had."""
        return folded(text) in {folded(name) for name in (code, *self.countries.get(code, ()))}

    def in_country(self, code: str) -> frozenset[str]:
        """Return the places in a country.

        For a country that no longer exists, these are the places that were in it.
        """
        there = frozenset(place.code for place in self.places.values() if place.country == code)
        return there or frozenset(p for p, were in self.countries_of.items() if code in were)

    def regions(self) -> Mapping[str, tuple[str, ...]]:
        """Return every region that a place is or was in, by what it is called, with other names."""
        every = dict.fromkeys(region for were in self.regions_of.values() for region in were)
        return {
            self.called(region): tuple(name for name, led in self.names.items() if region in led)
            for region in every
        }

    def in_region(self, name: str) -> frozenset[str]:
        """Return the places in a region; for one that no place is in any more, those that were."""
        there = frozenset(code for code, place in self.places.items() if place.region == name)
        return there or frozenset(
            code for code, were in self.regions_of.items() if name in map(self.called, were)
        )

    def called(self, whole: str) -> str:
        """Return what the region, state or province is called that a place is in."""
        return self.places[whole].name if whole in self.places else whole

    def with_wholes_named(self) -> Gazetteer:
        """Return the same with the names of what each place is part of or in, not the codes."""
        told = {
            code: place.model_copy(
                update={
                    "part_of": place.part_of and self.called(place.part_of),
                    "region": place.region and self.called(place.region),
                }
            )
            for code, place in self.places.items()
            if place.part_of in self.places or place.region in self.places
        }
        return replace(self, places={**self.places, **told}) if told else self

    def now(self, code: str) -> tuple[str, ...]:
        """Return a place itself while it is there, else the places that have its territory."""
        heirs = self.successors.get(code)
        if heirs is None:
            return (code,)
        return tuple(dict.fromkeys(last for heir in heirs for last in self.now(heir)))

    def before(self, code: str) -> tuple[str, ...]:
        """Return the places whose territory a place has taken over, however long ago."""
        own = tuple(ended for ended, heirs in self.successors.items() if code in heirs)
        return tuple(dict.fromkeys(place for each in own for place in (each, *self.before(each))))

    def _there(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the places of a name, less those whose territory another of them took over."""
        return tuple(
            code
            for code in codes
            if code not in self.successors or set(codes).isdisjoint(self.now(code))
        )

    def _told_apart(self, text: str) -> tuple[str, ...]:
        name, _, apart = text.rpartition(",")
        codes = self.names.get(folded(name.strip()), ())
        return tuple(code for code in codes if self._is_in(code, apart.strip()))

    def _is_in(self, code: str, apart: str) -> bool:
        name, led = folded(apart), self.names.get(folded(apart), ())
        wholes = (*self.parts_of.get(code, ()), *self.regions_of.get(code, ()))
        return (
            name == folded(self.places[code].kind)
            or any(whole in led or name == folded(whole) for whole in wholes)
            or any(self.is_country(country, apart) for country in self.countries_of[code])
        )

    def _near(self, text: str) -> tuple[str, ...]:
        like = get_close_matches(folded(text), self.names, cutoff=0.7)
        return tuple(dict.fromkeys(self.places[c].name for name in like for c in self.names[name]))


def decide(known: Gazetteer, command: IdentifyPlaces | ReplacePlaces, basis: Basis) -> Ruling:
    """Apply rule C5: a place is entered with its names, and those it had go on leading to it.

    Raises `UnknownPlace`, `PlaceNoMore` and `ReplacedByItself` for places that cannot end so.
    """
    if isinstance(command, ReplacePlaces):
        event = PlacesReplaced(places=command.places, by=command.by, **basis)
        if refusal := objection(known, event):
            raise refusal
        return Ruling((event,))
    _require_wholes(known, command)
    events: list[PlaceIdentified] = []
    for stated in command.places:
        place = _with_former_names(stated, known.places.get(stated.code))
        if known.places.get(place.code) != place:
            identified = PlaceIdentified(place=place, **basis)
            known = evolve(known, identified)
            events.append(identified)
    return Ruling(tuple(events))


def _require_wholes(known: Gazetteer, command: IdentifyPlaces) -> None:
    """Raise `UnknownPlace` for a place that is part of, or in, a place of an unknown code."""
    there = {*known.places, *(place.code for place in command.places)}
    for place in command.places:
        for whole in (place.part_of, place.region):
            if whole and re.match(PLACE_CODE, whole) and whole not in there:
                raise UnknownPlace(place=whole)


def objection(known: Gazetteer, event: PlaceEvent) -> Refusal | None:
    """Return why places cannot end so; a place may be identified whenever the papers name it."""
    if isinstance(event, PlaceIdentified):
        return None
    for code in (*event.places, *event.by):
        if code not in known.places:
            return UnknownPlace(place=code, near=())
    for code in event.places:
        if code in known.successors:
            return PlaceNoMore(place=code, successors=known.now(code))
    return next((ReplacedByItself(place=code) for code in event.places if code in event.by), None)


def _with_former_names(place: Place, known: Place | None) -> Place:
    names = (known.name, *known.other_names) if known else ()
    former = tuple(n for n in names if folded(n) != folded(place.name))
    led = {folded(name) for name in (place.name, *former)}
    further = tuple(n for n in place.other_names if folded(n) not in led)
    region = place.region or (known.region if known else None)
    part_of = place.part_of or (known.part_of if known else None)
    return place.model_copy(
        update={"other_names": (*former, *further), "region": region, "part_of": part_of}
    )


def evolve(known: Gazetteer, event: PlaceEvent) -> Gazetteer:
    """Return the list of places after one more event: a place keeps every name that it had."""
    if isinstance(event, PlacesReplaced):
        gone = {code: by for code, by in known.successors.items() if code not in event.by}
        ended = dict.fromkeys(event.places, event.by)
        return replace(known, successors={**gone, **ended})
    place = _with_former_names(event.place, known.places.get(event.place.code))
    names = dict(known.names)
    for name in dict.fromkeys(folded(name) for name in (place.name, *place.other_names)):
        led = names.get(name, ())
        names[name] = led if place.code in led else (*led, place.code)
    called = dict.fromkeys((*known.countries.get(place.country, ()), place.country_name))
    were = dict.fromkeys((*known.countries_of.get(place.code, ()), place.country))
    had = known.former.get(place.code, frozenset())
    if before := known.places.get(place.code):
        had = (had | {folded(before.name)}) - {folded(place.name)}
    return replace(
        known,
        places={**known.places, place.code: place},
        names=names,
        countries={**known.countries, place.country: tuple(called)},
        countries_of={**known.countries_of, place.code: tuple(were)},
        former={**known.former, place.code: had} if had else known.former,
        parts_of=_with_whole(known.parts_of, place.code, place.part_of),
        regions_of=_with_whole(known.regions_of, place.code, place.region),
    )


def _with_whole(
    wholes: Mapping[str, tuple[str, ...]], code: str, whole: str | None
) -> Mapping[str, tuple[str, ...]]:
    had = wholes.get(code, ())
    return wholes if whole is None or whole in had else {**wholes, code: (*had, whole)}


def _ground(known: Gazetteer, event: PlaceEvent) -> str:
    """Return how the places that an act is about were called before it."""
    codes = (event.place.code,) if isinstance(event, PlaceIdentified) else event.places
    return "; ".join(known.places[code].name for code in codes if code in known.places)


TIMELINE: Timeline[Gazetteer, PlaceEvent] = Timeline(
    rule="C5",
    nothing=Gazetteer(),
    evolve=evolve,
    objection=objection,
    ground=_ground,
    begins=(PlaceIdentified,),
    subject=lambda e: e.place.code if isinstance(e, PlaceIdentified) else "+".join(e.places),
)
"""How the acts on places follow one another."""


def places_as_of(entries: Iterable[Recorded[PlaceEvent]], day: date) -> Gazetteer:
    """Return every place as it is called on a day; before it is first identified, as it was then.

    `entries` are those that stand, in order. A name leads to its place whenever it had it; to one
    that is yet to come about, it leads where no other place has it.
    """
    entries = tuple(entries)
    first: dict[str, int] = {}
    for entry in entries:
        if isinstance(entry.event, PlaceIdentified):
            first.setdefault(entry.event.place.code, entry.version)
    firsts = set(first.values())
    latest = boundaries(entry.event.effective_from for entry in entries)
    holding = (
        entry
        for entry, (_, last) in zip(entries, latest, strict=True)
        if last <= day or entry.version in firsts
    )
    then = fold(evolve, Gazetteer(), holding)
    ever = fold(evolve, Gazetteer(), entries)
    coming = {c for e in _coming(entries, day) for c in e.by} - _identified(entries, day)
    names = {
        name: tuple(code for code in codes if code not in coming) or codes
        for name, codes in ever.names.items()
    }
    return replace(then, names=names, countries=ever.countries).with_wholes_named()


def _coming(entries: Iterable[Recorded[PlaceEvent]], day: date) -> Iterator[PlacesReplaced]:
    for entry in entries:
        if isinstance(entry.event, PlacesReplaced) and entry.event.effective_from.last > day:
            yield entry.event


def _identified(entries: Iterable[Recorded[PlaceEvent]], day: date) -> set[str]:
    return {
        entry.event.place.code
        for entry in entries
        if isinstance(entry.event, PlaceIdentified) and entry.event.effective_from.last <= day
    }
