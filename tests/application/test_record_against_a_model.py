"""Random items of many meetings, and a record on paper that says which rules each must meet.

The paper (tests/support/on_paper) shares none of the domain's code. An item is refused exactly when
the paper has a reason, and then for one of its reasons; what is accepted writes the lines and gives
the answers that the paper expects, and afterwards the register and the paper say the same.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, currently_in_test_context, settings
from hypothesis import note as remark
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from application.discrepancies import discrepancy_of
from application.handlers import HANDLERS
from application.handling import Contradicts, Desk, Outcome, Request, Work, events_of
from application.proceedings import state_of
from application.programme import standing_of
from domain.authority import Body, Charter, RecordCharter
from domain.catalogue import commands
from domain.cities import UnknownPlace
from domain.dates import When
from domain.duties import STREAM, Duties
from domain.duties import evolve as after_duty
from domain.explorations import Exploration
from domain.explorations import evolve as after_look
from domain.history import Recorded, fold
from domain.kernel import Command, Conflict, Event, Fact, Refusal, StreamId
from tests.application.test_year_against_a_model import RULES as OF_THE_YEAR
from tests.rules import RULES as EVERY_RULE
from tests.support.memory_log import MemoryLog, PlainKeys, Shelf
from tests.support.on_paper import cities, corrections, looks, matters, provisions
from tests.support.on_paper.record import Record, Verdict
from tests.support.on_paper.sheets import BODIES, Line, Said, by_date
from tests.support.random_items import MEET, OFFICE, PLACES, PROVISIONS, TIERS, Items

FIRST = date(2002, 1, 10)
RULES = frozenset(
    ("A1", "A2", "A3", "A4", "C1", "C2", "C3", "C4", "C5", "W1", "W2", "R1", "R2", "K1", "K2")
)
"""The rules of the record: every refusal of theirs is met here."""

ANSWERS = frozenset(
    (
        *(("C3", answer) for answer in ("met", "advisory")),
        *(("W2", answer) for answer in ("met", "advisory", "not applicable")),
        *(("R1", answer) for answer in ("met", "advisory", "not applicable")),
        *(("R2", answer) for answer in ("not met", "not applicable")),
        *(("N5", answer) for answer in ("advisory", "not applicable")),
        *(("N4", answer) for answer in ("not met, overridden", "not applicable")),
        ("W1", "not met"),
        ("A2", "advisory"),
    )
)
"""What these rules say of an item that is accepted, and N4 and N5 of a partnership that changes."""

CHANCE = st.integers(min_value=0, max_value=9_999)
SEEN: Counter[str | tuple[str, str]] = Counter()
"""What was said against an item, and each rule's answers, over all runs."""

REPORTED = "recommendation/report/1"
TWIN: Said = {"established": "1991", "description": "Twin"}
FOUNDING: tuple[tuple[str, Said], ...] = (
    ("identify-places", {"places": [place for place in PLACES if place["code"] != "XX-NOWHERE"]}),
    ("open-matter", {"matter": "founding", "title": "The founding"}),
    (
        "decide",
        {
            "matter": "founding",
            "decision": "adoption",
            "body": "city-council",
            "kind": "adopt",
            "summary": "Adopted.",
            "adopts": [],
            "recommends": [],
            "relies_on": [],
            "notwithstanding": [],
            "instruments": [
                {"instrument": "adopt-provision", "draft": PROVISIONS[address]}
                for address in ("tiers", "change", "annual-report")
            ]
            + [
                act
                for city in ("UA-KIEV", "US-CHICAGO")
                for act in (
                    {"instrument": "enter-partnership", "city": city, **TWIN},
                    {
                        "instrument": "classify-partnership",
                        "city": city,
                        "classification": "Historical",
                    },
                )
            ],
        },
    ),
    ("open-matter", {"matter": "m0", "title": "The first"}),
    (
        "submit-report",
        {
            "matter": "founding",
            "document": "study",
            "by": {"office": "Commissioner"},
            "title": "World cities",
            "recommendations": [],
            "states": [
                {"states": "study-cited", "study": "GaWC", "edition": "first", "tiers": TIERS[0]}
            ],
        },
    ),
)


def command_of(kind: str, said: Said) -> Command:
    """The item as a minutes file would have it."""
    return commands[kind].model_validate_json(json.dumps(said))


