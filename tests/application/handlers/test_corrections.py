"""Corrections, late records and future effect, on the record of 2001 and on every read model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.bootstrap import Register, open_register
from adapters.store.read_models.store import Views
from application.followers import catch_up
from domain.corrections import (
    AlreadyReplaced,
    ChangesIdentity,
    CorrectRecord,
    LosesAuthority,
    NoSuchEntry,
)
from domain.council.bodies import DecidedAfterwards, NoDecision, NotAuthorised
from domain.council.persons import PrivatePerson
from domain.instruments import (
    AuthoriseOfficials,
    ClassifyPartnership,
    ReplaceProvision,
    RequestReport,
)
from domain.partnerships.exploration import ExplorationDirected
from domain.partnerships.partnership import (
    PartnershipClassified,
    PartnershipFormed,
    PartnershipReclassified,
)
from domain.policy import ProvisionAdopted, TermCarriedTwice
from domain.proceedings.decisions import Decide, DecisionKind, DecisionTaken, RecordEffect
from domain.proceedings.matter import OpenMatter
from domain.proceedings.papers import CommunicationReceived, ReceiveCommunication
from domain.proceedings.requested_reports import ReportRequested
from domain.shared.dates import When
from domain.shared.messages import DecisionRef, Personal, StreamId
from projections.matters import DECISION_RECORD
from projections.models import MODELS
from projections.partnerships import PARTNERSHIPS
from projections.policy import POLICY_TEXT
from tests.support.toronto import ADOPTION, CLERK, enter, everything, recorded_2001, version_of

KIEV = "partnership/UA-KIEV"
TODAY = When.parse("2003-02-01")
THEN = date(2002, 6, 30)
NOW = date(2026, 1, 1)
MATTER = "2001-12-4"


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_register(recorded_2001(tmp_path)) as register:
        yield register


def correction(stream: str, version: int, withdraw: bool = False, **changed: Any) -> CorrectRecord:
    return CorrectRecord(
        on=TODAY,
        stream=stream,
        version=version,
        reason="the papers say otherwise",
        authority=CLERK,
        changed=changed,
        withdraw=withdraw,
    )


def kiev(register: Register, on: date, known: int | None = None) -> str | None:
    state = register.reader(PARTNERSHIPS).answer("UA-KIEV", on, known).state
    return state.classification if state else None


def provision(register: Register, on: date, known: int | None = None) -> tuple[int, str]:
    row = register.reader(POLICY_TEXT).answer("outbound/2", on, known).state
    assert row is not None
    return row.version, row.text


def rebuilt(register: Register, folder: Path) -> dict[str, list[bytes]]:
    views = Views(f"sqlite:///{folder / 'beside.sqlite'}")
    views.setup()
    views.create(*MODELS)
    for model in MODELS:
        catch_up(register.log, views.follower(model, register.log.read))
    rows = {model.name: list(views.dump(model)) for model in MODELS}
    views.close()
    return rows


def council(matter: str, decided: str, *acts: Any, effective: str | None = None) -> tuple[Any, Any]:
    on = When.parse(decided)
    return OpenMatter(on=on, matter=matter, title=matter), Decide(
        on=on,
        matter=matter,
        decision="adopts",
        body="council",
        kind=DecisionKind.ADOPT,
        summary="Adopts it.",
        instruments=acts,
        effective_from=When.parse(effective) if effective else None,
    )


def test_a_corrected_classification_is_answered_now_and_the_old_one_as_known_then(
    register: Register, tmp_path: Path
) -> None:
    before = register.log.head()
    version = version_of(register, KIEV, PartnershipClassified.TOPIC)
    enter(register, "fix", correction(KIEV, version, classification="International"))
    assert kiev(register, THEN) == "International"
    assert kiev(register, THEN, before) == "Historical"
    assert everything(register) == rebuilt(register, tmp_path)


def test_a_withdrawn_classification_leaves_none_and_recording_it_again_restores_it(
    register: Register, tmp_path: Path
) -> None:
    version = version_of(register, KIEV, PartnershipClassified.TOPIC)
    enter(register, "fix", correction(KIEV, version, withdraw=True))
    without = register.log.head()
    assert kiev(register, THEN) is None
    act = ClassifyPartnership(city="UA-KIEV", classification="Historical")
    enter(register, "again", RecordEffect(on=TODAY, instrument=act, authority=ADOPTION))
    assert kiev(register, THEN) == "Historical"
    assert kiev(register, THEN, without) is None
    assert everything(register) == rebuilt(register, tmp_path)


def test_a_corrected_provision_gets_a_version_of_its_own(register: Register) -> None:
    before = register.log.head()
    entries = register.log.entries()
    entry = next(
        e
        for e in entries
        if e.stream == "policy" and getattr(e.event, "provision", None)
        if e.event.provision.address == "outbound/2"  # type: ignore[attr-defined]
    )
    draft = entry.event.model_dump(mode="json")["draft"]
    changed: Any = {"draft": {**draft, "text": "City Council approves the delegation."}}
    enter(register, "fix", correction("policy", entry.version, **changed))
    assert provision(register, THEN) == (2, "City Council approves the delegation.")
    assert provision(register, THEN, before) == (1, draft["text"])


def test_an_amendment_after_a_correction_is_numbered_after_it(register: Register) -> None:
    stream, entries = "policy", list(register.log.entries())
    entry = next(
        e
        for e in entries
        if e.stream == stream and e.event.provision.address == "outbound/2"  # type: ignore[attr-defined]
    )
    enter(register, "fix", correction(stream, entry.version, withdraw=True))
    fresh = ReplaceProvision(address="outbound/3", text="Other activities.", terms="unchanged")
    enter(register, "later", *council("2003-1", "2003-02-01", fresh))
    assert register.reader(POLICY_TEXT).answer("outbound/2", THEN).state is None
    state = register.reader(POLICY_TEXT).answer("outbound/3", NOW).state
    assert state is not None
    assert state.version == 2


def test_naming_the_mover_of_a_motion_leaves_its_result(register: Register) -> None:
    key = f"{MATTER}/council-approves-delegation"
    was = register.reader(DECISION_RECORD).answer(key, THEN).state
    stream = f"matter/{MATTER}"
    version = next(
        e.version
        for e in register.log.entries()
        if e.stream == stream
        and e.event.TOPIC == "motion-moved.v1"
        and getattr(e.event, "motion", "") == "council-approves-delegation"
    )
    mover = {"name": "A Councillor", "office": "Councillor"}
    enter(register, "fix", correction(stream, version, mover=mover))
    row = register.reader(DECISION_RECORD).answer(key, THEN).state
    assert was is not None
    assert row is not None
    assert (row.by, row.result) == ("A Councillor, Councillor", "carried")
    assert was.by is None


def test_a_decision_recorded_late_holds_from_its_day_but_was_not_known(
    register: Register, tmp_path: Path
) -> None:
    act = ClassifyPartnership(city="UA-KIEV", classification="International", reason="a gateway")
    later = ClassifyPartnership(city="UA-KIEV", classification="Historical")
    enter(register, "2005", *council("2005-1", "2005-01-10", act))
    known = register.log.head()
    enter(register, "1", *council("2002-1", "2002-03-01", act))
    assert kiev(register, date(2002, 3, 1)) == "International"
    assert kiev(register, date(2002, 3, 1), known) == "Historical"
    enter(register, "2", *council("2004-1", "2004-03-01", later))
    assert [kiev(register, date(year, 12, 31)) for year in (2001, 2003, 2004, 2006)] == [
        "Historical",
        "International",
        "Historical",
        "International",
    ]
    assert everything(register) == rebuilt(register, tmp_path)


def test_what_takes_effect_later_is_known_and_not_yet_so(
    register: Register, tmp_path: Path
) -> None:
    text = "The Mayor approves the delegation."
    act = ReplaceProvision(address="outbound/2", text=text, terms={"delegation.approver": "mayor"})
    enter(register, "2002", *council("2002-2", "2002-05-01", act, effective="2003-01-01"))
    assert provision(register, date(2002, 12, 31))[0] == 1
    assert provision(register, date(2003, 1, 1)) == (2, text)
    assert everything(register) == rebuilt(register, tmp_path)


def test_an_entry_is_corrected_once_and_a_repeat_changes_nothing(register: Register) -> None:
    version = version_of(register, KIEV, PartnershipClassified.TOPIC)
    command = correction(KIEV, version, reason="of historic importance")
    enter(register, "fix", command)
    head = register.log.head()
    (again,) = enter(register, "fix", command)
    assert (again.repeated, register.log.head()) == (True, head)
    with pytest.raises(AlreadyReplaced) as refused:
        enter(register, "other", command)
    assert refused.value.details["latest"] == version + 1
    assert register.log.head() == head


def test_a_stream_that_nobody_wrote_has_no_entry_to_correct(register: Register) -> None:
    head = register.log.head()
    with pytest.raises(NoSuchEntry):
        enter(register, "fix", correction("partnership/XX-NOWHERE", 1, reason="x"))
    assert register.log.head() == head


@pytest.mark.parametrize(
    "cited",
    [
        DecisionRef(matter=MATTER, decision="nobody-decided", body="council"),
        DecisionRef(matter=MATTER, decision="council-adopts", body="edp-committee"),
    ],
)
def test_a_decision_behind_a_correction_is_in_the_record(
    register: Register, cited: DecisionRef
) -> None:
    version = version_of(register, KIEV, PartnershipClassified.TOPIC)
    command = correction(KIEV, version, reason="x").model_copy(update={"authority": cited})
    with pytest.raises(NoDecision):
        enter(register, "fix", command)
    moved = correction(KIEV, version, authority=cited.model_dump())
    with pytest.raises(NoDecision):
        enter(register, "fix", moved)


def test_a_correction_and_the_corrected_entry_come_after_the_decisions_they_cite(
    register: Register,
) -> None:
    version = version_of(register, KIEV, PartnershipClassified.TOPIC)
    head = register.log.head()
    early = correction(KIEV, version, reason="x").model_copy(
        update={"authority": ADOPTION, "on": When.parse("2001-12-03")}
    )
    moved = correction(KIEV, version, decided_on="2001-11-19")
    cited = correction(KIEV, version, decided_on="2001-11-19", authority=ADOPTION.model_dump())
    for command, on in ((early, "2001-12-03"), (moved, "2001-11-19"), (cited, "2001-11-19")):
        with pytest.raises(DecidedAfterwards) as refused:
            enter(register, "fix", command)
        details = refused.value.details
        assert (details["decided_on"], details["on"]) == ("2001-12-04/2001-12-06", on)
    assert register.log.head() == head
    enter(register, "fix", correction(KIEV, version, decided_on="2001-12-05"))


@pytest.mark.rule("A1")
@pytest.mark.parametrize(
    ("stream", "topic"),
    [
        ("policy", ProvisionAdopted.TOPIC),
        (KIEV, PartnershipClassified.TOPIC),
        ("exploration/guerrero", ExplorationDirected.TOPIC),
    ],
)
def test_what_council_did_is_not_corrected_into_resting_on_no_decision(
    register: Register, stream: str, topic: str
) -> None:
    head = register.log.head()
    with pytest.raises(LosesAuthority) as refused:
        enter(
            register, "fix", correction(stream, version_of(register, stream, topic), authority=None)
        )
    assert (refused.value.rule, refused.value.details["authority"]) == ("A1", ADOPTION)
    assert register.log.head() == head


@pytest.mark.rule("A1")
def test_a_corrected_authority_is_a_decision_of_the_same_body_that_adopts(
    register: Register,
) -> None:
    act = ClassifyPartnership(city="UA-KIEV", classification="International")
    enter(register, "2002", *council("2002-1", "2002-03-01", act))
    deferral = council("2002-2", "2002-03-01")
    opening, taken = deferral[0], deferral[1].model_copy(update={"kind": DecisionKind.DEFER})
    enter(register, "deferred", opening, taken)
    mayor = Decide(
        on=When.parse("2002-03-01"),
        matter="2002-2",
        decision="mayor-adopts",
        body="mayor",
        kind=DecisionKind.ADOPT,
        summary="Adopts it.",
        instruments=(AuthoriseOfficials(),),
    )
    enter(register, "mayor", mayor)
    version = version_of(register, KIEV, PartnershipReclassified.TOPIC)
    head = register.log.head()

    def citing(**authority: str) -> CorrectRecord:
        return correction(KIEV, version, authority=authority)

    with pytest.raises(NotAuthorised) as another:
        enter(register, "a", citing(matter="2002-2", decision="mayor-adopts", body="mayor"))
    assert (another.value.details["body"], another.value.authority) == ("mayor", "council")
    with pytest.raises(NoDecision) as nothing:
        enter(register, "b", citing(matter="2002-2", decision="adopts", body="council"))
    deferred = DecisionRef(matter="2002-2", decision="adopts", body="council")
    assert nothing.value.details["authority"] == deferred
    assert register.log.head() == head
    enter(register, "c", correction(KIEV, version, authority=ADOPTION.model_dump()))


@pytest.mark.rule("A1")
def test_what_rested_on_a_withdrawn_decision_may_rest_on_one_of_its_kind(
    register: Register,
) -> None:
    asked = RequestReport(request="costs", office="Treasurer", about="costs", to="council")
    for matter in ("2002-1", "2002-2"):
        opening, taken = council(matter, "2002-03-01", asked)
        deferring = taken.model_copy(update={"kind": DecisionKind.DEFER})
        enter(register, matter, opening, deferring)
    version = version_of(register, "duties", ReportRequested.TOPIC)
    first = "matter/2002-1"
    withdrawn = version_of(register, first, DecisionTaken.TOPIC)
    enter(register, "withdrawn", correction(first, withdrawn, withdraw=True))
    second = DecisionRef(matter="2002-2", decision="adopts", body="council")

    enter(register, "moved", correction("duties", version, authority=second.model_dump()))

    moved = register.log.read(StreamId("duties"))[StreamId("duties")][-1].event
    assert isinstance(moved, ReportRequested)
    assert moved.authority == second


@pytest.mark.rule("A1")
def test_nothing_is_corrected_to_take_hold_before_its_decision_but_an_establishment(
    register: Register,
) -> None:
    version = version_of(register, KIEV, PartnershipClassified.TOPIC)
    head = register.log.head()
    with pytest.raises(DecidedAfterwards) as refused:
        enter(register, "fix", correction(KIEV, version, effective_from="2001-12-03"))
    assert refused.value.details["on"] == "2001-12-03"
    assert register.log.head() == head
    formed = version_of(register, KIEV, PartnershipFormed.TOPIC)
    enter(register, "since", correction(KIEV, formed, established="1990"))


@pytest.mark.rule("A1")
def test_no_effect_takes_hold_before_its_decision(register: Register) -> None:
    act = ClassifyPartnership(city="UA-KIEV", classification="International")
    head = register.log.head()
    with pytest.raises(DecidedAfterwards) as at_once:
        enter(register, "a", *council("2002-1", "2002-03-01", act, effective="2002-02-28"))
    early = RecordEffect(
        on=TODAY, instrument=act, authority=ADOPTION, effective_from=When.parse("2001-12-03")
    )
    with pytest.raises(DecidedAfterwards) as by_itself:
        enter(register, "b", early)
    said = [refused.value.details["on"] for refused in (at_once, by_itself)]
    assert said == ["2002-02-28", "2001-12-03"]
    assert register.log.head() == head


@pytest.mark.rule("A1")
def test_what_council_does_is_not_shown_as_possible_before_it_decided(register: Register) -> None:
    act = ClassifyPartnership(city="UA-KIEV", classification="International")
    head = register.log.head()
    with pytest.raises(DecidedAfterwards) as at_once:
        enter(register, "a", *council("2002-1", "2002-12-30", act, effective="2002"))
    by_itself = RecordEffect(
        on=TODAY, instrument=act, authority=ADOPTION, effective_from=When.parse("2001")
    )
    with pytest.raises(DecidedAfterwards) as later:
        enter(register, "b", by_itself)
    version = version_of(register, KIEV, PartnershipClassified.TOPIC)
    with pytest.raises(DecidedAfterwards) as corrected:
        enter(register, "c", correction(KIEV, version, effective_from="2001-12"))
    instead = [refused.value.details["instead"] for refused in (at_once, later, corrected)]
    left = "2001-12-04/2001-12-31"
    assert instead == ["2002-12-30/2002-12-31", left, left]
    assert register.log.head() == head

    written = council("2002-1", "2002-12-30", act, effective="2002-12-30/2002-12-31")
    enter(register, "a", *written)
    reader = register.reader(PARTNERSHIPS)
    days = (date(2002, 12, 29), date(2002, 12, 30), date(2002, 12, 31))
    assert [reader.answer("UA-KIEV", day).determinate for day in days] == [True, False, True]


@pytest.mark.rule("K1")
def test_which_body_decided_is_not_corrected_under_what_it_decided(register: Register) -> None:
    stream = f"matter/{MATTER}"
    version = next(
        e.version
        for e in register.log.entries()
        if e.stream == stream and getattr(e.event, "decision", "") == ADOPTION.decision
    )
    head = register.log.head()
    with pytest.raises(ChangesIdentity) as refused:
        enter(register, "fix", correction(stream, version, body="mayor"))
    assert refused.value.details["fields"] == ("body",)
    assert register.log.head() == head


def test_of_two_corrections_at_once_the_second_is_told_of_the_first(tmp_path: Path) -> None:
    chosen = recorded_2001(tmp_path)
    with open_register(chosen) as one, open_register(chosen) as two:
        version = version_of(one, KIEV, PartnershipClassified.TOPIC)
        first = correction(KIEV, version, reason="one")
        append = two.command_bus.log.append

        def beaten(*args: Any, **how: Any) -> Any:
            object.__setattr__(two.command_bus.log, "append", append)
            enter(one, "one", first)
            return append(*args, **how)

        object.__setattr__(two.command_bus.log, "append", beaten)
        with pytest.raises(AlreadyReplaced):
            enter(two, "two", correction(KIEV, version, reason="two"))


def test_a_correction_leaves_what_is_personal_where_it_is(register: Register) -> None:
    sender = PrivatePerson(person=Personal(value="A Resident"), represents="a group")
    letter = ReceiveCommunication(
        on=TODAY, matter=MATTER, document="letter", sender=sender, asks="a mission to Lima"
    )
    enter(register, "letter", letter)
    stream = f"matter/{MATTER}"
    version = version_of(register, stream, CommunicationReceived.TOPIC)
    enter(register, "fix", correction(stream, version, asks="a mission to Quito"))
    letters = [e.event for e in register.log.entries() if _says(e.event, "letter")]
    was, now = cast("list[Any]", letters)
    assert (was.sender, was.asks) == (now.sender, "a mission to Lima")
    assert now.asks == "a mission to Quito"
    assert register.log.personal([now.sender.person.digest]) == {
        now.sender.person.digest: "A Resident"
    }


def _says(event: Any, document: str) -> bool:
    return isinstance(event, CommunicationReceived) and event.document == document


def test_a_correction_cannot_give_a_term_to_two_provisions(register: Register) -> None:
    entry = next(
        e
        for e in register.log.entries()
        if e.stream == "policy" and getattr(e.event, "provision", None)
        if e.event.provision.address == "outbound/3"  # type: ignore[attr-defined]
    )
    draft = entry.event.model_dump(mode="json")["draft"]
    terms = {"delegation.approver": "mayor"}
    head = register.log.head()
    wrong: Any = {"draft": {**draft, "terms": terms}}
    with pytest.raises(TermCarriedTwice) as refused:
        enter(register, "fix", correction("policy", entry.version, **wrong))
    assert refused.value.details["term"] == "delegation.approver"
    assert register.log.head() == head
