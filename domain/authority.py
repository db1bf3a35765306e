"""Bodies, and who may decide what: the provision in force over the act, else the residue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints, model_validator

from domain.facts import PolicyInForce
from domain.kernel import Basis, Command, Event, Personal, ProvisionRef, Refusal, StreamId, Value

STREAM = StreamId("charter")

BodyId = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")]


class Body(Value):
    """A body that decides or advises."""

    id: BodyId
    name: str = Field(min_length=1)


class OfficeHolder(Value):
    """Someone acting publicly in an office; not personal data. The papers may name none."""

    name: str | None = Field(default=None, min_length=1)
    office: str = Field(min_length=1)


class PrivatePerson(Value):
    """Someone whose name is kept apart from the event."""

    person: Personal[str]
    represents: str | None = None


Person = OfficeHolder | PrivatePerson


class Charter(Value):
    """The bodies, and the one that decides where no provision says otherwise."""

    edition: str = Field(min_length=1)
    bodies: tuple[Body, ...] = Field(min_length=1)
    residual_authority: BodyId

    @model_validator(mode="after")
    def _residue_is_a_body(self) -> Charter:
        if self.residual_authority not in {body.id for body in self.bodies}:
            raise ValueError(f"residual_authority {self.residual_authority!r} is not a body")
        return self

    def names(self) -> Mapping[str, str]:
        """Body names by id."""
        return {body.id: body.name for body in self.bodies}


class RecordCharter(Command):
    """Enter the bodies of this city."""

    KIND: ClassVar[str] = "record-charter"

    charter: Charter


class CharterRecorded(Event):
    """These bodies exist, and this one holds the residual authority."""

    TOPIC: ClassVar[str] = "charter-recorded.v1"

    charter: Charter


class UnknownBody(Refusal):
    """The body is not in the charter in force."""

    rule = "A1"

    def __init__(self, body: str, known: tuple[str, ...]) -> None:
        super().__init__(body=body, known=known)


class NotAuthorised(Refusal):
    """The body has no authority over this act."""

    rule = "A1"

    def __init__(self, act: str, body: str, authority: str, provision: ProvisionRef | None) -> None:
        self.authority = authority
        super().__init__(provision=provision, act=act, body=body, authority=authority)


def record(charter: Charter | None, command: RecordCharter, basis: Basis) -> tuple[Event, ...]:
    """Enter a charter; one that is in force already changes nothing."""
    if charter == command.charter:
        return ()
    return (CharterRecorded(charter=command.charter, **basis),)


def require_body(charter: Charter | None, body: str) -> Charter:
    """Raises `UnknownBody` for a body that the charter does not have."""
    known = tuple(charter.names()) if charter else ()
    if charter is None or body not in known:
        raise UnknownBody(body, known)
    return charter


def authority_over(
    act: str, charter: Charter, policy: PolicyInForce
) -> tuple[str, ProvisionRef | None]:
    """Who decides on an act: the approver a provision in force names, else the residual body."""
    term = policy.term(f"{act}.approver")
    return (str(term.value), term.provision) if term else (charter.residual_authority, None)


def require_authority(act: str, body: str, charter: Charter, policy: PolicyInForce) -> None:
    """Raises `NotAuthorised`, naming the provision where one governs the act (rule A1)."""
    authority, provision = authority_over(act, charter, policy)
    if body != authority:
        raise NotAuthorised(act, body, authority, provision)
