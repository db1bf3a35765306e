"""What every context is made of: values, events, commands, findings and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, ClassVar, Generic, NamedTuple, NewType, Self, TypedDict, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializationInfo,
    model_serializer,
    model_validator,
)

from domain.dates import When

StreamId = NewType("StreamId", str)
"""A stream's name inside its register, such as `policy` or `partnership/UA-KIEV`."""

T = TypeVar("T")


class Value(BaseModel):
    """A frozen value that accepts nothing it does not know."""

    # Built when it is first used: a command uses some of a hundred types.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Personal(Value, Generic[T]):
    """Something about a private person: kept apart from the event, which carries its digest only.

    `value` is present in a command and where a reader may see it, `None` elsewhere. Office-holders
    acting publicly are not personal.
    """

    value: T | None = None
    digest: str | None = None

    @model_serializer
    def _stored(self, info: SerializationInfo) -> dict[str, Any]:
        if info.context and info.context.get("reveal"):
            return {"value": self.value, "digest": self.digest}
        return {"digest": self.digest}


def personal_in(given: object) -> Iterator[Personal[Any]]:
    """Everything personal in a value, at whatever depth."""
    match given:
        case Personal():
            yield given
        case BaseModel():
            for name in type(given).model_fields:
                yield from personal_in(getattr(given, name))
        case tuple() | list():
            for item in cast("Iterable[object]", given):
                yield from personal_in(item)
        case dict():
            yield from personal_in(tuple(cast("dict[str, object]", given).values()))
        case _:
            return


class Citation(Value):
    """A place in the papers: document, and heading, attachment or number within it."""

    document: str
    place: str | None = None


class ProvisionRef(Value):
    """One version of one provision of the policy, such as version 2 of `outbound/2`.

    Versions count from 1 in the order in which they were recorded in the policy's stream.
    """

    address: str
    version: int = Field(ge=1)

    def __str__(self) -> str:
        return f"{self.address} (version {self.version})"


class DecisionRef(Value):
    """The decision that another change cites as its authority."""

    matter: str
    decision: str
    body: str


class Answer(StrEnum):
    """What a rule says of an act."""

    MET = "met"
    NOT_MET = "not met"
    ADVISORY = "advisory"
    NOT_APPLICABLE = "not applicable"
    OVERRIDDEN = "not met, overridden"


class Finding(Value):
    """A rule's answer on an act, stored with the decision it was made for."""

    rule: str
    answer: Answer
    reason: str
    provision: ProvisionRef | None = None


class Replacement(Value):
    """A correction: the version of this stream that the new event replaces, why, and by whom.

    `authority` is the decision behind the correction, or the office that answers for it.
    """

    version: int = Field(ge=1)
    reason: str = Field(min_length=1)
    authority: DecisionRef | str | None = None


class Fact(Value):
    """Anything the log stores. `TOPIC` is its stored name and never changes."""

    TOPIC: ClassVar[str]


class Event(Fact):
    """Something that became so.

    `decided_on` is the body's date or the document's, `effective_from` the day it takes hold;
    `by_convention` says that the second follows the first because the decision names none. When
    the register learned it (`recorded_at`, microseconds) is the log's to say, not the event's.
    """

    decided_on: When
    effective_from: When
    by_convention: bool = True
    authority: DecisionRef | None = None
    cites: tuple[Citation, ...] = ()
    replaces: Replacement | None = None


class Basis(TypedDict):
    """What an effect takes from the act behind it: the dated and cited part of every event."""

    decided_on: When
    effective_from: When
    by_convention: bool
    authority: DecisionRef | None
    cites: tuple[Citation, ...]


class Ruling(NamedTuple):
    """What a decision comes to: the events, `()` when it is already so, and the findings."""

    events: tuple[Event, ...]
    findings: tuple[Finding, ...] = ()


class Command(Value):
    """Something a clerk asks the register to record: `on` is the day it happened."""

    KIND: ClassVar[str]

    on: When
    cites: tuple[Citation, ...] = ()

    @model_validator(mode="after")
    def _persons_by_value(self) -> Self:
        if any(personal.digest is not None for personal in personal_in(self)):
            raise ValueError("give what is personal by its `value`; the `digest` is the register's")
        return self

    @property
    def item(self) -> str:
        """What tells this command from others of its kind in one meeting."""
        return self.KIND


class CommandRecorded(Fact):
    """A command was accepted; the rows after it, up to the next such row, are its outcome.

    `digest` is keyed, so that a repeat can be told from a contradiction without storing what was
    asked; `causation` is the command that led to this one, `correlation` the first of its line.
    """

    TOPIC: ClassVar[str] = "command-recorded.v1"

    command: str
    kind: str
    actor: str
    digest: str
    causation: str | None = None
    correlation: str


class Problem(Exception):
    """Anything the register says no with. Carries data; the wording is the caller's."""

    item: str | None = None
    """The request it was said to, where it was one of several."""

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(", ".join(f"{name}={value}" for name, value in details.items()))

    @property
    def title(self) -> str:
        """The first sentence of the docstring: what went wrong, in words."""
        first = (type(self).__doc__ or type(self).__name__).split("\n", 1)[0]
        said = first.removeprefix("Raised when ")
        return said[:1].upper() + said[1:]


class Refusal(Problem):
    """Raised when a rule forbids the act; nothing is stored."""

    rule: ClassVar[str]

    def __init__(self, *, provision: ProvisionRef | None = None, **figures: object) -> None:
        self.provision = provision
        super().__init__(
            rule=self.rule, **({"provision": provision} if provision else {}), **figures
        )


class Conflict(Problem):
    """Raised when what is asked contradicts what is recorded, or a race was lost for good."""


class Invalid(Problem):
    """Raised when input is not what it should be; names file, line and field where known."""
