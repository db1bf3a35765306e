"""Papers before a body: reports, letters, deputations."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain.council.bodies import BodyId
from domain.council.persons import Person
from domain.instruments import Statement
from domain.proceedings.recommendations import MatterCommand, OfMatter, Recommendation
from domain.shared.messages import Event, Slug, Value


class Source(Value):
    """The original of a paper, kept elsewhere: its SHA-256 digest says which file it is."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str = Field(min_length=1)


class Report(OfMatter):
    """A report: what it recommends, the facts it states, and what it says besides.

    `source` is the original, where the register has it.
    """

    document: Slug
    by: Person
    title: str = Field(min_length=1)
    summary: str | None = None
    recommendations: tuple[Recommendation, ...] = ()
    states: tuple[Statement, ...] = ()
    remarks: tuple[str, ...] = ()
    source: Source | None = None


class Communication(OfMatter):
    """A letter: who wrote it, and what it asks. `source` is the original, where there is one."""

    document: Slug
    sender: Person
    asks: str = Field(min_length=1)
    about: tuple[str, ...] = ()
    source: Source | None = None


class Deputation(OfMatter):
    """An appearance before a body."""

    deputation: Slug
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
