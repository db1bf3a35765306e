"""December 2001 end to end: the shipped record goes in, and the clause's own figures come out.

Expected values are typed here from the papers, not read from the record that is tested.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from adapters.minutes.files import MinutesFile, read_files
from adapters.store.event_log.open_log import open_log, setup_log
from application.command_bus import CommandBus, Contradicts, Envelope
from application.handlers.table import HANDLERS
from application.ports import Log
from application.unit_of_work import UnitOfWork
from domain.catalogue import catalogue
from domain.council.bodies import STREAM as CHARTER
from domain.council.bodies import NoDecisionOnClass, NotAuthorised
from domain.discrepancies import DiscrepancyNoted, DiscrepancySettled
from domain.instruments import (
    AdoptProvision,
    AdoptReport,
    ChangeTier,
    ClassifyPartnership,
    DeleteProvision,
    ReplaceProvision,
    TargetCity,
)
from domain.partnerships.exploration import Exploration, ExplorationDirected, ExplorationStated
from domain.partnerships.exploration import evolve as after_look
from domain.partnerships.partnership import PartnershipFormed, Relationship, SameClass
from domain.partnerships.partnership import evolve as after_change
from domain.partnerships.study import RosterCited
from domain.places import STREAM as PLACES
from domain.places import Gazetteer
from domain.policy import AlreadyDeleted, ProvisionAdopted, Superseded
from domain.proceedings.decisions import Decide, DecisionKind, DecisionTaken, RecordEffect
from domain.proceedings.matter import MatterClosed, OpenMatter
from domain.proceedings.motions import MotionCarried, MotionMoved, MoveMotion, Result, Strike
from domain.proceedings.papers import ReportSubmitted
from domain.proceedings.requested_reports import STREAM as DUTIES
from domain.proceedings.requested_reports import Duties
from domain.proceedings.requested_reports import evolve as after_duty
from domain.shared.dates import When
from domain.shared.findings import Answer
from domain.shared.history import Certainty, History, fold
from domain.shared.messages import Citation, Command, DecisionRef, Event, ProvisionRef, StreamId
from domain.shared.problems import Refusal
from domain.shared.provisions import PolicyInForce
from domain.shared.strikes import WordsNotThere
from tests import services
from tests.support.memory_log import MemoryLog, PlainKeys

RECORDS = Path(__file__).parents[2] / "records" / "toronto-2001"
STORES = ("memory", "sqlite", "postgres")
CLERK = "clerk"
MATTER = "2001-12-4"
COUNCIL = DecisionRef(matter=MATTER, decision="council-adopts", body="council")
MEETING = When.parse("2001-12-04/2001-12-06")
BEFORE, FIRST_DAY, SECOND_DAY, LAST_DAY = (date(2001, 12, day) for day in (3, 4, 5, 6))
LATER = When.parse("2002-02-13")

INTERNATIONAL = {
    ("Chongqing", "China", "1986", "Sister City"),
    ("Tianjin", "China", "1996", "Economic Co-operation"),
    ("Merignac", "France", "1992", "Economic Co-operation"),
    ("Frankfurt", "Germany", "1989", "Friendship Agreement"),
    ("Haifa", "Israel", "1995", "Friendship Agreement"),
    ("Sagamihara", "Japan", "1991", "Friendship City"),
    ("Amsterdam", "Netherlands", "1972", "Twinning Agreement"),
    ("Warsaw", "Poland", "1990", "Friendship Agreement"),
    ("Cankaya-Ankara", "Turkey", "1993", "Friendship Agreement"),
    ("Chicago", "U.S.A.", "1991", "Sister City Agreement"),
    ("Indianapolis", "U.S.A.", "1996", "Sister City"),
}
HISTORICAL = {
    ("Shenyang", "China", "1996", "Friendship Agreement"),
    ("Wuxi", "China", "1996", "Friendship City"),
    ("Xiamen", "China", "1996", "Friendship Agreement"),
    ("Florina", "Greece", "1983", "Fraternisation"),
    ("Thessaloniki", "Greece", "1986", "Friendship Agreement"),
    ("Tripolis", "Greece", "1995", "Twinning Agreement"),
    ("Aguila", "Italy", "1988", "Informal Partnership"),
    ("Cassino", "Italy", "1987", "Friendship Agreement"),
    ("Terracina", "Italy", "1989", "Friendship Agreement"),
    ("Tatsunokuchi", "Japan", "1991", "Cultural Exchange"),
    ("Skopje", "Macedonia", "1971", "Twinning Agreement"),
    ("Wroclaw", "Poland", "1978", "Twinning"),
    ("Lisbon", "Portugal", "1987", "Friendship Agreement"),
    ("Volgograd", "Russia", "1991", "Friendship Agreement"),
    ("Kiev", "Ukraine", "1991", "Friendship Agreement"),
}
TARGETED = {"Milan", "Los Angeles", "New York", "Hong Kong", "London", "Seoul"}

FIGURES: dict[str, object] = {
    "funding.designated-cities": 26,
    "plan.inbound-visits.least": 6,
    "plan.inbound-visits.most": 10,
    "inbound.visits.least": 6,
    "inbound.visits.most": 10,
    "inbound.per-city-and-term": 1,
    "plan.outbound-missions.least": 2,
    "plan.outbound-missions.most": 3,
    "mission.cities.least": 2,
    "mission.priority.goals": 4,
    "delegation.councillors": 2,
    "delegation.senior-staff": 2,
    "request.report-months": 6,
    "plan.approver": "mayor",
    "plan.submitted-to": "edp-committee",
    "agreement.approver": "council",
}
LISTED = {
    "goals": 4,
    "budget.categories": 8,
    "request.core-criteria": 5,
    "mission.gateways": 4,
    "mission.closing-documents": 2,
}
ADDRESSES = {
    *("goals", "goals/economic-development", "goals/cultural-development"),
    *("goals/tourism-development", "goals/cross-cultural-community-development"),
    *("categories/international", "categories/historical", "categories/targeted"),
    *("world-cities/alignment", "world-cities/priority"),
    *("activities/inbound", "activities/outbound", "activities/marketing"),
    *("annual-program", "annual-report", "new-relationships"),
    *("programming/outbound", "programming/inbound", "programming/marketing"),
    "programming/joint-initiatives",
    *("purpose", "funding/1", "funding/2", "funding/3"),
    *("planning/1(i)", "planning/1(ii)", "planning/2", "planning/3", "planning/4"),
    *("new-alliances", "outbound/1", "outbound/2", "outbound/3"),
    *("inbound/1", "inbound/2", "inbound/3"),
    *("criteria", "criteria/economic-development", "criteria/cultural-development"),
    *("criteria/tourism-development", "criteria/cross-cultural-community-development"),
    *("procedures", *(f"procedures/{number}" for number in range(1, 6))),
    *("core-criteria", *(f"core-criteria/{number}" for number in range(1, 6))),
}

E = TypeVar("E", bound=Event)


@cache
def shipped() -> tuple[MinutesFile, ...]:
    """The record's files, read once."""
    return read_files([RECORDS], CLERK)


