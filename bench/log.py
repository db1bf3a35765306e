"""The log against a bare insert and against the plain library, on both databases.

A handled commit is a command's row and its event, encoded and appended under the guard of their
streams and of the policy. With its decision it is all that a command costs: its streams and the
policy are read first, and its facts are made. A raw insert is one row of the same bytes, by the
driver alone, into a table that is declared like the log's: the same columns and the same two keys,
without its triggers.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path

from adapters.store.event_log.log import EventLog
from adapters.store.event_log.open_log import open_log, setup_log
from application.ports import Pending
from bench.log_memory import grown
from bench.log_others import Others, PostgresOthers, SQLiteOthers
from bench.pairs import HEAD, Figure, compare
from bench.plain import opened, reclassified, stream
from bench.subjects import CATALOGUE, EVENT, POLICY, ROW, handled, placed
from domain.shared.messages import StreamId
from tests.services import fresh_database, postgres_server

PROVISIONS = 30
"""Entries of the policy, which every decision reads: the register of 2001 begins with as many."""
COMMITS = 50
BATCH, BATCHES = 100, 10
REPLAY = 5_000
WRITERS = 8
MANY = 40
"""Pairs, each of them short: a busy machine changes from one second to the next."""
DECIDED = "handled commit with its decision"
number = count(1)


def measure() -> Iterator[Figure]:
    """Every figure of the log; the rows that were written are counted."""
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        url = f"sqlite:///{folder}/log.sqlite"
        yield from sqlite(LogBench("SQLite", url, SQLiteOthers(Path(folder))))
        yield from grown("SQLite", f"sqlite:///{folder}/many.sqlite")
    with postgres_server(durable=True) as server, fresh_database(server) as url:
        yield from postgres(LogBench("PostgreSQL", url, PostgresOthers(url, WRITERS)))
    with postgres_server(durable=True) as server, fresh_database(server) as url:
        yield from grown("PostgreSQL", url)


class LogBench:
    """One database with the log, a bare table, and the plain library's."""

    def __init__(self, database: str, url: str, others: Others) -> None:
        setup_log(url)
        self.database = database
        self.log: EventLog = open_log(url, "toronto", CATALOGUE)
        self.others = others
        versions = range(1, PROVISIONS + 1)
        self.log.append([Pending(POLICY, version, EVENT) for version in versions], {})
        others.plain.save(*(reclassified("policy", version) for version in versions))
        self.rows = [PROVISIONS, 0, PROVISIONS]

    def compare(
        self,
        what: str,
        against: str,
        ours: Callable[[], int],
        other: Callable[[], int],
        target: float | None = None,
        pairs: int = MANY,
    ) -> Figure:
        """One figure, once the rows of all three tables are what was written."""
        figure = compare(f"{self.database} {what}", against, ours, other, target, pairs)
        found = [sum(1 for _ in self.log.entries()), *self.others.count()]
        assert found == self.rows, f"{found} rows, not {self.rows}"
        return figure

    def handled(self) -> int:
        return self.commits(self.one_handled)

    def decided(self) -> int:
        return self.commits(self.one_decided)

    def commits(self, one: Callable[[], object]) -> int:
        for _ in range(COMMITS):
            one()
        self.rows[0] += 2 * COMMITS
        return COMMITS

    def one_handled(self) -> None:
        self.log.append(placed(next(number)), {POLICY: PROVISIONS})

    def one_decided(self) -> None:
        opening, event = handled(next(number))
        seen = self.log.read(opening.stream, event.stream, POLICY)
        expect = {stream: len(entries) for stream, entries in seen.items()}
        self.log.append((opening, event), expect)

    def raw(self) -> int:
        for _ in range(COMMITS):
            self.others.insert(f"toronto/partnership/{next(number)}", ROW)
        self.rows[1] += COMMITS
        return COMMITS

    def batches(self) -> int:
        for _ in range(BATCHES):
            name = StreamId(f"batch/{next(number)}")
            self.log.append(
                [Pending(name, n, EVENT) for n in range(1, BATCH + 1)], {POLICY: PROVISIONS}
            )
        self.rows[0] += BATCHES * BATCH
        return BATCHES * BATCH

    def raw_batches(self) -> int:
        state = EVENT.__pydantic_serializer__.to_json(EVENT)
        for _ in range(BATCHES):
            self.others.insert_many(f"toronto/batch/{next(number)}", state, BATCH)
        self.rows[1] += BATCHES * BATCH
        return BATCHES * BATCH

    def plain_decided(self) -> int:
        """What the library offers: it reads too, and guards what it writes only."""
        plain = self.others.plain
        for _ in range(COMMITS):
            name = str(next(number))
            opening, event = opened(name), reclassified(f"partnership/{name}")
            for read in (opening.originator_id, event.originator_id, stream("policy")):
                list(plain.events.get(read))
            plain.save(opening, event)
        self.rows[2] += 2 * COMMITS
        return COMMITS

    def together(self, one: Callable[[int], object]) -> int:
        """As many commits, by eight threads."""

        def some(writer: int) -> None:
            for _ in range(COMMITS):
                one(writer)

        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(some, range(WRITERS)))
        return WRITERS * COMMITS

    def handled_together(self) -> int:
        self.rows[0] += 2 * WRITERS * COMMITS
        return self.together(lambda _: self.one_handled())

    def decided_together(self) -> int:
        self.rows[0] += 2 * WRITERS * COMMITS
        return self.together(lambda _: self.one_decided())

    def raw_together(self) -> int:
        self.rows[1] += WRITERS * COMMITS
        return self.together(
            lambda writer: self.others.insert(f"toronto/partnership/{next(number)}", ROW, writer)
        )

    def fill(self) -> None:
        """What is replayed: the same events on both sides."""
        self.replay_from = self.log.head()
        self.plain_from = self.others.plain.recorder.max_notification_id() or 0
        for _ in range(REPLAY // BATCH):
            name = f"fill/{next(number)}"
            versions = range(1, BATCH + 1)
            self.log.append([Pending(StreamId(name), n, EVENT) for n in versions], {})
            self.others.plain.save(*(reclassified(name, n) for n in versions))
        self.replay_to = self.log.head()
        self.rows[0] += REPLAY
        self.rows[2] += REPLAY

    def replayed(self) -> int:
        """Every entry as a typed event, streamed."""
        done = sum(1 for _ in self.log.entries(self.replay_from, self.replay_to))
        assert done == REPLAY, done
        return done

    def plain_replayed(self) -> int:
        done, position, plain = 0, self.plain_from, self.others.plain
        while done < REPLAY:
            found = plain.recorder.select_notifications(position, 1000, inclusive_of_start=False)
            for notification in found:
                plain.mapper.to_domain_event(notification)
            done += len(found)
            position = found[-1].id
        assert done == REPLAY, done
        return done


def sqlite(bench: LogBench) -> Iterator[Figure]:
    with closing(bench.log), closing(bench.others):
        yield bench.compare("handled commit", "raw insert", bench.handled, bench.raw, 0.7)
        yield bench.compare(DECIDED, "raw insert", bench.decided, bench.raw)
        yield bench.compare(DECIDED, "plain library", bench.decided, bench.plain_decided)
        yield bench.compare("rows in batches of 100", "raw", bench.batches, bench.raw_batches)
        bench.fill()
        yield bench.compare("replay", "plain library", bench.replayed, bench.plain_replayed, 3.0)


def postgres(bench: LogBench) -> Iterator[Figure]:
    with closing(bench.log), closing(bench.others):
        yield bench.compare("handled commit", "raw insert", bench.handled, bench.raw, 0.35)
        yield bench.compare(DECIDED, "raw insert", bench.decided, bench.raw)
        yield bench.compare(
            "handled commit, 8 writers",
            "raw insert, 8 writers",
            bench.handled_together,
            bench.raw_together,
            0.55,
        )
        yield bench.compare(
            f"{DECIDED}, 8 writers",
            "raw insert, 8 writers",
            bench.decided_together,
            bench.raw_together,
        )
        yield bench.compare(DECIDED, "plain library", bench.decided, bench.plain_decided, 1.5)
        yield bench.compare("rows in batches of 100", "raw", bench.batches, bench.raw_batches, 1.0)
        bench.fill()
        yield bench.compare("replay", "plain library", bench.replayed, bench.plain_replayed, 2.5)


if __name__ == "__main__":
    sys.stdout.write(f"{HEAD}\n")
    for each in measure():
        sys.stdout.write(f"{each}\n")
        sys.stdout.flush()
