"""The engine of read models by itself: only the difference, and no more folded than differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from domain.shared.history import History, Recorded, timeline_order
from domain.shared.log_facts import EntryWithdrawn
from domain.shared.messages import DecisionRef, Event
from projections.engine.changes import Source, changes_by_key, decided_together, place
from projections.engine.read_model import OPEN, Phase, Possible, ReadModel
from projections.engine.revision import Revision, Timeline, revise
from tests.support.histories import Step, histories, record
from tests.support.papers import TEXT, Papers, Words, dated, struck, word, worded

KEY = "outbound/2"


class Folding:
    """One key's timeline, fed commit by commit, with what was asked for on the way."""

    def __init__(self, papers: Papers, model: ReadModel[Words] = TEXT) -> None:
        self.papers = papers
        self.model = model
        self.timeline: Timeline[Words] = Timeline()
        self.recalled: list[Source] = []
        self.revisions: list[Revision[Words]] = []
        self.read = 0

    def recall(self, source: Source) -> Recorded[Event]:
        self.recalled.append(source)
        return find(self.papers.rows, source)

    def follow(self) -> Revision[Words]:
        """Apply what was committed since as one commit, and return the last difference."""
        self.recalled.clear()
        new: list[Any] = [
            r for r in self.papers.rows if r.position > self.read and isinstance(r.event, Event)
        ]
        self.read = self.papers.head()
        changes = changes_by_key(self.model, new, self.recall)[KEY]
        assert self.timeline.reaches(changes.since() or "")
        return revise(self.model, KEY, self.timeline, changes, self.recall, self.read)


def find(rows: Iterable[Recorded[Any]], source: Source) -> Recorded[Event]:
    (found,) = (row for row in rows if (row.stream, row.version) == source)
    return found


def said(phases: Sequence[Phase[Words]]) -> list[str | None]:
    return [phase.state.words if phase.state else None for phase in phases]


@pytest.fixture
def folding() -> Folding:
    """Five texts, one a year, from 2001."""
    folding = Folding(Papers())
    for year in range(2001, 2006):
        folding.papers.commit(worded(KEY, str(year), f"{year}-01-01"))
        folding.follow()
    return folding


def test_the_next_event_closes_one_phase_and_opens_two(folding: Folding) -> None:
    folding.papers.commit(worded(KEY, "2006", "2006-01-01"))
    revision = folding.follow()
    assert said(revision.closed) == ["2005"]
    assert said(revision.opened) == ["2005", "2006"]
    assert revision.opened[0].until_first == date(2006, 1, 1)
    assert folding.recalled == [], "and nothing is read again"


def test_a_late_event_changes_its_neighbour_only(folding: Folding) -> None:
    folding.papers.commit(worded(KEY, "late", "2003-07-01"))
    revision = folding.follow()
    assert (said(revision.closed), said(revision.opened)) == (["2003"], ["2003", "late"])
    assert len(folding.recalled) == 1, "the fold stops where nothing differs any more"
    assert said(folding.timeline.phases) == [
        "2001",
        "2002",
        "2003",
        "late",
        "2004",
        "2005",
    ]


def test_an_uncertain_late_event_delays_what_follows_within_its_days(folding: Folding) -> None:
    folding.papers.commit(worded(KEY, "some day", "2003-06-01/2004-06-01"))
    revision = folding.follow()
    assert said(revision.closed) == ["2003", "2004"]
    late, then = revision.opened[1:]
    assert (late.first, late.last) == (date(2003, 6, 1), date(2004, 6, 1))
    assert (then.first, then.last) == (date(2004, 1, 1), date(2004, 6, 1)), "not before it"


def test_a_correction_closes_what_it_replaces(folding: Folding) -> None:
    folding.papers.commit(worded(KEY, "right", "2003-01-01", replaces=3))
    revision = folding.follow()
    assert (said(revision.closed), said(revision.opened)) == (["2003"], ["right"])


def test_a_withdrawal_leaves_what_was_before_it(folding: Folding) -> None:
    folding.papers.commit(("text", EntryWithdrawn(**dated("2003-01-01", replaces=3))))
    revision = folding.follow()
    assert (said(revision.closed), said(revision.opened)) == (["2002", "2003"], ["2002"])
    folding.papers.commit(worded(KEY, "after all", "2003-01-01", replaces=6))
    folding.follow()
    assert said(folding.timeline.phases) == [
        "2001",
        "2002",
        "after all",
        "2004",
        "2005",
    ]


def test_all_withdrawn_nothing_is_left() -> None:
    folding = Folding(Papers())
    folding.papers.commit(worded(KEY, "a", "2001-01-01"))
    folding.follow()
    folding.papers.commit(("text", EntryWithdrawn(**dated("2001-01-01", replaces=1))))
    revision = folding.follow()
    assert (said(revision.closed), said(revision.opened)) == (["a"], [])
    assert folding.timeline.phases == []


def test_a_second_correction_of_the_same_event_changes_nothing_else(folding: Folding) -> None:
    folding.papers.commit(worded(KEY, "right", "2003-01-01", replaces=3))
    folding.follow()
    folding.papers.commit(worded("outbound/9", "elsewhere", "2003-01-01", replaces=3))
    assert folding.follow() == Revision((), ())


