"""Random commands of the year's work, and a plain model that says which rules each must meet.

The model knows figures, steps and names, and none of the domain's code. A command is refused
exactly when the model finds a rule violated, and then by one of those rules; what is accepted keeps
the findings that the model expects.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from application.corrections import HANDLERS as CORRECTIONS
from application.handling import Desk, Request, events_of
from application.proceedings import HANDLERS as PROCEEDINGS
from application.year import HANDLERS as YEAR
from domain.agreements import MakeBusinessCase, PrepareAgreement, SignAgreement
from domain.authority import Body, Charter, OfficeHolder, RecordCharter
from domain.budgets import Budget
from domain.cities import IdentifyPlaces, Place
from domain.closing import CloseMission, FileMissionDocument
from domain.corrections import CorrectRecord
from domain.dates import When
from domain.decisions import Decide, DecisionKind
from domain.delegations import Payer, Seat, Traveller
from domain.facts import ProvisionDraft, TermValue
from domain.hosting import NameHost
from domain.instruments import (
    AdoptProvision,
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    Classification,
    ClassifyPartnership,
    EnterPartnership,
    ExceptStop,
    Instrument,
    ReplaceProvision,
    TargetCity,
)
from domain.itineraries import Direction
from domain.kernel import Command, Event, Refusal, StreamId
from domain.matters import OpenMatter
from domain.missions import CancelMission, CompleteMission, MissionCancelled, StartMission
from domain.planning import AmendPlan, DraftPlan, ListMission, PlanEntryListed, SubmitPlan
from domain.procedure import (
    AdviseArrangement,
    Arrangement,
    AssessRequest,
    ConsultGroup,
    ReceiveRequest,
    ReportOnRequest,
)
from domain.programming import CarryOutActivity, GiveAnnualReport
from domain.proposals import MissionProposed, ProposeMission
from domain.terms_of_council import RecordTermOfCouncil
from tests.support.memory_log import MemoryLog, PlainKeys, Shelf
from tests.support.programme import ADOPTED, CATEGORIES, CORE_CRITERIA, GOALS, LETTERS

HANDLERS = {**PROCEEDINGS, **YEAR, **CORRECTIONS}
FIRST = date(2002, 1, 1)
COMMITTEE = "economic-development-and-parks-committee"
BODIES = ("city-council", COMMITTEE, "mayor")
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
TRAVELLED_TO = ("Chicago", "Frankfurt", "Sagamihara", "Kiev", "London", "Riga")
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
FIGURES = {
    "plan.inbound-visits.most": "planning/1(i)",
    "inbound.visits.most": "inbound/2",
    "plan.outbound-missions.most": "planning/1(ii)",
    "delegation.councillors": "outbound/1",
    "mission.cities.least": "planning/3",
}
OWED = ("summary report", "action plan")
REFUSED = frozenset(
    (
        *("N1", "N3", "N4", "B1", "B2", "B3", "B4", "B5", "B6"),
        *("M2", "M2b", "M3", "M4", "M7", "M9", "M10"),
    )
)
ADVISED = frozenset(
    ("M1", "M2b", "M3", "M5", "M6", "M8", "M9", "B2", "B3", "C6", "R1", "N2", "N5"),
)
MET = frozenset(("B6", "N2", "N6"))
RULES = REFUSED | ADVISED | MET
"""The rules of the year's work, each met here in the ways that it can answer."""

SEEN: Counter[tuple[str, str]] = Counter()
"""Rule and how it answered, over all runs."""


def adopting(matter: str, body: str, on: When, *acts: Instrument) -> tuple[Command, Command]:
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


def requests_for(name: str, commands: tuple[Command, ...]) -> list[Request]:
    return [Request(f"{name}/{c.KIND}/{c.item}", c, "a clerk") for c in commands]