class Archive:
    """A register with nothing in it yet, and the questions that the tests ask of it."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.command_bus = CommandBus(log, PlainKeys(), HANDLERS)
        self.files = shipped()

    def record(self, *names: str) -> None:
        for file in self.files:
            if not names or file.minutes.meeting.id in names:
                self.command_bus.handle(*file.minutes.envelopes)

    def say(self, *commands: Command) -> None:
        self.command_bus.handle(*(envelope(command) for command in commands))

    def refused(self, refusal: type[Refusal], *commands: Command, **details: object) -> None:
        """The commands are refused by name, with these details, and nothing is stored."""
        before = self.log.head()
        with pytest.raises(refusal) as raised:
            self.say(*commands)
        found = raised.value.details
        assert {name: found.get(name) for name in details} == details
        assert raised.value.of_item == envelope(commands[-1]).id
        assert self.log.head() == before

    def stream(self, name: str) -> History[Any]:
        return UnitOfWork(self.log).read(StreamId(name))

    def every(self, kind: type[E]) -> tuple[E, ...]:
        return tuple(e.event for e in self.log.entries() if isinstance(e.event, kind))

    def one(self, kind: type[E], **values: object) -> E:
        (found,) = (
            event
            for event in self.every(kind)
            if all(getattr(event, name) == value for name, value in values.items())
        )
        return found

    def places(self) -> Gazetteer:
        return UnitOfWork(self.log).places(date.max)

    def policy(self, day: date) -> PolicyInForce:
        return UnitOfWork(self.log).policy(day)

    def relationship(self, name: str, day: date) -> Relationship:
        return self.relationships(day)[self.places().find(name).name]

    def relationships(self, day: date) -> dict[str, Relationship]:
        """What surely stands with every place, by its name."""
        work = UnitOfWork(self.log)
        streams = {
            p.name: StreamId(f"partnership/{p.code}") for p in work.places(date.max).places.values()
        }
        work.fetch(*streams.values())
        return {
            name: fold(after_change, Relationship(), work.read(stream).on(day))
            for name, stream in streams.items()
        }

    def partners(self, day: date) -> dict[str | None, set[tuple[str, ...]]]:
        """Name, country, year and description of every partnership, by class."""
        countries = {p.name: p.country_name for p in self.places().places.values()}
        found: dict[str | None, set[tuple[str, ...]]] = {}
        for name, state in self.relationships(day).items():
            if state.established and state.description:
                row = (name, countries[name], str(state.established), state.description)
                found.setdefault(state.classification, set()).add(row)
        return found

    def targeted(self, day: date) -> set[str]:
        return {name for name, state in self.relationships(day).items() if state.targeted}


def envelope(command: Command) -> Envelope:
    matter = getattr(command, "matter", "record")
    return Envelope(f"test/{command.KIND}/{matter}/{command.item}", command, CLERK)


@contextmanager
def empty(
    store: str, folder: Path, request: pytest.FixtureRequest
) -> Generator[Archive, None, None]:
    """A register with nothing in it, on one kind of log."""
    if store == "memory":
        yield Archive(MemoryLog())
        return
    with ExitStack() as stack:
        if store == "sqlite":
            url = f"sqlite:///{folder / 'log.sqlite'}"
        else:
            server = str(request.getfixturevalue("postgres_server"))
            url = stack.enter_context(services.fresh_database(server))
        setup_log(url)
        log = open_log(url, "toronto", catalogue)
        stack.callback(log.close)
        yield Archive(log)


@pytest.fixture(params=STORES)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An empty register, for this test alone."""
    with empty(request.param, tmp_path, request) as register:
        yield register


