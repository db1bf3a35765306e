"""The procedure for requests: receipt, consultation, advice, assessment, report (rule N1)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from domain.authority import Person
from domain.cities import Place
from domain.kernel import Command, DecisionRef, Event, Finding

RequestId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Arrangement(StrEnum):
    """What may meet a request's objectives."""

    TECHNICAL_EXCHANGE = "technical exchange"
    PROJECT = "project"
    PARTNERSHIP = "longer-term partnership"


class RequestCommand(Command):
    """What every act on a request says: which one, and the decision behind it, if any."""

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

    arrangement: Arrangement
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
    """Staff advised on the arrangement that meets a request best."""

    TOPIC: ClassVar[str] = "request-arrangement-advised.v1"

    request: RequestId
    arrangement: Arrangement
    reason: str


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
