"""Corrections: which entry may be corrected, what its correction says, and what is refused."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from pydantic import ValidationError, model_validator

from domain.corrections import (
    AlreadyReplaced,
    ChangesIdentity,
    ChangesNothing,
    CorrectRecord,
    LosesAuthority,
    NoSuchEntry,
    NotValid,
    decide,
)
from domain.council.persons import OfficeHolder, PrivatePerson
from domain.council.terms import TermOfCouncil, TermOfCouncilRecorded
from domain.discrepancies import DiscrepancyNoted, Passage
from domain.missions.messages import MissionPlanned
from domain.partnerships.exploration import ExplorationAnswered
from domain.partnerships.partnership import PartnershipClassified, PartnershipFormed
from domain.places import Place
from domain.proceedings.papers import CommunicationReceived
from domain.programme.messages import PlanDrafted
from domain.shared.dates import When
from domain.shared.history import Recorded, standing_entries
from domain.shared.log_facts import CommandRecorded, EntryLapsed, EntryWithdrawn
from domain.shared.messages import (
    Citation,
    DecisionRef,
    Event,
    Fact,
    Personal,
    Replacement,
    StreamId,
)
from tests.support.programme import basis

STREAM = StreamId("partnership/UA-KIEV")
KIEV = Place(code="UA-KIEV", name="Kiev", country="UA", country_name="Ukraine")
COUNCIL = DecisionRef(matter="2001-12-4", decision="council-adopts", body="council")
MEMO = Citation(document="memo-2002-02-01")
SAID = Passage(at=MEMO, says="26")
TODAY = When.parse("2002-02-01")

FORMED = PartnershipFormed(
    place=KIEV,
    established=When.parse("1991"),
    description="Friendship Agreement",
    decided_on=When.parse("2001-11-07"),
    effective_from=When.parse("1991"),
    by_convention=False,
)
CLASSIFIED = PartnershipClassified(
    place=KIEV,
    classification="Historical",
    reason=None,
    decided_on=When.parse("2001-12-04/2001-12-06"),
    effective_from=When.parse("2001-12-04/2001-12-06"),
    authority=COUNCIL,
    cites=(Citation(document="report-2001-11-07"),),
)


DATED: dict[str, Any] = {"decided_on": TODAY, "effective_from": TODAY}


class Span(Event):
    TOPIC: ClassVar[str] = "test-span.v1"

    least: int
    most: int

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.least > self.most:
            raise ValueError("the least is more than the most")
        return self


def stream(*events: Fact) -> list[Recorded[Fact]]:
    return [
        Recorded(event, STREAM, version, 10 * version, 1_000 * version)
        for version, event in enumerate(events, 1)
    ]


def stands(*events: Event) -> list[Event]:
    entries = [Recorded(e, STREAM, number, 10 * number, 0) for number, e in enumerate(events, 1)]
    return [entry.event for entry in standing_entries(entries)]


def correcting(version: int, withdraw: bool = False, **changed: Any) -> CorrectRecord:
    return CorrectRecord(
        on=TODAY,
        stream=STREAM,
        version=version,
        reason="a slip of the pen",
        authority="City Clerk",
        changed=changed,
        withdraw=withdraw,
        cites=(MEMO,),
    )


def told_of(wrong: NotValid) -> tuple[object, ...]:
    """Where it is wrong; what is wrong there is said in pydantic's words."""
    fields = dict(wrong.details)
    return (fields.pop("stream"), fields.pop("version"), *fields)


def test_a_correction_brings_no_digest_of_its_own() -> None:
    letter = CommunicationReceived(
        matter="2001-12-4",
        document="letter",
        sender=PrivatePerson(person=Personal[str](digest="d1")),
        asks="a mission to Lima",
        decided_on=TODAY,
        effective_from=TODAY,
    )

    def sent_by(**person: str) -> CorrectRecord:
        return correcting(1, sender={"person": person, "represents": "a group"})

    kept = decide(stream(letter), sent_by(digest="d1"))
    named = decide(stream(letter), sent_by(value="A. Resident"))
    assert all(isinstance(event, CommunicationReceived) for event in (kept, named))
    with pytest.raises(NotValid) as refused:
        decide(stream(letter), sent_by(digest="d2"))
    assert told_of(refused.value) == (STREAM, 1, "digest")


def replacing(version: int) -> Replacement:
    return Replacement(version=version, reason="a slip of the pen", authority="City Clerk")


def test_a_correction_is_an_entry_of_the_same_kind_that_names_what_it_replaces() -> None:
    corrected = decide(stream(FORMED, CLASSIFIED), correcting(2, classification="International"))
    assert corrected == CLASSIFIED.model_copy(
        update={
            "classification": "International",
            "replaces": replacing(2),
            "cites": (*CLASSIFIED.cites, MEMO),
        }
    )


