"""What every log promises: in memory, in a file, in PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.ports import AheadOfLog, Log, Pending, Stale
from domain.shared.history import Recorded
from domain.shared.messages import Fact, Personal, StreamId
from tests.support.log_stores import (
    NOON,
    LetterReceived,
    MemoryStore,
    Noted,
    PostgresStore,
    Sender,
    SQLiteStore,
    Store,
    note,
)

A, B, C = StreamId("a"), StreamId("b"), StreamId("c")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty log."""
    made: Store
    match request.param:
        case "memory":
            made = MemoryStore()
        case "sqlite":
            made = file = SQLiteStore(tmp_path)
            file.set_up()
        case _:
            made = server = PostgresStore(request.getfixturevalue("fresh_postgres_url"), "record")
            server.set_up()
    yield made
    made.close()


@pytest.fixture
def log(store: Store) -> Log:
    return store.open()


def everything(log: Log) -> list[Recorded[Fact]]:
    return list(log.entries())


def fill(log: Log, sizes: tuple[int, ...]) -> list[list[Recorded[Fact]]]:
    """Commits of the given sizes, each in a stream of its own."""
    return [
        list(log.append([note(f"s{number}", version) for version in range(1, size + 1)], {}))
        for number, size in enumerate(sizes)
    ]


# --- reading an empty log -------------------------------------------------------------------------


def test_an_empty_log_has_nothing_at_any_position_or_time(log: Log) -> None:
    assert log.head() == 0
    assert log.after(0, 10).through == 0
    assert list(log.after(0, 10).entries) == []
    assert list(log.raw_after(0, 10).rows) == []
    assert everything(log) == []
    assert log.position_at(NOON) == 0


def test_a_stream_that_nobody_wrote_is_empty(log: Log) -> None:
    assert log.read(A, B) == {A: [], B: []}


def test_the_streams_of_a_kind_are_named_once_each_and_no_other_registers(store: Store) -> None:
    names = ("plan/2003", "plan/2002", "planner/1", "plan", "a/plan/1", "plan/0", "plan/ß")
    log = store.open()
    log.append([note(name, 1) for name in names] + [note("plan/2002", 2)], {})
    store.open("bologna").append([note("plan/2004", 1)], {})
    assert log.streams("plan") == ["plan/0", "plan/2002", "plan/2003", "plan/ß"]
    assert log.streams("mission") == []


def test_reading_no_stream_gives_nothing(log: Log) -> None:
    assert log.read() == {}


# --- appending ------------------------------------------------------------------------------------


def test_what_an_append_returns_is_what_a_reader_sees(log: Log) -> None:
    first = log.append([note("a", 1), note("b", 1), note("a", 2)], {})
    second = log.append([note("b", 2)], {})
    assert everything(log) == [*first, *second]
    assert log.read(A, B) == {A: [first[0], first[2]], B: [first[1], second[0]]}
    assert [entry.version for entry in log.read(A)[A]] == [1, 2]


def test_positions_rise_and_the_last_is_the_head(log: Log) -> None:
    entries = [entry for commit in fill(log, (3, 1, 2)) for entry in commit]
    positions = [entry.position for entry in entries]
    assert positions == sorted(set(positions))
    assert positions[0] > 0
    assert log.head() == positions[-1]


def test_a_long_stream_is_read_to_its_end_each_time(log: Log) -> None:
    for version in range(1, 31):
        log.append([note("a", version)], {})
        assert [entry.version for entry in log.read(A)[A]] == list(range(1, version + 1))


def test_another_opening_of_the_log_sees_what_this_one_wrote(store: Store) -> None:
    one, other = store.open(), store.open()
    for version in range(1, 25):
        written = (one, other)[version % 2].append([note("a", version)], {A: version - 1})
        assert one.read(A) == other.read(A)
        assert one.read(A)[A][-1] == written[-1]


