"""What the year's work is decided on: cities as they stand, plans, missions, the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from application.handling import Work
from domain import (
    cities,
    explorations,
    missions,
    partnerships,
    plans,
    programming,
    requests,
    roster,
    terms_of_council,
)
from domain.cities import Place
from domain.dates import When
from domain.facts import TermOfCouncil
from domain.history import fold
from domain.instruments import (
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    Classification,
    ClassifyPartnership,
    EndPartnership,
    EnterPartnership,
    ExceptStop,
)
from domain.itineraries import CityStanding, MissionOutline
from domain.kernel import Basis, Finding, Ruling, StreamId
from domain.missions import Facts, Mission
from domain.plans import Plan
from domain.programming import ProgrammeYear
from domain.requests import Request
from domain.rules import Ground
from domain.turns import Visit, YearFacts

ROSTER = StreamId("roster")

LONGEST_TERM = 5
"""How many years of plans are read beyond a term whose end is not recorded."""

YearInstrument = ApproveDelegation | ExceptStop | ApprovePlan | ApproveAgreement


def mission_stream(mission: str) -> StreamId:
    """The stream of a mission."""
    return StreamId(f"mission/{mission}")


def plan_stream(year: int) -> StreamId:
    """The stream of a year's plan: all that takes or frees a place in it is written here."""
    return StreamId(f"plan/{year}")


def request_stream(request: str) -> StreamId:
    """The stream of a request."""
    return StreamId(f"request/{request}")


def year_stream(year: int) -> StreamId:
    """The stream of what was done and reported in a year."""
    return StreamId(f"year/{year}")


def mission_of(work: Work, mission: str) -> Mission:
    """A mission with all that stands of it."""
    return fold(missions.evolve, Mission(), work.read(mission_stream(mission)).as_recorded())


def plan_of(work: Work, year: int, on: When | None = None) -> Plan:
    """A year's plan with all that stands of it, or with what surely holds on a day.

    An act is judged on all of it, since it takes its place after every step that is recorded; a
    question about a day, and what another year's plan says to an act, are answered for the day.
    """
    entries = work.read(plan_stream(year)).as_recorded(on.last if on else None)
    return fold(plans.evolve, Plan(), entries)


def request_of(work: Work, request: str) -> Request:
    """A request with all that stands of it."""
    return fold(requests.evolve, Request(), work.read(request_stream(request)).as_recorded())


def year_of(work: Work, year: int) -> ProgrammeYear:
    """What was done and reported in a year."""
    history = work.read(year_stream(year))
    return fold(programming.evolve, ProgrammeYear(), history.standing())


def terms_of(work: Work) -> tuple[TermOfCouncil, ...]:
    """Every term of Council that is recorded."""
    history = work.read(terms_of_council.STREAM)
    return fold(terms_of_council.evolve, terms_of_council.Terms(), history.standing()).terms


def standing_of(work: Work, city: str, on: When) -> CityStanding:
    """What a place, by code or any name, surely is to the city on a day."""
    return _standing(work, work.places().find(city), on)


def every_standing(work: Work, on: When) -> tuple[CityStanding, ...]:
    """Every place known, as it surely stands on a day."""
    places = tuple(work.places().places.values())
    work.fetch(*(partnerships.stream_of(place.code) for place in places))
    return tuple(_standing(work, place, on) for place in places)


def _standing(work: Work, place: Place, on: When) -> CityStanding:
    holding = work.read(partnerships.stream_of(place.code)).on(on.last)
    state = fold(partnerships.evolve, partnerships.Relationship(), holding)
    return CityStanding(
        place=place,
        partner=state.established is not None,
        classification=state.classification,
        targeted=state.targeted,
    )


def year_facts(work: Work, year: int, on: When, outline: MissionOutline | None) -> YearFacts:
    """What a plan knows of the rest: the plan of the year before as it stands on the day.

    All visits of a term are listed in the plans of its years, so reading these guards the count:
    whoever lists another visit in the same term, in whatever year, decides again.
    """
    international = tuple(
        s.place
        for s in every_standing(work, on)
        if s.classification is Classification.INTERNATIONAL
    )
    if outline is None or not outline.counted_visit or outline.timing is None:
        before = plan_of(work, year - 1, on)
        return YearFacts(international=international, last_year=before.missions)
    timing = outline.timing
    terms = tuple(term for term in terms_of(work) if term.touches(timing))
    years = sorted({y for term in terms for y in _years(term, year)})
    work.fetch(*(plan_stream(y) for y in years))
    visits = tuple(
        Visit(listed.mission, stop.place.code, listed.timing)
        for y in years
        for listed in plan_of(work, y).visits
        if listed.timing and listed.mission != outline.mission
        for stop in listed.stops
    )
    return YearFacts(terms=terms, visits=visits, international=international)


