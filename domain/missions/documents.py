"""Documents that a mission owes when it is over, and its closing (rule M9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from domain.missions.messages import FileMissionDocument, Owed
from domain.shared.findings import Answer, Finding, Ground
from domain.shared.messages import ProvisionRef
from domain.shared.problems import Refusal
from domain.shared.text import folded, missing_and_unwanted


class DocumentsOwed(Refusal):
    """A mission can be closed only with the documents that the provision asks for."""

    rule = "M9"
    provision: ProvisionRef
    mission: str
    missing: tuple[str, ...]


class NotOwed(Refusal):
    """The mission does not owe a document of this kind: file it as one of those that it owes."""

    rule = "M9"
    provision: ProvisionRef
    mission: str
    kind: str
    owes: tuple[str, ...]


def documents_owed_after(ground: Ground) -> Owed:
    """Return the documents that the provision in force asks of a mission that is over."""
    asked = ground.words("mission.closing-documents")
    return Owed(documents=asked.value, provision=asked.provision) if asked else Owed()


def all_documents_filed(
    mission: str, filed: Iterable[str], owed: Owed
) -> Iterator[Finding | Refusal]:
    """Apply rule M9 to the kinds of documents that were filed."""
    missing, _ = missing_and_unwanted(owed.documents, filed)
    if owed.provision and missing:
        yield DocumentsOwed(provision=owed.provision, mission=mission, missing=missing)
        return
    yield _finding(owed, Answer.MET, "filed")


def require_document_owed(act: FileMissionDocument, owed: Owed) -> None:
    """Raise `NotOwed` for a kind of document that the provision does not ask for (rule M9)."""
    _, unknown = missing_and_unwanted(owed.documents, (act.kind,))
    if owed.provision and unknown:
        raise NotOwed(
            provision=owed.provision, mission=act.mission, kind=act.kind, owes=owed.documents
        )


def filed_as_several(filed: Mapping[str, str], owed: Owed) -> Iterator[Finding]:
    """Apply rule M9: say where one paper was filed as several of the documents owed.

    `filed` is by kind.
    """
    for document in dict.fromkeys(filed.values()):
        kinds = [kind for kind in owed.documents if filed.get(folded(kind)) == document]
        if len(kinds) > 1:
            reason = f"one document is filed as {', '.join(kinds)}: {document}"
            yield Finding(rule="M9", answer=Answer.ADVISORY, reason=reason)


def to_be_filed(owed: Owed) -> Finding:
    """Apply rule M9, when the mission is over and nothing is filed yet."""
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
