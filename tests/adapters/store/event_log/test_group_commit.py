"""Who writes with whom: company is welcome, and nobody pays for another's mistake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock

import pytest

from adapters.store.event_log.group_commit import GroupCommit
from adapters.store.event_log.recorder import Commit, Draft
from application.ports import OutcomeUnknown, Stale, Unavailable


def commit(stream: str, reads: str | None = None) -> Commit:
    """Write one row to a stream, after reading another."""
    expect = {stream: 0} | ({reads: 0} if reads else {})
    return Commit([Draft(stream, 1, "noted.v1", b"{}")], expect)


class Database:
    """Takes down the groups it is given; the first of them waits for `release`."""

    def __init__(self, judge: Callable[[Sequence[Commit]], None] = lambda commits: None) -> None:
        self.groups: list[list[str]] = []
        self.entered, self.release = Event(), Event()
        self._judge = judge
        self._writing = Lock()

    def write(self, commits: Sequence[Commit]) -> None:
        assert self._writing.acquire(blocking=False), "two groups are written at once"
        try:
            self.groups.append([commit.drafts[0].stream for commit in commits])
            if len(self.groups) == 1:
                self.entered.set()
                assert self.release.wait(10)
            self._judge(commits)
            for each in commits:
                each.first = each.first or 1
        finally:
            self._writing.release()


def race(
    database: Database, *others: Commit, most: int = 64
) -> tuple[GroupCommit, list[Future[None]]]:
    """A first commit is being written while the others queue behind it, in their order."""
    group_commit = GroupCommit(database.write, most)
    pool = ThreadPoolExecutor(len(others) + 1)
    futures = [pool.submit(group_commit.submit, commit("first"))]
    assert database.entered.wait(10)
    for number, other in enumerate(others, start=1):
        futures.append(pool.submit(group_commit.submit, other))
        while len(group_commit.waiting) < number:
            pass
    database.release.set()
    pool.shutdown()
    return group_commit, futures


def test_one_thread_writes_each_commit_by_itself() -> None:
    database = Database()
    database.release.set()
    group_commit = GroupCommit(database.write)
    for name in "abc":
        group_commit.submit(commit(name))
    assert database.groups == [["a"], ["b"], ["c"]]


def test_what_queued_meanwhile_is_written_together() -> None:
    database = Database()
    _, futures = race(database, commit("a", "policy"), commit("b", "policy"), commit("c"))
    assert [future.exception() for future in futures] == [None] * 4
    assert database.groups == [["first"], ["a", "b", "c"]]


def test_a_group_has_no_more_than_so_many() -> None:
    database = Database()
    race(database, *(commit(f"s{number}") for number in range(5)), most=2)
    assert database.groups == [["first"], ["s0", "s1"], ["s2", "s3"], ["s4"]]


def test_a_commit_waits_for_the_one_whose_stream_it_reads() -> None:
    database = Database()
    race(database, commit("policy"), commit("a", "policy"), commit("b"), commit("c", "a"))
    assert database.groups == [["first"], ["policy", "b"], ["a"], ["c"]]


def test_a_commit_that_reads_what_a_later_one_writes_goes_with_it() -> None:
    database = Database()
    race(database, commit("a", "policy"), commit("policy"))
    assert database.groups == [["first"], ["a", "policy"]]


def test_only_the_stale_one_is_told_so() -> None:
    def judge(commits: Sequence[Commit]) -> None:
        for each in commits:
            if each.drafts[0].stream == "b":
                each.problem = Stale(stream="b", expected=0, actual=1)

    _, futures = race(Database(judge), commit("a"), commit("b"), commit("c"))
    problems = [future.exception() for future in futures]
    assert problems[:2] + problems[3:] == [None] * 3
    assert isinstance(problems[2], Stale)


def test_a_commit_that_cannot_be_stored_does_not_take_the_others_with_it() -> None:
    def judge(commits: Sequence[Commit]) -> None:
        if any(each.drafts[0].stream == "b" for each in commits):
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    database = Database(judge)
    _, futures = race(database, commit("a"), commit("b"), commit("c"))
    problems = [future.exception() for future in futures]
    assert problems[:2] + problems[3:] == [None] * 3
    assert isinstance(problems[2], UnicodeEncodeError)
    assert database.groups == [["first"], ["a", "b", "c"], ["a"], ["b"], ["c"]]


def test_when_the_log_is_away_each_hears_it_and_nothing_is_tried_again() -> None:
    def judge(commits: Sequence[Commit]) -> None:
        if len(commits) > 1:
            raise Unavailable(log="here", reason="away")

    database = Database(judge)
    group_commit, futures = race(database, commit("a"), commit("b"))
    problems = [future.exception() for future in futures[1:]]
    assert [type(problem) for problem in problems] == [Unavailable, Unavailable]
    assert problems[0] is not problems[1]
    assert len(database.groups) == 2
    group_commit.submit(commit("later"))


def test_when_the_writing_thread_is_interrupted_the_others_know_that_they_do_not_know() -> None:
    def judge(commits: Sequence[Commit]) -> None:
        if len(commits) > 1:
            raise KeyboardInterrupt

    database = Database(judge)
    group_commit, futures = race(database, commit("a"), commit("b"))
    assert isinstance(futures[1].exception(), KeyboardInterrupt)
    assert isinstance(futures[2].exception(), OutcomeUnknown)
    group_commit.submit(commit("later"))
    assert database.groups[-1] == ["later"]


def test_a_thread_that_is_interrupted_while_it_waits_leaves_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = Database()
    group_commit = GroupCommit(database.write)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(group_commit.submit, commit("first"))
        assert database.entered.wait(10)

        def interrupted(ticket: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("adapters.store.event_log.group_commit.wait_for_turn", interrupted)
        waiting = pool.submit(group_commit.submit, commit("a"))
        assert isinstance(waiting.exception(10), KeyboardInterrupt)
        database.release.set()
        first.result(10)
    group_commit.submit(commit("later"))
    assert database.groups == [["first"], ["later"]]


def test_a_leader_that_is_interrupted_while_it_waits_for_company_gives_the_lead_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = Database()
    group_commit, _ = race(database, commit("a"), commit("b"))

    def interrupted(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(group_commit._arrived, "wait_for", interrupted)
        with pytest.raises(KeyboardInterrupt):
            group_commit.submit(commit("alone after two"))
    assert group_commit.waiting == []
    with ThreadPoolExecutor(1) as pool:
        pool.submit(group_commit.submit, commit("later")).result(10)
    assert database.groups[-1] == ["later"]


def test_those_that_were_not_tried_when_the_writing_thread_was_interrupted_hear_it() -> None:
    def judge(commits: Sequence[Commit]) -> None:
        if len(commits) > 1:
            raise ValueError
        if commits[0].drafts[0].stream == "a":
            raise KeyboardInterrupt

    _, futures = race(Database(judge), commit("a"), commit("b"))
    assert isinstance(futures[1].exception(10), KeyboardInterrupt)
    assert isinstance(futures[2].exception(10), OutcomeUnknown)
