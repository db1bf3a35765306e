"""The loop that everything derived uses: whole commits, saved positions, and loud stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from application.followers import (
    Follower,
    Lag,
    Progress,
    Unhandled,
    catch_up,
    commits_of_page,
    lag,
    page_to_whole_commits,
    run,
)
from application.ports import AheadOfLog, Page, Unavailable, Unreadable
from domain.shared.history import Recorded
from domain.shared.messages import Fact
from tests.support.papers import Papers, worded

DAY = "2001-12-06"


@dataclass
class Reader:
    """A follower that remembers what it took; it chokes on one position, if told."""

    chokes_on: int | None = None
    at: Progress = field(default_factory=Progress)
    taken: list[int] = field(default_factory=list[int])
    pages: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])

    @property
    def name(self) -> str:
        return "reader"

    def progress(self) -> Progress:
        return self.at

    def take(self, page: Page, epoch: str) -> None:
        for entry in page.entries:
            if entry.position == self.chokes_on:
                raise Unhandled(follower=self.name, entry=entry, reason="too much")
        self.pages.append(tuple(entry.position for entry in page.entries))
        self.taken += self.pages[-1]
        self.at = Progress(page.through, epoch)


@pytest.fixture
def papers() -> Papers:
    """Three commits, at positions 1-2, 3-5 and 6-7."""
    papers = Papers()
    papers.commit(worded("a", "1", DAY))
    papers.commit(worded("b", "2", DAY), worded("c", "3", DAY))
    papers.commit(worded("d", "4", DAY))
    assert papers.ends() == [2, 5, 7]
    return papers


def test_every_entry_is_taken_once_in_order_whatever_the_page(papers: Papers) -> None:
    for limit in range(1, 9):
        reader = Reader()
        assert catch_up(papers, reader, limit=limit) == 7
        assert reader.taken == [1, 2, 3, 4, 5, 6, 7], limit


def test_a_page_never_splits_a_commit(papers: Papers) -> None:
    reader = Reader()
    catch_up(papers, reader, limit=1)
    assert reader.pages == [(1, 2), (3, 4, 5), (6, 7)]


def test_it_goes_on_where_it_was(papers: Papers) -> None:
    reader = Reader(at=Progress(2, "first"))
    catch_up(papers, reader)
    assert reader.taken == [3, 4, 5, 6, 7]
    catch_up(papers, reader)
    assert reader.taken == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("until", "reached"), [(0, 0), (1, 0), (2, 2), (3, 2), (4, 2), (5, 5), (6, 5), (7, 7), (99, 7)]
)
def test_a_position_inside_a_commit_rounds_down(papers: Papers, until: int, reached: int) -> None:
    for limit in (1, 2, 100):
        reader = Reader()
        assert catch_up(papers, reader, until=until, limit=limit) == reached
        assert reader.taken == list(range(1, reached + 1))


def test_an_empty_log_is_caught_up_with_at_once() -> None:
    reader = Reader()
    assert catch_up(Papers(), reader) == 0
    assert reader.pages == []


def test_progress_is_told_after_every_page(papers: Papers) -> None:
    told: list[tuple[int, int]] = []
    catch_up(papers, Reader(), limit=1, on_progress=lambda *at: told.append(at))
    assert told == [(2, 7), (5, 7), (7, 7)]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_what_cannot_be_handled_stops_it_with_everything_before_kept(
    papers: Papers, limit: int
) -> None:
    reader = Reader(chokes_on=4)
    for _ in range(2):
        with pytest.raises(Unhandled) as stopped:
            catch_up(papers, reader, limit=limit)
        assert stopped.value.details == {
            "follower": "reader",
            "position": 4,
            "stream": "text",
            "version": 2,
            "topic": "test-worded.v1",
            "reason": "too much",
        }
        assert reader.taken == [1, 2]
        assert reader.progress() == Progress(2, "first")


class Torn(Papers):
    """A log in which one entry cannot be read."""

    def after(self, position: int, limit: int) -> Page:
        page = super().after(position, limit)
        for entry in page.entries:
            if entry.position == 4:
                raise Unreadable(
                    topic="x", stream=entry.stream, version=1, position=4, reason="no such topic"
                )
        return page


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_what_cannot_be_read_stops_it_with_everything_before_kept(
    papers: Papers, limit: int
) -> None:
    reader = Reader()
    for _ in range(2):
        with pytest.raises(Unreadable) as stopped:
            catch_up(Torn(rows=papers.rows), reader, limit=limit)
        assert stopped.value.details["position"] == 4
        assert reader.taken == [1, 2]


def test_a_follower_ahead_of_the_log_refuses(papers: Papers) -> None:
    with pytest.raises(AheadOfLog) as refused:
        catch_up(papers, Reader(at=Progress(8, "first")))
    assert refused.value.details == {"position": 8, "epoch": "first", "shared": 7}


def test_a_follower_of_a_lost_epoch_refuses_and_one_of_the_shared_past_goes_on(
    papers: Papers,
) -> None:
    restored = Papers(rows=papers.rows, name="second", shared={"first": 2})
    with pytest.raises(AheadOfLog):
        catch_up(restored, Reader(at=Progress(5, "first")))
    reader = Reader(at=Progress(2, "first"))
    catch_up(restored, reader)
    assert reader.at == Progress(7, "second")


def test_rounding_keeps_a_page_that_ends_in_time(papers: Papers) -> None:
    page = papers.after(0, 100)
    assert page_to_whole_commits(page, 0, 7) is page
    assert page_to_whole_commits(page, 0, 6).through == 5
    assert page_to_whole_commits(page, 0, 1) == Page([], 0)


def test_commits_are_told_apart_by_when_they_were_recorded(papers: Papers) -> None:
    assert [[e.position for e in commit] for commit in commits_of_page(papers.rows)] == [
        [1, 2],
        [3, 4, 5],
        [6, 7],
    ]


# --- run ----------------------------------------------------------------------------------------


@dataclass
class Turns:
    """A stop after so many waits, and what happens in between."""

    left: int
    between: Callable[[], object] = lambda: None
    waits: int = 0

    def is_set(self) -> bool:
        return self.left <= self.waits

    def wait(self, _timeout: float = 0.0) -> bool:
        self.waits += 1
        self.between()
        return self.is_set()


def keep_going(papers: Papers, followers: list[Any], turns: Turns) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []

    def tell(follower: Follower, problem: Exception) -> None:
        told.append((follower.name, type(problem).__name__))

    run(papers, followers, turns, turns.wait, on_problem=tell)
    return told


def test_what_is_recorded_meanwhile_is_taken_at_the_next_turn(papers: Papers) -> None:
    reader = Reader()
    turns = Turns(3, lambda: papers.commit(worded("e", "5", DAY)))
    assert keep_going(papers, [reader], turns) == []
    assert reader.at.position == 7 + 2 * 2


def test_one_stopped_follower_does_not_stop_the_others(papers: Papers) -> None:
    stopped, fine = Reader(chokes_on=4), Reader()
    turns = Turns(3, lambda: papers.commit(worded("e", "5", DAY)))
    assert keep_going(papers, [stopped, fine], turns) == [("reader", "Unhandled")]
    assert (stopped.at.position, fine.at.position) == (2, 11)


def test_it_ends_when_no_follower_is_left(papers: Papers) -> None:
    turns = Turns(100)
    assert keep_going(papers, [Reader(chokes_on=1)], turns) == [("reader", "Unhandled")]
    assert turns.waits == 0


@pytest.mark.parametrize("error", [Unavailable(reason="busy"), ConnectionResetError()])
def test_what_passes_is_told_and_tried_again(papers: Papers, error: Exception) -> None:
    class Flaky(Papers):
        failures: Iterator[int] = iter(range(2))

        def after(self, position: int, limit: int) -> Page:
            if next(self.failures, None) is not None:
                raise error
            return super().after(position, limit)

    reader = Reader()
    told = keep_going(Flaky(rows=papers.rows), [reader], Turns(4))
    assert told == [("reader", type(error).__name__)] * 2
    assert reader.at.position == 7


def test_a_wish_to_end_is_heard_between_followers(papers: Papers) -> None:
    class Ending(Reader):
        def take(self, page: Page, epoch: str) -> None:
            super().take(page, epoch)
            turns.left = 0

    turns = Turns(5)
    first, second = Ending(), Reader()
    keep_going(papers, [first, second], turns)
    assert (first.at.position, second.at.position) == (7, 0)


# --- lag ----------------------------------------------------------------------------------------


def test_lag_counts_entries_and_the_seconds_of_the_oldest(papers: Papers) -> None:
    oldest: Recorded[Fact] = papers.rows[2]
    now = oldest.recorded_at + 2_500_000
    assert lag(papers, Reader(at=Progress(2, "first")), now) == Lag(5, more=False, seconds=2.5)
    assert lag(papers, Reader(at=Progress(2, "first")), now, most=3) == Lag(3, True, 2.5)
    assert lag(papers, Reader(at=Progress(7, "first")), now) == Lag(0, more=False, seconds=0.0)


def test_a_clock_behind_the_log_shows_no_negative_lag(papers: Papers) -> None:
    assert lag(papers, Reader(), 0).seconds == 0.0
