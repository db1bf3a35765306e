"""What a body has before it: reports, letters, and those who appear."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain.authority import BodyId, Person
from domain.instruments import Statement
from domain.items import ItemId, MatterCommand, OfMatter
from domain.kernel import Event
from domain.motions import Recommendation


class Report(OfMatter):
    """A report: what it recommends, the facts it states, and what it says besides."""

    document: ItemId
    by: Person
    title: str = Field(min_length=1)
    summary: str | None = None
    recommendations: tuple[Recommendation, ...] = ()
    states: tuple[Statement, ...] = ()
    remarks: tuple[str, ...] = ()


class Communication(OfMatter):
    """A letter: who wrote it, and what it asks."""

    document: ItemId
    sender: Person
    asks: str = Field(min_length=1)
    about: tuple[str, ...] = ()


class Deputation(OfMatter):
    """An appearance before a body."""

    deputation: ItemId
    body: BodyId
    speaker: Person
    about: tuple[str, ...] = ()


class SubmitReport(Report, MatterCommand):
    """Enter a report with its recommendations, and with the facts it states."""

    KIND: ClassVar[str] = "submit-report"


class ReceiveCommunication(Communication, MatterCommand):
    """Enter a letter that a body had before it."""

    KIND: ClassVar[str] = "receive-communication"


class HearDeputation(Deputation, MatterCommand):
    """Enter that someone appeared before a body."""

    KIND: ClassVar[str] = "hear-deputation"


class ReportSubmitted(Report, Event):
    """A report with these recommendations was submitted."""

    TOPIC: ClassVar[str] = "report-submitted.v1"


class CommunicationReceived(Communication, Event):
    """A body had this letter before it."""

    TOPIC: ClassVar[str] = "communication-received.v1"


class DeputationHeard(Deputation, Event):
    """Someone appeared before a body."""

    TOPIC: ClassVar[str] = "deputation-heard.v1"