@pytest.fixture(scope="module", params=STORES)
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Archive]:
    """A register with the shipped record in it. Tests ask it and are refused; none may write."""
    with empty(request.param, tmp_path_factory.mktemp("recorded"), request) as register:
        register.record()
        before = register.log.head()
        yield register
        assert register.log.head() == before


def new_matter(number: str) -> OpenMatter:
    return OpenMatter(on=LATER, matter=number, title="A later matter")


def adopting(number: str, *acts: ReplaceProvision | DeleteProvision) -> Decide:
    return Decide(
        on=LATER,
        matter=number,
        decision="adopted",
        body="council",
        kind=DecisionKind.ADOPT,
        summary="Adopts what is moved.",
        instruments=acts,
    )


def moving(number: str, target: str, words: str) -> MoveMotion:
    return MoveMotion(
        on=LATER,
        matter=number,
        motion="a-strike",
        body="council",
        operation=Strike(target=target, words=words, terms="unchanged"),
        result=Result.CARRIED,
    )


# What the clause says.


def test_the_files_are_read_in_the_order_of_their_meetings(archive: Archive) -> None:
    assert [file.minutes.meeting.id for file in archive.files] == [
        "founding",
        "2001-11-19-committee",
        "2001-12-04-council",
        "2001-12-06-discrepancies",
    ]


