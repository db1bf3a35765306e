"""What the application needs of the world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from domain.history import Recorded
from domain.kernel import Conflict, Fact, Problem, StreamId


class Pending(NamedTuple):
    """A fact about to be appended at a version of a stream."""

    stream: StreamId
    version: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Page:
    """Whole commits after a position: `entries` in order, and the position read `through`.

    What other registers wrote is passed over, so a page may have no entries and yet move on;
    `through` equal to the position asked from says that there is nothing more for now.
    """

    entries: Sequence[Recorded[Fact]]
    through: int


class StoredRow(NamedTuple):
    """An entry exactly as stored, never upcast, so that a message sent again is the same message.

    `stream` is without the register's prefix, `state` the JSON that was written.
    """

    stream: StreamId
    version: int
    topic: str
    state: bytes
    position: int
    recorded_at: int


@dataclass(frozen=True, slots=True)
class RawPage:
    """What a `Page` is, with rows as stored."""

    rows: Sequence[StoredRow]
    through: int


class Stale(Conflict):
    """Raised when a stream that was read or written has moved on; decide again.

    Details: `stream`, the version `expected` and the `actual` one.
    """


class Unavailable(Problem):
    """Raised when the log cannot be reached or is busy; nothing was stored."""


class Damaged(Problem):
    """Raised when a file is no database or is damaged.

    Details: the file, the `reason`, and what will `mend` it.
    """


class DerivedAway(Unavailable):
    """What is derived from the log cannot be reached or is busy; the log is as it was left."""


class ReadOnly(Unavailable):
    """Raised when the log is read-only here (a standby, a file): record where it takes writes."""


class DerivedReadOnly(DerivedAway):
    """Raised when this must write what is derived and may not: docs/operating.md, On a standby."""


class NotPermitted(Problem):
    """Raised when the database does not let its user do this; the owner of the tables grants it."""


class OutcomeUnknown(Problem):
    """Raised when the connection broke during a commit: read the command's stream to learn more."""


class NotSetUp(Problem):
    """Raised when something that the register is kept in is missing; run `alliance setup`."""


class NewerLog(Problem):
    """Raised when a newer program has marked the log; this one may read it but not write.

    Details: the format that this `program` knows and that of the `log`.
    """


class Unreadable(Problem):
    """Raised when a stored entry has a topic that nobody knows, or content that its type refuses.

    Details: `topic`, `stream`, `version`, `position` and the `reason`.
    """


class AheadOfLog(Problem):
    """Raised when a follower has read what this log never held; `alliance rebuild` begins it anew.

    A backup was restored behind it, or another log took the place of the one it read.
    Details: the follower's `position` and `epoch`, and the last position `shared` with this log.
    """


class Stop(Protocol):
    """What `threading.Event` is: a wish to end, which can be waited for."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float, /) -> bool: ...


class Stopped(Exception):
    """Raised by a handler that can take no more: what it took is kept, and nothing is set aside."""


class Log(Protocol):
    """The one truth: an append-only log of one register."""

    def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        """Every entry of the named streams, by version; an unknown stream is empty."""
        ...

    def streams(self, kind: str) -> Sequence[StreamId]:
        """The names of all streams of a kind, sorted: of `plan`, `plan/2002` and its like."""
        ...

    def append(
        self, facts: Sequence[Pending], expect: Mapping[StreamId, int]
    ) -> Sequence[Recorded[Fact]]:
        """Store one commit, guarded by the versions of all streams read and written.

        `expect` gives the last version seen of each stream that the decision read (0 for one that
        was empty); a stream written is expected at the version before the first fact for it.
        Returns the entries as a reader sees them. Raises `Stale` when any stream has moved on,
        `NewerLog` and `Unavailable`, and then nothing is stored; `OutcomeUnknown` when the
        acknowledgement was lost.
        """
        ...

    def after(self, position: int, limit: int) -> Page:
        """A page of about `limit` entries after a position, never splitting a commit."""
        ...

    def raw_after(self, position: int, limit: int) -> RawPage:
        """What `after` gives, undecoded."""
        ...

    def entries(self, first: int = 0, until: int | None = None) -> Iterator[Recorded[Fact]]:
        """Stream entries with `first` < position <= `until`, in order and in constant memory.

        An `until` inside a commit rounds down to the end of the commit before.
        """
        ...

    def head(self) -> int:
        """The last position of any register, 0 for an empty log."""
        ...

    def position_at(self, recorded_at: int) -> int:
        """The last position recorded at or before a time in microseconds; 0 before the first."""
        ...

    def epoch(self) -> str:
        """The id of this log's epoch; a restored backup begins a new one."""
        ...

    def check_follower(self, position: int, epoch: str) -> None:
        """Refuse a follower that is ahead of this log, with `AheadOfLog`."""
        ...

    def personal(self, digests: Iterable[str]) -> Mapping[str, object]:
        """The values behind digests of `Personal` fields; one that was erased is missing."""
        ...


class Keys(Protocol):
    """Secrets of this register."""

    def digest(self, content: bytes) -> str:
        """A keyed digest, the same for the same content."""
        ...
