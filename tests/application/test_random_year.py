"""Random commands of a year's work: whatever they are, these hold of what is recorded.

No rule is modelled here: the tests of the domain guard each. Most commands make the next step of a
mission, a plan or a request; the others are in or out of order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from application.command_bus import CommandBus
from application.handlers.table import HANDLERS
from domain.corrections import CorrectRecord
from domain.council.persons import ACCOMPANYING, LEAD, PROGRAMME, OfficeHolder, Traveller
from domain.instruments import (
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    ClassifyPartnership,
    ExceptStop,
    Instrument,
    ReplaceProvision,
)
from domain.missions.budget import Costs
from domain.missions.messages import (
    CancelMission,
    CloseMission,
    CompleteMission,
    FileMissionDocument,
    MissionCancelled,
    MissionProposed,
    NameHost,
    ProposeMission,
    StartMission,
)
from domain.missions.outline import Direction
from domain.proceedings.decisions import DecisionTaken
from domain.programme.activities import CarryOutActivity, GiveAnnualReport
from domain.programme.messages import (
    AmendPlan,
    ListMission,
    PlanEntryFreed,
    PlanEntryListed,
    SubmitPlan,
)
from domain.requests.messages import (
    AdviseArrangement,
    AssessRequest,
    ConsultGroup,
    MakeBusinessCase,
    PrepareAgreement,
    ReceiveRequest,
    ReportOnRequest,
    SignAgreement,
)
from domain.shared.dates import When
from domain.shared.findings import Finding
from domain.shared.history import Recorded, as_recorded
from domain.shared.messages import Command, Event, StreamId
from domain.shared.problems import Refusal
from tests.rules import RULES
from tests.support.founded_year import (
    BODIES,
    COMMITTEE,
    COUNCIL,
    FIRST,
    SMALL,
    adopting,
    envelopes_for,
    founded,
)
from tests.support.memory_log import MemoryLog, PlainKeys, Shelf
from tests.support.programme import CATEGORIES, CORE_CRITERIA, GOALS, LETTERS

MISSIONS = ("m0", "m1", "m2", "m3")
CITIES = ("Chicago", "Frankfurt", "Sagamihara", "Kiev", "London", "Riga")
PLAN = StreamId("plan/2002")
LIMITS = {
    "plan.inbound-visits.most": "planning/1(i)",
    "inbound.visits.most": "inbound/2",
    "plan.outbound-missions.most": "planning/1(ii)",
}
FIGURES = {**LIMITS, "delegation.councillors": "outbound/1", "mission.cities.least": "planning/3"}
VISITS = ("plan.inbound-visits.most", "inbound.visits.most")
JOURNEYS = ("plan.outbound-missions.most",)

BEFORE = {
    "plan-entry-listed": {"plan-drafted", "plan-entry-listed", "plan-approved", "plan-reopened"},
    "plan-approved": {"plan-drafted", "plan-entry-listed", "plan-reopened"},
    "plan-submitted": {"plan-approved"},
    "plan-confirmed": {"plan-submitted"},
    "plan-reopened": {"plan-submitted", "plan-confirmed"},
    "mission-planned": {"mission-proposed"},
    "mission-delegation-approved": {"mission-planned", "mission-delegation-approved"},
    "mission-started": {"mission-planned", "mission-delegation-approved"},
    "mission-completed": {"mission-started"},
    "mission-document-filed": {"mission-completed", "mission-document-filed"},
    "mission-closed": {"mission-document-filed"},
    "mission-cancelled": {
        *("mission-proposed", "mission-planned", "mission-delegation-approved", "mission-started"),
    },
    "request-group-consulted": {"request-received"},
    "request-arrangement-advised": {"request-group-consulted"},
    "request-assessed": {"request-arrangement-advised", "request-assessed"},
    "request-reported": {"request-arrangement-advised", "request-assessed"},
    "request-agreement-approved": {"request-reported", "request-agreement-approved"},
    "request-agreement-prepared": {"request-agreement-approved"},
    "request-agreement-signed": {"request-agreement-prepared"},
}
"""The steps that may stand right before a step, others of the stream left out."""

REFUSED = frozenset(
    (
        *("N1", "N3", "N4", "B1", "B2", "B3", "B4", "B5", "B6"),
        *("M2", "M2b", "M3", "M4", "M7", "M9", "M10"),
    )
)
ADVISED = frozenset(("M1", "M2b", "M3", "M5", "M6", "B2", "B3", "C6", "R1", "N5"))
"""Rules that refuse, and rules that advise, in these runs: so far do they get."""


class Year:
    """One year of one register."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.handed_in: list[str] = []
        self.log = MemoryLog(shelf=Shelf(rows=list(founded().shelf.rows)))
        self.command_bus = CommandBus(self.log, PlainKeys(), HANDLERS)
        self.day = FIRST
        self.asked = 0
        self.amended: list[tuple[date, str, dict[str, Any]]] = []
        self.said: Counter[tuple[str, str]] = Counter()

    @property
    def on(self) -> When:
        return When.day(self.day)

    # What is handed in

    def act(self) -> None:
        """Hand in a command; see what comes of it."""
        random = self.random
        self.asked += 1
        self.day += timedelta(days=60 if random.random() < 0.03 else 1)
        commands = next(iter(self.next_step(random) if random.random() < 0.7 else ()), ())
        commands = commands or self.any_step(random)
        self.handed_in.append(f"{self.on.text}: {commands}")
        envelopes = envelopes_for(f"a{self.asked}", commands)
        head = self.log.head()
        try:
            outcomes = self.command_bus.handle(*envelopes)
        except Refusal as problem:
            self.was_refused(problem, head)
            return
        head = self.log.head()
        for outcome, again in zip(outcomes, self.command_bus.handle(*envelopes), strict=True):
            assert again.repeated
            assert again.events == outcome.events
        assert self.log.head() == head
        for command in commands:
            for act in getattr(command, "instruments", ()):
                if isinstance(act, ReplaceProvision):
                    assert isinstance(act.terms, dict)
                    self.amended.append((self.day, act.address, act.terms))

    def was_refused(self, refusal: Refusal, head: int) -> None:
        """Nothing is stored, and the refusal names a rule and figures."""
        assert self.log.head() == head
        assert refusal.rule in RULES
        assert refusal.details, refusal
        self.said[refusal.rule, "refused"] += 1

    def decide(self, body: str, *acts: Instrument) -> tuple[Command, ...]:
        return adopting(f"matter-{self.asked}", body, self.on, *acts)

    def next_step(self, random: Random) -> Iterator[tuple[Command, ...]]:
        """The next step of one of the missions, of the request or of the plan."""
        turn = random.random()
        if turn < 0.15:
            yield self.step_of_plan()
        elif turn < 0.45:
            yield self.step_of_request(random)
        else:
            for name in random.sample(MISSIONS, len(MISSIONS)):
                yield self.step_of_mission(name, random)

    def step_of_plan(self) -> tuple[Command, ...]:
        match self.last_step(PLAN):
            case "plan-approved":
                return (SubmitPlan(on=self.on, year=2002, document="plan"),)
            case "plan-submitted":
                return self.decide(COMMITTEE, ApprovePlan(year=2002))
            case "plan-confirmed":
                return (AmendPlan(on=self.on, year=2002, reason="more"),)
            case _:
                return self.decide("mayor", ApprovePlan(year=2002))

    def step_of_mission(self, name: str, random: Random) -> tuple[Command, ...]:
        named: Any = {"on": self.on, "mission": name}
        stream = StreamId(f"mission/{name}")
        match self.last_step(stream):
            case "":
                return (self.proposal(name, random),)
            case "mission-proposed":
                return (ListMission(year=2002, **named),)
            case "mission-planned" if self.outbound(stream):
                return self.decide(random.choice((COUNCIL, "mayor")), delegation(name, random))
            case "mission-planned" if not any(
                topic(e) == "mission-host-named" for e in self.standing(stream)
            ):
                return (NameHost(host=OfficeHolder(office="Host"), welcome_by="Mayor", **named),)
            case "mission-planned" | "mission-delegation-approved":
                return (StartMission(**named),)
            case "mission-started":
                return (CompleteMission(welcome_given=random.random() < 0.7, **named),)
            case "mission-completed" | "mission-document-filed":
                kind = random.choice(("summary report", "action plan", "photographs"))
                paper = random.choice(("one", "one", "two"))
                filed = FileMissionDocument(kind=kind, document=paper, **named)
                return random.choice(((filed,), (CloseMission(**named),)))
            case _:
                return ()

    def step_of_request(self, random: Random) -> tuple[Command, ...]:
        requests = self.log.streams("request")
        stream = max(requests, default=StreamId("request/r0"))
        named: Any = {"on": self.on, "request": stream.removeprefix("request/")}
        advised = "longer-term partnership" if random.random() < 0.7 else "project"
        criteria: dict[str, str] = dict.fromkeys(CORE_CRITERIA, "yes")
        goals: dict[str, str] = dict.fromkeys(GOALS if random.random() < 0.7 else (), "yes")
        last = self.last_step(stream)
        case: Command = MakeBusinessCase(
            document=f"case-{self.asked}", positive=random.random() < 0.7, **named
        )
        report: Command = ReportOnRequest(
            document="report", recommends=random.random() < 0.7, **named
        )
        match last:
            case "request-received":
                return (ConsultGroup(objectives="trade", **named),)
            case "request-group-consulted":
                return (AdviseArrangement(arrangement=advised, reason="so", **named),)
            case "request-arrangement-advised":
                assess = AssessRequest(criteria=criteria, goals=goals, **named)
                return (random.choice((assess, assess, report)),)
            case "request-assessed":
                return (report,)
            case "request-reported" if random.random() < 0.7:
                approve = self.decide(COUNCIL, ApproveAgreement(request=named["request"]))
                return random.choice((approve, (case,)))
            case "request-agreement-approved":
                return (PrepareAgreement(description="Friendship", **named),)
            case "request-agreement-prepared":
                return (SignAgreement(**named),)
            case _:
                group = OfficeHolder(office="Consul of Norway")
                asked: Any = {"place": "Oslo", "group": group, "asks": "a partnership"}
                return (ReceiveRequest(on=self.on, request=f"r{len(requests)}", **asked),)

    def any_step(self, random: Random) -> tuple[Command, ...]:
        """A command in or out of order, by whom it may or may not."""
        name, body = random.choice(MISSIONS), random.choice(BODIES)
        named: Any = {"on": self.on, "mission": name}
        asked: Any = {"on": self.on, "request": f"r{random.randrange(2)}"}
        year: Any = {"on": self.on, "year": 2002}
        wuxi = random.choice(("International", "Historical"))
        host = OfficeHolder(office="Mayor's designate")
        commands: tuple[Command | tuple[Command, ...], ...] = (
            ListMission(mission=name, **year),
            NameHost(host=host, welcome_by=random.choice((None, "City Clerk")), **named),
            StartMission(**named),
            CompleteMission(welcome_given=True, **named),
            CloseMission(**named),
            CancelMission(reason="no funds", **named),
            *self.corrections(name),
            SubmitPlan(document="plan", **year),
            AmendPlan(reason="more", **year),
            self.decide(body, ApprovePlan(year=2002)),
            self.decide(body, delegation(name, random)),
            self.decide(body, ApproveAgreement(request=asked["request"])),
            self.decide(COUNCIL, ExceptStop(mission=name, city="Kiev")),
            self.decide(COUNCIL, ClassifyPartnership(city="CN-WUXI", classification=wuxi)),
            self.decide(COUNCIL, self.amendment(random)),
            SignAgreement(**asked),
            PrepareAgreement(description="Friendship", **asked),
            ReportOnRequest(document="report", recommends=True, **asked),
            CarryOutActivity(place="Kiev", activity=random.choice((LETTERS, "mail")), **year),
            GiveAnnualReport(document=f"annual-{self.asked}", statuses={"Oslo": "new"}, **year),
        )
        chosen = random.choice(commands)
        return chosen if isinstance(chosen, tuple) else (chosen,)

    def proposal(self, name: str, random: Random) -> Command:
        described = random.random() < 0.8
        categories = CATEGORIES if random.random() < 0.9 else CATEGORIES[1:]
        funds = dict.fromkeys(categories, 0) | {"travel": random.choice((0, 100))}
        return ProposeMission(
            on=self.on,
            mission=name,
            direction=random.choice((Direction.OUTBOUND, Direction.INBOUND)),
            year=2002,
            cities=tuple(random.sample(CITIES, random.choice((1, 2)))),
            official=random.random() < 0.8,
            timing=When.parse("2002-06") if described else None,
            rationale="trade" if described else None,
            goals=GOALS[: random.choice((2, 4))],
            budget=Costs(currency="CAD", cents=funds),
            economic_case=random.choice(("strong", None)),
        )

    def amendment(self, random: Random) -> Instrument:
        """Another figure for a limit, or another approver of delegations."""
        if random.random() < 0.2:
            selector = random.choice(("delegation.selector", "delegation.approver"))
            return ReplaceProvision(address="outbound/2", text="So.", terms={selector: "mayor"})
        term, address = random.choice(sorted(FIGURES.items()))
        terms = {**self.terms_on(self.day, address), term: random.randint(1, 3)}
        return ReplaceProvision(address=address, text="So.", terms=terms)

    def corrections(self, name: str) -> Iterator[Command]:
        """The mission was official or not, was of another year, was not cancelled."""
        stream = StreamId(f"mission/{name}")
        for entry in self.standing(stream):
            said: dict[str, Any] = {"on": self.on, "stream": stream, "version": entry.version}
            said |= {"reason": f"slip {self.asked}", "authority": "City Clerk"}
            if isinstance(entry.event, MissionProposed):
                outline = entry.event.outline
                for changed in ({"official": not outline.official}, {"year": 2003}):
                    now = outline.model_copy(update=changed).model_dump(mode="json")
                    yield CorrectRecord(changed={"outline": now}, **said)
            elif isinstance(entry.event, MissionCancelled):
                yield CorrectRecord(withdraw=True, **said)

    # What is recorded

    def standing(self, stream: StreamId) -> Sequence[Recorded[Event]]:
        entries: Any = self.log.read(stream)[stream]
        return as_recorded(entries)

    def last_step(self, stream: StreamId) -> str:
        return next(reversed(self.steps(stream)), "")

    def steps(self, stream: StreamId) -> list[str]:
        return [topic(entry) for entry in self.standing(stream) if is_step(topic(entry))]

    def outbound(self, stream: StreamId) -> bool:
        proposed = [e.event for e in self.standing(stream) if isinstance(e.event, MissionProposed)]
        return proposed[-1].outline.direction is Direction.OUTBOUND

    def terms_on(self, day: date, address: str) -> dict[str, Any]:
        """The terms in force on a day, by what was amended until then."""
        terms: dict[str, Any] = dict(SMALL[address])
        for at, amended, then in self.amended:
            if amended == address and at <= day:
                terms = then
        return terms

    # What holds

    def check(self) -> None:
        rows = [entry for _, entry in self.log.shelf.rows]
        self.the_log_is_in_order(rows)
        self.what_was_decided_is_in_the_log(rows)
        self.figures_are_of_the_version_in_force(rows)
        for stream in {e.stream for e in rows if isinstance(e.event, Event)}:
            self.steps_are_in_order(stream)

    def the_log_is_in_order(self, rows: Sequence[Recorded[Any]]) -> None:
        versions: dict[StreamId, list[int]] = {}
        for entry in rows:
            versions.setdefault(entry.stream, []).append(entry.version)
        for numbers in versions.values():
            assert numbers == list(range(1, len(numbers) + 1))
        assert [e.position for e in rows] == sorted({e.position for e in rows})

    def what_was_decided_is_in_the_log(self, rows: Sequence[Recorded[Any]]) -> None:
        """Nothing rests on a decision that is not there, or was taken later."""
        taken = {
            (e.event.matter, e.event.decision, e.event.body): e
            for e in rows
            if isinstance(e.event, DecisionTaken)
        }
        for entry in rows:
            ref = entry.event.authority if isinstance(entry.event, Event) else None
            if ref is not None:
                decision = taken[ref.matter, ref.decision, ref.body]
                assert decision.position < entry.position
                assert decision.event.decided_on.first <= entry.event.decided_on.last

    def figures_are_of_the_version_in_force(self, rows: Sequence[Recorded[Any]]) -> None:
        for entry in rows:
            findings: tuple[Finding, ...] = getattr(entry.event, "findings", ())
            for finding in findings:
                self.said[finding.rule, finding.answer.value] += 1
                assert finding.answer.value != "not met" or finding.rule == "M9", entry  # owed
                ref, on = finding.provision, entry.event.decided_on.last
                if ref is not None:
                    replaced = [at for at, what, _ in self.amended if what == ref.address]
                    assert ref.version == 1 + sum(at <= on for at in replaced), entry

    def steps_are_in_order(self, stream: StreamId) -> None:
        before = ""
        for step in self.steps(stream):
            assert step not in BEFORE or before in BEFORE[step], self.steps(stream)
            before = step

    def no_limit_is_exceeded(self) -> None:
        """Of what a plan lists, each has a number that was allowed on the day it was listed."""
        listed: dict[str, PlanEntryListed] = {}
        for entry in self.standing(PLAN):
            if isinstance(entry.event, PlanEntryFreed):
                listed.pop(entry.event.mission, None)
            elif isinstance(entry.event, PlanEntryListed):
                listed[entry.event.outline.mission] = entry.event
        journeys = [e for e in listed.values() if e.outline.direction is Direction.OUTBOUND]
        visits = [e for e in listed.values() if e not in journeys and e.outline.official]
        for limits, entries in ((JOURNEYS, journeys), (VISITS, visits)):
            for number, event in enumerate(entries, 1):
                day = event.decided_on.last
                most = min(self.terms_on(day, LIMITS[term])[term] for term in limits)
                assert number <= most, event


