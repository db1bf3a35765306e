"""Interfaces that the application needs: the log, keys, followers, and their problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from domain.shared.history import Recorded
from domain.shared.messages import Fact, StreamId
from domain.shared.problems import Conflict, Problem


class Pending(NamedTuple):
    """A fact about to be appended at a version of a stream; `in_camera` if it is not public."""

    stream: StreamId
    version: int
    fact: Fact
    in_camera: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Whole commits after a position: `entries` in order, and the position read `through`.

    What other registers wrote is not among them. `through` equal to the position asked from says
    that there is nothing more for now.
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
    disclosing: StoredRow | None = None
    """The row itself, where this is the one that it discloses."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """A `Page` with rows as stored."""

    rows: Sequence[StoredRow]
    through: int


class Stale(Conflict):
    """A stream that was read or written has changed meanwhile: decide again.

    Details: `stream`, the version `expected` and the `actual` one.
    """

    stream: str
    expected: int
    actual: int


class Unavailable(Problem):
    """The log cannot be reached or is busy; nothing was stored."""

    log: str = ""
    read_models: str = ""
    reason: str = ""


class Damaged(Problem):
    """The file is not a database, or is damaged.

    Details: the file, the `reason`, and what will `mend` it.
    """

    file: str = ""
    log: str = ""
    read_models: str = ""
    reason: str
    mend: str


class DerivedAway(Unavailable):
    """Read models or bus state cannot be reached or are busy; the log is as it was left."""


class ReadOnly(Unavailable):
    """The log is read-only here (a standby, or a file): record where it can be written."""


class DerivedReadOnly(DerivedAway):
    """Read models or bus cannot be written here: see docs/operating.md, On a standby."""


class NotWritable(Problem):
    """This user may not write a file or its folder: see owner, mode and disk."""

    file: str
    reason: str


class NotPermitted(Problem):
    """The database does not let its user do this; the owner of the tables can grant it."""

    log: str = ""
    reason: str


class OutcomeUnknown(Problem):
    """The connection broke during a commit: read the command's stream to see if it was stored."""

    log: str = ""
    reason: str


class NotSetUp(Problem):
    """There is no register here, or not all of it: `alliance setup` makes what is missing.

    Where it is elsewhere, go to its folder or set ALLIANCE_DATABASE_URL. Details: the full path of
    a file, or the name of a database.
    """

    log: str = ""
    read_models: str = ""
    keys: str = ""
    mode: str = ""
    found: str = ""
    expected: str = ""
    reason: str = ""


class SubjectKeysAway(NotSetUp):
    """Personal values are sealed with keys that are not here: put their file in its place.

    It has a backup of its own: `alliance restore FILE --personal-keys`.
    """


class NewerLog(Problem):
    """A newer program has marked the log; this one may read it but not write.

    Details: the format that this `program` knows and that of the `log`.
    """

    program: int
    log: int


class Unreadable(Problem):
    """A stored entry has an unknown topic, or content that does not fit its type.

    Details: `topic`, `stream`, `version`, `position` and the `reason`.
    """

    topic: str
    stream: str
    version: int
    position: int | None = None
    reason: str


class AheadOfLog(Problem):
    """A follower has read what this log never held; `alliance rebuild` begins it anew.

    A backup was restored behind it, or another log took the place of the one it read. Details: the
    follower's `position` and `epoch`, and the last position `shared` with this log.
    """

    position: int
    epoch: str
    shared: int


class Stop(Protocol):
    """A wish to end, which can be waited for, like `threading.Event`."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float, /) -> bool: ...


class Stopped(Exception):
    """Raised by a subscriber's handler to stop: what it handled stays done, nothing is parked."""


class Log(Protocol):
    """The one truth: an append-only log of one register."""

    def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        """Return every entry of the named streams, by version; an unknown stream is empty."""
        ...

    def streams(self, kind: str) -> Sequence[StreamId]:
        """Return the names of all streams of a kind, sorted; the kind `plan` has `plan/2002`."""
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
        """Return a page of about `limit` entries after a position, never splitting a commit."""
        ...

    def raw_after(self, position: int, limit: int) -> RawPage:
        """Return the rows of `after` as they are stored.

        Raises `Unreadable` for a damaged row.
        """
        ...

    def entries(self, first: int = 0, until: int | None = None) -> Iterator[Recorded[Fact]]:
        """Yield stream entries with `first` < position <= `until`, in order and in constant memory.

        An `until` inside a commit rounds down to the end of the commit before.
        """
        ...

    def head(self) -> int:
        """Return this register's last position, 0 for an empty log."""
        ...

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded by a time in microseconds; 0 before the first."""
        ...

    def epoch(self) -> str:
        """Return the id of this log's epoch; a restored backup begins a new one."""
        ...

    def epochs(self) -> Sequence[tuple[str, int]]:
        """Return every epoch, oldest first, with the position after which it recorded."""
        ...

    def check_follower(self, position: int, epoch: str) -> None:
        """Refuse a follower that is ahead of this log, with `AheadOfLog`."""
        ...

    def personal(self, digests: Iterable[str]) -> Mapping[str, object]:
        """Return the values behind digests of `Personal` fields; erased values are missing."""
        ...


class Keys(Protocol):
    """Secrets of this register."""

    @property
    def name(self) -> str:
        """A name of the key that does not disclose it."""
        ...

    def digest(self, content: bytes) -> str:
        """Return a keyed digest, the same for the same content."""
        ...
