"""States read from the log: matters, cities, plans, missions, requests, the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from application.unit_of_work import UnitOfWork
from domain.council import terms
from domain.council.terms import TermOfCouncil
from domain.missions import mission
from domain.missions.mission import Mission
from domain.missions.outline import CityStanding, MissionOutline
from domain.partnerships import exploration, partnership, study
from domain.places import Gazetteer, Place
from domain.proceedings import matter
from domain.proceedings.matter import Matter
from domain.programme import activities, plan
from domain.programme.activities import ProgrammeYear
from domain.programme.plan import Plan
from domain.programme.rotation import RestOfProgramme, Visit
from domain.requests import request
from domain.requests.request import Request
from domain.shared import categories
from domain.shared.categories import TURNS, Category
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ground
from domain.shared.history import fold
from domain.shared.text import folded


def matter_of(work: UnitOfWork, name: str) -> Matter:
    """Return a matter with all that stands of it."""
    return work.state(matter.stream_of(name), matter.evolve, Matter())


LONGEST_TERM = 5
"""How many years of plans are read beyond a term whose end is not recorded."""


def mission_of(work: UnitOfWork, name: str) -> Mission:
    """Return a mission with all that stands of it."""
    return work.state(mission.stream_of(name), mission.evolve, Mission())


def plan_of(work: UnitOfWork, year: int, on: When | None = None) -> Plan:
    """Return a year's plan with all that stands of it, or with what surely holds on a day.

    An act is judged on all of it, since it takes its place after every step that is recorded; a
    question about a day, and what another year's plan says to an act, are answered for the day.
    """
    stream = plan.stream_of(year)
    if on is None:
        return work.state(stream, plan.evolve, Plan())
    return fold(plan.evolve, Plan(), work.read(stream).as_recorded(on.last))


def request_of(work: UnitOfWork, name: str) -> Request:
    """Return a request with all that stands of it."""
    return work.state(request.stream_of(name), request.evolve, Request())


def year_of(work: UnitOfWork, year: int) -> ProgrammeYear:
    """Return the activities and reports of a year."""
    return work.state_on(activities.stream_of(year), date.max, activities.evolve, ProgrammeYear())


def terms_of(work: UnitOfWork) -> tuple[TermOfCouncil, ...]:
    """Return every term of the council that is recorded."""
    return work.state_on(terms.STREAM, date.max, terms.evolve, terms.Terms()).terms


def relationship_of(work: UnitOfWork, city: str, on: When) -> CityStanding:
    """Return the relationship that a place, by code or any name, surely has on a day."""
    return relationship_at(work, work.places(on.last).find(city), on)


def every_relationship(work: UnitOfWork, on: When) -> tuple[CityStanding, ...]:
    """Return every place known, as it surely stands on a day."""
    places = tuple(work.places(on.last).places.values())
    work.fetch(*(partnership.stream_of(place.code) for place in places))
    known = categories.categories_of_policy(work.policy(on.last))
    return tuple(_standing(work, place, on, known) for place in places)


def relationship_at(work: UnitOfWork, place: Place, on: When) -> CityStanding:
    """Return a place's relationship that surely holds on a day, in a category in force then."""
    return _standing(work, place, on, categories.categories_of_policy(work.policy(on.last)))


def _standing(work: UnitOfWork, place: Place, on: When, known: Sequence[Category]) -> CityStanding:
    stream = partnership.stream_of(place.code)
    state = work.state_on(stream, on.last, partnership.evolve, partnership.Relationship())
    name = state.classification
    found = categories.standing_in(known, state.category, name) if name else None
    return CityStanding(
        place=place,
        partner=state.established is not None,
        classification=found.name if found else None,
        category=found.id if found else None,
        former_category=None if found else name,
        targeted=state.targeted,
    )


def territory_free(work: UnitOfWork, place: Place, on: When) -> Iterator[Finding]:
    """Apply rule C5 to a place that ended by a day, and to partners whose territory it has."""
    known = work.places(on.last)
    if place.code in known.successors:
        heirs = " and ".join(known.places[code].name for code in known.now(place.code))
        yield _located(
            f"{place.name} no longer exists on {on.last}: its territory is that of {heirs}"
        )
    for code in known.before(place.code):
        standing = relationship_at(work, known.places[code], on)
        if standing.partner:
            yield _located(
                f"the partnership with {standing.name} stands, whose territory is {place.name}'s"
            )