def test_eleven_partnerships_are_international_and_fifteen_historical(recorded: Archive) -> None:
    assert recorded.partners(LAST_DAY) == {
        "International": INTERNATIONAL,
        "Historical": HISTORICAL,
    }
    assert (len(INTERNATIONAL), len(HISTORICAL)) == (11, 15)


def test_six_cities_are_targeted_and_none_of_them_is_a_partner(recorded: Archive) -> None:
    assert recorded.targeted(LAST_DAY) == TARGETED
    assert TARGETED.isdisjoint(row[0] for row in INTERNATIONAL | HISTORICAL)


def test_places_are_found_by_present_and_fuller_names(recorded: Archive) -> None:
    find = recorded.places().find
    assert find("Kyiv").code == find("ua-kiev").code == "UA-KIEV"
    assert find("L'Aquila").name == "Aguila"
    assert find("Wrocław").name == "Wroclaw"
    assert find("Çankaya").name == "Cankaya-Ankara"
    assert find("Nomi").name == "Tatsunokuchi"
    assert find("Guerrero").kind == "state"


def test_a_partner_in_one_table_only_is_known_and_is_no_partner(recorded: Archive) -> None:
    assert recorded.relationship("Istanbul", LAST_DAY) == Relationship()


def test_three_looks_two_by_council_and_one_by_staff_alone(recorded: Archive) -> None:
    seoul = recorded.one(ExplorationDirected, subject="seoul")
    guerrero = recorded.one(ExplorationDirected, subject="guerrero")
    baltic = recorded.one(ExplorationStated)

    assert len(recorded.every(ExplorationDirected)) == 2
    assert (seoul.report_back, seoul.authority) == (False, COUNCIL)
    assert (guerrero.report_back, guerrero.authority) == (True, COUNCIL)
    assert (baltic.subject, baltic.authority) == ("baltic-region", None)
    assert baltic.places == ("LV-RIGA", "EE-TALLINN", "LT-VILNIUS", "UA-KIEV")
    assert baltic.decided_on == When.parse("2001-11-26")


def test_only_the_report_on_guerrero_is_owed(recorded: Archive) -> None:
    owed = {
        subject: fold(
            after_look,
            Exploration(),
            recorded.stream(f"exploration/{subject}").on(LAST_DAY),
        ).report_owed
        for subject in ("seoul", "guerrero", "baltic-region")
    }
    assert owed == {"seoul": False, "guerrero": True, "baltic-region": False}


def test_the_committee_asked_for_a_report_and_got_it_and_council_asks_every_year(
    recorded: Archive,
) -> None:
    state = fold(after_duty, Duties(), recorded.stream(DUTIES).standing())
    assert state.given == {"seoul-and-guerrero": ("report-2001-11-26",)}
    assert {name: asked.yearly for name, asked in state.requested.items()} == {
        "seoul-and-guerrero": False,
        "annual-status-report": True,
    }


def test_every_figure_of_the_policy_is_a_term_in_force(recorded: Archive) -> None:
    in_force = recorded.policy(LAST_DAY)
    found = {name: in_force.term(name) for name in (*FIGURES, *LISTED)}
    assert {n: found[n].value for n in FIGURES if found[n]} == FIGURES  # type: ignore[union-attr]
    assert {n: len(found[n].value) for n in LISTED} == LISTED  # type: ignore[arg-type,union-attr]


def test_every_provision_is_in_force_and_says_where_it_stands(recorded: Archive) -> None:
    in_force = recorded.policy(LAST_DAY).provisions
    assert set(in_force) == ADDRESSES
    assert all(p.draft.cites and p.draft.cites[0].place for p in in_force.values())
    assert all(p.authority == COUNCIL for p in in_force.values())


def test_goals_and_criteria_have_as_many_items_as_the_papers(recorded: Archive) -> None:
    in_force = recorded.policy(LAST_DAY).provisions
    goals = (
        "economic-development",
        "cultural-development",
        "tourism-development",
        "cross-cultural-community-development",
    )
    assert [len(in_force[f"goals/{goal}"].draft.items) for goal in goals] == [3, 4, 5, 3]
    assert [len(in_force[f"criteria/{goal}"].draft.items) for goal in goals] == [14, 7, 5, 3]


