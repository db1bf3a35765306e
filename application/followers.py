"""The loop that everything derived from the log uses: read a page, do the work, save the position.

Projections, relay, sealer and webhooks are `Follower`s. `catch_up` brings one to the end of the log
and returns; `run` keeps several there. They poll the log: a hint that something was recorded only
ends the wait between two polls early.

A follower that meets an entry it cannot handle stops there with an error; everything before that
entry's commit is done and saved. It is never skipped, by time-out or otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Protocol, TypeVar

from application.ports import AheadOfLog, Log, Page, Stop, Unreadable
from domain.shared.history import Recorded
from domain.shared.messages import Fact
from domain.shared.problems import Problem

PAGE = 1000
"""How many entries are read, and their work done and saved, at a time."""

F = TypeVar("F", bound=Fact)


class Unhandled(Problem):
    """A follower meets an entry that it cannot handle; it stays where it was.

    Details: the `follower`, the entry's `position`, `stream`, `version` and `topic`, and the
    `reason`.
    """

    def __init__(self, follower: str, entry: Recorded[Fact], reason: str) -> None:
        self.position = entry.position
        super().__init__(
            follower=follower,
            position=entry.position,
            stream=entry.stream,
            version=entry.version,
            topic=entry.event.TOPIC,
            reason=reason,
        )


FINAL = (Unhandled, Unreadable, AheadOfLog)
"""Problems that stop a follower until somebody has looked."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a follower has read, and in which epoch of the log; `""` before it read anything."""

    position: int = 0
    epoch: str = ""


class HasProgress(Protocol):
    """Anything that follows the log and knows how far it is."""

    def progress(self) -> Progress:
        """Return the position that was saved last."""
        ...


class Follower(Protocol):
    """Something derived from the log, which keeps its own position."""

    @property
    def name(self) -> str:
        """Its name for people."""
        ...

    def progress(self) -> Progress:
        """Return the position that `take` saved last."""
        ...

    def take(self, page: Page, epoch: str) -> None:
        """Do the work of a page that begins after `progress()` and save where it ends.

        Both in one transaction where that is possible, and the position after the work where it is
        not. When another process moved the position meanwhile, nothing is done. Raises `Unhandled`
        with nothing done.
        """
        ...


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a follower is behind: entries (`more` if not all were counted), and seconds.

    Seconds are the age of the oldest entry that it has not taken.
    """

    entries: int
    more: bool
    seconds: float


def commits_of_page(entries: Iterable[Recorded[F]]) -> Iterator[list[Recorded[F]]]:
    """Yield entries in order, commit by commit: those of one commit share their `recorded_at`."""
    for _, commit in groupby(entries, key=lambda entry: entry.recorded_at):
        yield list(commit)


def page_to_whole_commits(page: Page, position: int, until: int) -> Page:
    """Return the page without what is after `until`, or the commit that `until` splits."""
    if page.through <= until:
        return page
    kept: list[Recorded[Fact]] = []
    for commit in commits_of_page(page.entries):
        if commit[-1].position > until:
            break
        kept += commit
    return Page(kept, kept[-1].position if kept else position)


def catch_up(
    log: Log,
    follower: Follower,
    *,
    limit: int = PAGE,
    until: int | None = None,
    on_progress: Callable[[int, int], object] | None = None,
) -> int:
    """Bring a follower to the end of the log, or to a position, and return where it is.

    An `until` inside a commit rounds down to the end of the one before. `on_progress` is told the
    position reached and the one aimed at, after every page. Raises `AheadOfLog` for a follower that
    read what this log never held, and `Unhandled`, with everything before that entry's commit kept.
    """
    epoch, head = log.epoch(), log.head()
    goal = head if until is None else min(head, until)
    progress = follower.progress()
    if progress.position:
        log.check_follower(progress.position, progress.epoch)
    while progress.position < goal:
        page = _page(log, follower, progress, limit)
        if until is not None:
            page = page_to_whole_commits(page, progress.position, until)
        if page.through == progress.position:
            break
        _take(follower, page, progress, epoch)
        progress = follower.progress()
        if on_progress:
            on_progress(progress.position, goal)
    return progress.position


def _page(log: Log, follower: Follower, progress: Progress, limit: int) -> Page:
    """Return the next page, or a shorter one that ends before an entry that cannot be read."""
    while True:
        try:
            return log.after(progress.position, limit)
        except Unreadable:
            if limit == 1:
                raise
            limit //= 2


def _take(follower: Follower, page: Page, progress: Progress, epoch: str) -> None:
    try:
        follower.take(page, epoch)
    except Unhandled as problem:
        before = page_to_whole_commits(page, progress.position, problem.position - 1)
        if before.through > progress.position:
            follower.take(before, epoch)
        raise


def run(
    log: Log,
    followers: Sequence[Follower],
    stop: Stop,
    wait: Callable[[], object],
    *,
    on_problem: Callable[[Follower, Exception], object],
    limit: int = PAGE,
) -> None:
    """Keep followers at the end of the log until told to stop.

    `wait` returns after the time between two polls, or earlier on a hint. A follower that meets
    what time does not mend (`FINAL`) is set aside and the others go on; any other error, such as a
    lost connection, is tried again at the next poll. `on_problem` is told of both. Returns early
    if none is left.
    """
    going = list(followers)
    while going and not stop.is_set():
        for follower in tuple(going):
            if stop.is_set():
                return
            try:
                catch_up(log, follower, limit=limit)
            except FINAL as problem:
                going.remove(follower)
                on_problem(follower, problem)
            except Exception as error:
                on_problem(follower, error)
        if going:
            wait()


def lag(log: Log, follower: HasProgress, now: int, most: int = PAGE) -> Lag:
    """Count how far behind a follower is at `now` (in microseconds), up to a number of entries."""
    oldest: Recorded[Fact] | None = None
    count = 0
    for entry in islice(log.entries(follower.progress().position), most + 1):
        oldest = oldest or entry
        count += 1
    seconds = max(0, now - oldest.recorded_at) / 1_000_000 if oldest else 0.0
    return Lag(min(count, most), count > most, seconds)