@cache
def founded() -> MemoryLog:
    on = When.day(FIRST - timedelta(days=1))
    log = MemoryLog()
    partners = (*INTERNATIONAL, "Wuxi", "Kiev")
    acts: list[Instrument] = []
    for name in partners:
        kind = Classification.INTERNATIONAL if name in INTERNATIONAL else Classification.HISTORICAL
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
        residual_authority="city-council",
    )
    Desk(log, PlainKeys(), HANDLERS).handle(
        *requests_for(
            "founding",
            (
                RecordCharter(on=on, charter=charter),
                IdentifyPlaces(on=on, places=tuple(PLACES.values())),
                *adopting("founding", "city-council", on, *acts),
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


def six_months_after(day: date) -> date:
    year, month = (day.year, day.month + 6) if day.month <= 6 else (day.year + 1, day.month - 6)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


yes_or_no = st.booleans()
names = st.integers(0, 5).map(lambda n: f"m{n}")
bodies = st.sampled_from(BODIES)


def proposed(
    walk: YearsWork, *cities: str, outbound: bool, funds: int = 0, case: bool = False
) -> None:
    walk.propose(
        outbound=outbound,
        cities=list(cities),
        official=True,
        case=case,
        described=True,
        funds=funds,
        answered=True,
        goals=GOALS,
    )


def a_new_year(walk: YearsWork) -> None:
    assert not walk.missions


def a_late_report(walk: YearsWork) -> None:
    """Rule N2 on a request that is reported on seven months after its receipt."""
    walk.receive()
    walk.consult()
    walk.advise(Arrangement.PROJECT)
    walk.days += 200
    walk.report(recommends=False)
    assert walk.request["stage"] == "reported"


def an_agreement_to_sign(walk: YearsWork) -> None:
    """Rules N3 and N4 on a request that is answered in full before it is recommended."""
    walk.receive()
    walk.consult()
    walk.advise(Arrangement.PARTNERSHIP)
    for whole in (False, True):
        walk.assess(whole=whole)
        walk.report(recommends=True)
    for positive in (False, True):
        walk.business_case(positive=positive)
        walk.approve_agreement("city-council")
    walk.prepare()
    assert walk.request["stage"] == "prepared"


def funds_before_the_plan_is_approved(walk: YearsWork) -> None:
    """Rule B5 is asked when a mission to London sets out."""
    proposed(walk, "London", "Frankfurt", outbound=True, funds=100)
    for _ in range(3):
        walk.go_on("m0")
    assert walk.step_of("m0") == "delegation approved"
    walk.approve_plan("mayor")
    walk.submit_plan()
    walk.start("m0")
    walk.approve_plan(COMMITTEE)
    walk.start("m0")
    assert walk.step_of("m0") == "under way"


def a_visit_to_be_closed(walk: YearsWork) -> None:
    """Rules M7 and M9 on a visit that starts, ends and is closed before it may be."""
    proposed(walk, "Frankfurt", outbound=False)
    walk.list_mission("m0")
    walk.start("m0")
    walk.go_on("m0")
    walk.start("m0")
    walk.complete("m0", welcomed=False)
    walk.complete("m0", welcomed=True)
    walk.close("m0")
    assert walk.step_of("m0") == "completed"


def one_paper_for_both(walk: YearsWork) -> None:
    """Rule M9 where a paper that nobody asked for is filed, and another as all that is owed."""
    a_visit_to_be_closed(walk)
    walk.file("m0", "photographs", "one")
    for kind in OWED:
        walk.file("m0", kind, "one")
    walk.close("m0")
    assert walk.step_of("m0") == "closed"


def strangers_hosted(walk: YearsWork) -> None:
    """Rules B6 and M2b on visits from Riga: without a case, at plan stage, and one too late."""
    for case in (False, True, True):
        proposed(walk, "Riga", outbound=False, case=case)
    walk.list_mission("m0")
    walk.approve_plan("mayor")
    walk.submit_plan()
    walk.list_mission("m1")
    assert walk.listed == ["m0"]


def more_than_the_limits(walk: YearsWork) -> None:
    """Three journeys and three visits, one too many of each (rules B2, B3 and M8)."""
    for number in range(6):
        proposed(walk, "Chicago", outbound=number < 3)
        walk.list_mission(f"m{number}")
    assert walk.listed == ["m0", "m1", "m3", "m4"]


def a_plan_approved(walk: YearsWork) -> None:
    """Missions to partners and to others, in a plan that the Mayor and the Committee approved."""
    proposed(walk, "Chicago", "Frankfurt", outbound=True)
    proposed(walk, "Sagamihara", outbound=False)
    proposed(walk, "London", outbound=False, case=True, funds=100)
    for name in ("m0", "m1", "m2"):
        walk.list_mission(name)
    walk.approve_plan("mayor")
    walk.submit_plan()
    walk.approve_plan(COMMITTEE)
    assert walk.stage == "confirmed"


def places_given_back(walk: YearsWork) -> None:
    """A study group and a cancelled visit among two visits, as many as there may be (rule B2)."""
    for city in ("Frankfurt", "Frankfurt", "Chicago"):
        proposed(walk, city, outbound=False)
    walk.correct_official("m1")
    for name in ("m0", "m1", "m2"):
        walk.list_mission(name)
    walk.correct_official("m1")
    walk.cancel("m2")
    walk.correct_official("m1")
    walk.not_cancelled("m2")
    assert walk.listed == ["m0", "m1"]
    walk.cancel("m0")
    walk.not_cancelled("m2")
    walk.correct_year("m2")
    assert walk.listed == ["m1", "m2"]


WALKS = (
    a_new_year,
    a_late_report,
    an_agreement_to_sign,
    funds_before_the_plan_is_approved,
    a_visit_to_be_closed,
    one_paper_for_both,
    strangers_hosted,
    more_than_the_limits,
    a_plan_approved,
    places_given_back,
)
"""Ways that random walks seldom take by themselves: each of these they set out from."""


class YearsWork(RuleBasedStateMachine):
    """One year of one register, beside what a clerk would keep on a sheet of paper."""

    def __init__(self) -> None:
        super().__init__()
        log = MemoryLog(shelf=Shelf(rows=list(founded().shelf.rows)))
        self.desk = Desk(log, PlainKeys(), HANDLERS)
        self.days = 0
        self.asked = 0
        self.stage = "draft"
        self.missions: dict[str, dict[str, Any]] = {}
        self.listed: list[str] = []
        self.listings: dict[str, dict[str, Any]] = {}
        self.excepted: set[str] = set()
        self.request: dict[str, Any] = {}
        self.oslo = False
        self.wuxi_international = False
        self.done: set[str] = set()
        self.figures = {term: int(str(SMALL[at][term])) for term, at in FIGURES.items()}
        self.approver = "city-council"

    @property
    def on(self) -> When:
        return When.day(FIRST + timedelta(days=self.days))

    def ask(self, violated: set[str], *commands: Command) -> list[Event]:
        """Refused by one of these rules, or accepted if there is none."""
        self.asked += 1
        self.days += 1
        try:
            outcomes = self.desk.handle(*requests_for(f"a{self.asked}", commands))
        except Refusal as refusal:
            said, outcomes = refusal.rule, ()
        else:
            said = "none"
        assert said in (violated or {"none"}), (said, violated, commands)
        SEEN[said, "refused"] += 1
        return [event for outcome in outcomes for event in events_of(outcome)]

    def found(self, events: list[Event], rule_id: str, *answers: str) -> None:
        """These are the answers of a rule, on all events together."""
        given = [
            f.answer.value
            for event in events
            if not event.TOPIC.startswith("decision-taken")
            for f in getattr(event, "findings", ())
            if f.rule == rule_id
        ]
        assert given == list(answers), (rule_id, given, answers)
        SEEN.update((rule_id, answer) for answer in answers)

    def decide(self, violated: set[str], body: str, *acts: Instrument) -> list[Event]:
        return self.ask(violated, *adopting(f"matter-{self.asked}", body, self.on, *acts))

    @initialize(walk=st.sampled_from(WALKS))
    def begin(self, walk: Callable[[YearsWork], None]) -> None:
        walk(self)

    @rule()
    def months_pass(self) -> None:
        self.days += 100

    # Missions

    @precondition(lambda self: len(self.missions) < 6)
    @rule(
        outbound=yes_or_no,
        cities=st.lists(st.sampled_from(TRAVELLED_TO), min_size=1, max_size=2, unique=True),
        official=st.sampled_from((True, True, True, False)),
        case=yes_or_no,
        described=st.sampled_from((True, True, True, False)),
        funds=st.sampled_from((0, 100)),
        answered=st.sampled_from((True, True, True, False)),
        goals=st.sampled_from((GOALS, GOALS, GOALS[:2])),
    )
    def propose(
        self,
        *,
        outbound: bool,
        cities: list[str],
        official: bool,
        case: bool,
        described: bool,
        funds: int,
        answered: bool,
        goals: tuple[str, ...],
    ) -> None:
        name = f"m{len(self.missions)}"
        categories = CATEGORIES if answered else CATEGORIES[1:]
        visit = not outbound and official
        violated: set[str] = set()
        if outbound and "Kiev" in cities and name not in self.excepted:
            violated.add("M2")
        if visit and "Riga" in cities and not case:
            violated.add("M2b")
        if not answered:
            violated.add("B4")
        events = self.ask(
            violated,
            ProposeMission(
                on=self.on,
                mission=name,
                direction=Direction.OUTBOUND if outbound else Direction.INBOUND,
                year=2002,
                cities=tuple(cities),
                official=official,
                timing=When.parse("2002-06") if described else None,
                rationale="trade" if described else None,
                goals=goals,
                budget=Budget(
                    currency="CAD", cents={**dict.fromkeys(categories, 0), "travel": funds}
                ),
                economic_case="strong" if case else None,
            ),
        )
        if violated:
            return
        enough = len(cities) >= self.figures["mission.cities.least"]
        self.found(events, "M1", *(["met" if enough else "advisory"] if outbound else []))
        served = "met" if goals == GOALS else "advisory"
        self.found(events, "M5", *([served] if outbound else []))
        stranger = not {"London", "Riga"}.isdisjoint(cities)
        self.found(events, "N6", *(["met"] if stranger else []))
        dash = ("Kiev", "London")
        turns = ["advisory" if city in dash else "met" for city in cities]
        self.found(events, "M2b", *(turns if visit else []))
        self.found(events, "B4", "met")
        self.missions[name] = {
            "step": "proposed",
            "outbound": outbound,
            "cities": cities,
            "visit": visit,
            "described": described,
            "case": case,
            "funds": funds,
            "host": False,
            "welcome": False,
            "documents": {},
        }

    def step_of(self, name: str) -> str:
        return str(self.missions.get(name, {}).get("step", "none"))

    @rule(name=names, city=st.just("Kiev"))
    def except_stop(self, name: str, city: str) -> None:
        self.decide(set(), "city-council", ExceptStop(mission=name, city=city))
        self.excepted.add(name)

    @rule(name=names)
    def list_mission(self, name: str) -> None:
        mission = self.missions.get(name)
        violated: set[str] = set()
        again = name in self.listed
        if mission is None or (mission["step"] != "proposed" and not again):
            violated.add("M10")
        if mission and not again:
            if self.stage not in ("draft", "approved"):
                violated |= {"B1", "B6"} if "Riga" in mission["cities"] else {"B1"}
            official = [m for m in self.listed if self.missions[m]["visit"]]
            journeys = [m for m in self.listed if self.missions[m]["outbound"]]
            visits_most, journeys_most = self.most()
            if mission["visit"] and (len(official) >= visits_most or not mission["described"]):
                violated.add("B2")
            if mission["outbound"] and (len(journeys) >= journeys_most or not mission["described"]):
                violated.add("B3")
        events = self.ask(violated, ListMission(on=self.on, year=2002, mission=name))
        if violated or again or mission is None:
            assert not events
            return
        if mission["visit"]:
            self.found(events, "M8", *self.turns(mission["cities"]))
            self.found(events, "B6", *(["met"] if "Riga" in mission["cities"] else []))
        mission["step"] = "planned"
        self.listed.append(name)
        self.listings[name] = {"most": self.most(), "wuxi": self.wuxi_international}
        self.stage = "draft" if self.stage == "approved" else self.stage

    def most(self) -> tuple[int, int]:
        """How many visits and how many journeys a plan may list."""
        visits = min(self.figures[f] for f in ("plan.inbound-visits.most", "inbound.visits.most"))
        return visits, self.figures["plan.outbound-missions.most"]

    def turns(
        self, cities: list[str], but: str | None = None, *, wuxi: bool | None = None
    ) -> list[str]:
        visits = [m for m in self.listed if self.missions[m]["visit"] and m != but]
        had = [c for m in visits for c in self.missions[m]["cities"]]
        wuxi = self.wuxi_international if wuxi is None else wuxi
        partners = [*INTERNATIONAL, *(["Wuxi"] if wuxi else [])]
        said: list[str] = []
        for city in cities:
            if city not in INTERNATIONAL:
                said.append("not applicable")
            elif city in had and any(p not in had for p in partners if p != city):
                said.append("advisory")
            else:
                said.append("met")
        return said

    @rule(
        name=names,
        body=st.sampled_from(("city-council", "city-council", "mayor")),
        leads=st.sampled_from((1, 1, 1, 0, 2)),
        councillors=st.integers(0, 3),
        paid=st.sampled_from((False, False, False, True)),
    )
    def delegation(self, name: str, body: str, leads: int, councillors: int, *, paid: bool) -> None:
        mission = self.missions.get(name)
        violated: set[str] = set()
        if body != self.approver:
            violated.add("M4")
        if leads != 1 or councillors > self.figures["delegation.councillors"] or paid:
            violated.add("M3")
        if self.step_of(name) not in ("planned", "delegation approved"):
            violated.add("M10")
        if mission and not mission["outbound"]:
            violated.add("M10")
        guest = OfficeHolder(name="a guest", office="Board of Trade")
        travellers = (
            *(Traveller(person=OfficeHolder(office="Mayor"), seat=Seat.LEAD) for _ in range(leads)),
            *(
                Traveller(person=OfficeHolder(office="Councillor"), seat=Seat.COUNCILLOR)
                for _ in range(councillors)
            ),
            Traveller(
                person=guest,
                seat=Seat.ACCOMPANYING,
                pays=Payer.PROGRAMME if paid else Payer.OWN_EXPENSE,
            ),
        )
        events = self.decide(violated, body, ApproveDelegation(mission=name, travellers=travellers))
        if not violated and mission:
            filled = councillors >= self.figures["delegation.councillors"]
            self.found(events, "M3", "met" if filled else "advisory", "advisory")
            self.found(events, "M4", "met")
            mission["step"] = "delegation approved"

    @rule(name=names, by=st.sampled_from((None, "Mayor", "Mayor", "City Clerk")))
    def host(self, name: str, by: str | None) -> None:
        mission = self.missions.get(name)
        violated: set[str] = set()
        if mission is None or mission["outbound"]:
            violated.add("M10")
        if self.step_of(name) not in ("proposed", "planned"):
            violated.add("M10")
        if by == "City Clerk":
            violated.add("M7")
        host = OfficeHolder(office="Mayor's designate")
        self.ask(violated, NameHost(on=self.on, mission=name, host=host, welcome_by=by))
        if not violated and mission:
            mission |= {"host": True, "welcome": by is not None}

    @rule(name=names)
    def start(self, name: str) -> None:
        mission = self.missions.get(name)
        violated: set[str] = set()
        ready = "delegation approved" if mission and mission["outbound"] else "planned"
        if self.step_of(name) != ready:
            violated.add("M10")
        if mission:
            if not mission["outbound"] and not (mission["host"] and mission["welcome"]):
                violated.add("M7")
            approved = self.stage == "confirmed" and name in self.listed
            stranger = not {"London", "Riga"}.isdisjoint(mission["cities"])
            if mission["funds"] and stranger and not approved:
                violated.add("B5")
        events = self.ask(violated, StartMission(on=self.on, mission=name))
        if not violated and mission:
            self.found(events, "B5", "met")
            mission["step"] = "under way"

    @rule(name=names, welcomed=st.sampled_from((True, True, False)))
    def complete(self, name: str, *, welcomed: bool) -> None:
        mission = self.missions.get(name)
        violated: set[str] = set()
        if self.step_of(name) != "under way":
            violated.add("M10")
        if mission and not mission["outbound"] and not welcomed:
            violated.add("M7")
        self.ask(violated, CompleteMission(on=self.on, mission=name, welcome_given=welcomed))
        if not violated and mission:
            mission["step"] = "completed"

    @rule(
        name=names,
        kind=st.sampled_from((*OWED, *OWED, "photographs")),
        document=st.sampled_from(("one", "two")),
    )
    def file(self, name: str, kind: str, document: str) -> None:
        violated = set[str]() if self.step_of(name) == "completed" else {"M10"}
        if not violated and kind not in OWED:
            violated.add("M9")
        filed = FileMissionDocument(on=self.on, mission=name, kind=kind, document=document)
        self.ask(violated, filed)
        if not violated:
            self.missions[name]["documents"][kind] = document

    @rule(name=names)
    def close(self, name: str) -> None:
        violated = set[str]() if self.step_of(name) == "completed" else {"M10"}
        if not violated and len(self.missions[name]["documents"]) < 2:
            violated.add("M9")
        events = self.ask(violated, CloseMission(on=self.on, mission=name))
        if not violated:
            one_paper = len(set(self.missions[name]["documents"].values())) == 1
            self.found(events, "M9", "met", *["advisory"] * one_paper)
            self.missions[name]["step"] = "closed"

    @rule(name=names)
    def cancel(self, name: str) -> None:
        over = ("none", "completed", "closed", "cancelled")
        violated = {"M10"} if self.step_of(name) in over else set[str]()
        self.ask(violated, CancelMission(on=self.on, mission=name, reason="no funds"))
        if not violated:
            self.missions[name] |= {"step": "cancelled", "before": self.step_of(name)}
            self.listed = [m for m in self.listed if m != name]

    # What is put right

    def correcting(self, kind: type[Event], name: str, **said: Any) -> CorrectRecord:
        stream = StreamId(f"mission/{name}")
        entries = self.desk.log.read(stream)[stream]
        version = [e.version for e in entries if isinstance(e.event, kind)][-1]
        return CorrectRecord(
            on=self.on,
            stream=stream,
            version=version,
            reason=f"slip {self.asked}",
            authority="City Clerk",
            **said,
        )

    def outline(self, name: str, **said: Any) -> CorrectRecord:
        stream = StreamId(f"mission/{name}")
        entries = self.desk.log.read(stream)[stream]
        was = [e.event.outline for e in entries if isinstance(e.event, MissionProposed)][-1]
        changed = {"outline": was.model_copy(update=said).model_dump(mode="json")}
        return self.correcting(MissionProposed, name, changed=changed)

    def without_place(self, name: str) -> bool:
        """Whether the mission, or one listed after it, finds the year full when it was listed."""
        mission = self.missions[name]
        what = "outbound" if mission["outbound"] else "visit"
        order = [m for m in self.listings if m in self.listed or m == name]
        listed = [m for m in order if m == name or self.missions[m][what]]
        after = listed[listed.index(name) :]
        most = 1 if mission["outbound"] else 0
        return any(listed.index(m) >= self.listings[m]["most"][most] for m in after)

    def said_again(self, events: list[Event], name: str) -> None:
        """A visit's turn, as it is when it is listed again."""
        again: list[Event] = [e for e in events if isinstance(e, PlanEntryListed)]
        mission = self.missions[name]
        if again and mission["visit"]:
            wuxi = self.listings[name]["wuxi"]
            self.found(again, "M8", *self.turns(mission["cities"], name, wuxi=wuxi))

    @rule(name=names)
    def correct_official(self, name: str) -> None:
        """A visit was a study group's, or the other way about."""
        mission = self.missions.get(name)
        if mission is None or mission["outbound"]:
            return
        official = not mission["visit"]
        violated: set[str] = set()
        if official and "Riga" in mission["cities"] and not mission["case"]:
            violated.add("M2b")
        if official and name in self.listings and not mission["described"]:
            violated.add("B2")
        if official and name in self.listings and self.full_for(name):
            violated.add("B2")
        events = self.ask(violated, self.outline(name, official=official))
        if not violated:
            mission["visit"] = official
            assert len(events) == (2 if name in self.listings else 1)
            self.said_again(events, name)

    def full_for(self, name: str) -> bool:
        """A cancelled mission takes no place from those listed after it."""
        if name in self.listed:
            return self.without_place(name)
        kept = list(self.listings)
        before = [m for m in kept[: kept.index(name)] if m in self.listed]
        visits = [m for m in before if self.missions[m]["visit"]]
        return bool(len(visits) >= self.listings[name]["most"][0])

    @rule(name=names)
    def correct_year(self, name: str) -> None:
        if name in self.listings:
            self.ask({"B1"}, self.outline(name, year=2003))

    @rule(name=names)
    def not_cancelled(self, name: str) -> None:
        if self.step_of(name) != "cancelled":
            return
        mission = self.missions[name]
        counted = mission["visit"] or mission["outbound"]
        violated: set[str] = set()
        if name in self.listings and counted and self.without_place(name):
            violated.add("B3" if mission["outbound"] else "B2")
        events = self.ask(violated, self.correcting(MissionCancelled, name, withdraw=True))
        if violated:
            return
        mission["step"] = mission["before"]
        if name in self.listings:
            self.listed = [m for m in self.listings if m in self.listed or m == name]
            self.said_again(events, name)

    @rule(name=names)
    def go_on(self, name: str) -> None:
        """The next step that is in order, so that random runs get far."""
        match self.step_of(name):
            case "proposed":
                self.list_mission(name)
            case "planned" if self.missions[name]["outbound"]:
                self.delegation(name, self.approver, 1, 1, paid=False)
            case "planned" if not self.missions[name]["welcome"]:
                self.host(name, "Mayor")
            case "planned" | "delegation approved":
                self.start(name)
            case "under way":
                self.complete(name, welcomed=True)
            case "completed":
                for kind, document in zip(OWED, ("one", "two"), strict=True):
                    self.file(name, kind, document)
                self.close(name)
            case _:
                pass

    # The plan

    @rule(body=bodies)
    def approve_plan(self, body: str) -> None:
        asked = {"draft": "mayor", "submitted": COMMITTEE}.get(self.stage)
        violated = set[str]() if body == asked else {"B1"}
        events = self.decide(violated, body, ApprovePlan(year=2002))
        if not violated:
            self.found(events, "B1", "met")
            self.stage = "approved" if self.stage == "draft" else "confirmed"

    @rule()
    def submit_plan(self) -> None:
        violated = set[str]() if self.stage == "approved" else {"B1"}
        events = self.ask(violated, SubmitPlan(on=self.on, year=2002, document="plan"))
        if violated:
            return
        listed = [self.missions[m] for m in self.listed]
        to_the_us = any("Chicago" in m["cities"] for m in listed if m["outbound"])
        self.found(events, "M6", "met" if to_the_us else "advisory", "met")
        self.found(events, "B2", "met" if any(m["visit"] for m in listed) else "advisory")
        self.found(events, "B3", "met" if any(m["outbound"] for m in listed) else "advisory")
        self.stage = "submitted"

    @rule()
    def amend_plan(self) -> None:
        violated = set[str]() if self.stage in ("submitted", "confirmed") else {"B1"}
        self.ask(violated, AmendPlan(on=self.on, year=2002, reason="more"))
        if not violated:
            self.stage = "draft"

    # The policy

    @rule(term=st.sampled_from(sorted(FIGURES)), value=st.integers(1, 3))
    def amend_figure(self, term: str, value: int) -> None:
        address = FIGURES[term]
        own: dict[str, TermValue] = {t: self.figures.get(t, v) for t, v in SMALL[address].items()}
        terms: dict[str, TermValue] = {**own, term: value}
        self.decide(
            set(), "city-council", ReplaceProvision(address=address, text="So.", terms=terms)
        )
        self.figures[term] = value

    @rule(mayor=yes_or_no)
    def amend_delegation(self, *, mayor: bool) -> None:
        terms: dict[str, TermValue] = (
            {"delegation.selector": "mayor"} if mayor else {"delegation.approver": "city-council"}
        )
        act = ReplaceProvision(address="outbound/2", text="So.", terms=terms)
        self.decide(set(), "city-council", act)
        self.approver = "mayor" if mayor else "city-council"

    # Requests

    @precondition(lambda self: self.request.get("stage", "reported") in ("reported", "signed"))
    @rule()
    def receive(self) -> None:
        number = self.request.get("number", 0) + 1
        due = six_months_after(self.on.last)
        events = self.ask(
            set(),
            ReceiveRequest(
                on=self.on,
                request=f"r{number}",
                place="Oslo",
                group=OfficeHolder(office="Consul of Norway"),
                asks="a partnership",
            ),
        )
        self.found(events, "N2", "met")
        self.request = {
            "number": number,
            "stage": "received",
            "due": due,
            "partnership": False,
            "answers": False,
            "case": False,
        }

    @precondition(lambda self: self.request)
    @rule(whole=st.sampled_from((True, True, False)))
    def go_on_with_the_request(self, *, whole: bool) -> None:
        match self.request["stage"]:
            case "received":
                self.consult()
            case "consulted":
                self.advise(Arrangement.PARTNERSHIP)
            case "advised" if self.request["partnership"]:
                self.assess(whole=whole)
            case "assessed":
                self.report(recommends=True)
            case "reported" if self.request["partnership"] and not self.request["case"]:
                self.business_case(positive=True)
            case "reported" if self.request["partnership"]:
                self.approve_agreement("city-council")
            case "agreement approved":
                self.prepare()
            case "prepared":
                self.sign()
            case _:
                pass

    def step_request(self, command: Command, after: str, needed: tuple[str, ...]) -> None:
        violated = set[str]() if self.request["stage"] in needed else {"N1"}
        self.ask(violated, command)
        if not violated:
            self.request["stage"] = after

    @property
    def named(self) -> dict[str, Any]:
        return {"on": self.on, "request": f"r{self.request['number']}"}

    @precondition(lambda self: self.request)
    @rule()
    def consult(self) -> None:
        self.step_request(
            ConsultGroup(objectives="trade", **self.named), "consulted", ("received",)
        )

    @precondition(lambda self: self.request)
    @rule(arrangement=st.sampled_from((Arrangement.PARTNERSHIP, Arrangement.PROJECT)))
    def advise(self, arrangement: Arrangement) -> None:
        before = self.request["stage"]
        act = AdviseArrangement(arrangement=arrangement, reason="so", **self.named)
        self.step_request(act, "advised", ("consulted",))
        if before == "consulted":
            self.request["partnership"] = arrangement is Arrangement.PARTNERSHIP

    @precondition(lambda self: self.request)
    @rule(whole=yes_or_no)
    def assess(self, *, whole: bool) -> None:
        goals: dict[str, str] = dict.fromkeys(GOALS, "yes")
        act = AssessRequest(
            criteria=dict.fromkeys(CORE_CRITERIA, "yes"), goals=goals if whole else {}, **self.named
        )
        stages = ("advised", "assessed") if self.request["partnership"] else ()
        before = self.request["stage"]
        self.step_request(act, "assessed", stages)
        if before in stages and whole:
            self.request["answers"] = True

    @precondition(lambda self: self.request)
    @rule(recommends=yes_or_no)
    def report(self, *, recommends: bool) -> None:
        formal = self.request["partnership"]
        violated: set[str] = set()
        if self.request["stage"] != ("assessed" if formal else "advised"):
            violated.add("N1")
        if recommends and not formal:
            violated.add("N1")
        if recommends and not self.request["answers"]:
            violated.add("N3")
        act = ReportOnRequest(document="report", recommends=recommends, **self.named)
        late = self.on.first > self.request["due"]
        events = self.ask(violated, act)
        if not violated:
            self.found(events, "N3", *(["met", "met"] if recommends else []))
            self.found(events, "N2", "advisory" if late else "met")
            self.request["stage"] = "reported"

    @precondition(lambda self: self.request)
    @rule(positive=st.sampled_from((True, True, False)))
    def business_case(self, *, positive: bool) -> None:
        stages = ("assessed", "reported") if self.request["partnership"] else ()
        violated = set[str]() if self.request["stage"] in stages else {"N1"}
        act = MakeBusinessCase(document=f"case-{self.asked}", positive=positive, **self.named)
        self.ask(violated, act)
        if not violated:
            self.request["case"] = positive

    @precondition(lambda self: self.request)
    @rule(body=st.sampled_from(("city-council", "city-council", "mayor")))
    def approve_agreement(self, body: str) -> None:
        violated: set[str] = set()
        if body != "city-council":
            violated.add("A1")
        if not self.request["case"]:
            violated.add("N4")
        if self.request["stage"] not in ("reported", "agreement approved"):
            violated.add("N1")
        act = ApproveAgreement(request=f"r{self.request['number']}")
        self.decide(violated, body, act)
        if not violated:
            self.request["stage"] = "agreement approved"

    @precondition(lambda self: self.request)
    @rule()
    def prepare(self) -> None:
        self.agreement(PrepareAgreement(description="Friendship", **self.named), "prepared")

    @precondition(lambda self: self.request)
    @rule()
    def sign(self) -> None:
        self.agreement(SignAgreement(**self.named), "signed")

    def agreement(self, act: Command, after: str) -> None:
        needed = {"prepared": "agreement approved", "signed": "prepared"}[after]
        stage = self.request["stage"]
        violated = set[str]() if stage == needed else {"N1"}
        if stage not in ("agreement approved", "prepared", "signed"):
            violated.add("N4")
        if after == "signed" and self.oslo:
            violated.add("C5")
        self.ask(violated, act)
        if not violated:
            self.request["stage"] = after
            self.oslo = self.oslo or after == "signed"

    # The programme

    @rule(activity=st.sampled_from((LETTERS, "direct mail")))
    def letter(self, activity: str) -> None:
        events = self.ask(
            set(), CarryOutActivity(on=self.on, year=2002, place="Kiev", activity=activity)
        )
        answer = "met" if activity == LETTERS else "advisory"
        self.found(events, "C6", *([] if activity in self.done else [answer]))
        self.done.add(activity)

    @rule(covers=yes_or_no)
    def annual_report(self, *, covers: bool) -> None:
        statuses = {"London": "met", "Oslo": "new"} if covers else {"Paris": "none"}
        document = f"annual-{self.asked}"
        events = self.ask(
            set(), GiveAnnualReport(on=self.on, year=2002, document=document, statuses=statuses)
        )
        self.found(events, "R1", "met" if covers else "advisory")

    @rule()
    def reclassify(self) -> None:
        self.wuxi_international = not self.wuxi_international
        kind = (
            Classification.INTERNATIONAL if self.wuxi_international else Classification.HISTORICAL
        )
        events = self.decide(
            set(), "city-council", ClassifyPartnership(city="CN-WUXI", classification=kind)
        )
        (taken,) = (e for e in events if e.TOPIC.startswith("decision-taken"))
        found = [f.answer.value for f in getattr(taken, "findings", ()) if f.rule == "N5"]
        assert found == ["advisory"]
        SEEN["N5", "advisory"] += 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_year_keeps_to_a_plain_model() -> None:
    SEEN.clear()
    for walk in WALKS:
        walk(YearsWork())
    run_state_machine_as_test(
        YearsWork,
        settings=settings(
            max_examples=100,
            stateful_step_count=80,
            derandomize=True,
            deadline=None,
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.data_too_large,
                HealthCheck.filter_too_much,
            ],
        ),
    )

    refused = {rule_id for rule_id, answer in SEEN if answer == "refused"}
    advised = {rule_id for rule_id, answer in SEEN if answer == "advisory"}
    assert refused >= REFUSED
    assert advised >= ADVISED
    assert {rule_id for rule_id, answer in SEEN if answer == "met"} >= MET
