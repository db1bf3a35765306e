"""Long streams are cache, the longest unread are forgotten, and nobody reads less for it."""

from __future__ import annotations

import pytest

from adapters.store.event_log.stream_cache import LEAST, StreamCache
from domain.shared.history import Recorded
from domain.shared.messages import StreamId
from tests.support.log_stores import Noted, StoredStore, note

A, B, C = StreamId("a"), StreamId("b"), StreamId("c")


def keep(cache: StreamCache, stream: StreamId, count: int) -> None:
    entries = [Recorded(Noted(text="x"), stream, n, n, n) for n in range(1, count + 1)]
    cache.keep(stream, entries, (f"toronto/{stream}", count, "noted.v1", b"", count, count))


def known(cache: StreamCache, *streams: StreamId) -> list[int]:
    found = [cache.recall(stream) for stream in streams]
    return [len(each.entries) if each else 0 for each in found]


def test_a_short_stream_is_not_worth_remembering() -> None:
    cache = StreamCache()
    keep(cache, A, LEAST - 1)
    assert known(cache, A) == [0]


def test_a_stream_is_remembered_as_far_as_anybody_read_it() -> None:
    cache = StreamCache()
    keep(cache, A, LEAST + 1)
    keep(cache, A, LEAST)
    assert known(cache, A) == [LEAST + 1]


def test_what_was_not_read_for_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.store.event_log.stream_cache.MOST", 2 * LEAST)
    cache = StreamCache()
    keep(cache, A, LEAST)
    keep(cache, B, LEAST)
    cache.recall(A)
    keep(cache, C, LEAST)
    assert known(cache, A, B, C) == [LEAST, 0, LEAST]


def test_one_stream_longer_than_all_that_may_be_is_remembered_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.store.event_log.stream_cache.MOST", LEAST)
    cache = StreamCache()
    keep(cache, A, LEAST)
    keep(cache, B, 3 * LEAST)
    assert known(cache, A, B) == [0, 3 * LEAST]


def test_what_is_forgotten_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.store.event_log.stream_cache.MOST", 2 * LEAST)
    cache = StreamCache()
    keep(cache, A, LEAST)
    cache.forget([A, C])
    keep(cache, B, LEAST)
    keep(cache, C, LEAST)
    assert known(cache, A, B, C) == [0, LEAST, LEAST]


def test_what_a_reader_does_to_its_answer_stays_its_own(stored: StoredStore) -> None:
    log = stored.open()
    written = [log.append([note("a", n)], {})[0] for n in range(1, LEAST + 2)]
    for _ in range(3):
        answer = log.read(A)[A]
        assert list(answer) == written
        if isinstance(answer, list):
            answer.clear()


@pytest.mark.parametrize("count", [LEAST, LEAST + 1, LEAST + 2])
def test_what_is_remembered_is_not_answered_of_a_log_that_took_its_place(
    stored: StoredStore, count: int
) -> None:
    log, other = stored.open(), stored.another()
    for n in range(1, LEAST + 2):
        log.append([note("a", n)], {})
    log.append([note("b", 1)], {})
    log.read(A, B)
    there = other.open()
    for n in range(1, count + 1):
        there.append([note("a", n, f"of the other log, {n}")], {})
    expected = list(there.read(A)[A])
    other.close()

    stored.replace(other)

    for _ in range(2):
        found = log.read(A, B)
        assert (list(found[A]), list(found[B])) == (expected, [])


def test_what_is_remembered_is_read_once(
    stored: StoredStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = stored.open()
    for n in range(1, LEAST + 2):
        log.append([note("a", n)], {})
    log.read(A)
    monkeypatch.setattr(log, "_decoded", lambda rows: pytest.fail(f"{rows} decoded again"))
    assert [entry.version for entry in log.read(A)[A]] == [*range(1, LEAST + 2)]
