"""What passes between the log and its databases: rows, commits and the database's own interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias
from uuid import uuid4  # noqa: TID251  (see `new_epoch`)

from eventsourcing.persistence import StoredEvent

FORMAT = 1
"""The format of log that this program writes; a log marked with a higher one is left alone."""

Row: TypeAlias = tuple[str, int, str, bytes, int, int]
"""Stream with its register's prefix, version, topic, state, position, recorded_at."""


class Draft(NamedTuple):
    """A row about to be stored: the database adds position and recorded_at."""

    stream: str
    version: int
    topic: str
    state: bytes


class PersonalValue(NamedTuple):
    """A value about a private person, kept apart from the event that carries its digest."""

    digest: str
    salt: bytes
    value: bytes


class Epoch(NamedTuple):
    """One life of a log: it began by restoring `previous` through a position, or by setting up."""

    epoch: str
    previous: str | None
    restored_through: int


def new_epoch() -> str:
    """The id of an epoch. No other log may have it, so that it is drawn and not derived."""
    return uuid4().hex


class Mark(NamedTuple):
    """What a log says of itself: the format of program that it belongs to, and its epoch."""

    format: int
    epoch: str


@dataclass(frozen=True)
class DraftEvent(StoredEvent):
    """The library's stored event together with the personal values that were taken out of it."""

    personal: tuple[PersonalValue, ...] = ()


@dataclass(slots=True)
class Commit:
    """One atomic append, and how it came out: `first` position and `recorded_at`, or `problem`.

    `expect` holds the version of every stream that was read or is written.
    """

    drafts: Sequence[Draft]
    expect: Mapping[str, int]
    personal: Sequence[PersonalValue] = ()
    first: int = 0
    recorded_at: int = 0
    problem: Exception | None = None

    @property
    def writes(self) -> set[str]:
        """The streams that it adds to."""
        return {draft.stream for draft in self.drafts}


def after_all(prefix: str) -> str:
    """The first name that sorts after all that begin with a prefix which ends in a slash."""
    return f"{prefix.removesuffix('/')}0"  # the character after the slash


def commit_of(events: Sequence[StoredEvent], expect: Mapping[str, int]) -> Commit:
    """A commit from what the library's own `save` hands over."""
    drafts = [
        Draft(str(event.originator_id), event.originator_version, event.topic, event.state)
        for event in events
    ]
    personal = [
        value for event in events if isinstance(event, DraftEvent) for value in event.personal
    ]
    return Commit(drafts, expected_versions(drafts) | dict(expect), personal)


def expected_versions(drafts: Sequence[Draft]) -> dict[str, int]:
    """The version before the first that is written, of each stream.

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


class Rows(Protocol):
    """A database that holds a log; `page` is how many rows at once it streams best."""

    page: int

    def append(self, commit: Commit) -> None:
        """Store a commit or raise why not; the commit says where it was stored."""
        ...

    def beyond(self, versions: Mapping[str, int]) -> Sequence[Row]:
        """The rows of each named stream after a version of it, by version."""
        ...

    def named(self, prefix: str) -> Sequence[str]:
        """The streams whose names begin with a prefix that ends in a slash, sorted."""
        ...

    def following(self, position: int, limit: int) -> Sequence[Row]:
        """At most `limit` rows after a position, of every register."""
        ...

    def last(self, until: int | None = None) -> tuple[int, int]:
        """Position and recorded_at of the last row at or before `until`, or of all; else zeros."""
        ...

    def mark(self) -> Mark: ...

    def epochs(self) -> Sequence[Epoch]:
        """Every epoch, oldest first."""
        ...

    def personal(self, digests: Sequence[str]) -> Mapping[str, bytes]: ...

    def close(self) -> None: ...
