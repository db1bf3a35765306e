"""Rows and commits as databases store them, and the interface of their recorders."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID, uuid4  # noqa: TID251  (see `new_epoch`)

from eventsourcing.persistence import (
    ApplicationRecorder,
    Notification,
    NotSupportedError,
    StoredEvent,
    Subscription,
)

from domain.shared.problems import Problem

FORMAT = 2
"""The format of log that this program writes; a log marked with a higher one is left alone."""

DISCLOSED = "entry-disclosed"
"""The kind of a row that makes another row public; that other one may be of any stream."""
LAST_LETTER = "\U0010ffff"
"""Behind every name that begins with what stands before it."""

Row: TypeAlias = tuple[str, int, str, bytes, int, int]
"""Stream with its register's prefix, version, topic, state, position, recorded_at."""


class ValuesNotSealed(Problem):
    """An earlier version kept personal values in the log unsealed: record the minutes anew."""

    log: str


class Draft(NamedTuple):
    """A row about to be stored: the database adds position and recorded_at."""

    stream: str
    version: int
    topic: str
    state: bytes


class PersonalPart(NamedTuple):
    """A personal value, sealed under its subject's key; its event has the digest."""

    digest: str
    subject: str
    sealed: bytes


class Epoch(NamedTuple):
    """One life of a log: it began by restoring `previous` through a position, or by setting up."""

    epoch: str
    previous: str | None
    restored_through: int


def new_epoch() -> str:
    """Return the id of an epoch. No other log may have it, so that it is drawn and not derived."""
    return uuid4().hex


@dataclass(frozen=True)
class DraftEvent(StoredEvent):
    """The library's stored event together with the personal parts that were taken out of it."""

    personal: tuple[PersonalPart, ...] = ()


@dataclass(slots=True)
class Commit:
    """One atomic append, and how it came out: `first` position and `recorded_at`, or `problem`.

    `expect` holds the version of every stream that was read or is written.
    """

    drafts: Sequence[Draft]
    expect: Mapping[str, int]
    personal: Sequence[PersonalPart] = ()
    first: int = 0
    recorded_at: int = 0
    problem: Exception | None = None

    @property
    def writes(self) -> set[str]:
        """The streams that it adds to."""
        return {draft.stream for draft in self.drafts}


def name_after_all(prefix: str) -> str:
    """Return the first name that sorts after all that begin with a prefix which ends in a slash."""
    return f"{prefix.removesuffix('/')}0"  # the character after the slash


def commit_of(events: Sequence[StoredEvent], expect: Mapping[str, int]) -> Commit:
    """Return a commit from what the library's own `save` hands over."""
    drafts = [
        Draft(str(event.originator_id), event.originator_version, event.topic, event.state)
        for event in events
    ]
    personal = [
        value for event in events if isinstance(event, DraftEvent) for value in event.personal
    ]
    return Commit(drafts, expected_versions(drafts) | dict(expect), personal)


def expected_versions(drafts: Sequence[Draft]) -> dict[str, int]:
    """Return the version before the first that is written, of each stream.

    Raises `ValueError` when the versions for a stream do not follow one another.
    """
    first: dict[str, int] = {}
    latest: dict[str, int] = {}
    for stream, version, _, _ in drafts:
        if version != latest.get(stream, version - 1) + 1 or version < 1:
            raise ValueError(f"version {version} of {stream} does not follow the one before")
        latest[stream] = version
        first.setdefault(stream, version - 1)
    return first


def require_types(state: object, recorded_at: object, stream: object = "") -> None:
    """Raise `TypeError` for a row whose columns hold other types; SQLite takes any."""
    typed = isinstance(state, bytes) and isinstance(recorded_at, int) and isinstance(stream, str)
    if not typed:
        raise TypeError("a column holds a value of another type than its own")


