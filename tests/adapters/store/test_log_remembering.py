"""Long streams are remembered, the longest unread are forgotten, and nobody reads less for it."""

from __future__ import annotations

import pytest

from adapters.store.remembering import LEAST, Remembered
from domain.history import Recorded
from domain.kernel import Fact, StreamId
from tests.support.log_stores import Noted, StoredStore, note

A, B, C = StreamId("a"), StreamId("b"), StreamId("c")


def entries(stream: StreamId, count: int) -> tuple[Recorded[Fact], ...]:
    return tuple(Recorded(Noted(text="x"), stream, n, n, n) for n in range(1, count + 1))


def test_a_short_stream_is_not_worth_remembering() -> None:
    remembered = Remembered()
    remembered.keep(A, entries(A, LEAST - 1))
    assert remembered.recall(A) == ()


def test_a_stream_is_remembered_as_far_as_anybody_read_it() -> None:
    remembered = Remembered()
    remembered.keep(A, entries(A, LEAST + 1))
    remembered.keep(A, entries(A, LEAST))
    assert len(remembered.recall(A)) == LEAST + 1


def test_what_was_not_read_for_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.store.remembering.MOST", 2 * LEAST)
    remembered = Remembered()
    remembered.keep(A, entries(A, LEAST))
    remembered.keep(B, entries(B, LEAST))
    remembered.recall(A)
    remembered.keep(C, entries(C, LEAST))
    assert [len(remembered.recall(stream)) for stream in (A, B, C)] == [LEAST, 0, LEAST]


def test_one_stream_longer_than_all_that_may_be_is_remembered_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.store.remembering.MOST", LEAST)
    remembered = Remembered()
    remembered.keep(A, entries(A, LEAST))
    remembered.keep(B, entries(B, 3 * LEAST))
    assert [len(remembered.recall(stream)) for stream in (A, B)] == [0, 3 * LEAST]


def test_what_a_reader_does_to_its_answer_stays_its_own(stored: StoredStore) -> None:
    log = stored.open()
    written = [log.append([note("a", n)], {})[0] for n in range(1, LEAST + 2)]
    for _ in range(3):
        answer = log.read(A)[A]
        assert list(answer) == written
        if isinstance(answer, list):
            answer.clear()