def topic(entry: Recorded[Any]) -> str:
    return str(entry.event.TOPIC).partition(".")[0]


def is_step(name: str) -> bool:
    return name in BEFORE or name in {"plan-drafted", "mission-proposed", "request-received"}


def delegation(mission: str, random: Random) -> Instrument:
    seats = [LEAD] * random.choice((1, 1, 1, 0)) + ["councillor"] * random.randrange(4)
    travellers = [Traveller(person=OfficeHolder(office="Mayor"), seat=seat) for seat in seats]
    guest = OfficeHolder(name="a guest", office="Board of Trade")
    pays = random.choice(("own expense", "own expense", PROGRAMME))
    travellers.append(Traveller(person=guest, seat=ACCOMPANYING, pays=pays))
    return ApproveDelegation(mission=mission, travellers=tuple(travellers))


@pytest.mark.slow
def test_whatever_is_handed_in_the_record_keeps_its_promises() -> None:
    said: Counter[tuple[str, str]] = Counter()
    for seed in range(40):
        year = Year(Random(seed))
        try:
            for _ in range(100):
                year.act()
                year.no_limit_is_exceeded()
            year.check()
        except AssertionError as broken:
            broken.add_note("\n".join((f"seed {seed}:", *year.handed_in)))
            raise
        said.update(year.said)
    assert {rule for rule, answer in said if answer == "refused"} >= REFUSED
    assert {rule for rule, answer in said if answer == "advisory"} >= ADVISED