class Recorder(ApplicationRecorder):
    """A log in one database: the library's recorder, over guarded commits and plain rows.

    Each database gives the abstract methods; the library's own are made of them.
    """

    page: int
    """Rows to read at once."""

    @abstractmethod
    def append(self, commit: Commit) -> None:
        """Store a commit or raise why not; the commit says where it was stored."""

    @abstractmethod
    def beyond(self, versions: Mapping[str, int]) -> Sequence[Row]:
        """Return the rows of each named stream after a version of it, by version."""

    @abstractmethod
    def named(self, prefix: str) -> Sequence[str]:
        """Return the streams whose names begin with a prefix that ends in a slash, sorted."""

    @abstractmethod
    def following(self, position: int, limit: int, register: str | None = None) -> Sequence[Row]:
        """Return at most `limit` rows after a position, of one register or of all."""

    @abstractmethod
    def like(
        self, position: int, limit: int, register: str, prefix: str, kinds: Sequence[str]
    ) -> Sequence[Row]:
        """Return at most `limit` rows of a register after a position that are of the wanted sort.

        Those whose stream begins with `prefix` and whose topic, less its version, is one of
        `kinds`, if any are named; disclosures besides, whatever they disclose.
        """

    @abstractmethod
    def last_of(self, kind: str, until: int, register: str) -> Sequence[Row]:
        """Return the last row of a kind of topic at or before a position, or none."""

    @abstractmethod
    def astray(self, position: int, until: int, register: str) -> Row | None:
        """Return the first row after a position, up to another, that only an altered log can have.

        It belongs to no register of the log, or is this one's and the version before it is missing.
        """

    @abstractmethod
    def astray_at(self, positions: Sequence[int], register: str) -> Row | None:
        """Return the first row at these positions that only an altered log can have."""

    @abstractmethod
    def last(self, until: int | None = None, register: str | None = None) -> tuple[int, int]:
        """Return position and recorded_at of the last row, of one register or all; zeros if none.

        With `until`, of the last row at or before that position.
        """

    @abstractmethod
    def count(self, after: int, until: int, register: str) -> int:
        """Return how many rows of a register lie after a position, up to and including another."""

    @abstractmethod
    def size(self, register: str) -> tuple[int, int]:
        """Return how many rows a register has, and how many bytes their states take."""

    @abstractmethod
    def registers(self) -> Sequence[str]:
        """Return the registers that were set up in this log, sorted."""

    @abstractmethod
    def mark(self) -> int | None:
        """Return the format that marks the log; `None` in a database without one.

        Raises `NotSetUp`.
        """

    @abstractmethod
    def epochs(self) -> Sequence[Epoch]:
        """Return every epoch, oldest first."""

    @abstractmethod
    def personal(self, digests: Sequence[str]) -> Sequence[PersonalPart]:
        """Return the parts of these digests; one that was destroyed is missing."""

    @abstractmethod
    def parts_of(self, subject: str) -> Sequence[str]:
        """Return the digests of a subject's parts, sorted."""

    @abstractmethod
    def has_parts(self) -> bool:
        """True if any personal part is there."""

    @abstractmethod
    def erase(self, digests: Sequence[str]) -> None:
        """Remove parts, and what the database's own file still holds of them."""

    @abstractmethod
    def close(self) -> None:
        """Give back every connection."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Store events of the library as one commit, guarded by the versions in `expect`."""
        commit = commit_of(stored_events, kwargs.get("expect") or {})
        self.append(commit)
        return range(commit.first, commit.first + len(commit.drafts))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return events of one stream, as the library's event store asks for them."""
        stream = str(originator_id)
        found = [
            StoredEvent(stream, version, topic, state)
            for _, version, topic, state, _, _ in self.beyond({stream: gt or 0})
            if lte is None or version <= lte
        ]
        return (found[::-1] if desc else found)[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return entries of the whole log, as the library's notification log asks for them."""
        position = 0 if start is None else start - inclusive_of_start
        found: list[Notification] = []
        while len(found) < limit and (rows := self.following(position, limit)):
            position = rows[-1][4]
            found += [
                Notification(stream, version, topic, state, id=at)
                for stream, version, topic, state, at, _ in rows
                if (stop is None or at <= stop) and (not topics or topic in topics)
            ]
            if stop is not None and position >= stop:
                break
        return found[:limit]

    def max_notification_id(self) -> int | None:
        """Return the last position, none of an empty log."""
        return self.last()[0] or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Refuse: followers of this log poll it, and so miss nothing (`application.followers`)."""
        raise NotSupportedError("followers poll this log")
