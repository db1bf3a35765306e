"""The same content in the plain library: its data classes, mapper and recorders, as they come.

Values are typed there as well, by a transcoding each; nothing is validated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import JSONTranscoder, Transcoding

NAMESPACE = UUID(int=1)


class Classification(Enum):
    INTERNATIONAL = "International"
    HISTORICAL = "Historical"


@dataclass(frozen=True)
class When:
    text: str
    first: date
    last: date


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    country: str
    country_name: str
    kind: str
    other_names: list[str]
    region: str | None


@dataclass(frozen=True)
class DecisionRef:
    matter: str
    decision: str
    body: str


@dataclass(frozen=True)
class Citation:
    document: str
    place: str | None


class _AsDict(Transcoding):
    def encode(self, obj: Any) -> Any:
        return obj.__dict__

    def decode(self, data: Any) -> Any:
        return self.type(**data)


class PlaceAsDict(_AsDict):
    type = Place
    name = "place"


class DecisionAsDict(_AsDict):
    type = DecisionRef
    name = "decision"


class CitationAsDict(_AsDict):
    type = Citation
    name = "citation"


class WhenAsText(Transcoding):
    type = When
    name = "when"

    def encode(self, obj: When) -> str:
        return obj.text

    def decode(self, data: str) -> When:
        first, _, last = data.partition("/")
        return When(data, date.fromisoformat(first), date.fromisoformat(last or first))


class ClassificationAsText(Transcoding):
    type = Classification
    name = "classification"

    def encode(self, obj: Classification) -> str:
        return obj.value

    def decode(self, data: str) -> Classification:
        return Classification(data)


@dataclass(frozen=True)
class Reclassified(DomainEvent):
    decided_on: When
    effective_from: When
    by_convention: bool
    authority: DecisionRef | None
    cites: list[Citation]
    replaces: int | None
    place: Place
    classification: Classification
    reason: str | None


@dataclass(frozen=True)
class Opened(DomainEvent):
    command: str
    kind: str
    actor: str
    digest: str
    causation: str | None
    correlation: str


class PlainApplication(Application[UUID]):
    name = "plain"

    def register_transcodings(self, transcoder: JSONTranscoder) -> None:
        super().register_transcodings(transcoder)
        for kind in (PlaceAsDict, DecisionAsDict, CitationAsDict, WhenAsText, ClassificationAsText):
            transcoder.register(kind())


def stream(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


def reclassified(name: str, version: int = 1) -> Reclassified:
    return Reclassified(
        originator_id=stream(name),
        originator_version=version,
        timestamp=datetime.now(UTC),
        decided_on=WHEN,
        effective_from=DAY,
        by_convention=True,
        authority=DecisionRef("edc-2001-13-1", "council-2001-12", "council"),
        cites=[Citation("report-13-clause-1", "Appendix A")],
        replaces=None,
        place=Place("UA-KIEV", "Kiev", "UA", "Ukraine", "city", [], None),
        classification=Classification.HISTORICAL,
        reason="Review of the existing relationships",
    )


def opened(command: str) -> Opened:
    return Opened(
        originator_id=stream(f"command/{command}"),
        originator_version=1,
        timestamp=datetime.now(UTC),
        command=command,
        kind="record-decision",
        actor="clerk",
        digest="0" * 64,
        causation=None,
        correlation=command,
    )


WHEN = WhenAsText().decode("2001-12-04/2001-12-06")
DAY = WhenAsText().decode("2001-12-06")