def test_a_correction_keeps_its_place_among_ties() -> None:
    papers = Papers()
    folding = Folding(papers)
    papers.commit(worded(KEY, "moved", "2001-12-06"), struck(KEY, "2001-12-06"))
    folding.follow()
    papers.commit(worded(KEY, "moved, corrected", "2001-12-06", replaces=1))
    folding.follow()
    assert said(folding.timeline.phases) == ["moved, corrected", None]


def test_phases_that_nothing_touches_stay_the_same_objects(folding: Folding) -> None:
    before = {phase.place: phase for phase in folding.timeline.phases}
    folding.papers.commit(worded(KEY, "late", "2001-07-01"))
    folding.follow()
    kept = [p for p in folding.timeline.phases if before.get(p.place) is p]
    assert said(kept) == ["2002", "2003", "2004", "2005"]


def test_only_the_end_of_a_timeline_is_kept_between_pages(folding: Folding) -> None:
    timeline = folding.timeline
    timeline.forget()
    assert (said(timeline.phases), timeline.whole) == (["2005"], False)
    papers = folding.papers

    def reaches(*events: Any) -> bool:
        since = papers.head()
        papers.commit(*events)
        new: list[Any] = [r for r in papers.after(since, 99).entries if isinstance(r.event, Event)]
        changes = changes_by_key(TEXT, new, folding.recall)[KEY]
        return timeline.reaches(changes.since() or "")

    assert reaches(worded(KEY, "2006", "2006-01-01"))
    assert not reaches(worded(KEY, "2004", "2004-06-01"))
    assert not reaches(worded(KEY, "2005", "2005-01-01", replaces=5))


def test_a_correction_of_the_future_is_refused() -> None:
    papers = Papers()
    papers.commit(worded(KEY, "a", "2001-01-01", replaces=1))
    with pytest.raises(ValueError, match="text 1 replaces 1"):
        Folding(papers).follow()


def test_keys_named_twice_are_folded_once() -> None:
    papers = Papers()
    papers.commit(worded(KEY, "a", "2001-01-01"))
    twice = ReadModel("twice", 1, Words, lambda entry: (KEY, KEY), word)
    folding = Folding(papers, twice)
    assert len(folding.follow().opened) == 1


@given(history=histories)
@settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
def test_places_sort_as_the_domain_orders(history: list[Step]) -> None:
    papers = record([history])
    for stream in {row.stream for row in papers.rows}:
        entries: list[Any] = [
            r for r in papers.rows if r.stream == stream and isinstance(r.event, Event)
        ]
        if entries:
            standing = History(tuple(entries), len(entries)).standing()
            places = [place(e, lambda source: find(papers.rows, source)) for e in standing]
            assert places == sorted(places)
            assert len(set(places)) == len(places)


@given(history=histories)
@settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
def test_phases_follow_one_another_without_a_gap(history: list[Step]) -> None:
    papers = record([history])
    timeline: Timeline[Words] = Timeline()
    for end in papers.ends():
        at = next(row.recorded_at for row in papers.rows if row.position == end)
        new: list[Any] = [
            r for r in papers.rows if r.recorded_at == at and isinstance(r.event, Event)
        ]
        changes = changes_by_key(TEXT, new, lambda source: find(papers.rows, source))
        if "000-0" in changes:
            revision = revise(
                TEXT,
                "000-0",
                timeline,
                changes["000-0"],
                lambda source: find(papers.rows, source),
                end,
            )
            assert not {p.place for p in revision.opened if p.known_from != end}
            assert not any(a.repeats(b) for a in revision.closed for b in revision.opened), (
                "what is repeated is not written"
            )
    phases = timeline.phases
    begins = [(p.first, p.last) for p in phases]
    next_ones = [*begins[1:], (OPEN, OPEN)][: len(phases)]
    groups = [decided_together(p.place) for p in phases]
    for number, (phase, following) in enumerate(zip(phases, next_ones, strict=True)):
        partial = any(g and g in groups[number + 1 :] for g in groups[: number + 1])
        never = (phase.first, phase.first)
        assert (phase.until_first, phase.until_last) == (never if partial else following)
    assert begins == sorted(begins)


def test_effects_of_one_decision_hold_together_on_whichever_day() -> None:
    """Two words of one decision, and another's between them: none, all three, and nothing else."""
    papers = Papers()
    folding = Folding(papers)
    days = "2001-12-04/2001-12-06"
    for word_, decision in (("a", "d1"), ("b", "d2"), ("c", "d1")):
        by = DecisionRef(matter="m", decision=decision, body="council")
        papers.commit(worded(KEY, word_, days, authority=by))
        folding.follow()
    assert [(str(p.first), str(p.until_last)) for p in folding.timeline.phases] == [
        ("2001-12-04", "2001-12-04"),
        ("2001-12-04", "2001-12-04"),
        ("2001-12-04", str(OPEN)),
    ]


def test_an_answer_that_cannot_be_told_has_no_state() -> None:
    assert Possible(KEY, (None,)).state is None
    with pytest.raises(ValueError, match="unpack"):
        _ = Possible(KEY, (None, Words(address=KEY, words="a"))).state


def test_order_is_what_the_place_says() -> None:
    papers = Papers()
    papers.commit(worded(KEY, "a", "2001-12-04/2001-12-06", decided="2001"))
    entry = find(papers.rows, (papers.rows[1].stream, 1))
    assert place(entry, lambda source: entry) == (
        "2001-12-04/2001-12-06 2001-01-01/2001-12-31 000000000002"
    )
    assert timeline_order(entry, 2)[4:] == (2, 2)
