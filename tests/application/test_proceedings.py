"""Every act on a matter: its outcome, its repeat, its refusal, its contradiction and its race."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from application.handling import Contradicts, Desk, events_of
from domain.authority import Charter, CharterRecorded, NotAuthorised, RecordCharter, UnknownBody
from domain.catalogue import commands
from domain.cities import IdentifyPlaces, NameTaken, Place, PlaceIdentified
from domain.dates import When
from domain.decisions import (
    DecisionKind,
    DecisionTaken,
    MatterReopened,
    Reopening,
    ReopenMatter,
    Resolution,
)
from domain.dispositions import MatterNotClosed
from domain.effects import NoDecisionOnClass, RecordEffect
from domain.instruments import Classification, ClassifyPartnership, PartnershipExists
from domain.items import content
from domain.kernel import Command, Event, Problem, ProvisionRef
from domain.matters import AlreadyRecorded, MatterClosed, MatterOpened, UnknownMatter
from domain.motions import (
    DeleteAndInsert,
    DisposeOfMotion,
    Motion,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    MoveMotion,
    Result,
    Strike,
)
from domain.moving import MotionEnded, UnknownMotion
from domain.papers import (
    Communication,
    CommunicationReceived,
    Deputation,
    DeputationHeard,
    HearDeputation,
    ReceiveCommunication,
    Report,
    ReportSubmitted,
)
from domain.partnerships import PartnershipReclassified, SameClass
from domain.policy import ProvisionAdopted
from domain.wording import WordsNotThere
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
    SEOUL,
    STAFF,
    adopt,
    basis,
    decide,
    desk,
    recommendation,
    record,
    request,
    submit,
)

OTHER_CHARTER = Charter(edition="another", bodies=CHARTER.bodies, residual_authority="council")
KIEV_MISSOURI = Place(code="US-KIEV", name="Kiev", country="US", country_name="U.S.A.")
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
CLASSIFY = ClassifyPartnership(city="UA-KIEV", classification=Classification.HISTORICAL)
CLASSES = adopt("report/1", instruments=(CLASSIFY,))
RECLASSIFY = RecordEffect(
    on=LATER,
    instrument=CLASSIFY.model_copy(update={"classification": Classification.INTERNATIONAL}),
    authority=ADOPTION,
    effective_from=LATER,
)
RECEIVED = decide("other", DecisionKind.RECEIVE)
NOWHERE = {"rule": "A4", "matter": "nowhere"}


@dataclass(frozen=True)
class Case:
    """One command: what goes before it, and what comes of it, of its rivals and of its mistakes.

    `other` has the name of `command` and says something else. `rival` is recorded between what
    the command reads and its append; what then comes of it is `beaten` or, without that, `after`.
    """

    given: Sequence[Command]
    command: Command
    then: Sequence[Event]
    other: Command
    wrong: Command | None
    refusal: type[Problem] | None
    details: dict[str, Any]
    rival: Command
    beaten: type[Problem] | None = None
    after: Sequence[Event] = field(default=())

    def start(self, log: MovingLog | None = None) -> Desk:
        at = desk(log or MovingLog())
        record(at, *self.given, meeting="before")
        return at


START = (*FOUNDING, OPENED)
SUBMITTED = (*START, POLICY)

CASES: dict[str, Case] = {
    "record-charter": Case(
        given=(),
        command=FOUNDING[0],
        then=(CharterRecorded(charter=CHARTER, **basis(FIRST_PAPER)),),
        other=RecordCharter(on=FIRST_PAPER, charter=OTHER_CHARTER),
        wrong=None,  # a charter that does not fit itself is no command at all
        refusal=None,
        details={},
        rival=FOUNDING[0],
        after=(),
    ),
    "identify-places": Case(
        given=(),
        command=FOUNDING[1],
        then=tuple(PlaceIdentified(place=p, **basis(FIRST_PAPER)) for p in (KIEV, MILAN, SEOUL)),
        other=IdentifyPlaces(on=FIRST_PAPER, places=(KIEV,)),
        wrong=IdentifyPlaces(on=FIRST_PAPER, places=(KIEV, KIEV_MISSOURI)),
        refusal=NameTaken,
        details={"rule": "C5", "name": "Kiev", "code": "US-KIEV", "held_by": "UA-KIEV"},
        rival=IdentifyPlaces(on=FIRST_PAPER, places=(KIEV_MISSOURI,)),
        beaten=NameTaken,
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
    "submit-report": Case(
        given=START,
        command=POLICY,
        then=(ReportSubmitted(**content(Report, POLICY), **basis(FIRST_PAPER)),),
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
        then=(CommunicationReceived(**content(Communication, LETTER), **basis(FIRST_PAPER)),),
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
        then=(DeputationHeard(**content(Deputation, SPEAKER), **basis(COMMITTEE_DAY)),),
        other=SPEAKER.model_copy(update={"body": "council"}),
        wrong=SPEAKER.model_copy(update={"body": "board"}),
        refusal=UnknownBody,
        details={"rule": "A1", "body": "board", "known": ("council", "committee", "mayor")},
        rival=LETTER,
        after=(DeputationHeard(**content(Deputation, SPEAKER), **basis(COMMITTEE_DAY)),),
    ),
    "move-motion": Case(
        given=SUBMITTED,
        command=STRIKE,
        then=(
            MotionMoved(**content(Motion, STRIKE), findings=(), **basis(COUNCIL_DAYS)),
            MotionCarried(
                matter=MATTER,
                motion="m1",
                body="council",
                recommendation=recommendation("report/3", text="That report/3."),
                draft=None,
                removed=None,
                computed=None,
                declared=None,
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
                **content(Resolution, adopt("report/1")),
                relies_on=(),
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
        then=(MatterReopened(**content(Reopening, REOPEN), **basis(LATER)),),
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
                classification=Classification.INTERNATIONAL,
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
    owned = {"authority", "cities", "matters", "papers", "motions", "decisions", "effects"}
    assert set(CASES) == {
        kind for kind, command in commands.items() if command.__module__.split(".")[-1] in owned
    }


@every
def test_outcome(kind: str) -> None:
    case = CASES[kind]
    at = case.start()
    before = at.log.head()
    (outcome,) = at.handle(request(case.command))
    assert events_of(outcome) == tuple(case.then)
    stored = list(at.log.entries(before))
    assert [row.event for row in stored[1:]] == list(case.then)
    assert tuple(stored[1:]) == outcome.events


@every
def test_repeat(kind: str) -> None:
    case = CASES[kind]
    at = case.start()
    (first,) = at.handle(request(case.command))
    head = at.log.head()
    (again,) = at.handle(request(case.command))
    assert again == replace(first, repeated=True)
    assert at.log.head() == head


@every
def test_contradiction(kind: str) -> None:
    case = CASES[kind]
    at = case.start()
    at.handle(request(case.command))
    head = at.log.head()
    with pytest.raises(Contradicts) as raised:
        at.handle(request(case.other))
    assert raised.value.details == {"item": request(case.command).id}
    assert at.log.head() == head


@pytest.mark.parametrize("kind", [kind for kind, case in CASES.items() if case.wrong])
def test_refusal(kind: str) -> None:
    case = CASES[kind]
    assert case.wrong
    assert case.refusal
    at = case.start()
    head = at.log.head()
    with pytest.raises(case.refusal) as raised:
        at.handle(request(case.wrong))
    assert type(raised.value) is case.refusal
    assert raised.value.details == case.details
    assert raised.value.item == request(case.wrong).id
    assert at.log.head() == head
    (outcome,) = at.handle(request(case.command))
    assert events_of(outcome) == tuple(case.then)


@every
def test_race(kind: str) -> None:
    case = CASES[kind]
    log = MovingLog()
    at = case.start(log)
    log.attempts = 0
    log.rivals = iter([lambda: desk(log).handle(request(case.rival, "rival"))])
    if case.beaten:
        with pytest.raises(case.beaten) as raised:
            at.handle(request(case.command))
        assert type(raised.value) is case.beaten
        assert log.attempts == 1
    else:
        (outcome,) = at.handle(request(case.command))
        assert events_of(outcome) == tuple(case.after)
        assert log.attempts == 2
    ours = [row for row in log.entries() if row.stream == f"command/{request(case.command).id}"]
    assert len(ours) == (0 if case.beaten else 1)