def test_the_authority_of_the_entry_stays_that_of_the_entry() -> None:
    corrected = decide(stream(FORMED, CLASSIFIED), correcting(2, reason="of historic importance"))
    assert corrected.authority == COUNCIL


def test_the_day_an_entry_takes_hold_follows_the_date_it_was_taken_from() -> None:
    decided = decide(stream(FORMED, CLASSIFIED), correcting(2, decided_on="2001-12-05"))
    formed = decide(stream(FORMED, CLASSIFIED), correcting(1, established="1990"))
    assert (str(decided.effective_from), decided.by_convention) == ("2001-12-05", True)
    assert (str(formed.effective_from), formed.by_convention) == ("1990", False)


def test_a_day_that_is_given_is_no_convention() -> None:
    corrected = decide(stream(FORMED, CLASSIFIED), correcting(2, effective_from="2002-01-01"))
    assert (str(corrected.decided_on), str(corrected.effective_from), corrected.by_convention) == (
        "2001-12-04/2001-12-06",
        "2002-01-01",
        False,
    )


def test_a_withdrawn_entry_leaves_nothing_in_its_place() -> None:
    entries = stream(FORMED, CLASSIFIED)
    withdrawn = decide(entries, correcting(2, withdraw=True))
    assert withdrawn == EntryWithdrawn(
        decided_on=CLASSIFIED.decided_on,
        effective_from=CLASSIFIED.effective_from,
        authority=COUNCIL,
        cites=(MEMO,),
        replaces=replacing(2),
    )
    assert stands(FORMED, CLASSIFIED, withdrawn) == [FORMED]
    assert decide(entries, correcting(1, withdraw=True)) == EntryWithdrawn(
        decided_on=FORMED.decided_on,
        effective_from=FORMED.effective_from,
        by_convention=False,
        cites=(MEMO,),
        replaces=replacing(1),
    )


def test_citations_that_are_given_are_the_entrys_and_the_memo_is_not_added_to_them() -> None:
    corrected = decide(
        stream(FORMED, CLASSIFIED), correcting(2, cites=[{"document": "minutes-2001-12-04"}])
    )
    assert corrected == CLASSIFIED.model_copy(
        update={"replaces": replacing(2), "cites": (Citation(document="minutes-2001-12-04"),)}
    )


def test_a_correction_takes_its_place_among_entries_of_the_same_day() -> None:
    first = CLASSIFIED
    second = CLASSIFIED.model_copy(update={"reason": "moved and carried"})
    corrected = decide(stream(first, second), correcting(1, reason="the mover is known"))
    assert stands(first, second, corrected) == [corrected, second]


@pytest.mark.rule("K1")
@pytest.mark.parametrize("version", [3, 99])
def test_an_entry_that_is_not_there_cannot_be_corrected(version: int) -> None:
    with pytest.raises(NoSuchEntry) as refused:
        decide(stream(FORMED, CLASSIFIED), correcting(version, reason="x"))
    assert refused.value.details == {
        "rule": "K1",
        "stream": STREAM,
        "version": version,
        "last": 2,
    }


@pytest.mark.rule("K1")
def test_the_logs_own_facts_and_withdrawals_cannot_be_corrected() -> None:
    opening = CommandRecorded(
        command="c", kind="decide", actor="a clerk", digest="0", key="0", correlation="c"
    )
    with pytest.raises(NoSuchEntry):
        decide(stream(opening), correcting(1, actor="somebody else"))
    entries = stream(FORMED, CLASSIFIED)
    entries = stream(FORMED, CLASSIFIED, decide(entries, correcting(2, withdraw=True)))
    with pytest.raises(NoSuchEntry):
        decide(entries, correcting(3, reason="x"))


@pytest.mark.rule("K1")
def test_the_lapse_of_an_act_is_neither_corrected_nor_withdrawn() -> None:
    lapsed = EntryLapsed(
        decided_on=CLASSIFIED.decided_on,
        effective_from=CLASSIFIED.effective_from,
        replaces=Replacement(version=2, reason="the partnership ended before", authority=None),
        by=1,
        entry="partnership-classified",
        lapsed=CLASSIFIED.authority,
        takes_hold=CLASSIFIED.effective_from,
    )
    entries = stream(FORMED, CLASSIFIED, lapsed)
    for command in (correcting(3, entry="x"), correcting(3, withdraw=True)):
        with pytest.raises(NoSuchEntry):
            decide(entries, command)


@pytest.mark.rule("K1")
def test_what_was_corrected_before_is_corrected_at_its_latest() -> None:
    entries = stream(FORMED, CLASSIFIED)
    for number in (2, 3):
        entries = stream(
            *(e.event for e in entries), decide(entries, correcting(number, reason=f"{number}"))
        )
    for number in (2, 3):
        with pytest.raises(AlreadyReplaced) as refused:
            decide(entries, correcting(number, reason="again"))
        assert refused.value.details == {
            "rule": "K1",
            "stream": STREAM,
            "version": number,
            "latest": 4,
        }