def _located(reason: str) -> Finding:
    return Finding(rule="C5", answer=Answer.ADVISORY, reason=reason)


def read_rest_of_programme(
    work: UnitOfWork, year: int, on: When, outline: MissionOutline | None
) -> RestOfProgramme:
    """Return facts from other streams for a plan, as they stand on the day.

    All visits of a term are listed in the plans of its years, so reading these guards the count:
    whoever lists another visit in the same term, in whatever year, decides again.
    """
    known = categories.categories_of_policy(work.policy(on.last))
    turns = {category.id for category in known if TURNS in category.implies}
    taking = tuple(s.place for s in every_relationship(work, on) if s.category in turns)
    if outline is None or not outline.counted_visit or outline.timing is None:
        before = plan_of(work, year - 1, on)
        last_year = _as_called(before.missions, work.places(on.last))
        return RestOfProgramme(taking_turns=taking, last_year=last_year)
    timing = outline.timing
    touched = tuple(term for term in terms_of(work) if term.touches(timing))
    years = sorted({y for term in touched for y in _years(term, year)})
    work.fetch(*(plan.stream_of(y) for y in years))
    visits = tuple(
        Visit(listed.mission, stop.place.code, listed.timing)
        for y in years
        for listed in plan_of(work, y).visits
        if listed.timing and listed.mission != outline.mission
        for stop in listed.stops
    )
    return RestOfProgramme(terms=touched, visits=visits, taking_turns=taking)


def _as_called(
    missions: tuple[MissionOutline, ...], known: Gazetteer
) -> tuple[MissionOutline, ...]:
    """Return missions with their stops as they are called, and in the regions they are in, now."""
    return tuple(
        mission.model_copy(
            update={
                "stops": tuple(
                    stop.model_copy(update={"place": known.places.get(stop.place.code, stop.place)})
                    for stop in mission.stops
                )
            }
        )
        for mission in missions
    )


def _years(term: TermOfCouncil, year: int) -> range:
    """Return the years whose plans may list a visit of the term.

    Nobody plans further ahead than one year.
    """
    last = term.ends.last.year if term.ends else year + LONGEST_TERM
    return range(term.begins.first.year, max(last, year) + 1)


def expected_in_report(work: UnitOfWork, year: int, on: When) -> tuple[str, ...]:
    """Return the targeted and new relationships whose status a year's report gives (rule R1).

    New are partnerships that may have been established in the year, and in development what is
    being explored. A city that is both targeted and explored is one relationship.
    """
    names: list[str] = []
    for standing in every_relationship(work, on):
        entries = work.read(partnership.stream_of(standing.place.code)).standing()
        formed = any(
            isinstance(e.event, partnership.PartnershipFormed)
            and e.event.established.first.year <= year <= e.event.established.last.year
            for e in entries
        )
        if standing.targeted or formed:
            names.append(standing.name)
    covered = {folded(name) for name in names}
    names += [name for name in _explored(work, on) if folded(name) not in covered]
    return tuple(names)


def _explored(work: UnitOfWork, on: When) -> Iterator[str]:
    """Yield names of the explorations that are surely open on a day."""
    streams = work.streams(exploration.STREAMS)
    work.fetch(*streams)
    for stream in streams:
        holding = work.read(stream).on(on.last)
        state = fold(exploration.evolve, exploration.Exploration(), holding)
        if state.open_as:
            yield state.open_as


def ground_on(work: UnitOfWork, on: When, notwithstanding: frozenset[str] = frozenset()) -> Ground:
    """Return the policy surely in force on a day, and the provisions that a decision sets aside."""
    charter = work.charter(on.last)
    return Ground(work.policy(on.last), notwithstanding, charter.currency if charter else None)


def tiers_of(work: UnitOfWork, codes: Iterable[str], day: date) -> dict[str, str | None]:
    """Return each place, by its name then, with its tier in the study cited last by a day."""
    cited = work.state_on(study.STREAM, day, study.evolve, study.Roster())
    found: dict[str, str | None] = {}
    for place in (work.places(day).find(code) for code in codes):
        names = {folded(name) for name in (place.name, *place.other_names)}
        found[place.name] = next(
            (
                tier
                for edition in reversed(cited.editions.values())
                for tier, named in edition.tiers.items()
                if names & {folded(city) for city in named}
            ),
            None,
        )
    return found
