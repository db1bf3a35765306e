"""Missions, and what the rules said to each step of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from adapters.bootstrap import Register
from adapters.queries.entries import StoryStep, story_of_stream
from adapters.queries.moment import Moment, NotYet
from adapters.queries.named.hints import telling_kinds
from adapters.queries.named.names import key_found
from adapters.queries.named.places import every_name, gazetteer, place_of
from adapters.queries.rows import DatedRow, FindingRow, Row
from domain.council.persons import OfficeHolder, Traveller
from domain.missions.mission import Step, stream_of
from domain.missions.outline import Direction
from domain.places import Gazetteer
from domain.programme import plan
from domain.shared.codes import amount_written
from domain.shared.dates import When
from projections.engine.read_model import LAST_DAY, Held
from projections.missions import MISSIONS, Mission


class MissionRow(DatedRow):
    """One mission. `cents` is its whole budget in the smallest unit, `budget` the same in words.

    `delegation` counts the travellers; `listed` says that its year's plan counts the mission.
    """

    SUBJECT: ClassVar[str] = "mission"

    mission: str
    direction: str
    year: int
    step: str
    since: When
    cities: tuple[str, ...]
    codes: tuple[str, ...]
    official: bool
    listed: bool
    timing: When | None
    goals: tuple[str, ...]
    currency: str | None
    cents: int | None
    host: str | None
    delegation: int
    documents: tuple[str, ...]
    decision: str | None
    budget: str | None
    certain: bool


class TravellerRow(Row):
    """One person on the delegation; a private person is not named."""

    name: str
    office: str | None
    seat: str
    pays: str


class ContributionRow(Row):
    """The contribution of somebody else, apart from the budget, in the smallest unit."""

    by: str
    currency: str | None
    cents: int


class WholeMission(MissionRow):
    """One mission with all that was proposed, its travellers, its steps and the findings on them.

    `costs` gives amounts in the smallest unit by category, in the mission's currency.
    """

    findings: tuple[FindingRow, ...]
    rationale: str | None
    costs: dict[str, int]
    contributions: tuple[ContributionRow, ...]
    economic_case: str | None
    one_city_because: str | None
    welcome_by: str | None
    welcome_on: str | None
    welcome_given: bool | None
    travellers: tuple[TravellerRow, ...]
    steps: tuple[StoryStep, ...]


@telling_kinds
def missions(
    register: Register,
    at: Moment,
    *,
    year: int | None = None,
    direction: Direction | None = None,
    step: Step | None = None,
    city: str | None = None,
) -> list[MissionRow]:
    """Return missions in the order of a plan: of a year, of a direction, at a step, with a city.

    Raises `NothingRecorded` for a city that nobody knows.
    """
    where = {"year": year} if year else {}
    code = None if city is None else place_of(register, city, at).code
    held = sorted(
        register.reader(MISSIONS).every(at.on, at.known, where),
        key=lambda h: (h.state.year, h.state.direction, str(h.state.timing), h.key),
    )
    names = gazetteer(register, at)
    return [
        MissionRow.of(
            h.state,
            cities=_cities(h.state, names),
            budget=_budget(h.state),
            certain=h.certain,
        )
        for h in held
        if direction in (None, h.state.direction)
        and step in (None, h.state.step)
        and (code is None or code in h.state.codes)
    ]


@telling_kinds
def mission(register: Register, name: str, at: Moment) -> list[WholeMission]:
    """Return one mission; more than one row where the record cannot tell its step.

    Raises `NothingRecorded`, with names like it.
    """
    reader = register.reader(MISSIONS)
    names = gazetteer(register, at)
    called = every_name(names)
    every = (h.state for h in reader.every(LAST_DAY, at.known))
    cities = {
        row.mission: [n for code in row.codes for n in (code, *called.get(code, ()))]
        for row in every
    }
    key = key_found("mission", name, cities)
    held = reader.every(at.on, at.known, {"mission": key})
    if not held:
        raise NotYet(mission=key, as_of=at.on.isoformat())
    steps = _steps(register, key, {h.state.year for h in held}, at)
    return [_whole(h, steps, names) for h in held]


def _steps(
    register: Register, mission: str, years: Iterable[int], at: Moment
) -> tuple[StoryStep, ...]:
    """Return the entries on a mission in order: its own, and those of the plan that lists it."""
    steps = story_of_stream(register, stream_of(mission), at)
    for year in years:
        for entry in story_of_stream(register, plan.stream_of(year), at):
            outline = entry.content.get("outline")
            of = outline.get("mission") if isinstance(outline, dict) else None
            if mission in (of, entry.content.get("mission")):
                steps.append(entry)
    return tuple(sorted(steps, key=lambda step: (step.on.first, step.position)))


def _cities(row: Mission, names: Gazetteer) -> tuple[str, ...]:
    """Return the stops as they are called on the day."""
    return tuple(names.places[code].name if code in names.places else code for code in row.codes)


def _whole(held: Held[Mission], steps: tuple[StoryStep, ...], names: Gazetteer) -> WholeMission:
    row, outline = held.state, held.state.outline
    return WholeMission.of(
        row,
        cities=_cities(row, names),
        budget=_budget(row),
        certain=held.certain,
        findings=tuple(dict.fromkeys(map(FindingRow.told, row.findings))),
        rationale=outline.rationale,
        costs=outline.budget.cents if outline.budget else {},
        contributions=tuple(ContributionRow.of(each) for each in outline.contributions),
        economic_case=outline.economic_case,
        one_city_because=outline.one_city_because,
        travellers=tuple(_traveller(each) for each in row.travellers),
        steps=steps,
    )


def _traveller(traveller: Traveller) -> TravellerRow:
    office = traveller.person.office if isinstance(traveller.person, OfficeHolder) else None
    return TravellerRow(
        name=traveller.name, office=office, seat=traveller.seat, pays=traveller.pays
    )


def money(currency: str | None, cents: int) -> str:
    """Return an amount in smallest units as people write it: `EUR 1,250.00`, `JPY 1,250`."""
    return amount_written(currency or "", cents)


def _budget(row: Mission) -> str | None:
    return money(row.currency, row.cents or 0) if row.currency else None