@pytest.mark.rule("K1")
@pytest.mark.parametrize(
    "changed", [{"classification": "Historical"}, {"decided_on": "2001-12-04/2001-12-06"}]
)
def test_a_correction_that_changes_nothing_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ChangesNothing) as refused:
        decide(stream(FORMED, CLASSIFIED), correcting(2, **changed))
    assert refused.value.details == {"rule": "K1", "stream": STREAM, "version": 2}


@pytest.mark.rule("K1")
@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        (
            {
                "place": {
                    "code": "IT-MILAN",
                    "name": "Milan",
                    "country": "IT",
                    "country_name": "Italy",
                }
            },
            ("place.code",),
        ),
        ({"replaces": {"version": 1, "reason": "x"}}, ("replaces",)),
    ],
)
def test_what_an_entry_is_about_is_not_corrected(
    changed: dict[str, Any], fields: tuple[str, ...]
) -> None:
    with pytest.raises(ChangesIdentity) as refused:
        decide(stream(FORMED, CLASSIFIED), correcting(2, **changed))
    assert refused.value.details == {
        "rule": "K1",
        "stream": STREAM,
        "version": 2,
        "fields": fields,
    }


@pytest.mark.rule("A1")
def test_what_rests_on_a_decision_is_not_corrected_to_rest_on_none() -> None:
    with pytest.raises(LosesAuthority) as refused:
        decide(stream(FORMED, CLASSIFIED), correcting(2, authority=None))
    assert refused.value.details == {
        "rule": "A1",
        "stream": STREAM,
        "version": 2,
        "authority": CLASSIFIED.authority,
    }


@pytest.mark.rule("K1")
def test_a_document_is_a_name_on_a_matter_and_a_detail_elsewhere() -> None:
    letter = CommunicationReceived(
        matter="2001-12-4",
        document="letter",
        sender=OfficeHolder(office="Councillor"),
        asks="Kiev",
        decided_on=TODAY,
        effective_from=TODAY,
    )
    with pytest.raises(ChangesIdentity) as refused:
        decide(stream(letter), correcting(1, document="another"))
    assert refused.value.details["fields"] == ("document",)
    answered = ExplorationAnswered(
        subject="guerrero", document="report", decided_on=TODAY, effective_from=TODAY
    )
    assert decide(stream(answered), correcting(1, document="another")) == answered.model_copy(
        update={"document": "another", "replaces": replacing(1), "cites": (MEMO,)}
    )


@pytest.mark.rule("K1")
@pytest.mark.parametrize(
    ("was", "changed", "field"),
    [
        (
            DiscrepancyNoted(
                discrepancy="counts", title="How many", passages=(SAID, SAID), **basis("2001")
            ),
            {"discrepancy": "names"},
            "discrepancy",
        ),
        (PlanDrafted(year=2002, **basis("2001-12")), {"year": 2003}, "year"),
        (MissionPlanned(mission="m1", year=2002, **basis("2001-12")), {"mission": "m2"}, "mission"),
        (
            TermOfCouncilRecorded(
                term=TermOfCouncil(term="2000-2003", begins=When.parse("2000")), **basis("2000")
            ),
            {"term": {"term": "2003-2006", "begins": "2000"}},
            "term.term",
        ),
    ],
)
def test_an_entry_stays_on_the_sheet_that_it_is_on(
    was: Event, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(ChangesIdentity) as refused:
        decide(stream(was), correcting(1, **changed))
    assert refused.value.details["fields"] == (field,)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"classification": 5}, "classification"),
        ({"clasification": "International"}, "clasification"),
        ({"decided_on": "2001-13-01"}, "decided_on"),
        ({"cites": [{"paper": "x"}]}, "cites.0.document"),
    ],
)
def test_a_correction_that_would_not_be_valid_names_the_field(
    changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(NotValid) as refused:
        decide(stream(FORMED, CLASSIFIED), correcting(2, **changed))
    assert told_of(refused.value)[:3] == (STREAM, 2, field)


def test_what_is_wrong_with_the_whole_entry_is_said_of_the_entry() -> None:
    with pytest.raises(NotValid) as refused:
        decide(stream(Span(least=1, most=2, **DATED)), correcting(1, least=3))
    assert told_of(refused.value) == (STREAM, 1, "entry")


@pytest.mark.parametrize("both", [{"withdraw": True, "changed": {"reason": "x"}}, {}])
def test_a_correction_changes_fields_or_withdraws_and_not_both(both: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CorrectRecord(
            on=TODAY, stream=STREAM, version=1, reason="x", authority="City Clerk", **both
        )