@cache
def founded() -> tuple[MemoryLog, Record]:
    """A city with its bodies, its places and three provisions, in the register and on paper."""
    log, record = MemoryLog(), Record()
    desk = Desk(log, PlainKeys(), HANDLERS)
    bodies = tuple(Body(id=body, name=body) for body in BODIES)
    charter = Charter(edition="1", bodies=bodies, residual_authority="city-council")
    on = "2002-01-01"
    desk.handle(Request("charter", RecordCharter(on=When.parse(on), charter=charter), "a clerk"))
    for number, (kind, said) in enumerate(FOUNDING):
        item = {"on": on, **said}
        assert not record.enter(kind, item).reasons
        desk.handle(Request(f"founding/{number}", command_of(kind, item), "a clerk"))
    return log, record


def says(plain: Any, stored: Any) -> bool:
    """Whether what is stored says all that is on paper; it may say more."""
    if isinstance(plain, dict):
        return isinstance(stored, dict) and all(
            name in stored and says(plain[name], stored[name]) for name in plain
        )
    if isinstance(plain, list):
        return (
            isinstance(stored, list) and len(plain) == len(stored) and all(map(says, plain, stored))
        )
    return bool(plain == stored)


def as_on_paper(line: Line, entry: Recorded[Fact]) -> None:
    """The entry has the line's place, days and content."""
    event = entry.event
    assert isinstance(event, Event)
    dated = line.dated
    assert event.TOPIC.partition(".")[0] == line.topic
    assert entry.version == line.version
    assert (event.decided_on.text, event.effective_from.text) == (dated.on, dated.holds), line
    assert event.by_convention is dated.by_convention, line
    stored = event.model_dump(mode="json")
    assert says(line.says | {"authority": dated.authority}, stored), (line, stored)
    assert (event.replaces.version if event.replaces else None) == line.replaces


def answers_of(outcome: Outcome) -> Counter[str | tuple[str, str]]:
    """What each rule said of what was accepted."""
    return Counter(
        (finding.rule, finding.answer.value)
        for event in events_of(outcome)
        for finding in getattr(event, "findings", ())
    )


