"""The policy as adopted in 2001, by its terms, and the cities and missions that tests speak of."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.council.bodies import Body, Charter
from domain.council.persons import ACCOMPANYING, LEAD, OfficeHolder, Traveller
from domain.missions.budget import Budget
from domain.missions.outline import CityStanding, Direction, MissionOutline
from domain.places import Place
from domain.shared.dates import When
from domain.shared.findings import Ground
from domain.shared.messages import Basis, DecisionRef, ProvisionRef
from domain.shared.provisions import PolicyInForce, ProvisionDraft, ProvisionInForce, TermValue

CHARTER = Charter(
    edition="a-city",
    bodies=(
        Body(id="city-council", name="City Council"),
        Body(id="committee", name="Committee"),
        Body(id="mayor", name="Mayor"),
    ),
    residual_authority="city-council",
)
CATEGORIES = (
    "planning",
    "travel",
    "accommodation",
    "meals",
    "business seminars and meetings",
    "gifts",
    "official receptions",
    "follow-up",
)
GOALS = (
    "economic development",
    "cultural development",
    "tourism development",
    "cross-cultural community development",
)
CORE_CRITERIA = ("goals", "mutual benefit", "support", "geography", "cumulative cost")
LETTERS = "acknowledgement letters every year"

ADOPTED: dict[str, dict[str, TermValue]] = {
    "categories": {
        "category.international.name": "International",
        "category.international.order": 1,
        "category.international.implies": ("work plan", "turns"),
        "category.historical.name": "Historical",
        "category.historical.order": 2,
    },
    "goals": {"goals": GOALS, "mission.priority.goals": 4},
    "funding/1": {"funding.designated-cities": 26},
    "funding/2": {
        "funding.contributors": (
            "business community",
            "local communities",
            "Canadian government",
        )
    },
    "funding/3": {"budget.categories": CATEGORIES},
    "planning/1(i)": {
        "plan.inbound-visits.least": 6,
        "plan.inbound-visits.most": 10,
        "plan.inbound-visits.states": ("cities", "timing"),
    },
    "planning/1(ii)": {
        "plan.outbound-missions.least": 2,
        "plan.outbound-missions.most": 3,
        "plan.outbound-missions.states": ("rationale", "goals", "timing", "budget"),
    },
    "planning/2": {"mission.closing-documents": ("summary report", "action plan")},
    "planning/3": {
        "mission.cities.least": 2,
        "mission.gateways": ("London", "Tokyo", "Hong Kong", "Beijing"),
    },
    "planning/4": {
        "plan.approver": "mayor",
        "plan.submitted-to": "economic-development-and-parks-committee",
    },
    "new-alliances": {
        "agreement.approver": "city-council",
        "agreement.requires": ("positive business case", "Council approval"),
        "formal-link.not-needed-for": ("dialogue", "missions", "business exchanges"),
    },
    "outbound/1": {
        "delegation.lead": ("Mayor", "Mayor's designate"),
        "delegation.lead.designate-of": ("Mayor",),
        "delegation.councillors": 2,
        "delegation.councillors.seat": "councillor",
        "delegation.senior-staff": 2,
        "delegation.senior-staff.seat": "senior staff",
    },
    "outbound/2": {"delegation.approver": "city-council"},
    "inbound/1": {
        "inbound.host": "Mayor's designate",
        "inbound.welcome": ("Mayor", "Deputy Mayor"),
    },
    "inbound/2": {
        "inbound.visits.least": 6,
        "inbound.visits.most": 10,
        "inbound.per-city-and-term": 1,
        "inbound.other-city.requires": ("plan stage", "strong economic benefit"),
    },
    "programming": {
        "programming.outbound.international": ("overseas missions in rotation",),
        "programming.outbound.historical": (),
        "programming.outbound.targeted": ("with missions to international partners",),
        "programming.inbound.international": ("as resources permit",),
        "programming.inbound.historical": (),
        "programming.inbound.targeted": (),
        "programming.marketing.international": (LETTERS, "direct mail"),
        "programming.marketing.historical": (LETTERS, "consular events", "replies to groups"),
        "programming.marketing.targeted": ("consular events", "direct mail"),
        "programming.marketing.yearly": (LETTERS,),
        "programming.joint-initiatives.international": ("best practices",),
        "programming.joint-initiatives.historical": (),
        "programming.joint-initiatives.targeted": ("benchmarking",),
        "mission.rotation": "geographic region",
        "mission.yearly-to": ("U.S.A.",),
    },
    "procedures/5": {
        "request.arrangements": ("technical exchange", "project", "longer-term partnership"),
        "request.formal-arrangements": ("longer-term partnership",),
        "request.report-months": 6,
        "request.reported-to": "economic-development-and-parks-committee",
        "request.core-criteria": CORE_CRITERIA,
        "request.steps": (
            *("received", "group consulted", "arrangement advised", "assessed", "reported"),
        ),
        "relationship-change.follows": "Attachment 5",
    },
    "annual-report": {"annual-report.covers": ("targeted", "new")},
}

ON = When.parse("2002-03-01")


def ref(address: str, version: int = 1) -> ProvisionRef:
    return ProvisionRef(address=address, version=version)


def policy(
    *, amended: dict[str, dict[str, TermValue]] | None = None, without: tuple[str, ...] = ()
) -> PolicyInForce:
    """The adopted provisions; those `amended` have version 2, those `without` are not in force."""
    changes = amended or {}
    provisions = {
        address: ProvisionInForce(
            ref=ref(address, 2 if address in changes else 1),
            draft=ProvisionDraft(
                address=address,
                heading=address,
                text="As adopted.",
                terms=changes.get(address, own),
            ),
            effective_from=When.parse("2001-12-04/2001-12-06"),
            authority=DecisionRef(matter="2001-12-4", decision="adoption", body="city-council"),
        )
        for address, own in {**ADOPTED, **changes}.items()
        if address not in without
    }
    return PolicyInForce(on=date(2002, 3, 1), provisions=provisions)


def ground(
    *,
    amended: dict[str, dict[str, TermValue]] | None = None,
    without: tuple[str, ...] = (),
    notwithstanding: tuple[str, ...] = (),
) -> Ground:
    return Ground(policy(amended=amended, without=without), frozenset(notwithstanding))


NO_POLICY = Ground(PolicyInForce(on=date(2001, 11, 1)))


def basis(on: str | When = ON, authority: DecisionRef | None = None) -> Basis:
    when = When.parse(on) if isinstance(on, str) else on
    return {
        "decided_on": when,
        "effective_from": when,
        "by_convention": True,
        "authority": authority,
        "cites": (),
    }


def decision(body: str = "city-council") -> DecisionRef:
    return DecisionRef(matter="2002-02-1", decision="adopted", body=body)


def place(code: str, name: str, country_name: str, region: str | None = None) -> Place:
    return Place(code=code, name=name, country=code[:2], country_name=country_name, region=region)


def partner(place: Place, classification: str | None = "International") -> CityStanding:
    category = classification.casefold() if classification else None
    return CityStanding(place=place, partner=True, classification=classification, category=category)


CHICAGO = partner(place("US-CHICAGO", "Chicago", "U.S.A.", "North America"))
FRANKFURT = partner(place("DE-FRANKFURT", "Frankfurt", "Germany", "Europe"))
AMSTERDAM = partner(place("NL-AMSTERDAM", "Amsterdam", "Netherlands", "Europe"))
SAGAMIHARA = partner(place("JP-SAGAMIHARA", "Sagamihara", "Japan", "Asia"))
KIEV = partner(place("UA-KIEV", "Kiev", "Ukraine", "Europe"), "Historical")
WUXI = partner(place("CN-WUXI", "Wuxi", "China", "Asia"), "Historical")
LONDON = CityStanding(place=place("GB-LONDON", "London", "U.K.", "Europe"), targeted=True)
MILAN = CityStanding(place=place("IT-MILAN", "Milan", "Italy", "Europe"), targeted=True)
RIGA = CityStanding(place=place("LV-RIGA", "Riga", "Latvia", "Europe"))


def budget(**cents: int) -> Budget:
    return Budget(currency="CAD", cents={**dict.fromkeys(CATEGORIES, 0), **cents})


def outbound(mission: str = "spring", *stops: CityStanding, **fields: Any) -> MissionOutline:
    values: dict[str, Any] = {
        "mission": mission,
        "direction": Direction.OUTBOUND,
        "year": 2002,
        "stops": stops or (FRANKFURT, AMSTERDAM),
        "timing": When.parse("2002-05"),
        "rationale": "trade fairs of two partners",
        "goals": GOALS,
        "budget": budget(travel=1_200_000, meals=80_000),
        **fields,
    }
    return MissionOutline(**values)


def inbound(mission: str = "visit", *stops: CityStanding, **fields: Any) -> MissionOutline:
    values: dict[str, Any] = {
        "mission": mission,
        "direction": Direction.INBOUND,
        "year": 2002,
        "stops": stops or (CHICAGO,),
        "timing": When.parse("2002-06"),
        "goals": GOALS,
        **fields,
    }
    return MissionOutline(**values)


def holder(name: str, office: str) -> OfficeHolder:
    return OfficeHolder(name=name, office=office)


MAYOR = Traveller(person=holder("the Mayor", "Mayor"), seat=LEAD)
COUNCILLORS = tuple(
    Traveller(person=holder(f"Councillor {n}", "Councillor"), seat="councillor") for n in "ABC"
)
STAFF = tuple(
    Traveller(person=holder(f"Director {n}", "Director"), seat="senior staff") for n in "ABC"
)
EXPORTER = Traveller(
    person=holder("an exporter", "Board of Trade"), seat=ACCOMPANYING, pays="own expense"
)
DELEGATION = (MAYOR, *COUNCILLORS[:2], *STAFF[:2], EXPORTER)
