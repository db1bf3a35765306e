"""State is a timeline: order, corrections and what is certain on a day, against a brute force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from domain.shared.dates import When
from domain.shared.history import (
    Certainty,
    History,
    Recorded,
    boundaries,
    fold,
    history_followed_by,
    possible_counts,
    standing_entries,
)
from domain.shared.messages import DecisionRef, Event, Replacement, StreamId

START = date(2001, 12, 1)
HORIZON = [START + timedelta(days=n) for n in range(-2, 40)]
STREAM = StreamId("stream")


class Noted(Event):
    TOPIC: ClassVar[str] = "test-noted.v1"

    note: int


def whens() -> st.SearchStrategy[When]:
    def span(offset: int, length: int) -> When:
        first = START + timedelta(days=offset)
        last = first + timedelta(days=length)
        return When.parse(f"{first}/{last}" if length else str(first))

    spans = st.builds(span, st.integers(0, 20), st.integers(0, 6))
    return spans | st.sampled_from([When.parse("2001-12"), When.parse("2002-01"), When.day(START)])


@st.composite
def histories(draw: st.DrawFn) -> History[Noted]:
    entries: list[Recorded[Noted]] = []
    for version in range(1, 1 + draw(st.integers(0, 6))):
        free = [e.version for e in entries if not any(_corrects(o, e.version) for o in entries)]
        corrected = draw(st.none() | st.sampled_from(free)) if free else None
        noted = Noted(
            note=version,
            decided_on=draw(whens()),
            effective_from=draw(whens()),
            replaces=Replacement(version=corrected, reason="slip") if corrected else None,
        )
        entries.append(Recorded(noted, STREAM, version, 10 * version, version))
    return History(tuple(entries), len(entries))


def _corrects(entry: Recorded[Noted], version: int) -> bool:
    return entry.event.replaces is not None and entry.event.replaces.version == version


def notes(entries: Sequence[Recorded[Noted]]) -> list[int]:
    return [entry.event.note for entry in entries]


@given(history=histories())
def test_what_stands_is_what_no_correction_names_in_the_order_it_takes_hold(
    history: History[Noted],
) -> None:
    stands = history.standing()
    replaced = {e.event.replaces.version for e in history.entries if e.event.replaces}
    assert sorted(notes(stands)) == [
        e.version for e in history.entries if e.version not in replaced
    ]
    keys = [
        (
            e.event.effective_from.first,
            e.event.effective_from.last,
            e.event.decided_on.first,
            e.event.decided_on.last,
        )
        for e in stands
    ]
    assert keys == sorted(keys)


@given(history=histories())
def test_certainty_is_what_every_choice_of_days_agrees_on(history: History[Noted]) -> None:
    """Whichever day each change took hold, none before the change that it follows."""
    stands = history.standing()
    spans = [(e.event.effective_from.first, e.event.effective_from.last) for e in stands]
    for day in HORIZON:
        possible, sure = 0, len(spans)
        for cut in range(len(spans) + 1):
            # exactly the first `cut` changes have happened by `day`: is there such a choice?
            before = all(first <= day for first, _ in spans[:cut])
            after = all(
                max(last for _, last in spans[: n + 1]) > day for n in range(cut, len(spans))
            )
            if before and after:
                possible, sure = max(possible, cut), min(sure, cut)
        assert history.certainty(day) == Certainty(sure, possible)
        assert history.on(day) == stands[:sure]


@given(changes=st.lists(whens(), max_size=6))
def test_boundaries_never_run_backwards(changes: list[When]) -> None:
    ordered = sorted(changes, key=lambda when: (when.first, when.last))
    found = list(boundaries(ordered))
    assert [earliest for earliest, _ in found] == [when.first for when in ordered]
    latest = [last for _, last in found]
    assert latest == sorted(latest)
    assert all(last >= when.last for last, when in zip(latest, ordered, strict=True))
    assert set(latest) <= {when.last for when in ordered}


@given(history=histories())
def test_proceedings_are_read_in_the_order_they_were_recorded(history: History[Noted]) -> None:
    recorded = history.as_recorded()
    assert sorted(notes(recorded)) == sorted(notes(history.standing()))
    uncorrected = [e.version for e in recorded if e.event.replaces is None]
    assert uncorrected == sorted(uncorrected)


def noted(note: int, effective: str, decided: str = "2001-12-01", corrects: int = 0) -> Noted:
    return Noted(
        note=note,
        decided_on=When.parse(decided),
        effective_from=When.parse(effective),
        replaces=Replacement(version=corrects, reason="slip") if corrects else None,
    )


def history_of(*events: Noted) -> History[Noted]:
    entries = [Recorded(e, STREAM, v, 10 * v, v) for v, e in enumerate(events, 1)]
    return History(tuple(entries), len(entries))


def test_over_several_sitting_days_the_answer_is_not_determinate_until_the_last() -> None:
    history = history_of(noted(1, "2001-12-04/2001-12-06"))
    assert history.certainty(date(2001, 12, 3)) == Certainty(0, 0)
    assert history.certainty(date(2001, 12, 4)) == Certainty(0, 1)
    assert history.certainty(date(2001, 12, 5)) == Certainty(0, 1)
    assert history.certainty(date(2001, 12, 6)) == Certainty(1, 1)


def test_a_late_record_of_an_early_change_comes_before_what_is_known() -> None:
    history = history_of(noted(1, "2001-12-20"), noted(2, "2001-12-10"))
    assert notes(history.standing()) == [2, 1]
    assert notes(history.on(date(2001, 12, 15))) == [2]
    assert notes(history.as_recorded()) == [1, 2]
    days = [date(2001, 12, day) for day in (9, 10, 20)]
    assert [notes(history.as_recorded(day)) for day in days] == [[], [2], [1, 2]]


def test_a_correction_takes_the_place_of_what_it_corrects_in_the_proceedings() -> None:
    history = history_of(
        noted(1, "2001-12-04"), noted(2, "2001-12-05"), noted(3, "2001-12-04", corrects=1)
    )
    assert notes(history.as_recorded()) == [3, 2]


def test_of_two_corrections_in_a_row_the_last_stands() -> None:
    history = history_of(
        noted(1, "2001-12-04"),
        noted(2, "2001-12-05", corrects=1),
        noted(3, "2001-12-06", corrects=2),
    )
    assert notes(standing_entries(history.entries)) == [3]
    assert notes(history.as_recorded()) == [3]


def test_a_fold_takes_events_in_the_order_given() -> None:
    history = history_of(noted(1, "2001-12-20"), noted(2, "2001-12-10"))
    total = fold(lambda state, event: f"{state}{event.note}", "", history.standing())
    assert total == "21"


def test_a_stream_as_it_would_be_has_the_further_events_after_its_last() -> None:
    one, two, three = (noted(note, "2001-12-20") for note in (1, 2, 3))
    known = history_of(two, one, two)
    assert history_followed_by(known, STREAM) == known
    assert history_followed_by(known, STREAM, three, one) == History(
        (*known.entries, Recorded(three, STREAM, 4, 31, 3), Recorded(one, STREAM, 5, 32, 3)), 5
    )
    assert history_followed_by(History((), 0), STREAM, one) == History(
        (Recorded(one, STREAM, 1, 1, 0),), 1
    )


BUDGET, VISITS = (DecisionRef(matter="m", decision=name, body="council") for name in ("d1", "d2"))
SITTING = "2001-12-04/2001-12-06"


def decided(note: int, effective: str, by: DecisionRef | None) -> Noted:
    return noted(note, effective).model_copy(update={"authority": by})


def counts(*events: Noted) -> list[tuple[int, ...]]:
    """How many may hold on 3, 4, 5 and 6 December."""
    stands = history_of(*events).standing()
    return [possible_counts(stands, date(2001, 12, day)) for day in (3, 4, 5, 6)]


def test_of_effects_that_nobody_decided_any_number_may_hold() -> None:
    """Two changes on one of three days: none, one or both on the 4th, both on the 6th."""
    two = (decided(1, SITTING, None), decided(2, SITTING, None))
    assert counts(*two) == [(0,), (0, 1, 2), (0, 1, 2), (2,)]


def test_of_effects_of_one_decision_all_hold_or_none() -> None:
    two = (decided(1, SITTING, BUDGET), decided(2, SITTING, BUDGET))
    assert counts(*two) == [(0,), (0, 2), (0, 2), (2,)]


def test_of_two_decisions_the_first_may_hold_without_the_second() -> None:
    """Two effects of the first and one of the second, after one that holds since 3 December."""
    before, own = decided(1, "2001-12-03", BUDGET), decided(4, SITTING, VISITS)
    two = (decided(2, SITTING, BUDGET), decided(3, SITTING, BUDGET))
    assert counts(before, *two, own) == [(1,), (1, 3, 4), (1, 3, 4), (4,)]


def test_effects_of_one_decision_on_other_days_do_not_hold_together() -> None:
    """One on 4 to 6 December, one on 5 or 6: one of them may hold alone on the 5th."""
    two = (decided(1, SITTING, BUDGET), decided(2, "2001-12-05/2001-12-06", BUDGET))
    assert counts(*two) == [(0,), (0, 1), (0, 1, 2), (2,)]


def test_effects_on_a_day_that_is_known_hold_on_it() -> None:
    known = (decided(1, "2001-12-05", BUDGET), decided(2, "2001-12-05", BUDGET))
    assert counts(*known) == [(0,), (0,), (2,), (2,)]


def test_what_may_hold_later_does_not_hold_before_what_it_follows() -> None:
    """The second surely holds on the 5th, if the first does: by the 6th both do."""
    two = (decided(1, SITTING, BUDGET), decided(2, "2001-12-05", None))
    assert counts(*two) == [(0,), (0, 1), (0, 1, 2), (2,)]