def _years(term: TermOfCouncil, year: int) -> range:
    """The years whose plans may list a visit of the term; nobody plans further ahead than one."""
    last = term.ends.last.year if term.ends else year + LONGEST_TERM
    return range(term.begins.first.year, max(last, year) + 1)


def expected_in_report(work: Work, year: int, on: When) -> tuple[str, ...]:
    """The targeted and new relationships whose status a year's report gives (rule R1).

    New are partnerships that may have been established in the year, and in development what is
    being explored. A city that is both targeted and explored is one relationship.
    """
    names: list[str] = []
    for standing in every_standing(work, on):
        entries = work.read(partnerships.stream_of(standing.place.code)).standing()
        formed = any(
            isinstance(e.event, partnerships.PartnershipFormed)
            and e.event.established.first.year <= year <= e.event.established.last.year
            for e in entries
        )
        if standing.targeted or formed:
            names.append(standing.name)
    covered = {cities.folded(name) for name in names}
    names += [name for name in _explored(work, on) if cities.folded(name) not in covered]
    return tuple(names)


def _explored(work: Work, on: When) -> Iterator[str]:
    """Names of the explorations that are surely open on a day."""
    streams = work.streams("exploration")
    work.fetch(*streams)
    for stream in streams:
        holding = work.read(stream).on(on.last)
        state = fold(explorations.evolve, explorations.Exploration(), holding)
        if state.open_as:
            yield state.open_as


def ground(work: Work, on: When, notwithstanding: frozenset[str] = frozenset()) -> Ground:
    """The policy surely in force on a day, and the provisions that a decision sets aside."""
    return Ground(work.policy(on.last), notwithstanding)


def rule(
    work: Work, act: YearInstrument, basis: Basis, notwithstanding: frozenset[str]
) -> tuple[StreamId, Ruling]:
    """What an adopted instrument comes to in the year's work."""
    judged = ground(work, basis["decided_on"], notwithstanding)
    body = basis["authority"].body if basis["authority"] else ""
    match act:
        case ApproveDelegation():
            charter = work.charter(basis["decided_on"].last)
            facts = Facts(judged, residual=charter.residual_authority if charter else "")
            ruling = missions.approve_delegation(
                mission_of(work, act.mission), act, facts, body, basis
            )
            return mission_stream(act.mission), ruling
        case ExceptStop():
            city = work.places().find(act.city).code
            ruling = missions.except_stop(mission_of(work, act.mission), act, city, basis)
            return mission_stream(act.mission), ruling
        case ApprovePlan(year=year):
            return plan_stream(year), plans.approve(plan_of(work, year), act, judged, body, basis)
        case ApproveAgreement(request=request):
            ruling = requests.approve_agreement(request_of(work, request), act, judged, body, basis)
            return request_stream(request), ruling


def tiers_of(work: Work, codes: Iterable[str]) -> dict[str, str | None]:
    """The tier of each place in the edition of the study that was cited last, by name."""
    cited = fold(roster.evolve, roster.Roster(), work.read(ROSTER).standing())
    found: dict[str, str | None] = {}
    for place in (work.places().find(code) for code in codes):
        names = {cities.folded(name) for name in (place.name, *place.other_names)}
        found[place.name] = next(
            (
                tier.value
                for edition in reversed(cited.editions.values())
                for tier, named in edition.tiers.items()
                if names & {cities.folded(city) for city in named}
            ),
            None,
        )
    return found


def findings_on(
    work: Work,
    act: partnerships.PartnershipInstrument,
    place: Place,
    basis: Basis,
    notwithstanding: frozenset[str],
) -> tuple[Finding, ...]:
    """Rules N4 and N5 on a decision that enters a partnership, or changes one."""
    judged = ground(work, basis["decided_on"], notwithstanding)
    match act:
        case EnterPartnership(request=request):
            state = request_of(work, request) if request else Request()
            return requests.may_enter(state, act, place, judged)
        case ClassifyPartnership(request=request) | EndPartnership(request=request):
            standing = _standing(work, place, basis["effective_from"])
            if standing.classification is None:
                return ()
            state = request_of(work, request) if request else Request()
            return requests.procedure_followed(state, request, place, judged)
        case _:
            return ()
