"""A register as a year's work begins: the policy with small figures, partners, a plan begun."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from application.command_bus import CommandBus, Envelope
from application.handlers.table import HANDLERS
from domain.council.bodies import Body, Charter, RecordCharter
from domain.council.terms import RecordTermOfCouncil
from domain.instruments import (
    AdoptProvision,
    ClassifyPartnership,
    EnterPartnership,
    Instrument,
    TargetCity,
)
from domain.places import IdentifyPlaces, Place
from domain.proceedings.decisions import Decide, DecisionKind
from domain.proceedings.matter import OpenMatter
from domain.programme.messages import DraftPlan
from domain.shared.dates import When
from domain.shared.messages import Command
from domain.shared.provisions import ProvisionDraft, TermValue
from tests.support.memory_log import MemoryLog, PlainKeys
from tests.support.programme import ADOPTED

FIRST = date(2002, 1, 1)
COUNCIL = "city-council"
COMMITTEE = "economic-development-and-parks-committee"
BODIES = (COUNCIL, COMMITTEE, "mayor")
PLACES = {
    name: Place(code=code, name=name, country=code[:2], country_name=country, region=region)
    for name, code, country, region in (
        ("Chicago", "US-CHICAGO", "U.S.A.", "North America"),
        ("Frankfurt", "DE-FRANKFURT", "Germany", "Europe"),
        ("Sagamihara", "JP-SAGAMIHARA", "Japan", "Asia"),
        ("Wuxi", "CN-WUXI", "China", "Asia"),
        ("Kiev", "UA-KIEV", "Ukraine", "Europe"),
        ("London", "GB-LONDON", "U.K.", "Europe"),
        ("Riga", "LV-RIGA", "Latvia", "Europe"),
        ("Oslo", "NO-OSLO", "Norway", "Europe"),
    )
}
INTERNATIONAL = ("Chicago", "Frankfurt", "Sagamihara")
HISTORICAL = ("Wuxi", "Kiev")
SMALL: dict[str, dict[str, TermValue]] = {
    **ADOPTED,
    "planning/1(i)": {
        **ADOPTED["planning/1(i)"],
        "plan.inbound-visits.least": 1,
        "plan.inbound-visits.most": 3,
    },
    "planning/1(ii)": {
        **ADOPTED["planning/1(ii)"],
        "plan.outbound-missions.least": 1,
        "plan.outbound-missions.most": 2,
    },
    "inbound/2": {
        **ADOPTED["inbound/2"],
        "inbound.visits.least": 1,
        "inbound.visits.most": 2,
    },
}


def adopting(matter: str, body: str, on: When, *acts: Instrument) -> tuple[Command, Command]:
    """Open a matter and adopt these instruments in it."""
    return (
        OpenMatter(on=on, matter=matter, title=matter),
        Decide(
            on=on,
            matter=matter,
            decision="adopts",
            body=body,
            kind=DecisionKind.ADOPT,
            summary="Adopted.",
            instruments=acts,
        ),
    )


def envelopes_for(name: str, commands: tuple[Command, ...]) -> list[Envelope]:
    return [Envelope(f"{name}/{c.KIND}/{c.item}", c, "a clerk") for c in commands]


@cache
def founded() -> MemoryLog:
    """Copy the rows before you write."""
    on = When.day(FIRST - timedelta(days=1))
    log = MemoryLog()
    acts: list[Instrument] = []
    for name in (*INTERNATIONAL, *HISTORICAL):
        kind = "International" if name in INTERNATIONAL else "Historical"
        code = PLACES[name].code
        entered = EnterPartnership(city=code, established=When.parse("1991"), description="Twin")
        acts += [entered, ClassifyPartnership(city=code, classification=kind)]
    acts.append(TargetCity(city=PLACES["London"].code))
    acts += [
        AdoptProvision(
            draft=ProvisionDraft(address=address, heading=address, text="So.", terms=terms)
        )
        for address, terms in SMALL.items()
    ]
    charter = Charter(
        edition="1",
        bodies=tuple(Body(id=body, name=body) for body in BODIES),
        residual_authority=COUNCIL,
    )
    CommandBus(log, PlainKeys(), HANDLERS).handle(
        *envelopes_for(
            "founding",
            (
                RecordCharter(on=on, charter=charter),
                IdentifyPlaces(on=on, places=tuple(PLACES.values())),
                *adopting("founding", COUNCIL, on, *acts),
                RecordTermOfCouncil(
                    on=on,
                    term="2000-2003",
                    begins=When.parse("2000-12-01"),
                    ends=When.parse("2003-11-30"),
                ),
                DraftPlan(on=on, year=2002),
            ),
        )
    )
    return log
