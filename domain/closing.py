"""What a mission owes when it is over, and its closing (rule M9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import Field

from domain.itineraries import MissionCommand, MissionId
from domain.kernel import Answer, Event, Finding, ProvisionRef, Refusal
from domain.rules import Ground, named


class FileMissionDocument(MissionCommand):
    """Enter a document that a mission owes, such as its summary report."""

    KIND: ClassVar[str] = "file-mission-document"

    kind: str = Field(min_length=1)
    document: str = Field(min_length=1)

    @property
    def item(self) -> str:
        """The mission and the kind of document."""
        return f"{self.mission}/{self.kind}"


class CloseMission(MissionCommand):
    """Close a mission that is completed and has filed what it owes."""

    KIND: ClassVar[str] = "close-mission"


class MissionDocumentFiled(Event):
    """A document that the mission owes was filed."""

    TOPIC: ClassVar[str] = "mission-document-filed.v1"

    mission: MissionId
    kind: str
    document: str


class MissionClosed(Event):
    """A mission is closed, with all that it owed."""

    TOPIC: ClassVar[str] = "mission-closed.v1"

    mission: MissionId
    documents: tuple[str, ...]
    findings: tuple[Finding, ...]


class DocumentsOwed(Refusal):
    """A mission is closed only with the documents that the provision asks for."""

    rule = "M9"

    def __init__(self, provision: ProvisionRef, mission: str, missing: tuple[str, ...]) -> None:
        super().__init__(provision=provision, mission=mission, missing=missing)


def all_filed(mission: str, filed: Iterable[str], ground: Ground) -> Iterator[Finding | Refusal]:
    """Rule M9, on the kinds of documents that were filed."""
    owed = ground.words("mission.closing-documents")
    if owed is None:
        yield Finding(
            rule="M9",
            answer=Answer.NOT_APPLICABLE,
            reason="no provision in force asks for documents after a mission",
        )
        return
    missing, _ = named(owed.value, filed)
    if missing:
        yield DocumentsOwed(owed.provision, mission, missing)
        return
    yield Finding(
        rule="M9",
        answer=Answer.MET,
        reason=f"filed: {', '.join(owed.value)}",
        provision=owed.provision,
    )
