"""Base classes of values, events and commands, and the fields that these share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    NewType,
    Self,
    TypedDict,
    TypeVar,
    cast,
)

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializationInfo,
    model_serializer,
    model_validator,
)

from domain.shared.dates import When

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
"""How the register names a matter, a mission, a body: small letters, digits and dashes."""


def shared_fields(kind: type[Value], of: Value) -> dict[str, Any]:
    """Return the fields that a command and its event share, to build the event from."""
    return {name: getattr(of, name) for name in kind.model_fields}


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
    """Yield everything personal in a value, at whatever depth."""
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


class Effect(Event):
    """A change of a provision, a relationship or an exploration, as of its day.

    `placed_on` is set where an effect needs another one that takes hold on the same day and was
    decided later: it is the day on which that one was decided, and puts this one behind it.
    """

    placed_on: When | None = None


class Basis(TypedDict):
    """The dated and cited part of every event; an effect takes it from the act behind it."""

    decided_on: When
    effective_from: When
    by_convention: bool
    authority: DecisionRef | None
    cites: tuple[Citation, ...]


def dates_and_sources(
    on: When,
    *,
    effective_from: When | None = None,
    authority: DecisionRef | None = None,
    cites: tuple[Citation, ...] = (),
) -> Basis:
    """Return the dated and cited part of an event.

    It takes hold on the day decided unless another is given.
    """
    return {
        "decided_on": on,
        "effective_from": effective_from or on,
        "by_convention": effective_from is None,
        "authority": authority,
        "cites": cites,
    }


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
        """The name that tells this command from others of its kind in one meeting."""
        return self.KIND
