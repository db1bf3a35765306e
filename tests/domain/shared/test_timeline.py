"""The whole timeline is judged: what lapses, what takes effect after all, and what is said of it.

Each case is worked out by hand; the last tests try every order in which acts may be recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import permutations
from typing import Any, ClassVar

import pytest

from domain.instruments import (
    AdoptProvision,
    DeleteProvision,
    ReplaceProvision,
    StrikeFromProvision,
)
from domain.partnerships.partnership import (
    TIMELINE,
    CityTargeted,
    NoPartnership,
    PartnershipClassified,
    PartnershipEvent,
    PartnershipFormed,
    PartnershipLapsed,
    PartnershipReclassified,
    Relationship,
    evolve,
)
from domain.policy import STREAM, PolicyInstrument, TermCarriedTwice, decide
from domain.policy import TIMELINE as POLICY
from domain.shared.dates import When
from domain.shared.findings import Answer, Finding, Ruling
from domain.shared.history import History, fold, history_followed_by
from domain.shared.log_facts import EntryLapsed, EntryWithdrawn
from domain.shared.messages import DecisionRef, Effect, Event, Replacement, StreamId
from domain.shared.problems import Refusal
from domain.shared.timeline import Regrounded, TakesItsGround, Timeline, acts_on_other_ground
from tests.support.small_city import KIEV, PURPOSE, VISITS, basis, in_force

CITY = StreamId("partnership/UA-KIEV")
NOTHING: History[Any] = History((), 0)
HISTORICAL, INTERNATIONAL = "Historical", "International"


def by(matter: str) -> DecisionRef:
    return DecisionRef(matter=matter, decision="d1", body="council")


def formed(on: str, matter: str | None = "enter", effective: str = "") -> PartnershipFormed:
    at = basis(on, by(matter) if matter else None, effective=effective)
    return PartnershipFormed(
        place=KIEV, established=at["effective_from"], description="Twinning", **at
    )


def classified(
    on: str, to: str, matter: str = "class", effective: str = ""
) -> PartnershipClassified:
    at = basis(on, by(matter), effective=effective)
    return PartnershipClassified(place=KIEV, classification=to, reason=None, **at)


def ended(on: str, matter: str = "end", effective: str = "") -> PartnershipLapsed:
    return PartnershipLapsed(place=KIEV, reason=None, **basis(on, by(matter), effective=effective))


def targeted(on: str, matter: str = "target", effective: str = "") -> CityTargeted:
    return CityTargeted(place=KIEV, **basis(on, by(matter), effective=effective))


def recorded(*events: PartnershipEvent) -> History[Any]:
    """A stream with each event and what it meant for the others when it was recorded."""
    history = NOTHING
    for commit, event in enumerate(events, 1):
        further = history_followed_by(history, CITY, *TIMELINE.settle(CITY, history, event).events)
        new = (e._replace(recorded_at=commit) for e in further.entries[history.version :])
        history = History((*history.entries, *new), further.version)
    return history


def withdrawn(history: History[Any], version: int) -> EntryWithdrawn:
    was = history.entries[version - 1].event
    return EntryWithdrawn(
        decided_on=was.decided_on,
        effective_from=was.effective_from,
        replaces=Replacement(version=version, reason="it never carried", authority="City Clerk"),
    )


def on(history: History[Any], day: str) -> Relationship:
    return fold(evolve, Relationship(), history.on(date.fromisoformat(day)))


def told(history: History[Any], event: Event) -> list[str]:
    findings = TIMELINE.settle(CITY, history, event).findings  # type: ignore[arg-type]
    assert {finding.answer for finding in findings} <= {Answer.ADVISORY}
    return [f"{finding.rule} {finding.reason}" for finding in findings]


def policy_of(*acts: tuple[PolicyInstrument, str, str]) -> History[Any]:
    """The policy after acts: what is done, by a decision of which day, and from which day on."""
    history = NOTHING
    for number, (act, day, effective) in enumerate(acts, 1):
        at = basis(day, by(f"m{number}"), effective=effective)
        history = history_followed_by(history, STREAM, *decide(history, act, at).events)
    return history


def text(history: History[Any], day: str, address: str = "purpose") -> str | None:
    standing = in_force(history, date.fromisoformat(day)).provisions.get(address)
    return standing.draft.text if standing else None


ADOPTED = (AdoptProvision(draft=PURPOSE), "2001-12-06", "")
STRUCK = (StrikeFromProvision(address="purpose", words=", to learn"), "2003-02-04", "2004-01-01")
DELETED = (DeleteProvision(address="purpose"), "2003-06-04", "")
REPLACED = (ReplaceProvision(address="purpose", text="To be friends."), "2003-06-04", "")


# Provisions


def test_an_amendment_to_come_lapses_by_the_deletion_of_its_provision() -> None:
    history = policy_of(ADOPTED, STRUCK, DELETED)
    lapse = history.entries[-1].event
    assert isinstance(lapse, EntryLapsed)
    assert lapse == EntryLapsed(
        by=3,
        entry="provision-amended",
        lapsed=by("m2"),
        takes_hold=history.entries[1].event.effective_from,
        replaces=Replacement(version=2, reason="The provision was deleted.", authority=by("m3")),
        **basis("2003-06-04", by("m3")),
    )
    days = ("2003-06-03", "2003-06-04", "2004-01-01")
    assert [text(history, day) for day in days] == [PURPOSE.text, None, None]


def test_an_amendment_to_come_lapses_by_another_text_that_is_decided_later() -> None:
    history = policy_of(ADOPTED, STRUCK, REPLACED)
    assert isinstance(history.entries[-1].event, EntryLapsed)
    days = ("2003-06-03", "2003-06-04", "2004-01-01")
    assert [text(history, day) for day in days] == [PURPOSE.text] + ["To be friends."] * 2


def test_an_amendment_found_late_does_not_undo_what_was_decided_after_it() -> None:
    act, day, effective = STRUCK
    found = StrikeFromProvision(address="purpose", words="be ")
    assert act != found
    history = policy_of(ADOPTED, REPLACED, (found, day, effective))
    lapse = history.entries[-1].event
    assert isinstance(lapse, EntryLapsed)
    assert (lapse.by, lapse.authority, lapse.lapsed) == (2, by("m2"), by("m3"))
    assert text(history, "2004-01-01") == "To be friends."


def test_an_amendment_stands_behind_a_text_that_was_decided_on_the_same_day() -> None:
    strike = (StrikeFromProvision(address="purpose", words="To "), "2003-06-04", "2004-01-01")
    history = policy_of(ADOPTED, strike, REPLACED)
    assert not any(isinstance(entry.event, EntryLapsed) for entry in history.entries)


def test_a_deletion_to_come_holds_whatever_the_text_is_by_then() -> None:
    act, _, effective = DeleteProvision(address="purpose"), "", "2004-01-01"
    history = policy_of(ADOPTED, (act, "2003-02-04", effective), REPLACED)
    assert [text(history, d) for d in ("2003-12-31", "2004-01-01")] == ["To be friends.", None]
    assert not any(isinstance(entry.event, EntryLapsed) for entry in history.entries)


def test_the_next_change_of_a_provision_is_named() -> None:
    known = policy_of(ADOPTED, (DeleteProvision(address="purpose"), "2003-02-04", "2004-01-01"))
    act, day, _ = REPLACED
    (finding,) = decide(known, act, basis(day, by("new"))).findings
    assert (finding.rule, finding.reason) == (
        "A2",
        "changes it again: provision-deleted from 2004-01-01 by m2/d1",
    )


def test_a_deletion_that_is_withdrawn_brings_the_amendment_back_with_a_word() -> None:
    history = policy_of(ADOPTED, STRUCK, DELETED)
    settled = POLICY.settle(STREAM, history, withdrawn(history, 3))  # type: ignore[arg-type]
    assert [f.reason for f in settled.findings] == [
        "takes effect after all: provision-amended from 2004-01-01 by m2/d1"
    ]
    history = history_followed_by(history, STREAM, *settled.events)
    assert settled.events[-1].replaces == Replacement(
        version=4, reason="The act fits in its place again.", authority="City Clerk"
    )
    assert [text(history, d) for d in ("2003-06-04", "2004-01-01")] == [
        PURPOSE.text,
        PURPOSE.text.replace(", to learn", ""),
    ]


@pytest.mark.rule("A2")
def test_a_term_that_a_provision_to_come_carries_refuses_the_new_act() -> None:
    known = policy_of(ADOPTED, (AdoptProvision(draft=VISITS), "2003-02-04", "2004-01-01"))
    act = ReplaceProvision(address="purpose", text="Visits.", terms={**VISITS.terms})
    with pytest.raises(TermCarriedTwice) as raised:
        decide(known, act, basis("2003-06-04", by("new")))
    assert raised.value.details["address"] == "inbound/2"


# Partnerships


def test_a_class_found_to_be_without_a_partnership_lapses() -> None:
    known = recorded(formed("1987", None), classified("2003-06-24", INTERNATIONAL))
    late = ended("2002-09-30")
    assert told(known, late) == ["C1 lapses: partnership-classified from 2003-06-24 by class/d1"]
    history = recorded(formed("1987", None), classified("2003-06-24", INTERNATIONAL), late)
    assert on(history, "2002-09-29") == Relationship(
        established=history.entries[0].event.established, description="Twinning"
    )
    assert on(history, "2003-07-01") == Relationship()


def test_all_acts_that_do_not_fit_lapse_and_stay_lapsed() -> None:
    """Two classes without the partnership that had ended; what comes later changes nothing."""
    later = PartnershipReclassified(
        place=KIEV, classification=HISTORICAL, reason=None, **basis("2004-06-24", by("later"))
    )
    known = recorded(formed("1987", None), classified("2003-06-24", INTERNATIONAL), later)
    late = ended("2002-09-30")
    assert told(known, late) == [
        "C1 lapses: partnership-classified from 2003-06-24 by class/d1",
        "C1 lapses: partnership-reclassified from 2004-06-24 by later/d1",
    ]
    history = history_followed_by(known, CITY, *TIMELINE.settle(CITY, known, late).events)
    assert told(history, targeted("2010-01-01")) == []


def test_a_class_that_is_given_twice_stands_twice() -> None:
    """What was recorded for 2005 is what it is in 2005, whatever is found between."""
    history = recorded(
        formed("1991", None),
        classified("2005-01-10", INTERNATIONAL),
        classified("2002-03-01", INTERNATIONAL, "late"),
        classified("2004-03-01", HISTORICAL, "later"),
    )
    days = ("2002-12-31", "2004-12-31", "2005-12-31")
    assert [on(history, day).classification for day in days] == [
        INTERNATIONAL,
        HISTORICAL,
        INTERNATIONAL,
    ]


def test_a_class_decided_before_the_signature_stands_behind_it() -> None:
    signed = formed("2003-06-30", None)
    at = basis("2003-06-24/2003-06-26", by("class"), effective="2003-06-30")
    act = classified("2003-06-24/2003-06-26", INTERNATIONAL, effective="2003-06-30")

    def decision(state: Relationship) -> Ruling:
        if not state.established:
            raise NoPartnership(city="UA-KIEV")
        return Ruling((act,))

    ruling = TIMELINE.decide(CITY, recorded(signed), at, decision)
    assert ruling.events == (act.model_copy(update={"placed_on": signed.decided_on}),)
    history = history_followed_by(recorded(signed), CITY, *ruling.events)
    assert on(history, "2003-06-30").classification == INTERNATIONAL
    with pytest.raises(NoPartnership):
        TIMELINE.decide(CITY, recorded(formed("2003-07-01", None)), at, decision)


def test_what_one_decision_deletes_and_adopts_anew_is_in_force() -> None:
    later = (AdoptProvision(draft=PURPOSE), "2002-06-12", "2002-09-01")
    history, at = policy_of(later), basis("2002-06-10", by("anew"), effective="2002-09-01")
    anew = PURPOSE.model_copy(update={"text": "To trade."})
    for act in (DeleteProvision(address="purpose"), AdoptProvision(draft=anew)):
        history = history_followed_by(history, STREAM, *decide(history, act, at).events)
    placed = [entry.event.placed_on for entry in history.entries[1:]]
    assert placed == [history.entries[0].event.decided_on] * 2
    assert text(history, "2002-09-01") == "To trade."


@pytest.mark.rule("C4")
def test_a_target_to_come_lapses_by_a_partnership() -> None:
    history = recorded(targeted("2003-02-04", effective="2004-01-01"), formed("2003-06-04"))
    assert isinstance(history.entries[-1].event, EntryLapsed)
    assert on(history, "2004-01-01").targeted is False


@pytest.mark.rule("A1")
@pytest.mark.parametrize("what", ["statement", "withdrawal", "correction"])
def test_only_a_decision_takes_the_ground_from_another(what: str) -> None:
    known = recorded(targeted("2001-12-06"))
    event: Any = formed("1990", None)
    entry, decision, because = "city-targeted (partnership/UA-KIEV/1)", "target/d1", ""
    if what != "statement":
        known = recorded(formed("1991", None), classified("2003-06-24", INTERNATIONAL))
        event = withdrawn(known, 1)
        if what == "correction":
            event = formed("2004", None).model_copy(update={"replaces": event.replaces})
        entry, decision = "partnership-classified (partnership/UA-KIEV/2)", "class/d1"
        because = "There is no partnership with this city."
    with pytest.raises(TakesItsGround) as raised:
        TIMELINE.settle(CITY, known, event)
    details = raised.value.details
    assert (details["rule"], details["entry"], details["decision"]) == ("A1", entry, decision)
    act = "entry-withdrawn" if what == "withdrawal" else "partnership-formed"
    taken = "2001-12-06" if what == "statement" else "2003-06-24"
    assert (details["act"], details["takes_hold"]) == (act, taken)
    assert not because or details["because"] == because


@pytest.mark.rule("A1")
def test_an_act_that_nobody_decided_is_named_without_a_decision() -> None:
    """A statement of 1990 takes the ground from another statement of 1991."""
    with pytest.raises(TakesItsGround) as raised:
        TIMELINE.settle(CITY, recorded(formed("1991", None)), formed("1990", None))
    assert raised.value.details["decision"] is None
    known = recorded(targeted("2003-01-01"))
    stated = targeted("2004-01-01").model_copy(update={"authority": None})
    assert told(history_followed_by(known, CITY, stated), ended("2002-09-30")) == [
        "C1 changes it again: city-targeted from 2003-01-01 by target/d1"
    ]
    assert told(history_followed_by(NOTHING, CITY, stated), ended("2002-09-30")) == [
        "C1 changes it again: city-targeted from 2004-01-01"
    ]


def test_a_lapse_takes_hold_with_the_act_that_prevails() -> None:
    """The deletion is decided in June and takes hold in July, by its own words."""
    act, day, _ = DELETED
    history = policy_of(ADOPTED, STRUCK, (act, day, "2003-07-01"))
    lapse = history.entries[-1].event
    assert isinstance(lapse, EntryLapsed)
    assert str(lapse.effective_from) == "2003-07-01"
    assert lapse.by_convention is False


@pytest.mark.rule("C1")
def test_an_event_that_does_not_fit_is_refused() -> None:
    with pytest.raises(NoPartnership):
        TIMELINE.settle(CITY, NOTHING, classified("2003-06-24", INTERNATIONAL))


# What acts rested on


def test_acts_that_rest_on_another_state_are_told_with_both() -> None:
    late = PartnershipReclassified(
        place=KIEV, classification=HISTORICAL, reason=None, **basis("2002-09-30", by("late"))
    )
    history = recorded(
        formed("1991", None),
        classified("2001-12-06", INTERNATIONAL),
        ended("2003-06-24"),
        late,
    )
    assert list(acts_on_other_ground(TIMELINE, history.entries)) == [
        Regrounded(
            history.entries[2],
            "partner since 1991, International",
            "partner since 1991, Historical",
        )
    ]
    assert not list(acts_on_other_ground(TIMELINE, history.entries[:3]))
    at_once = [entry._replace(recorded_at=1) for entry in history.entries]
    assert not list(acts_on_other_ground(TIMELINE, at_once))


class Noted(Effect):
    TOPIC: ClassVar[str] = "test-noted.v1"

    note: str


class Plain(Event):
    """It has no place of its own behind another."""

    TOPIC: ClassVar[str] = "test-plain.v1"

    note: str = "plain"


class Missing(Refusal):
    """It needs what is not there."""

    rule = "T1"


NOTES: Timeline[tuple[str, ...], Any] = Timeline(
    rule="T1",
    nothing=("nothing",),
    evolve=lambda state, event: (*state, event.note),
    objection=lambda _state, _event: None,
    ground=lambda state, event: f"{event.note} on {' '.join(state)}",
    begins=(Noted,),
)


def noted(note: str, on: str, corrects: int = 0) -> Noted:
    corrected = Replacement(version=corrects, reason="a slip") if corrects else None
    return Noted(note=note, replaces=corrected, **basis(on))


def notes(*events: Noted) -> History[Noted]:
    """Notes recorded one commit each."""
    entries = history_followed_by(NOTHING, CITY, *events).entries
    at = (e._replace(recorded_at=number) for number, e in enumerate(entries, 1))
    return History(tuple(at), len(entries))


def test_an_act_that_another_was_put_before_is_told_with_both_grounds() -> None:
    """c is of March, and b of February was recorded after it; d follows both in the record."""
    history = notes(
        *(noted(n, f"2001-0{m}-01") for n, m in (("a", 1), ("c", 3), ("b", 2), ("d", 4)))
    )
    c = history.entries[1]
    assert list(acts_on_other_ground(NOTES, history.entries)) == [
        Regrounded(c, "c on nothing a", "c on nothing a b")
    ]


def test_an_act_whose_ground_was_corrected_since_is_told_with_both_grounds() -> None:
    history = notes(
        noted("a", "2001-01-01"),
        noted("b", "2001-02-01"),
        noted("x", "2001-01-01", corrects=1),
        noted("c", "2001-03-01"),
    )
    b = history.entries[1]
    assert list(acts_on_other_ground(NOTES, history.entries)) == [
        Regrounded(b, "b on nothing a", "b on nothing x")
    ]


def needing(what: str, *events: Event) -> Callable[[tuple[str, ...]], Ruling]:
    """A decision that is refused unless the last of the state is this."""

    def decision(state: tuple[str, ...]) -> Ruling:
        if state[-1] != what:
            raise Missing
        return Ruling(events, (FOUND,))

    return decision


FOUND = Finding(rule="T1", answer=Answer.MET, reason="found")


@pytest.mark.parametrize("what", ["a", "b"])
def test_an_act_stands_behind_the_beginning_of_its_day_that_it_needs(what: str) -> None:
    """a and b begin on 1 March, decided on the 2nd and 3rd; the act was decided on the 1st."""
    begun = [
        noted(n, "2001-03-01").model_copy(update={"decided_on": When.parse(f"2001-03-0{d}")})
        for n, d in (("a", 2), ("b", 3))
    ]
    own, plain = noted("own", "2001-03-01"), Plain(**basis("2001-03-01"))
    ruling = NOTES.decide(CITY, notes(*begun), basis("2001-03-01"), needing(what, own))
    place = begun["ab".index(what)].decided_on
    assert ruling.events == (own.model_copy(update={"placed_on": place}),)
    assert FOUND in ruling.findings
    if what == "b":  # the last of all, so that nothing else is settled
        ruling = NOTES.decide(CITY, notes(*begun), basis("2001-03-01"), needing("b", plain))
        assert ruling.events == (plain,)
    with pytest.raises(Missing):
        NOTES.decide(CITY, notes(*begun), basis("2001-03-01"), needing("c", own))
    with pytest.raises(Missing):
        NOTES.decide(CITY, notes(*begun), basis("2001-02-28"), needing(what, own))


# Any order


SIX: tuple[PartnershipEvent, ...] = (
    formed("2001-02-01", effective="2001-03-01"),
    classified("2001-04-01", HISTORICAL, "c1"),
    ended("2001-05-01", effective="2002-01-01"),
    classified("2001-06-01", INTERNATIONAL, "c2", effective="2001-09-01"),
    targeted("2002-02-01"),
    formed("2002-03-01", "again"),
)
DAYS = ("2001-03-01", "2001-04-01", "2001-09-01", "2002-01-01", "2002-02-01", "2002-03-01")


def believed(history: History[Any]) -> list[Relationship]:
    return [on(history, day) for day in DAYS]


def entered(order: Sequence[PartnershipEvent]) -> History[Any] | None:
    """The acts in an order of recording; `None` where one is refused when it is recorded."""
    try:
        return recorded(*order)
    except Refusal:
        return None


def test_what_stands_does_not_depend_on_the_order_of_recording() -> None:
    expected = believed(recorded(*SIX))
    assert [(s.established is not None, s.classification, s.targeted) for s in expected] == [
        (True, None, False),
        (True, HISTORICAL, False),
        (True, INTERNATIONAL, False),
        (False, None, False),
        (False, None, True),
        (True, None, False),
    ]
    tried = [h for h in map(entered, permutations(SIX)) if h]
    assert len(tried) >= 50
    assert all(believed(history) == expected for history in tried)
