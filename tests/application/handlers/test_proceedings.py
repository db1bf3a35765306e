"""Every act on a matter: its outcome, its repeat, its refusal, its contradiction and its race."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from application.command_bus import CommandBus, Contradicts, events_of
from application.handlers.proceedings import HANDLERS
from domain.council.bodies import (
    Body,
    BodyNoMore,
    Charter,
    CharterRecorded,
    NoDecisionOnClass,
    NotAuthorised,
    RecordCharter,
    UnknownBody,
)
from domain.council.succession import BodiesChanged, ChangeBodies
from domain.instruments import AuthoriseOfficials, ClassifyPartnership, PartnershipExists
from domain.partnerships.partnership import PartnershipReclassified, SameClass
from domain.places import (
    IdentifyPlaces,
    PlaceIdentified,
    PlaceNoMore,
    PlacesReplaced,
    ReplacedByItself,
    ReplacePlaces,
)
from domain.policy import ProvisionAdopted
from domain.proceedings.decision_rules import MatterNotClosed
from domain.proceedings.decisions import (
    Decide,
    DecisionKind,
    DecisionTaken,
    MatterReopened,
    RecordEffect,
    Reopening,
    ReopenMatter,
    Resolution,
)
from domain.proceedings.in_camera import (
    AlreadyInCamera,
    HoldInCamera,
    NotInCamera,
    ReleaseMatter,
)
from domain.proceedings.matter import (
    AlreadyRecorded,
    DeferredToThePast,
    MatterClosed,
    MatterConsidered,
    MatterHeldInCamera,
    MatterOpened,
    MatterReleased,
    MatterSplit,
    OpenMatter,
    UnknownMatter,
)
from domain.proceedings.motion_rules import MotionEnded, UnknownMotion
from domain.proceedings.motions import (
    DeleteAndInsert,
    DisposeOfMotion,
    GiveNotice,
    Motion,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    MoveMotion,
    NoticeGiven,
    Result,
    Strike,
)
from domain.proceedings.numbers import (
    ConsiderTogether,
    MatterNumbered,
    MatterPart,
    NotInTheMatter,
    NumberMatter,
    NumberTaken,
    SplitMatter,
)
from domain.proceedings.papers import (
    Communication,
    CommunicationReceived,
    Deputation,
    DeputationHeard,
    HearDeputation,
    ReceiveCommunication,
    Report,
    ReportSubmitted,
)
from domain.shared.dates import When
from domain.shared.log_facts import EntriesInCamera, EntryDisclosed, EntryName, Sealed
from domain.shared.messages import Command, DecisionRef, Event, Fact, ProvisionRef, shared_fields
from domain.shared.problems import Problem
from domain.shared.strikes import WordsNotThere
from tests.support.racing import MovingLog
from tests.support.small_city import (
    ADOPTION,
    CHARTER,
    COMMITTEE_DAY,
    COUNCIL_DAYS,
    DELEGATION,
    FIRST_PAPER,
    FOUNDING,
    KIEV,
    LATER,
    MATTER,
    MILAN,
    OPENED,
    POLICY,
    REPORT,
    SEOUL,
    STAFF,
    adopt,
    basis,
    command_bus,
    decide,
    envelope,
    recommendation,
    record,
    submit,
)

OTHER_CHARTER = Charter(edition="another", bodies=CHARTER.bodies, residual_authority="council")


def _merged() -> dict[str, Any]:
    economy = Body(id="economy", name="Economy Committee", succeeds=("committee",))
    return {"bodies": (economy,), "abolished": ("committee",)}


MERGED = ReplacePlaces(on=LATER, places=("UA-KIEV",), by=("IT-MILAN",))
MERGE = ChangeBodies(on=LATER, **_merged())
LETTER = ReceiveCommunication(
    on=FIRST_PAPER, matter=MATTER, document="letter", sender=STAFF, asks="Kiev", about=("Kiev",)
)
SPEAKER = HearDeputation(
    on=COMMITTEE_DAY, matter=MATTER, deputation="speaker", body="committee", speaker=STAFF
)
STRIKE = MoveMotion(
    on=COUNCIL_DAYS,
    matter=MATTER,
    motion="m1",
    body="council",
    operation=Strike(target="recommendation/report/3", words=" be done"),
    result=Result.CARRIED,
)
INSERT = MoveMotion(
    on=COUNCIL_DAYS,
    matter=MATTER,
    motion="m2",
    body="council",
    operation=DeleteAndInsert(target="provision/outbound/2", text="Council approves.", terms={}),
)
LOSE = DisposeOfMotion(
    on=COUNCIL_DAYS, matter=MATTER, motion="m2", body="council", result=Result.LOST, reason="no"
)
REOPEN = ReopenMatter(
    on=LATER, matter=MATTER, decision="reopening", body="council", reason="new facts"
)
PARTNERS = submit(
    "partners",
    states=(
        PartnershipExists(
            city="UA-KIEV", established=When.parse("1991"), description="Friendship Agreement"
        ),
    ),
)
CLASSIFY = ClassifyPartnership(city="UA-KIEV", classification="Historical")
CLASSES = adopt("report/1", instruments=(CLASSIFY,))
RECLASSIFY = RecordEffect(
    on=LATER,
    instrument=CLASSIFY.model_copy(update={"classification": "International"}),
    authority=ADOPTION,
    effective_from=LATER,
)
RECEIVED = decide("other", DecisionKind.RECEIVE)
NUMBERED = NumberMatter(on=LATER, matter=MATTER, number="2002.EC1.5")
ANOTHER = OpenMatter(on=FIRST_PAPER, matter="another", title="Another")
TOGETHER = ConsiderTogether(on=LATER, body="council", matters=(MATTER, "another"))
SPLIT = SplitMatter(on=LATER, matter=MATTER, into=(MatterPart(matter="another", title="A part"),))
HELD = HoldInCamera(on=LATER, matter=MATTER, body="council", reason="Talks")
RELEASING = OpenMatter(on=FIRST_PAPER, matter="another", title="Another")
RELEASES = Decide(
    on=LATER,
    matter="another",
    decision="releases",
    body="council",
    kind=DecisionKind.ADOPT,
    summary="Release it.",
    instruments=(AuthoriseOfficials(),),
)
RELEASE = ReleaseMatter(
    on=LATER,
    matter=MATTER,
    authority=DecisionRef(matter="another", decision="releases", body="council"),
)
NOWHERE = {"rule": "A4", "matter": "nowhere"}


@dataclass(frozen=True)
class Case:
    """One command: what goes before it, and what comes of it, of its rivals and of its mistakes.

    `other` has the name of `command` and says something else. `rival` is recorded between what
    the command reads and its append; what then comes of it is `beaten` or, without that, `after`.
    """

    given: Sequence[Command]
    command: Command
    then: Sequence[Fact]
    other: Command
    wrong: Command | None
    refusal: type[Problem] | None
    details: dict[str, Any]
    rival: Command
    beaten: type[Problem] | None = None
    after: Sequence[Event] = field(default=())

    def start(self, log: MovingLog | None = None) -> CommandBus:
        at = command_bus(log or MovingLog())
        record(at, *self.given, meeting="before")
        return at


START = (*FOUNDING, OPENED)
SUBMITTED = (*START, POLICY)

NOTICE = GiveNotice(
    on=COUNCIL_DAYS,
    matter=MATTER,
    notice="n1",
    body="council",
    text="Look at Seoul.",
    until=LATER,
)

CASES: dict[str, Case] = {
    "record-charter": Case(
        given=(),
        command=FOUNDING[0],
        then=(CharterRecorded(charter=CHARTER, **basis(FIRST_PAPER)),),
        other=RecordCharter(
            on=FIRST_PAPER,
            charter=CHARTER.model_copy(update={"bodies": CHARTER.bodies[::-1]}),
        ),
        wrong=None,  # a charter that does not fit itself is no command at all
        refusal=None,
        details={},
        rival=FOUNDING[0],
        after=(),
    ),
    "change-bodies": Case(
        given=FOUNDING,
        command=MERGE,
        then=(BodiesChanged(**_merged(), **basis(LATER)),),
        other=MERGE.model_copy(update={"bodies": (Body(id="economy", name="Another"),)}),
        wrong=MERGE.model_copy(update={"abolished": ("board",)}),
        refusal=UnknownBody,
        details={"rule": "A1", "body": "board", "known": ("council", "committee", "mayor")},
        rival=MERGE,
        beaten=BodyNoMore,
    ),
    "identify-places": Case(
        given=(),
        command=FOUNDING[1],
        then=tuple(PlaceIdentified(place=p, **basis(FIRST_PAPER)) for p in (KIEV, MILAN, SEOUL)),
        other=IdentifyPlaces(
            on=FIRST_PAPER, places=(KIEV.model_copy(update={"name": "Kief"}), MILAN, SEOUL)
        ),
        wrong=None,  # any place may be entered, with any name
        refusal=None,
        details={},
        rival=IdentifyPlaces(on=FIRST_PAPER, places=(MILAN,)),
        after=tuple(PlaceIdentified(place=p, **basis(FIRST_PAPER)) for p in (KIEV, SEOUL)),
    ),
    "replace-places": Case(
        given=FOUNDING,
        command=MERGED,
        then=(PlacesReplaced(places=("UA-KIEV",), by=("IT-MILAN",), **basis(LATER)),),
        other=MERGED.model_copy(update={"by": ("KR-SEOUL",)}),
        wrong=MERGED.model_copy(update={"by": ("UA-KIEV",)}),
        refusal=ReplacedByItself,
        details={"rule": "C5", "place": "UA-KIEV"},
        rival=MERGED,
        beaten=PlaceNoMore,
    ),
    "open-matter": Case(
        given=FOUNDING,
        command=OPENED,
        then=(
            MatterOpened(
                matter=MATTER, title="City partners", reference="Clause 4", **basis(FIRST_PAPER)
            ),
        ),
        other=OPENED.model_copy(update={"title": "Other"}),
        wrong=None,  # opened before is a conflict, and the race shows it
        refusal=None,
        details={},
        rival=OPENED,
        beaten=AlreadyRecorded,
    ),
    "hold-in-camera": Case(
        given=START,
        command=HELD,
        then=(
            MatterHeldInCamera(matter=MATTER, body="council", reason="Talks", **basis(LATER)),
            EntriesInCamera(
                matter=MATTER, entries=(EntryName(stream=f"matter/{MATTER}", version=2),)
            ),
        ),
        other=HELD.model_copy(update={"reason": "Litigation"}),
        wrong=HELD.model_copy(update={"matter": "nowhere"}),
        refusal=UnknownMatter,
        details=NOWHERE,
        rival=HELD,
        beaten=AlreadyInCamera,
    ),
    "release-matter": Case(
        given=(*START, HELD, RELEASING, RELEASES),
        command=RELEASE,
        then=(
            EntryDisclosed(
                entry=EntryName(stream=f"matter/{MATTER}", version=2),
                content=Sealed(
                    topic="matter-held-in-camera.v1",
                    state=MatterHeldInCamera(
                        matter=MATTER, body="council", reason="Talks", **basis(LATER)
                    ).model_dump_json(),
                ),
            ),
            MatterReleased(matter=MATTER, **basis(LATER, RELEASE.authority)),
        ),
        other=RELEASE.model_copy(update={"cites": (REPORT,)}),
        wrong=RELEASE.model_copy(update={"matter": "another"}),
        refusal=NotInCamera,
        details={"rule": "A6", "matter": "another"},
        rival=RELEASE,
        beaten=NotInCamera,
    ),
    "number-matter": Case(
        given=START,
        command=NUMBERED,
        then=(MatterNumbered(matter=MATTER, number="2002.EC1.5", **basis(LATER)),),
        other=NUMBERED.model_copy(update={"cites": (REPORT,)}),
        wrong=NUMBERED.model_copy(update={"number": MATTER}),
        refusal=NumberTaken,
        details={"number": MATTER, "matter": MATTER},
        rival=NUMBERED,
        beaten=NumberTaken,
    ),
    "consider-together": Case(
        given=(*START, ANOTHER),
        command=TOGETHER,
        then=(
            MatterConsidered(
                matter=MATTER, body="council", together_with=("another",), **basis(LATER)
            ),
            MatterConsidered(
                matter="another", body="council", together_with=(MATTER,), **basis(LATER)
            ),
        ),
        other=TOGETHER.model_copy(update={"body": "committee"}),
        wrong=TOGETHER.model_copy(update={"matters": (MATTER, "nowhere")}),
        refusal=UnknownMatter,
        details=NOWHERE,
        rival=decide("closes", DecisionKind.RECEIVE),
        beaten=MatterClosed,
    ),
    "split-matter": Case(
        given=START,
        command=SPLIT,
        then=(
            MatterSplit(matter=MATTER, into=("another",), recommendations=(), **basis(LATER)),
            MatterOpened(matter="another", title="A part", out_of=MATTER, **basis(LATER)),
        ),
        other=SPLIT.model_copy(update={"cites": (REPORT,)}),
        wrong=SPLIT.model_copy(
            update={
                "into": (
                    MatterPart(matter="another", title="A part", recommendations=("report/9",)),
                )
            }
        ),
        refusal=NotInTheMatter,
        details={"rule": "A4", "matter": MATTER, "missing": ("report/9",)},
        rival=decide("closes", DecisionKind.RECEIVE),
        beaten=MatterClosed,
    ),
    "submit-report": Case(
        given=START,
        command=POLICY,
        then=(ReportSubmitted(**shared_fields(Report, POLICY), **basis(FIRST_PAPER)),),
        other=submit("report"),
        wrong=POLICY.model_copy(update={"matter": "nowhere"}),
        refusal=UnknownMatter,
        details=NOWHERE,
        rival=RECEIVED,
        beaten=MatterClosed,
    ),
    "receive-communication": Case(
        given=START,
        command=LETTER,
        then=(CommunicationReceived(**shared_fields(Communication, LETTER), **basis(FIRST_PAPER)),),
        other=LETTER.model_copy(update={"asks": "Minsk"}),
        wrong=LETTER.model_copy(update={"matter": "nowhere"}),
        refusal=UnknownMatter,
        details=NOWHERE,
        rival=submit("letter"),
        beaten=AlreadyRecorded,
    ),
    "hear-deputation": Case(
        given=START,
        command=SPEAKER,
        then=(DeputationHeard(**shared_fields(Deputation, SPEAKER), **basis(COMMITTEE_DAY)),),
        other=SPEAKER.model_copy(update={"body": "council"}),
        wrong=SPEAKER.model_copy(update={"body": "board"}),
        refusal=UnknownBody,
        details={"rule": "A1", "body": "board", "known": ("council", "committee", "mayor")},
        rival=LETTER,
        after=(DeputationHeard(**shared_fields(Deputation, SPEAKER), **basis(COMMITTEE_DAY)),),
    ),
    "give-notice": Case(
        given=(*FOUNDING, OPENED),
        command=NOTICE,
        then=(
            NoticeGiven(
                matter=MATTER,
                notice="n1",
                body="council",
                text="Look at Seoul.",
                until=LATER,
                **basis(COUNCIL_DAYS),
            ),
        ),
        other=NOTICE.model_copy(update={"text": "Look at Busan."}),
        wrong=NOTICE.model_copy(update={"until": FIRST_PAPER}),
        refusal=DeferredToThePast,
        details={
            "rule": "A4",
            "item": "n1",
            "until": str(FIRST_PAPER),
            "on": str(COUNCIL_DAYS),
        },
        rival=NOTICE.model_copy(update={"notice": "n2"}),
        after=(
            NoticeGiven(
                matter=MATTER,
                notice="n1",
                body="council",
                text="Look at Seoul.",
                until=LATER,
                **basis(COUNCIL_DAYS),
            ),
        ),
    ),
    "move-motion": Case(
        given=SUBMITTED,
        command=STRIKE,
        then=(
            MotionMoved(**shared_fields(Motion, STRIKE), findings=(), **basis(COUNCIL_DAYS)),
            MotionCarried(
                matter=MATTER,
                motion="m1",
                body="council",
                recommendation=recommendation("report/3", text="That report/3."),
                draft=None,
                removed=None,
                computed=None,
                declared=None,
                findings=(),
                **basis(COUNCIL_DAYS),
            ),
        ),
        other=STRIKE.model_copy(update={"result": Result.LOST}),
        wrong=STRIKE.model_copy(
            update={"operation": Strike(target="recommendation/report/3", words="Kiev")}
        ),
        refusal=WordsNotThere,
        details={
            "rule": "A2",
            "target": "recommendation/report/3",
            "words": "Kiev",
            "text": "That report/3 be done.",
        },
        rival=STRIKE.model_copy(update={"motion": "m3"}),
        beaten=WordsNotThere,
    ),
    "dispose-of-motion": Case(
        given=(*SUBMITTED, INSERT),
        command=LOSE,
        then=(
            MotionFailed(
                matter=MATTER,
                motion="m2",
                body="council",
                result=Result.LOST,
                reason="no",
                **basis(COUNCIL_DAYS),
            ),
        ),
        other=LOSE.model_copy(update={"result": Result.CARRIED}),
        wrong=LOSE.model_copy(update={"motion": "m9"}),
        refusal=UnknownMotion,
        details={"rule": "A2", "matter": MATTER, "motion": "m9"},
        rival=LOSE.model_copy(update={"result": Result.WITHDRAWN}),
        beaten=MotionEnded,
    ),
    "decide": Case(
        given=SUBMITTED,
        command=adopt("report/1"),
        then=(
            DecisionTaken(
                **shared_fields(Resolution, adopt("report/1")),
                relies_on=(),
                final=True,
                findings=(),
                **basis(COUNCIL_DAYS),
            ),
            ProvisionAdopted(
                provision=ProvisionRef(address="outbound/2", version=1),
                draft=DELEGATION,
                **basis(COUNCIL_DAYS, ADOPTION),
            ),
        ),
        other=adopt("report/2"),
        wrong=adopt("report/1", body="committee"),
        refusal=NotAuthorised,
        details={"rule": "A1", "act": "policy", "body": "committee", "authority": "council"},
        rival=adopt("report/3", decision="other"),
        beaten=MatterClosed,
    ),
    "reopen-matter": Case(
        given=(*SUBMITTED, adopt("report/1")),
        command=REOPEN,
        then=(MatterReopened(**shared_fields(Reopening, REOPEN), **basis(LATER)),),
        other=REOPEN.model_copy(update={"reason": "other"}),
        wrong=REOPEN.model_copy(update={"matter": "nowhere"}),
        refusal=UnknownMatter,
        details=NOWHERE,
        rival=REOPEN.model_copy(update={"decision": "other"}),
        beaten=MatterNotClosed,
    ),
    "record-effect": Case(
        given=(*SUBMITTED, PARTNERS, CLASSES),
        command=RECLASSIFY,
        then=(
            PartnershipReclassified(
                place=KIEV,
                classification="International",
                reason=None,
                **basis(COUNCIL_DAYS, ADOPTION, effective="2002-03-05"),
            ),
        ),
        other=RECLASSIFY.model_copy(update={"effective_from": When.parse("2002-04-01")}),
        wrong=RECLASSIFY.model_copy(update={"authority": None}),
        refusal=NoDecisionOnClass,
        details={"rule": "C1", "act": "classify-partnership", "authority": None},
        rival=RECLASSIFY,
        beaten=SameClass,
    ),
}
every = pytest.mark.parametrize("kind", CASES)


def test_every_act_on_a_matter_has_a_case() -> None:
    assert set(CASES) == {command.KIND for command in HANDLERS}


def events_in(facts: Sequence[Fact]) -> tuple[Event, ...]:
    """The events of an outcome without the facts of the log itself."""
    return tuple(fact for fact in facts if isinstance(fact, Event))


@every
def test_outcome(kind: str) -> None:
    case = CASES[kind]
    at = case.start()
    before = at.log.head()
    (outcome,) = at.handle(envelope(case.command))
    assert events_of(outcome) == events_in(case.then)
    stored = list(at.log.entries(before))
    assert [row.event for row in stored[1:]] == list(case.then)
    assert tuple(stored[1:]) == outcome.events


@every
def test_repeat(kind: str) -> None:
    case = CASES[kind]
    at = case.start()
    (first,) = at.handle(envelope(case.command))
    head = at.log.head()
    (again,) = at.handle(envelope(case.command))
    assert again == replace(first, repeated=True)
    assert at.log.head() == head


@every
def test_contradiction(kind: str) -> None:
    case = CASES[kind]
    at = case.start()
    at.handle(envelope(case.command))
    head = at.log.head()
    with pytest.raises(Contradicts) as raised:
        at.handle(envelope(case.other))
    assert raised.value.details == {"item": envelope(case.command).id}
    assert at.log.head() == head


@pytest.mark.parametrize("kind", [kind for kind, case in CASES.items() if case.wrong])
def test_refusal(kind: str) -> None:
    case = CASES[kind]
    assert case.wrong
    assert case.refusal
    at = case.start()
    head = at.log.head()
    with pytest.raises(case.refusal) as raised:
        at.handle(envelope(case.wrong))
    assert type(raised.value) is case.refusal
    assert raised.value.details == case.details
    assert raised.value.of_item == envelope(case.wrong).id
    assert at.log.head() == head
    (outcome,) = at.handle(envelope(case.command))
    assert events_of(outcome) == events_in(case.then)


@every
def test_race(kind: str) -> None:
    case = CASES[kind]
    log = MovingLog()
    at = case.start(log)
    log.attempts = 0
    log.rivals = iter([lambda: command_bus(log).handle(envelope(case.rival, "rival"))])
    if case.beaten:
        with pytest.raises(case.beaten) as raised:
            at.handle(envelope(case.command))
        assert type(raised.value) is case.beaten
        assert log.attempts == 1
    else:
        (outcome,) = at.handle(envelope(case.command))
        assert events_of(outcome) == tuple(case.after)
        assert log.attempts == 2
    ours = [row for row in log.entries() if row.stream == f"command/{envelope(case.command).id}"]
    assert len(ours) == (0 if case.beaten else 1)