def test_a_commit_has_one_moment_whatever_its_size(log: Log) -> None:
    entries = log.append([note("a", version) for version in range(1, 301)], {})
    assert len(entries) == 300
    assert {entry.recorded_at for entry in entries} == {entries[0].recorded_at}
    assert everything(log) == list(entries)


def test_every_commit_is_later_than_the_one_before_even_when_the_clock_is_set_back(
    store: Store,
) -> None:
    log = store.open()
    store.set_clock(NOON)
    moments = [log.append([note("a", 1)], {})[0].recorded_at]
    for version, moment in enumerate((NOON, NOON - 3_600_000_000, NOON - 1, NOON + 50), start=2):
        store.set_clock(moment)
        moments.append(log.append([note("a", version)], {})[0].recorded_at)
    assert moments == [NOON, NOON + 1, NOON + 2, NOON + 3, NOON + 50]


# --- the guard ------------------------------------------------------------------------------------


def refused(log: Log, facts: list[Pending], expect: dict[StreamId, int]) -> dict[str, object]:
    """The details of the refusal, once it is sure that nothing was stored."""
    before = everything(log)
    with pytest.raises(Stale) as stale:
        log.append(facts, expect)
    assert everything(log) == before
    return stale.value.details


def test_a_version_that_was_written_meanwhile_is_refused(log: Log) -> None:
    log.append([note("a", 1)], {})
    details = refused(log, [note("a", 1)], {A: 0})
    assert details == {"stream": "a", "expected": 0, "actual": 1}


def test_a_version_ahead_of_the_stream_is_refused(log: Log) -> None:
    log.append([note("a", 1)], {})
    assert refused(log, [note("a", 3)], {}) == {"stream": "a", "expected": 2, "actual": 1}


def test_a_decision_on_a_stream_that_moved_on_is_refused_though_it_writes_another(log: Log) -> None:
    log.append([note("a", 1)], {})
    log.append([note("a", 2)], {})
    details = refused(log, [note("b", 1)], {A: 1})
    assert details == {"stream": "a", "expected": 1, "actual": 2}


def test_a_decision_on_an_empty_stream_is_refused_once_it_is_not_empty(log: Log) -> None:
    log.append([note("a", 1)], {})
    details = refused(log, [note("b", 1)], {A: 0})
    assert details == {"stream": "a", "expected": 0, "actual": 1}


def test_one_stale_stream_of_many_stores_nothing_of_the_commit(log: Log) -> None:
    log.append([note("a", 1), note("c", 1)], {})
    facts = [note("b", 1), note("b", 2), note("a", 2)]
    assert refused(log, facts, {C: 0})["stream"] == "c"


@pytest.mark.parametrize("streams", [1, 49, 60, 700])
def test_a_guard_on_many_streams_holds_and_finds_the_one_that_moved(log: Log, streams: int) -> None:
    expect = {StreamId(f"empty/{number}"): 0 for number in range(streams)}
    log.append([note("a", 1)], expect)
    moved = f"empty/{streams - 1}"
    log.append([note(moved, 1)], {})
    details = refused(log, [note("a", 2)], expect)
    assert details == {"stream": moved, "expected": 0, "actual": 1}


def test_the_same_commit_passes_once_the_versions_are_read_again(log: Log) -> None:
    log.append([note("a", 1)], {})
    refused(log, [note("b", 1)], {A: 0})
    assert log.append([note("b", 1)], {A: len(log.read(A)[A])})[0].version == 1