class Meetings(RuleBasedStateMachine):
    """One register, beside the same record on paper."""

    def __init__(self) -> None:
        super().__init__()
        log, record = founded()
        self.log = MemoryLog(shelf=Shelf(rows=list(log.shelf.rows)))
        self.desk = Desk(self.log, PlainKeys(), HANDLERS)
        self.record = Record(record.paper.sheets)
        self.today = FIRST
        self.accepted: list[tuple[Request, Outcome]] = []

    def enter(self, kind: str, /, **said: Any) -> Verdict:
        """Hand an item in, and see that the register does with it what the paper does."""
        self.today += timedelta(days=1)
        said = {"on": self.today.isoformat(), **said}
        if currently_in_test_context():
            remark(f"{kind}: {said}")
        command = command_of(kind, said)
        request = Request(f"a{self.today}/{kind}/{command.item}", command, "a clerk")
        expected, head = self.record.enter(kind, said), self.log.head()
        try:
            (outcome,) = self.desk.handle(request)
        except (Refusal, Conflict) as problem:
            reason = f"{getattr(problem, 'rule', '')} {type(problem).__name__}".strip()
            assert reason in expected.reasons, (reason, expected, kind, said)
            assert self.log.head() == head
            SEEN[reason] += 1
            return expected
        assert not expected.reasons, (expected, kind, said, outcome)
        assert [entry.stream for entry in outcome.events] == [s for s, _ in expected.written]
        for (_, line), entry in zip(expected.written, outcome.events, strict=True):
            as_on_paper(line, entry)
        SEEN.update(answers_of(outcome))
        self.accepted.append((request, outcome))
        self.hand_in_again(request, outcome)
        return expected

    def hand_in_again(self, request: Request, outcome: Outcome) -> None:
        """To the letter it gives what it gave; with another content it contradicts."""
        head = self.log.head()
        (again,) = self.desk.handle(request)
        assert again.repeated
        assert again.events == outcome.events
        other = request.command.model_copy(update={"on": When.parse("1999")})
        with pytest.raises(Contradicts):
            self.desk.handle(Request(request.id, other, request.actor))
        assert self.log.head() == head

    def items(self, chance: int) -> Items:
        """What may be handed in next; the same chance on another day gives something else."""
        on = self.today + timedelta(days=1)
        return Items(self.record.paper, on, Random(f"{chance} {on}"))

    # What is put before the bodies

    @rule(chance=CHANCE)
    def identify(self, chance: int) -> None:
        self.enter("identify-places", places=[self.items(chance).place()])

    @rule(chance=CHANCE)
    def open_matter(self, chance: int) -> None:
        self.enter("open-matter", matter=self.items(chance).new_matter(), title="A matter")

    @rule(chance=CHANCE)
    def submit(self, chance: int) -> None:
        self.enter("submit-report", **self.items(chance).report())

    @rule(chance=CHANCE)
    def letter(self, chance: int) -> None:
        self.enter("receive-communication", **self.items(chance).letter())

    @rule(chance=CHANCE)
    def deputation(self, chance: int) -> None:
        self.enter("hear-deputation", **self.items(chance).deputation())

    # What they do with it

    @rule(chance=CHANCE)
    def move(self, chance: int) -> None:
        self.enter("move-motion", **self.items(chance).motion())

    @rule(chance=CHANCE)
    def carry(self, chance: int) -> None:
        self.enter("move-motion", **self.items(chance).motion(), result="carried")

    @rule(chance=CHANCE)
    def dispose(self, chance: int) -> None:
        self.enter("dispose-of-motion", **self.items(chance).disposal())

    @rule(chance=CHANCE)
    def decide(self, chance: int) -> None:
        self.enter("decide", **self.items(chance).decision())

    @rule(chance=CHANCE)
    def adopt_at_once(self, chance: int) -> None:
        """A matter that Council opens and adopts, so that much is in force."""
        items = self.items(chance)
        matter = f"at-once-{self.today}"
        self.enter("open-matter", matter=matter, title="At once")
        acts = [items.instrument() for _ in range(items.pick(1, 1, 2))]
        self.enter("decide", **items.adoption(matter, acts))

    @rule(chance=CHANCE)
    def reopen(self, chance: int) -> None:
        self.enter("reopen-matter", **self.items(chance).reopening())

    @rule(chance=CHANCE)
    def effect(self, chance: int) -> None:
        self.enter("record-effect", **self.items(chance).effect())

    # What is put right

    @rule(chance=CHANCE)
    def correct(self, chance: int) -> None:
        self.enter("correct-record", **self.items(chance).correction())

    @rule(chance=CHANCE)
    def note(self, chance: int) -> None:
        self.enter("note-discrepancy", **self.items(chance).disagreement())

    @rule(chance=CHANCE)
    def settle(self, chance: int) -> None:
        self.enter("settle-discrepancy", **self.items(chance).settlement())

    @rule(chance=CHANCE)
    def annual_report(self, chance: int) -> None:
        self.enter("give-annual-report", **self.items(chance).annual_report())

    @rule(chance=CHANCE)
    def some_of_all(self, chance: int) -> None:
        """Items of every kind, whichever kinds a run leaves out."""
        for number in range(20):
            Random(f"{chance} {number}").choice(EVERY)(self, chance + number)

    @rule(chance=CHANCE)
    def an_old_one_again(self, chance: int) -> None:
        if self.accepted:
            self.hand_in_again(*self.accepted[chance % len(self.accepted)])

    # What stands then

    @invariant()
    def the_same_stands(self) -> None:
        work = Work(self.log)
        for days in (-30, 0, 30):
            self.the_policy_is(work, self.today + timedelta(days=days))
        for code in cities.known(self.record.paper):
            self.the_tie_is(work, code)
        for name in self.named("matter"):
            self.the_matter_is(work, name)
        for name in self.named("exploration"):
            self.the_exploration_is(work, name)
        for name in self.named("discrepancy"):
            noted, settled = corrections.discrepancy(self.record.paper, name)
            state = discrepancy_of(work, name)
            assert (state.noted is not None, state.settled is not None) == (
                noted is not None,
                settled is not None,
            )
        self.names_lead(work)
        self.reports_are_owed(work)

    def named(self, kind: str) -> Iterator[str]:
        return (
            name.removeprefix(f"{kind}/")
            for name in self.record.paper.sheets
            if name.startswith(f"{kind}/")
        )

    def the_policy_is(self, work: Work, day: date) -> None:
        standing = work.policy(day).provisions
        on_paper = provisions.in_force(self.record.paper, day)
        assert standing.keys() == on_paper.keys()
        for address, line in on_paper.items():
            held = standing[address]
            assert says(line.says["provision"], held.ref.model_dump(mode="json"))
            assert says(line.says["draft"], held.draft.model_dump(mode="json"))
            assert held.effective_from.text == line.dated.holds

    def the_tie_is(self, work: Work, code: str) -> None:
        for days in (0, 30):
            day = self.today + timedelta(days=days)
            tie, held = (
                cities.tie_on(self.record.paper, code, day),
                standing_of(work, code, When.day(day)),
            )
            assert held.partner == (tie.established is not None)
            assert (held.classification, held.targeted) == (tie.classification, tie.targeted)

    def the_matter_is(self, work: Work, name: str) -> None:
        paper, state = matters.read(self.record.paper, name), state_of(work, name)
        assert (state.opened, state.closed_by) == (paper.opened, paper.closed_by)
        assert {n: r.text for n, r in state.recommendations.items()} == {
            n: one["text"] for n, one in paper.recommended.items()
        }
        assert {n: r.value for n, r in state.results.items()} == paper.results
        proposed = {a: d.model_dump(mode="json") for a, d in state.drafts().items()}
        assert proposed.keys() == paper.proposed().keys()
        assert says(paper.proposed(), proposed)

    def the_exploration_is(self, work: Work, name: str) -> None:
        stream = StreamId(f"exploration/{name}")
        state = fold(after_look, Exploration(), work.read(stream).standing())
        look = looks.look(self.record.paper.sheet(stream))
        assert (state.known, state.report_owed) == (look.known, look.owed)

    def names_lead(self, work: Work) -> None:
        known, led = work.places(), cities.named(self.record.paper)
        assert known.names == led
        for name in ("Nowhere", "Atlantis"):
            with pytest.raises(UnknownPlace):
                known.find(name)

    def reports_are_owed(self, work: Work) -> None:
        state = fold(after_duty, Duties(), work.read(STREAM).standing())
        lines = by_date(self.record.paper.sheet("duties"))
        given = Counter(li.says["request"] for li in lines if li.topic == "report-given")
        asked = {li.says["request"] for li in lines if li.topic == "report-requested"}
        assert state.requested.keys() == asked
        assert {name: len(answers) for name, answers in state.given.items()} == given


