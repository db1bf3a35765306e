"""Eight processes for the last place in a year's plan, and for one city's visit in a term."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from adapters.bootstrap import Register, open_register, set_up
from adapters.settings import Settings
from application.command_bus import Envelope
from domain.council.bodies import Body, Charter, RecordCharter
from domain.council.terms import RecordTermOfCouncil
from domain.instruments import (
    AdoptProvision,
    ClassifyPartnership,
    EnterPartnership,
    Instrument,
)
from domain.missions.messages import MissionPlanned, ProposeMission
from domain.missions.outline import Direction
from domain.places import IdentifyPlaces
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.programme.limits import SlotsExhausted
from domain.programme.messages import DraftPlan, ListMission, PlanEntryListed
from domain.shared.dates import When
from domain.shared.findings import Answer
from domain.shared.messages import Command, ProvisionRef
from domain.shared.provisions import ProvisionDraft
from tests.drills.small_register import settings
from tests.support.processes import FORKED
from tests.support.programme import CHICAGO, FRANKFURT

RACERS = 8
MOST = 3
DAY = When.parse("2001-12-10")


def _as_envelopes(*commands: Command) -> Sequence[Envelope]:
    return [Envelope(f"race/{c.KIND}/{c.item}", c, "a clerk") for c in commands]


def _visit(mission: str, year: int) -> ProposeMission:
    return ProposeMission(
        on=DAY,
        mission=mission,
        direction=Direction.INBOUND,
        year=year,
        cities=("Chicago",),
        timing=When.parse(f"{year}-06"),
    )


def _found(register: Register, proposals: Sequence[ProposeMission]) -> None:
    charter = Charter(
        edition="1", bodies=(Body(id="council", name="City Council"),), residual_authority="council"
    )
    limits = ProvisionDraft(
        address="inbound/2",
        heading="Visits",
        text="At most so many visits a year, one an International partner in a term.",
        terms={
            "inbound.visits.most": MOST,
            "inbound.per-city-and-term": 1,
            "category.international.name": "International",
            "category.international.order": 1,
            "category.international.implies": ("turns",),
        },
    )
    partners = (CHICAGO.place, FRANKFURT.place)
    acts: list[Instrument] = [AdoptProvision(draft=limits)]
    for place in partners:
        acts += [
            EnterPartnership(
                city=place.code, established=When.parse("1990"), description="Sister City"
            ),
            ClassifyPartnership(city=place.code, classification="International"),
        ]
    register.command_bus.handle(
        *_as_envelopes(
            RecordCharter(on=DAY, charter=charter),
            IdentifyPlaces(on=DAY, places=partners),
            OpenMatter(on=DAY, matter="founding", title="Founding"),
            Decide(
                on=DAY,
                matter="founding",
                decision="adopts",
                body="council",
                kind=DecisionKind.ADOPT,
                summary="Adopted.",
                instruments=tuple(acts),
            ),
            RecordTermOfCouncil(
                on=DAY,
                term="2000-2003",
                begins=When.parse("2000-12-01"),
                ends=When.parse("2003-11-30"),
            ),
            *(DraftPlan(on=DAY, year=year) for year in sorted({p.year for p in proposals})),
            *proposals,
        )
    )


def _race(chosen: Settings, proposal: ProposeMission, start: Barrier, answers: object) -> None:
    listing = ListMission(on=DAY, year=proposal.year, mission=proposal.mission)
    with open_register(chosen) as register:
        start.wait()
        try:
            register.command_bus.handle(*_as_envelopes(listing))
        except SlotsExhausted as refusal:
            answers.put((refusal.rule, refusal.provision, refusal.details["listed"]))  # type: ignore[attr-defined]
        else:
            answers.put(("listed", None, None))  # type: ignore[attr-defined]


def _run(chosen: Settings, proposals: Sequence[ProposeMission]) -> Counter[tuple[object, ...]]:
    start, answers = FORKED.Barrier(len(proposals)), FORKED.Queue()
    racers = [FORKED.Process(target=_race, args=(chosen, p, start, answers)) for p in proposals]
    for racer in racers:
        racer.start()
    said: Counter[tuple[object, ...]] = Counter(
        tuple(str(part) if part else None for part in answers.get(timeout=200)) for _ in proposals
    )
    for racer in racers:
        racer.join(30)
    assert [racer.exitcode for racer in racers] == [0] * len(proposals)
    return said


@pytest.fixture(params=["sqlite", "postgresql"])
def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A fresh register on each database."""
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("fresh_postgres_url"))
    chosen = settings(url, tmp_path)
    set_up(chosen)
    return chosen


@pytest.mark.drill
@pytest.mark.timeout(300)
@pytest.mark.rule("B2")
def test_one_of_eight_gets_the_last_place_and_the_others_the_rule(chosen: Settings) -> None:
    before = [_visit(f"early-{n}", 2002) for n in range(MOST - 1)]
    racing = [_visit(f"racer-{n}", 2002) for n in range(RACERS)]
    with open_register(chosen) as register:
        _found(register, [*before, *racing])
        for proposal in before:
            register.command_bus.handle(
                *_as_envelopes(ListMission(on=DAY, year=2002, mission=proposal.mission))
            )

    said = _run(chosen, racing)

    provision = str(ProvisionRef(address="inbound/2", version=1))
    assert said == {("listed", None, None): 1, ("B2", provision, str(MOST)): RACERS - 1}
    with open_register(chosen) as register:
        entries = [e.event for e in register.log.entries()]
    assert sum(isinstance(e, PlanEntryListed) for e in entries) == MOST
    assert sum(isinstance(e, MissionPlanned) for e in entries) == MOST
    print(f"{RACERS} processes for the last of {MOST} places: {dict(said)}")


@pytest.mark.drill
@pytest.mark.timeout(300)
@pytest.mark.rule("M8")
def test_one_of_eight_gets_the_citys_visit_and_the_others_are_told(chosen: Settings) -> None:
    """In three years of one term: what is read of the other years' plans is guarded as well."""
    racing = [_visit(f"racer-{n}", 2001 + n % 3) for n in range(RACERS)]
    with open_register(chosen) as register:
        _found(register, racing)

    said = _run(chosen, racing)

    assert said == {("listed", None, None): RACERS}
    with open_register(chosen) as register:
        listed = [e.event for e in register.log.entries() if isinstance(e.event, PlanEntryListed)]
    turns = Counter(f.answer for e in listed for f in e.findings if f.rule == "M8")
    assert turns == {Answer.MET: 1, Answer.ADVISORY: RACERS - 1}
    print(f"{RACERS} processes for one city's visit in a term: {dict(turns)}")
