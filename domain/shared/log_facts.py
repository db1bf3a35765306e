"""Facts about the log: commands, epochs; entries lapsed, withdrawn, in camera, destroyed."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from domain.shared.dates import When
from domain.shared.messages import DecisionRef, Event, Fact, Personal, StreamId, Value


class NoLongerStands(Event):
    """An entry named by `replaces` stands no more, and nothing takes its place.

    Part of every stream's history and of no context's: what folds a stream never meets one.
    """

    TOPIC: ClassVar[str]


class EntryWithdrawn(NoLongerStands):
    """An entry was a mistake: the withdrawal names the entry and says no more."""

    TOPIC: ClassVar[str] = "entry-withdrawn.v1"


def stream_of(command: str) -> StreamId:
    """Name the stream of a command, which says that it was recorded: asked again, it is found."""
    return StreamId(f"command/{command}")


class EntryLapsed(NoLongerStands):
    """An act loses its effect, since another one took the ground on which it was to take hold.

    `by` is the version in this stream of the act that prevails; its decision is the authority.
    `replaces` names the act that lapses, and why; `lapsed` is the decision behind that act, and
    `takes_hold` the day on which it would have taken hold.
    """

    TOPIC: ClassVar[str] = "entry-lapsed.v1"

    by: int = Field(ge=1)
    entry: str
    lapsed: DecisionRef | None
    takes_hold: When


class CommandRecorded(Fact):
    """A command was accepted; the rows after it, up to the next such row, are its outcome.

    `digest` is keyed, so that a command sent again can be told from another one without storing
    what was asked, and `key` names that key; `causation` is the command that led to this one,
    `correlation` the command that started the chain.
    """

    TOPIC: ClassVar[str] = "command-recorded.v1"

    command: str
    kind: str
    actor: str
    digest: str
    key: str
    causation: str | None = None
    correlation: str


LOG = StreamId("log")
"""The stream of a register in which such facts are recorded."""


class EpochOpened(Fact):
    """A backup was restored: what the earlier epoch recorded after `restored_through` is not here.

    Followers that read further than that in an earlier epoch must be built again.
    """

    TOPIC: ClassVar[str] = "epoch-opened.v1"

    epoch: str
    previous: str
    restored_through: int = Field(ge=0)
    backup: str
    """SHA-256 of the backup, as `alliance backup` says it."""
    reason: str


MOST_PARTS = 974
"""Digests that fit into one entry of the evidence."""


class Sealed(Value):
    """A fact that is kept apart: its stored name, and its stored JSON."""

    topic: str
    state: str


class EntryInCamera(Fact):
    """An entry that is not public keeps its place here; what it says is kept apart."""

    TOPIC: ClassVar[str] = "entry-in-camera.v1"

    content: Personal[Sealed]
    persons: tuple[Personal[str], ...] = ()
    """The personal values within the content, which are parts of their own."""

    @model_serializer(mode="wrap")
    def _stored(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        found: dict[str, Any] = written(self)
        if not self.persons:
            del found["persons"]
        return found


class EntryName(Value):
    """The place of an entry: its stream, and its version there."""

    stream: str
    version: int = Field(ge=1)


class EntriesInCamera(Fact):
    """The entries in camera that one command made on a matter: a release discloses them."""

    TOPIC: ClassVar[str] = "entries-in-camera.v1"

    matter: str
    entries: tuple[EntryName, ...]


class EntryDisclosed(Fact):
    """An entry that was in camera is public from here on, with the content that it had."""

    TOPIC: ClassVar[str] = "entry-disclosed.v1"

    entry: EntryName
    content: Sealed


class DecisionRescinded(Fact):
    """A decision was rescinded by this commit; of two at one moment, one fails on this stream.

    By which decision, and whether that stands, the matter of the rescission says.
    """

    TOPIC: ClassVar[str] = "decision-rescinded.v1"

    earlier: DecisionRef


class PersonalDataDestroyed(Fact):
    """Personal values of one subject were destroyed for good, by a decision.

    `subject` is a pseudonym, `parts` are the digests that stand in the events; `actor` recorded it.
    A destruction of more than `MOST_PARTS` is told by several such facts.
    """

    TOPIC: ClassVar[str] = "personal-data-destroyed.v1"

    subject: str
    parts: tuple[str, ...] = Field(min_length=1, max_length=MOST_PARTS)
    authority: DecisionRef
    actor: str


class EvidenceKeysRotated(Fact):
    """The keys that sign the evidence were replaced: heads from the next one on have the new.

    `old` and `new` are verifier keys, as `alliance evidence key` prints them; `actor` recorded it.
    """

    TOPIC: ClassVar[str] = "evidence-keys-rotated.v1"

    old: tuple[str, ...] = Field(min_length=1)
    new: tuple[str, ...] = Field(min_length=1)
    reason: str
    actor: str


class EvidenceBegunAnew(Fact):
    """A restore lost sealed events, so that a new tree begins under the next origin.

    `epoch` is the restore, `restored_through` the last position that it kept; `head` is the last
    head of the tree before, with its signatures.
    """

    TOPIC: ClassVar[str] = "evidence-begun-anew.v1"

    origin: str
    epoch: str
    restored_through: int = Field(ge=0)
    head: str
    reason: str
    actor: str


def destruction_of(subject: str) -> StreamId:
    """The stream of a subject's destruction."""
    return StreamId(f"destroyed/{subject}")


def entries_in_camera(matter: str) -> StreamId:
    """Return the stream that lists the entries in camera on a matter."""
    return StreamId(f"in-camera/{matter}")


def rescissions_of(earlier: DecisionRef) -> StreamId:
    """Return the stream that has an entry for each time that a decision was rescinded."""
    return StreamId(f"rescinded/{earlier.matter}/{earlier.decision}")


def disclosure_of(entry: EntryName) -> StreamId:
    """Return the stream of an entry's disclosure."""
    return StreamId(f"disclosed/{entry.stream}/{entry.version}")