EVERY = (
    Meetings.identify,
    Meetings.open_matter,
    *(Meetings.submit,) * 2,
    Meetings.letter,
    Meetings.deputation,
    *(Meetings.move,) * 2,
    *(Meetings.carry,) * 4,
    *(Meetings.dispose,) * 2,
    *(Meetings.decide,) * 3,
    *(Meetings.adopt_at_once,) * 4,
    *(Meetings.reopen,) * 2,
    *(Meetings.effect,) * 2,
    *(Meetings.correct,) * 3,
    Meetings.note,
    *(Meetings.settle,) * 2,
    Meetings.annual_report,
)
"""What happens at meetings, and how often."""


def council(matter: str, kind: str, *acts: Said, **more: Any) -> Said:
    """What Council decides on a matter."""
    none: Said = {"adopts": [], "recommends": [], "relies_on": [], "notwithstanding": []}
    own = {"body": "city-council", "kind": kind, "summary": "So resolved."}
    return (
        none
        | own
        | {"matter": matter, "decision": kind.replace(" ", "-")}
        | {
            "instruments": list(acts),
            **more,
        }
    )


def what_a_motion_may_not_do() -> None:
    """A proposal amended in ways that random meetings seldom come upon (rules A1, A2 and A3)."""
    walk = Meetings()
    proposing = {"instrument": "adopt-provision", "draft": PROVISIONS["purpose"]}
    recommended = {"id": "report/1", "text": MEET, "instruments": [proposing]}
    report = {"matter": "m0", "document": "report", "by": OFFICE, "title": "A report"}
    walk.enter("submit-report", **report, recommendations=[recommended], states=[])
    motions = itertools.count()

    def carried(reason: str, **operation: Any) -> None:
        said = {"matter": "m0", "motion": f"m{next(motions)}", "body": "city-council"}
        verdict = walk.enter("move-motion", **said, operation=operation, result="carried")
        assert verdict.reasons == ({reason} if reason else set())

    purpose = {"target": "provision/purpose", "words": ", to trade"}
    carried("A2 SilentOnEffects", operation="strike", **purpose | {"target": REPORTED})
    carried("A2 ChoiceNeeded", operation="strike", **purpose, declared="As declared.")
    carried("", operation="delete", target="provision/purpose")
    carried("A2 TargetDeleted", operation="strike", **purpose)
    again = {"id": "again/1", "text": MEET, "instruments": [proposing]}
    carried("", operation="add", recommendation=again)
    carried("", operation="strike", **purpose)
    aside = {"id": "aside/1", "text": MEET, "instruments": []}
    carried("", operation="add", recommendation=aside)
    moved = {"matter": "m0", "motion": "late", "body": "committee"}
    walk.enter("move-motion", **moved, operation={"operation": "strike", **purpose})
    lost = walk.enter("dispose-of-motion", **moved | {"body": "mayor"}, result="lost")
    assert lost.reasons == {"A1 MovedInAnotherBody"}
    deferred = walk.enter("decide", **council("m0", "defer", proposing))
    assert deferred.reasons == {"A3 NotAdopted"}
    adopted = walk.enter("decide", **council("m0", "adopt", adopts=["again/1"]))
    assert adopted.reasons == {"A2 NotAsAmended"}
    assert not walk.enter("decide", **council("m0", "adopt as amended", adopts=["again/1"])).reasons
    assert ("A2", "advisory") in SEEN  # of what was added and is not adopted
    walk.the_same_stands()


