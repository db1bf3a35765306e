"""A log of stored rows in memory, and what a bus test needs around it."""

import json
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from adapters.bus.messages.cloud_event import Sources
from application.ports import AheadOfLog, RawPage, StoredRow
from domain.shared.messages import StreamId

SOURCES = Sources("toronto", [("1", 0)])
DAY = 1_007_596_800_000_000  # 2001-12-06, in microseconds


@dataclass
class FakeLog:
    """Commits of rows; pages hold whole commits, and end before one that is too much for them."""

    rows: list[StoredRow] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    opened: list[tuple[str, int]] = field(default_factory=lambda: [("1", 0)])

    def commit(self, *streams: str, topic: str = "partnership-reclassified.v1") -> None:
        """One command and its events, one to each stream named."""
        commit = self._next()
        self._add(commit, f"command/{commit}", "command-recorded.v1", command(commit))
        for stream in streams:
            self._add(commit, stream, topic, {**EVENT, "reason": f"{stream} {commit}"})

    def many(self, count: int, streams: int = 10) -> None:
        """So many commits of one event each, over a number of streams in turn."""
        for number in range(count):
            self.commit(f"partnership/CITY-{number % streams}")

    def raw_after(self, position: int, limit: int) -> RawPage:
        page = self.rows[position : position + limit + 1]
        if len(page) > limit:  # the last commit goes on perhaps: it is left out, or is the page
            cut = page[-1].recorded_at
            whole = [row for row in page if row.recorded_at != cut]
            page = whole or [row for row in self.rows[position:] if row.recorded_at == cut]
        return RawPage(page, position + len(page))

    def position_at(self, recorded_at: int) -> int:
        return sum(row.recorded_at <= recorded_at for row in self.rows)

    def head(self) -> int:
        return len(self.rows)

    def epoch(self) -> str:
        return self.opened[-1][0]

    def epochs(self) -> list[tuple[str, int]]:
        return self.opened

    def restored(self, epoch: str, shared: int) -> None:
        """From now on this log continues a backup that ended at `shared`."""
        self.opened.append((epoch, shared))

    def check_follower(self, position: int, epoch: str) -> None:
        current, restored = self.opened[-1]
        shared = self.head() if epoch == current else min(restored, self.head())
        if position > shared:
            raise AheadOfLog(position=position, epoch=epoch, shared=shared)

    def events(self) -> list[StoredRow]:
        return [row for row in self.rows if not row.topic.startswith("command-recorded")]

    def ids(self) -> list[str]:
        return [f"{row.stream}/{row.version}" for row in self.events()]

    def _next(self) -> int:
        return self.rows[-1].recorded_at - DAY + 1 if self.rows else 1

    def _add(self, commit: int, stream: str, topic: str, event: dict[str, Any]) -> None:
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        state = json.dumps(event, ensure_ascii=False).encode()
        self.rows.append(
            StoredRow(StreamId(stream), version, topic, state, len(self.rows) + 1, DAY + commit)
        )


EVENT: dict[str, Any] = {
    "decided_on": "2001-12-04/2001-12-06",
    "effective_from": "2001-12-06",
    "by_convention": True,
    "authority": {"matter": "report-12/4", "decision": "council-2001-12", "body": "city-council"},
    "cites": [],
    "replaces": None,
    "place": {"code": "UA-KIEV", "name": "Kiïv"},
    "classification": "Historical",
}


def command(commit: int) -> dict[str, Any]:
    return {
        "command": f"2001-12-04/item-{commit}",
        "kind": "adopt",
        "actor": "clerk",
        "digest": "0" * 64,
        "causation": None,
        "correlation": "2001-12-04/item-1",
    }


def eventually(true: Callable[[], object], seconds: float = 20.0, what: str = "") -> None:
    """Wait for something that another process or the broker must do first."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what or true}"
        time.sleep(0.02)


def per_stream(ids: Sequence[str]) -> dict[str, list[int]]:
    """The versions of each stream in the order in which ids came."""
    found: dict[str, list[int]] = {}
    for id_ in ids:
        stream, version = id_.rsplit("/", 1)
        found.setdefault(stream, []).append(int(version))
    return found


class Runs(Protocol):
    """A relay or a subscriber."""

    def run(self, stop: threading.Event) -> object: ...


@contextmanager
def running(one: Runs) -> Generator[list[Exception]]:
    """Run it in a thread of its own; gives the problem that it ended with, if any."""
    stop, problems = threading.Event(), list[Exception]()

    def body() -> None:
        try:
            one.run(stop)
        except Exception as problem:
            problems.append(problem)

    thread = threading.Thread(target=body)
    thread.start()
    try:
        yield problems
    finally:
        stop.set()
        thread.join(timeout=30)
        assert not thread.is_alive(), f"{type(one).__name__} did not stop"