def test_the_roster_is_cited_with_its_marks(recorded: Archive) -> None:
    edition = recorded.one(RosterCited)
    assert {tier: len(cities) for tier, cities in edition.tiers.items()} == {
        "Alpha": 10,
        "Beta": 10,
        "Gamma": 21,
    }
    assert edition.marks == {
        "formal partnership": ("Chicago", "Frankfurt", "Amsterdam", "Warsaw"),
        "technical exchange": ("Sao Paulo",),
        "exploring": ("Milan",),
    }


def test_every_partnership_cites_its_table(recorded: Archive) -> None:
    formed = recorded.every(PartnershipFormed)
    places = [event.cites[0].place or "" for event in formed]
    assert len(formed) == 26
    assert sum(place == "Attachment 4, International Partnerships" for place in places) == 11
    assert sum(place == "Attachment 4, Historical City Partnerships" for place in places) == 15


def test_what_disagrees_in_the_papers_is_noted_and_none_of_it_is_settled(
    recorded: Archive,
) -> None:
    noted = recorded.every(DiscrepancyNoted)
    assert [event.number for event in noted] == list(range(1, 26))
    assert all(event.passages[0].at != event.passages[1].at for event in noted)
    assert recorded.every(DiscrepancySettled) == ()
    assert {passage.figure for passage in noted[0].passages} == {25, 26, 27}


# Kiev.


def test_kiev_is_historical_and_in_no_tier(recorded: Archive) -> None:
    edition = recorded.one(RosterCited)
    kiev = recorded.relationship("Kyiv", LAST_DAY)
    assert kiev.classification == "Historical"
    assert all("Kiev" not in cities for cities in edition.tiers.values())


def test_the_motion_on_kiev_was_marked_when_it_was_recorded_and_struck_by_council(
    recorded: Archive,
) -> None:
    moved = recorded.one(MotionMoved, motion="committee-kiev-gamma")
    struck = recorded.one(MotionCarried, motion="council-strikes-kiev")
    recommended = recorded.one(DecisionTaken, decision="committee-recommends").recommends[0]

    assert [(f.rule, f.answer) for f in moved.findings] == [("W1", Answer.NOT_MET)]
    assert moved.decided_on == When.parse("2001-11-19")
    assert moved.prompted_by == (
        "communication-2001-11-15",
        "communication-2001-11-16",
        "deputation-lindsay-luby",
    )
    assert [type(act) for act in recommended.instruments] == [AdoptReport, ChangeTier]
    assert struck.recommendation
    assert [type(act) for act in struck.recommendation.instruments] == [AdoptReport]


def test_the_strike_to_the_letter_differs_from_what_council_declares(recorded: Archive) -> None:
    struck = recorded.one(MotionCarried, motion="council-strikes-kiev")
    assert struck.computed
    assert struck.computed.endswith("Tourism; .")
    assert struck.declared == struck.computed.replace("; .", ".")
    assert struck.recommendation
    assert struck.recommendation.text == struck.declared


# Who approves the delegation.


def test_council_approves_the_delegation_by_its_own_amendment(recorded: Archive) -> None:
    provision = recorded.policy(LAST_DAY).provisions["outbound/2"]
    adopted = recorded.one(
        ProvisionAdopted, provision=ProvisionRef(address="outbound/2", version=1)
    )
    assert provision.draft.terms == {"delegation.approver": "council"}
    assert adopted.draft == provision.draft
    assert adopted.amended_by == ("council-approves-delegation",)
    assert {e.amended_by for e in recorded.every(ProvisionAdopted) if e != adopted} == {()}


def test_the_mayors_version_was_proposed_and_never_in_force(recorded: Archive) -> None:
    report = recorded.one(ReportSubmitted, document="report-2001-11-07")
    (proposed,) = (
        act.draft
        for recommendation in report.recommendations
        for act in recommendation.instruments
        if isinstance(act, AdoptProvision) and act.draft.address == "outbound/2"
    )
    assert proposed.terms["delegation.selector"] == "mayor"
    assert [
        entry.event.draft.terms
        for entry in recorded.stream("policy").entries
        if entry.event.provision.address == "outbound/2"
    ] == [{"delegation.approver": "council"}]
    assert all(
        recorded.policy(day).term("delegation.selector") is None for day in (BEFORE, LAST_DAY)
    )