def what_council_may_not_do_at_once() -> None:
    """Acts that Council takes one after the other (rules A2, C1, C4, N4, R1 and W2)."""
    walk = Meetings()
    matters_ = itertools.count()

    def decided(against: str, instrument: str, aside: Sequence[str] = (), /, **act: Any) -> None:
        matter = f"x{next(matters_)}"
        walk.enter("open-matter", matter=matter, title=matter)
        acting = council(matter, "adopt", {"instrument": instrument, **act})
        verdict = walk.enter("decide", **acting | {"notwithstanding": list(aside)})
        assert verdict.reasons == ({against} if against else set())

    decided("", "target-city", city="BR-SAO-PAULO")
    walk.enter("give-annual-report", year=2002, document="annual", statuses={})
    decided("", "drop-targeted-city", city="BR-SAO-PAULO")
    kiev = {"city": "UA-KIEV", "classification": "International", "reason": "the criteria"}
    decided("", "classify-partnership", **kiev)
    decided("C2 SameClass", "classify-partnership", **kiev)
    decided("C5 AlreadyPartner", "enter-partnership", city="UA-KIEV", **TWIN)
    decided("A2 AlreadyInForce", "adopt-provision", draft=PROVISIONS["tiers"])
    twice = PROVISIONS["purpose"] | {"terms": PROVISIONS["tiers"]["terms"]}
    decided("A2 TermCarriedTwice", "adopt-provision", draft=twice)
    decided("", "end-partnership", city="US-CHICAGO")
    decided("", "enter-partnership", city="US-CHICAGO", **TWIN | {"established": "2002-02-28"})
    decided("A2 TermsNotStated", "replace-provision", address="tiers", text=MEET)
    sao_paulo = {"city": "BR-SAO-PAULO", **TWIN}
    decided("", "adopt-provision", draft=PROVISIONS["new-alliances"])
    decided("C1 NotTargeted", "drop-targeted-city", city="BR-SAO-PAULO")
    decided("C1 NoPartnership", "end-partnership", city="BR-SAO-PAULO")
    decided("N4 AgreementOutOfOrder", "enter-partnership", **sao_paulo)
    decided("", "enter-partnership", ["new-alliances"], **sao_paulo)
    decided("C4 AgreementExists", "target-city", city="BR-SAO-PAULO")
    asked = {"request": "status", "about": "it", "to": "council"}
    decided("", "request-report", **asked, office="Commissioner")
    decided("R1 AskedOtherwise", "request-report", **asked, office="Protocol")
    seoul: Said = {"subject": "seoul", "name": "Seoul", "places": ["UA-KIEV"], "report_back": True}
    chicago = {"subject": "us", "name": "U.S.", "places": ["US-CHICAGO"], "report_back": False}
    decided("", "explore", **chicago)
    decided("", "explore", **seoul)
    decided("", "delete-provision", address="tiers")
    decided("A2 AlreadyDeleted", "delete-provision", address="tiers")
    decided("", "explore", **seoul)
    decided("", "delete-provision", address="annual-report")
    walk.enter("give-annual-report", year=2002, document="annual", statuses={})
    walk.the_same_stands()


