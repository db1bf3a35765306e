"""What a mission owes when it is over, and its closing (rule M9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from domain.itineraries import MissionCommand, MissionId
from domain.kernel import Answer, Event, Finding, ProvisionRef, Refusal, Value
from domain.rules import Ground, folded, named


class Owed(Value):
    """The documents that a mission owes when it is over, and the provision that asks for them.

    Where no provision in force asks for any, both are empty.
    """

    documents: tuple[str, ...] = ()
    provision: ProvisionRef | None = None


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


class NotOwed(Refusal):
    """The mission owes no such document; a document is filed as one of those that it owes."""

    rule = "M9"

    def __init__(
        self, provision: ProvisionRef, mission: str, kind: str, owes: tuple[str, ...]
    ) -> None:
        super().__init__(provision=provision, mission=mission, kind=kind, owes=owes)


def owed_after(ground: Ground) -> Owed:
    """What the provision in force asks of a mission that is over."""
    asked = ground.words("mission.closing-documents")
    return Owed(documents=asked.value, provision=asked.provision) if asked else Owed()


def all_filed(mission: str, filed: Iterable[str], owed: Owed) -> Iterator[Finding | Refusal]:
    """Rule M9, on the kinds of documents that were filed."""
    missing, _ = named(owed.documents, filed)
    if owed.provision and missing:
        yield DocumentsOwed(owed.provision, mission, missing)
        return
    yield _finding(owed, Answer.MET, "filed")


def require_owed(act: FileMissionDocument, owed: Owed) -> None:
    """Raises `NotOwed` for a kind of document that the provision does not ask for (rule M9)."""
    _, unknown = named(owed.documents, (act.kind,))
    if owed.provision and unknown:
        raise NotOwed(owed.provision, act.mission, act.kind, owed.documents)


def filed_as_several(filed: Mapping[str, str], owed: Owed) -> Iterator[Finding]:
    """Rule M9: one paper may be several of what is owed, and this is said. `filed` is by kind."""
    for document in dict.fromkeys(filed.values()):
        kinds = [kind for kind in owed.documents if filed.get(folded(kind)) == document]
        if len(kinds) > 1:
            reason = f"one document is filed as {', '.join(kinds)}: {document}"
            yield Finding(rule="M9", answer=Answer.ADVISORY, reason=reason)


def to_be_filed(owed: Owed) -> Finding:
    """Rule M9, when the mission is over and nothing is filed yet."""
    return _finding(owed, Answer.NOT_MET, "owed")


def _finding(owed: Owed, answer: Answer, stand: str) -> Finding:
    if owed.provision is None:
        return Finding(
            rule="M9",
            answer=Answer.NOT_APPLICABLE,
            reason="no provision in force asks for documents after a mission",
        )
    return Finding(
        rule="M9",
        answer=answer,
        reason=f"{stand}: {', '.join(owed.documents)}",
        provision=owed.provision,
    )