# When.


def test_nothing_is_in_force_before_the_meeting_and_partnerships_have_no_class(
    recorded: Archive,
) -> None:
    assert recorded.policy(BEFORE).provisions == {}
    assert recorded.partners(BEFORE) == {None: INTERNATIONAL | HISTORICAL}
    assert recorded.targeted(BEFORE) == set()


def test_a_partnership_exists_from_the_year_it_was_established(recorded: Archive) -> None:
    kiev = recorded.stream("partnership/UA-KIEV")
    assert kiev.certainty(date(1990, 12, 31)) == Certainty(sure=0, possible=0)
    assert kiev.certainty(date(1991, 7, 1)) == Certainty(sure=0, possible=1)
    assert kiev.certainty(date(1991, 12, 31)) == Certainty(sure=1, possible=1)


@pytest.mark.parametrize("day", [FIRST_DAY, SECOND_DAY])
def test_on_the_earlier_sitting_days_the_answer_is_not_determinate(
    recorded: Archive, day: date
) -> None:
    provisions = recorded.stream("policy")
    count = len(ADDRESSES)
    assert provisions.certainty(BEFORE) == Certainty(sure=0, possible=0)
    assert provisions.certainty(day) == Certainty(sure=0, possible=count)
    assert provisions.certainty(LAST_DAY) == Certainty(sure=count, possible=count)
    assert recorded.stream("partnership/UA-KIEV").certainty(day) == Certainty(sure=1, possible=2)


def test_effects_take_hold_when_decided_which_is_marked_as_convention(recorded: Archive) -> None:
    effects = [e for e in recorded.every(Event) if e.authority == COUNCIL]
    assert len(effects) == len(ADDRESSES) + 26 + 6 + 2 + 1
    assert {(e.decided_on, e.effective_from, e.by_convention) for e in effects} == {
        (MEETING, MEETING, True)
    }
    assert all(Citation(document="Report 12, Clause 4", place="head") in e.cites for e in effects)


# Again, and otherwise.


def test_recording_the_same_files_again_changes_nothing_and_says_so(recorded: Archive) -> None:
    before = recorded.log.head()
    outcomes = [recorded.command_bus.handle(*file.minutes.envelopes) for file in recorded.files]
    assert all(outcome.repeated for meeting in outcomes for outcome in meeting)
    assert recorded.log.head() == before


def test_a_rehearsal_of_all_files_stores_nothing(archive: Archive) -> None:
    outcomes = archive.command_bus.rehearse(*(file.minutes.envelopes for file in archive.files))
    assert not any(outcome.repeated for outcome in outcomes)
    assert archive.log.head() == 0


def test_a_file_that_contradicts_what_is_recorded_is_refused(recorded: Archive) -> None:
    before = recorded.log.head()
    (council,) = (f.minutes for f in recorded.files if f.minutes.meeting.id == "2001-12-04-council")
    last = council.envelopes[-1]
    other = last.command.model_copy(update={"summary": "Adopts something else."})
    with pytest.raises(Contradicts) as raised:
        recorded.command_bus.handle(Envelope(last.id, other, CLERK))
    assert raised.value.details == {"item": last.id}
    assert recorded.log.head() == before


def test_a_second_adoption_of_the_matter_is_refused(recorded: Archive) -> None:
    again = Decide(
        on=LATER,
        matter=MATTER,
        decision="adopted-again",
        body="council",
        kind=DecisionKind.ADOPT_AS_AMENDED,
        summary="Adopts it once more.",
        adopts=("committee/1",),
    )
    recorded.refused(MatterClosed, again, rule="A4", matter=MATTER, closed_by="council-adopts")