def what_a_clerk_may_not_enter() -> None:
    """What does not fit the record (rules C1, R1, R2, W1, K1 and K2)."""
    walk = Meetings()
    documents = itertools.count()

    def stated(against: str, states: str, /, **fact: Any) -> None:
        report: Said = {"matter": "m0", "document": f"d{next(documents)}", "by": OFFICE}
        report |= {"title": "A report", "recommendations": []}
        verdict = walk.enter("submit-report", **report, states=[{"states": states, **fact}])
        assert verdict.reasons == {against}

    def entered(against: str, kind: str, /, **said: Any) -> None:
        assert walk.enter(kind, **said).reasons == ({against} if against else set())

    stated("W1 TierIsCited", "study-cited", study="GaWC", edition="first", tiers=TIERS[1])
    stated("R1 NoSuchRequest", "report-answers", request="status")
    stated("R2 NoExploration", "exploration-reported", subject="seoul")
    target = {"instrument": "target-city", "city": "BR-SAO-PAULO"}
    entered("C1 NoDecisionOnClass", "record-effect", instrument=target)
    slip = {"version": 1, "reason": "a slip", "authority": "City Clerk"}
    entered("", "correct-record", stream="matter/m0", changed={"title": "Another"}, **slip)
    entered("K1 AlreadyReplaced", "correct-record", stream="matter/m0", withdraw=True, **slip)
    elsewhere = {"changed": {"matter": "m1"}, **slip, "version": 2}
    entered("K1 ChangesIdentity", "correct-record", stream="matter/m0", **elsewhere)
    counted = [{"at": {"document": "report"}, "says": says_} for says_ in ("25", "26")]
    about = {"discrepancy": "counts"}
    entered("", "note-discrepancy", **about, title="How many", passages=counted)
    asked = {"instrument": "request-report", "request": "costs", "office": "Treasurer"}
    asked |= {"about": "costs", "to": "council"}
    entered("", "decide", **council("m0", "adopt", asked))
    on_nothing = {**slip, "stream": "duties", "changed": {"authority": None}}
    entered("A1 LosesAuthority", "correct-record", **on_nothing)
    by = {"matter": "m0", "decision": "adopt", "body": "city-council"}
    for against in ("", "K2 AlreadySettled"):
        entered(against, "settle-discrepancy", **about, how="by counting", authority=by)
    too_soon = {**slip, "stream": "policy", "changed": {"effective_from": "1999-01-01"}}
    entered("A3 BeforeItsDecision", "correct-record", **too_soon)
    again = {"matter": "m0", "decision": "again", "body": "city-council", "reason": "more"}
    entered("A4 ReopenedBeforeClosed", "reopen-matter", **again, on="1999-01-01")
    entered("", "open-matter", matter="m1", title="Late")
    late: Said = {"id": "late/1", "text": MEET, "instruments": []}
    report: Said = {"matter": "m1", "document": "late", "by": OFFICE, "title": "Late"}
    entered("", "submit-report", **report, recommendations=[late], states=[])
    before = council("m1", "adopt", adopts=["late/1"], on="1999-01-01")
    entered("A3 AdoptedBeforeProposed", "decide", **before)
    explore: Said = {"instrument": "explore", "subject": "us", "name": "U.S.", "places": []}
    explore |= {"report_back": False}
    retroactive = council("m1", "adopt", explore, effective_from="1999-01-01")
    entered("A1 DecidedAfterwards", "decide", **retroactive)
    early: Said = {"on": "1999-01-01", "stream": "matter/m0", "version": 2, "reason": "a slip"}
    early |= {"authority": by, "changed": {"title": "A third"}}
    entered("A1 DecidedAfterwards", "correct-record", **early)
    walk.the_same_stands()


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """What recording may refuse; not those of exports, and not what a test made for itself."""
    for further in kind.__subclasses__():
        if further.__module__.startswith(("domain.", "application.")):
            yield further
            yield from refusals(further)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.rule("A1", "A2", "A3", "A4", "C1", "C2", "C4", "C5", "W1", "R1", "R2", "K1", "K2")
@pytest.mark.rule("C3", "W2")
def test_the_record_keeps_to_what_is_on_paper(pytestconfig: pytest.Config) -> None:
    SEEN.clear()
    disabled = pytestconfig.getoption("--without-rule")  # it fails then, and need not say how
    what_a_motion_may_not_do()
    what_council_may_not_do_at_once()
    what_a_clerk_may_not_enter()
    run_state_machine_as_test(
        Meetings,
        settings=settings(
            max_examples=250,
            stateful_step_count=15,
            phases=(Phase.generate,) if disabled else tuple(Phase),
            derandomize=True,
            deadline=None,
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.data_too_large,
                HealthCheck.filter_too_much,
            ],
        ),
    )

    assert SEEN.keys() >= ANSWERS
    assert SEEN.keys() >= {f"{r.rule} {r.__name__}" for r in refusals() if r.rule in RULES}


def test_the_two_models_meet_every_rule() -> None:
    assert set(EVERY_RULE) == RULES | OF_THE_YEAR