def test_a_commit_that_contradicts_itself_is_a_mistake_of_the_caller(log: Log) -> None:
    log.append([note("a", 1)], {})
    for facts, expect in (
        ([], {}),
        ([note("a", 2), note("a", 4)], {}),
        ([note("a", 0)], {}),
        ([note("a", 2), note("a", 2)], {}),
        ([note("a", 2)], {A: 2}),
    ):
        with pytest.raises(ValueError, match=r"version|commit|written"):
            log.append(facts, expect)
    assert len(everything(log)) == 1


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 7, 100])
def test_pages_cover_the_log_once_and_never_split_a_commit(log: Log, limit: int) -> None:
    commits = fill(log, (1, 4, 2, 1, 1, 3, 6, 1))
    pages: list[list[Recorded[Fact]]] = []
    position = 0
    while page := log.after(position, limit).entries:
        assert log.raw_after(position, limit).through == log.after(position, limit).through
        position = log.after(position, limit).through
        pages.append(list(page))
    assert [entry for page in pages for entry in page] == [e for c in commits for e in c]
    moments = [{entry.recorded_at for entry in page} for page in pages]
    assert sum(map(len, moments)) == len(commits), "a commit is on two pages"
    assert log.after(position, limit).through == position == log.head()


def test_a_raw_page_has_the_stored_name_and_the_stored_content(log: Log) -> None:
    (entry,) = log.append([note("a", 1, "naïve — “quoted”")], {})
    (row,) = log.raw_after(0, 10).rows
    assert row[:6] == (
        "a",
        1,
        "noted.v1",
        '{"text":"naïve — “quoted”"}'.encode(),
        entry.position,
        entry.recorded_at,
    )


def test_until_a_position_inside_a_commit_means_until_the_commit_before(log: Log) -> None:
    commits = fill(log, (2, 3, 1))
    second = commits[1]
    assert list(log.entries(until=second[0].position)) == commits[0]
    assert list(log.entries(until=second[1].position)) == commits[0]
    assert list(log.entries(until=second[2].position)) == commits[0] + second


def test_every_first_and_until_agree_with_a_count_by_hand(log: Log) -> None:
    commits = fill(log, (1, 3, 2, 1))
    whole = [entry for commit in commits for entry in commit]
    ends = {commit[-1].position for commit in commits}
    for first in range(log.head() + 2):
        for until in range(log.head() + 2):
            last = max((end for end in ends if end <= until), default=0)
            wanted = [entry for entry in whole if first < entry.position <= last]
            assert list(log.entries(first, until)) == wanted, (first, until)


def test_the_position_at_a_moment_is_the_last_recorded_by_then(store: Store) -> None:
    log = store.open()
    chance = random.Random(2001)
    moment, ends = NOON, list[tuple[int, int]]()
    for number in range(40):
        store.set_clock(moment)
        size = chance.choice((1, 1, 2, 5))
        entries = log.append([note(f"s{number}", v) for v in range(1, size + 1)], {})
        ends.append((entries[-1].recorded_at, entries[-1].position))
        moment += chance.choice((0, 1, 7, 1_000_000))
    for at in sorted({moment + shift for moment, _ in ends for shift in (-1, 0, 1)}):
        wanted = max((position for moment, position in ends if moment <= at), default=0)
        assert log.position_at(at) == wanted, at


# --- registers ------------------------------------------------------------------------------------


def test_two_registers_share_a_log_and_neither_sees_the_other(store: Store) -> None:
    toronto, bologna = store.open("toronto"), store.open("bologna")
    ours = [*toronto.append([note("policy", 1, "ours")], {})]
    theirs = [*bologna.append([note("policy", 1, "theirs")], {StreamId("policy"): 0})]
    ours += toronto.append([note("policy", 2, "ours")], {StreamId("policy"): 1})
    assert everything(toronto) == ours
    assert everything(bologna) == theirs
    assert toronto.read(StreamId("policy"))[StreamId("policy")] == ours
    assert (toronto.head(), bologna.head()) == (ours[-1].position, theirs[-1].position)


def test_a_name_that_begins_like_another_is_another_register(store: Store) -> None:
    store.open("toronto-east").append([note("a", 1)], {})
    assert everything(store.open("toronto")) == []


