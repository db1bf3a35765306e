"""What may be asked about, and which instruments and events change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain import explorations, partnerships
from domain.cities import folded
from domain.explorations import ExplorationAnswered, ExplorationDirected, ExplorationStated
from domain.instruments import (
    AdoptProvision,
    ClassifyPartnership,
    DeleteProvision,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    ExplorationIntended,
    ExplorationReported,
    Explore,
    PartnershipExists,
    ReplaceProvision,
    StrikeFromProvision,
    TargetCity,
)
from domain.kernel import Event, StreamId
from domain.partnerships import (
    CityNoLongerTargeted,
    CityTargeted,
    PartnershipClassified,
    PartnershipFormed,
    PartnershipLapsed,
    PartnershipReclassified,
)
from domain.policy import STREAM as POLICY
from domain.policy import ProvisionAdopted, ProvisionAmended, ProvisionDeleted

Kind = Literal["partnership", "targeted", "provision", "exploration", "decision"]

FACETS = ("classification", "established", "description")
"""What may be asked of a partnership."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: `key` is a place's code, an address, a subject or `matter/decision`.

    `names` are those by which a text may speak of it.
    """

    kind: Kind
    key: str
    facet: str | None = None
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.key, self.facet) if part)

    @property
    def stream(self) -> StreamId:
        """Where the events that changed it are recorded."""
        match self.kind:
            case "partnership" | "targeted":
                return partnerships.stream_of(self.key)
            case "provision":
                return POLICY
            case "exploration":
                return explorations.stream_of(self.key)
            case "decision":
                return StreamId(f"matter/{self.key.rpartition('/')[0]}")

    @property
    def references(self) -> tuple[str, ...]:
        """How papers that are about it refer to it: `place/UA-KIEV`, and its names."""
        kind = "place" if self.kind in ("partnership", "targeted") else self.kind
        return (f"{kind}/{self.key}", *(f"name/{folded(name)}" for name in self.names))


def touches(subject: Subject, act: object) -> bool:
    """Whether an instrument or statement changes the fact where it takes effect."""
    match act, subject.kind:
        case (ClassifyPartnership(city=key), "partnership"):
            return key == subject.key and subject.facet in (None, "classification")
        case (PartnershipExists(city=key) | EnterPartnership(city=key), "partnership"):
            return key == subject.key and subject.facet != "classification"
        case (EndPartnership(city=key), "partnership"):
            return key == subject.key
        case (TargetCity(city=key) | DropTargetedCity(city=key), "targeted"):
            return key == subject.key
        case (AdoptProvision(draft=draft), "provision"):
            return draft.address == subject.key
        case (
            StrikeFromProvision(address=key)
            | ReplaceProvision(address=key)
            | DeleteProvision(address=key),
            "provision",
        ):
            return key == subject.key
        case (
            Explore(subject=key)
            | ExplorationIntended(subject=key)
            | ExplorationReported(subject=key),
            "exploration",
        ):
            return key == subject.key
        case _:
            return False


def changed_by(subject: Subject, event: Event) -> bool:
    """Whether the event changed the fact itself."""
    match event, subject.kind:
        case (PartnershipClassified() | PartnershipReclassified() as classified, "partnership"):
            asked = subject.facet in (None, "classification")
            return classified.place.code == subject.key and asked
        case (PartnershipFormed() as formed, "partnership"):
            return formed.place.code == subject.key and subject.facet != "classification"
        case (PartnershipLapsed() as lapsed, "partnership"):
            return lapsed.place.code == subject.key
        case (CityTargeted() | CityNoLongerTargeted() as listed, "targeted"):
            return listed.place.code == subject.key
        case (ProvisionAdopted() | ProvisionAmended() | ProvisionDeleted() as worded, "provision"):
            return worded.provision.address == subject.key
        case (
            ExplorationDirected() | ExplorationStated() | ExplorationAnswered() as looked,
            "exploration",
        ):
            return looked.subject == subject.key
        case _:
            return False