def test_a_class_does_not_change_without_a_decision(recorded: Archive) -> None:
    move = ClassifyPartnership(city="UA-KIEV", classification="International")
    recorded.refused(
        NoDecisionOnClass,
        RecordEffect(on=LATER, instrument=move),
        rule="C1",
        act="classify-partnership",
        authority=None,
    )
    invented = DecisionRef(matter=MATTER, decision="a-decision-nobody-took", body="council")
    recorded.refused(
        NoDecisionOnClass,
        RecordEffect(on=LATER, instrument=move, authority=invented),
        rule="C1",
        authority=invented,
    )


def test_the_targeted_list_does_not_change_without_a_decision(recorded: Archive) -> None:
    recorded.refused(
        NoDecisionOnClass,
        RecordEffect(on=LATER, instrument=TargetCity(city="LV-RIGA")),
        rule="C1",
        act="target-city",
    )


def test_the_class_it_has_already_is_refused(recorded: Archive) -> None:
    same = ClassifyPartnership(city="UA-KIEV", classification="Historical")
    recorded.refused(
        SameClass,
        RecordEffect(on=LATER, instrument=same, authority=COUNCIL),
        rule="C2",
        city="UA-KIEV",
        classification="Historical",
    )


def test_words_that_are_not_there_cannot_be_struck(archive: Archive) -> None:
    archive.record()
    archive.say(new_matter("2002-2-1"))
    archive.refused(
        WordsNotThere,
        moving("2002-2-1", "provision/outbound/1", "three Councillors"),
        rule="A2",
        target="provision/outbound/1",
        words="three Councillors",
        text=archive.policy(LAST_DAY).provisions["outbound/1"].draft.text,
    )


def test_a_deleted_provision_cannot_be_amended(archive: Archive) -> None:
    archive.record()
    archive.say(
        new_matter("2002-2-1"),
        adopting("2002-2-1", DeleteProvision(address="inbound/3")),
        new_matter("2002-2-2"),
    )
    archive.refused(
        AlreadyDeleted,
        moving("2002-2-2", "provision/inbound/3", "Possible"),
        rule="A2",
        provision=ProvisionRef(address="inbound/3", version=2),
    )


def test_a_decision_on_a_superseded_provision_is_refused(archive: Archive) -> None:
    archive.record()
    first, second = (ProvisionRef(address="outbound/2", version=version) for version in (1, 2))
    assert archive.policy(LAST_DAY).provisions["outbound/2"].ref == first
    replaced = ReplaceProvision(
        address="outbound/2",
        text="The Mayor approves who is on the official delegation.",
        terms={"delegation.approver": "mayor"},
    )
    archive.say(new_matter("2002-2-1"), adopting("2002-2-1", replaced), new_matter("2002-2-2"))
    resting = adopting("2002-2-2", DeleteProvision(address="outbound/3"))
    archive.refused(
        Superseded,
        resting.model_copy(update={"relies_on": (first,)}),
        rule="A3",
        cited=first,
        provision=second,
    )
    archive.say(resting.model_copy(update={"relies_on": (second,)}))


def test_the_committee_recommends_and_does_not_adopt(archive: Archive) -> None:
    archive.record("founding", "2001-11-19-committee")
    adopting_itself = Decide(
        on=When.parse("2001-11-19"),
        matter=MATTER,
        decision="committee-adopts",
        body="edp-committee",
        kind=DecisionKind.ADOPT_AS_AMENDED,
        summary="Adopts the report.",
        adopts=("committee/1",),
    )
    archive.refused(
        NotAuthorised,
        adopting_itself,
        rule="A1",
        act="policy",
        body="edp-committee",
        authority="council",
    )
    assert archive.policy(LAST_DAY).provisions == {}


def test_the_record_rests_on_its_charter_and_places(archive: Archive) -> None:
    archive.record("founding")
    charter = UnitOfWork(archive.log).charter(LAST_DAY)
    assert charter
    assert charter.residual_authority == "council"
    assert set(charter.names()) == {
        *("council", "edp-committee", "mayor", "commissioner", "staff", "protocol-office"),
    }
    assert len(archive.stream(CHARTER).entries) == 1
    assert len(archive.stream(PLACES).entries) == 26 + 6 + 4 + 1