def test_a_follower_passes_over_what_other_registers_wrote(store: Store) -> None:
    toronto, bologna = store.open("toronto"), store.open("bologna")
    for version in range(1, 8):
        bologna.append([note("a", version)], {})
    (ours,) = toronto.append([note("a", 1)], {})
    bologna.append([note("a", 8)], {})
    found, position = list[Recorded[Fact]](), 0
    while (page := toronto.after(position, 2)).through > position:
        assert toronto.raw_after(position, 2).through == page.through == ours.position
        found += page.entries
        position = page.through
    assert found == [ours]
    assert position == toronto.head()


# --- epochs ---------------------------------------------------------------------------------------


def test_an_epoch_lasts(store: Store) -> None:
    assert store.open().epoch() == store.open().epoch() != ""


def test_a_follower_at_or_behind_the_head_is_welcome(log: Log) -> None:
    fill(log, (2,))
    for position in (0, log.head()):
        log.check_follower(position, log.epoch())


def test_a_follower_ahead_of_the_log_is_refused(log: Log) -> None:
    fill(log, (2,))
    with pytest.raises(AheadOfLog) as ahead:
        log.check_follower(log.head() + 1, log.epoch())
    assert ahead.value.details == {
        "position": log.head() + 1,
        "epoch": log.epoch(),
        "shared": log.head(),
    }


def test_a_follower_of_another_log_is_refused_unless_it_has_read_nothing(log: Log) -> None:
    fill(log, (2,))
    log.check_follower(0, "elsewhere")
    with pytest.raises(AheadOfLog) as ahead:
        log.check_follower(1, "elsewhere")
    assert ahead.value.details == {"position": 1, "epoch": "elsewhere", "shared": 0}


# --- personal values ------------------------------------------------------------------------------


def letter(name: str, *reachable: str) -> LetterReceived:
    return LetterReceived(
        subject="Sister city",
        sender=Sender(
            name=Personal[str](value=name),
            reachable=tuple(Personal[str](value=way) for way in reachable),
        ),
    )


def test_a_personal_value_is_kept_apart_from_its_event(log: Log) -> None:
    (written,) = log.append([Pending(A, 1, letter("Ms. Smith", "by post"))], {})
    (read,) = log.read(A)[A]
    assert read == written
    assert isinstance(read.event, LetterReceived)
    sender = read.event.sender
    assert (sender.name.value, sender.reachable[0].value) == (None, None)
    digests = [str(sender.name.digest), str(sender.reachable[0].digest)]
    assert log.personal(digests) == dict(zip(digests, ("Ms. Smith", "by post"), strict=True))
    (row,) = log.raw_after(0, 1).rows
    assert b"Smith" not in row.state
    assert sender.name.digest is not None
    assert sender.name.digest.encode() in row.state


def test_the_same_value_has_another_digest_each_time(log: Log) -> None:
    entries = log.append([Pending(A, v, letter("Ms. Smith", "Ms. Smith")) for v in (1, 2)], {})
    senders = [entry.event.sender for entry in entries if isinstance(entry.event, LetterReceived)]
    digests = {p.digest for s in senders for p in (s.name, *s.reachable)}
    assert len(digests) == 4


def test_a_digest_that_nobody_knows_has_no_value(log: Log) -> None:
    assert log.personal(["0" * 64]) == {}
    assert log.personal([]) == {}


def test_a_refused_commit_leaves_no_personal_value(log: Log) -> None:
    log.append([note("b", 1)], {})
    fact = letter("Ms. Smith")
    refused(log, [Pending(A, 1, fact)], {B: 0})
    assert fact.sender.name.digest is None
    log.append([Pending(A, 1, fact)], {B: 1})
    (kept,) = (e.event for e in log.read(A)[A])
    assert isinstance(kept, LetterReceived)
    assert log.personal([str(kept.sender.name.digest)]) == {kept.sender.name.digest: "Ms. Smith"}


def test_an_event_without_personal_values_is_stored_as_it_is(log: Log) -> None:
    fact = Noted(text="plain")
    (entry,) = log.append([Pending(A, 1, fact)], {})
    assert entry.event == fact
