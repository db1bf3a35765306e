"""Every command and event of a request: received, assessed, reported, agreement signed."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from domain.council.persons import Person
from domain.places import Place
from domain.shared.findings import Finding
from domain.shared.messages import Command, DecisionRef, Event, Slug

RequestId = Slug


class RequestCommand(Command):
    """The fields of every act on a request: its name, and the decision behind the act, if any."""

    request: RequestId
    authority: DecisionRef | None = None

    @property
    def item(self) -> str:
        """The request."""
        return self.request


class ReceiveRequest(RequestCommand):
    """Enter a request on the day it was received; the clock runs from then."""

    KIND: ClassVar[str] = "receive-request"

    place: str = Field(min_length=1)
    group: Person
    asks: str = Field(min_length=1)
    changes_existing: bool = False


class ConsultGroup(RequestCommand):
    """Enter that the group was consulted about its objectives."""

    KIND: ClassVar[str] = "consult-group"

    objectives: str = Field(min_length=1)


class AdviseArrangement(RequestCommand):
    """Enter which arrangement would meet the objectives best."""

    KIND: ClassVar[str] = "advise-arrangement"

    arrangement: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class AssessRequest(RequestCommand):
    """Enter answers to core criteria and goals, by their names; more may follow."""

    KIND: ClassVar[str] = "assess-request"

    criteria: dict[str, str] = Field(default_factory=dict)
    goals: dict[str, str] = Field(default_factory=dict)
    visited_by: str | None = None


class ReportOnRequest(RequestCommand):
    """Enter the report that ends an assessment. `recommends` says that it asks for an agreement."""

    KIND: ClassVar[str] = "report-on-request"

    document: str = Field(min_length=1)
    recommends: bool


class RequestReceived(Event):
    """A request was received; its report is due on the day given, where a provision says when."""

    TOPIC: ClassVar[str] = "request-received.v1"

    request: RequestId
    place: Place
    group: Person
    asks: str
    changes_existing: bool
    report_due: date | None
    report_to: str | None
    findings: tuple[Finding, ...]


class RequestGroupConsulted(Event):
    """The group behind a request was consulted."""

    TOPIC: ClassVar[str] = "request-group-consulted.v1"

    request: RequestId
    objectives: str


class RequestArrangementAdvised(Event):
    """Staff advised on the arrangement that meets a request best.

    `formal` says that, by the provision of that day, it takes an assessment and may lead to an
    agreement; null where no provision says which do, so that either way is open.
    """

    TOPIC: ClassVar[str] = "request-arrangement-advised.v1"

    request: RequestId
    arrangement: str
    formal: bool | None
    reason: str
    findings: tuple[Finding, ...] = ()


class RequestAssessed(Event):
    """Criteria and goals were answered for a request."""

    TOPIC: ClassVar[str] = "request-assessed.v1"

    request: RequestId
    criteria: dict[str, str]
    goals: dict[str, str]
    visited_by: str | None


class RequestReported(Event):
    """The request was reported on, in time or late."""

    TOPIC: ClassVar[str] = "request-reported.v1"

    request: RequestId
    document: str
    recommends: bool
    late: bool
    to: str | None
    findings: tuple[Finding, ...]


class MakeBusinessCase(RequestCommand):
    """Enter the business case of a partnership, positive or not."""

    KIND: ClassVar[str] = "make-business-case"

    document: str = Field(min_length=1)
    positive: bool

    @property
    def item(self) -> str:
        """The request and the document."""
        return f"{self.request}/{self.document}"


class PrepareAgreement(RequestCommand):
    """Enter that the agreement was prepared."""

    KIND: ClassVar[str] = "prepare-agreement"

    description: str = Field(min_length=1)


class SignAgreement(RequestCommand):
    """Enter that the agreement was signed: the partnership exists from that day."""

    KIND: ClassVar[str] = "sign-agreement"


class RequestBusinessCaseMade(Event):
    """A business case was made for the partnership that was asked for."""

    TOPIC: ClassVar[str] = "request-business-case-made.v1"

    request: RequestId
    document: str
    positive: bool


class RequestAgreementApproved(Event):
    """The agreement was approved; it may now be prepared and signed."""

    TOPIC: ClassVar[str] = "request-agreement-approved.v1"

    request: RequestId
    body: str
    findings: tuple[Finding, ...]


class RequestAgreementPrepared(Event):
    """The agreement was prepared."""

    TOPIC: ClassVar[str] = "request-agreement-prepared.v1"

    request: RequestId
    description: str
    findings: tuple[Finding, ...]


class RequestAgreementSigned(Event):
    """The agreement was signed."""

    TOPIC: ClassVar[str] = "request-agreement-signed.v1"

    request: RequestId
    place: Place
    description: str
    findings: tuple[Finding, ...]


RequestEvent = (
    RequestReceived
    | RequestGroupConsulted
    | RequestArrangementAdvised
    | RequestAssessed
    | RequestReported
    | RequestBusinessCaseMade
    | RequestAgreementApproved
    | RequestAgreementPrepared
    | RequestAgreementSigned
)

RequestStep = (
    ConsultGroup
    | AdviseArrangement
    | AssessRequest
    | ReportOnRequest
    | MakeBusinessCase
    | PrepareAgreement
    | SignAgreement
)
"""A step of a request that was received."""
