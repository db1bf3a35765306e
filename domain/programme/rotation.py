"""Rotation of the cities hosted in a term (rule M8) and of the regions visited (rule M6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.council.terms import TermOfCouncil
from domain.missions.outline import MissionOutline
from domain.places import Place
from domain.shared.categories import TURNS, Category, categories_of_policy
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ground, finding_of_silence
from domain.shared.text import folded


@dataclass(frozen=True, slots=True)
class Visit:
    """An official visit by a city, listed in some year's plan."""

    mission: str
    city: str
    timing: When


@dataclass(frozen=True, slots=True)
class RestOfProgramme:
    """Facts from other streams for a plan."""

    terms: tuple[TermOfCouncil, ...] = ()
    visits: tuple[Visit, ...] = ()
    taking_turns: tuple[Place, ...] = ()
    last_year: tuple[MissionOutline, ...] = ()


def turn_of_city(
    outline: MissionOutline, rest: RestOfProgramme, ground: Ground
) -> Iterator[Finding]:
    """Apply rule M8: in a category that takes turns, each has one before another has a second."""
    each = ground.count("inbound.per-city-and-term")
    if not outline.counted_visit or outline.timing is None:
        return
    if each is None:
        yield finding_of_silence("M8", "counts visits by term")
        return
    turns = tuple(c for c in categories_of_policy(ground.policy) if TURNS in c.implies)
    if not turns:
        yield finding_of_silence("M8", "says which categories take turns")
        return
    terms = tuple(t for t in rest.terms if t.touches(outline.timing))
    if not terms:
        yield Finding(
            rule="M8",
            answer=Answer.NOT_APPLICABLE,
            reason=f"no term is recorded for {outline.timing}",
            provision=each.provision,
        )
    for term in terms:
        had = tuple(v for v in rest.visits if term.touches(v.timing))
        hosted = {visit.city for visit in had}
        for stop in outline.stops:
            if stop.category not in {category.id for category in turns}:
                yield Finding(
                    rule="M8",
                    answer=Answer.NOT_APPLICABLE,
                    reason=f"{stop.name}: only {_names(turns)} partners take turns",
                    provision=each.provision,
                )
                continue
            visits = sum(visit.city == stop.place.code for visit in had)
            waiting = tuple(
                p.name
                for p in rest.taking_turns
                if p.code not in hosted and p.code != stop.place.code
            )
            again = visits >= each.value and waiting
            yield Finding(
                rule="M8",
                answer=Answer.ADVISORY if again else Answer.MET,
                reason=f"{stop.name}: visit {visits + 1} in {term.term}"
                + (f", while none yet for {', '.join(waiting)}" if again else ""),
                provision=each.provision,
            )


def rotation(
    missions: tuple[MissionOutline, ...], rest: RestOfProgramme, ground: Ground
) -> Iterator[Finding]:
    """Apply rule M6: some countries are visited every year, the others in rotation by region."""
    yearly, turns = ground.words("mission.yearly-to"), ground.words("mission.rotation")
    if yearly is None and turns is None:
        yield finding_of_silence("M6", "says in which order missions go")
    for country in yearly.value if yearly else ():
        goes = any(_in(country, s.place) for o in missions for s in o.stops)
        yield Finding(
            rule="M6",
            answer=Answer.MET if goes else Answer.ADVISORY,
            reason=f"{country}: {'a mission' if goes else 'no mission'} this year",
            provision=yearly.provision if yearly else None,
        )
    if turns is None:
        return
    every_year = yearly.value if yearly else ()
    taking_turns = tuple(
        s.place for o in missions for s in o.stops if not any(_in(c, s.place) for c in every_year)
    )
    unknown = sorted(place.name for place in taking_turns if not place.region)
    if unknown:
        yield Finding(
            rule="M6",
            answer=Answer.NOT_APPLICABLE,
            reason=f"no region is recorded for {', '.join(unknown)}",
            provision=turns.provision,
        )
    before = {s.place.region for o in rest.last_year for s in o.stops}
    now = {place.region for place in taking_turns if place.region}
    regions = {p.region for p in rest.taking_turns if not any(_in(c, p) for c in every_year)}
    again = sorted(region for region in now if region in before)
    waiting = sorted(region for region in regions - now - before if region)
    yield Finding(
        rule="M6",
        answer=Answer.ADVISORY if again and waiting else Answer.MET,
        reason=f"{', '.join(again)} again, before {', '.join(waiting)}"
        if again and waiting
        else f"regions this year: {', '.join(sorted(now)) or 'none'}",
        provision=turns.provision,
    )


def _names(of: tuple[Category, ...]) -> str:
    return " and ".join(category.name for category in of)


def _in(country: str, place: Place) -> bool:
    """True if a place lies in a country, by its code or its name."""
    return folded(country) in (folded(place.country), folded(place.country_name))
