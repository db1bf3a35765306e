"""An event in a few words: what kind of thing it is, who did it, and what it says."""

from __future__ import annotations

from typing import NamedTuple

from domain.decisions import DecisionTaken, MatterReopened
from domain.explorations import ExplorationAnswered, ExplorationDirected, ExplorationStated
from domain.kernel import Event
from domain.motions import MotionMoved
from domain.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from domain.partnerships import (
    CityNoLongerTargeted,
    CityTargeted,
    PartnershipClassified,
    PartnershipFormed,
    PartnershipLapsed,
    PartnershipReclassified,
)
from domain.policy import ProvisionAdopted, ProvisionAmended, ProvisionDeleted
from projections.decision_record import moved, name


class Described(NamedTuple):
    """An event for people. An effect is named by its stored name, less the version."""

    kind: str
    item: str
    says: str
    matter: str | None = None
    body: str | None = None
    by: str | None = None
    result: str | None = None


def described(event: Event) -> Described:
    """Name an event and say what is in it."""
    match event:
        case ReportSubmitted():
            by = name(event.by)
            return Described("report", event.document, event.title, event.matter, by=by)
        case CommunicationReceived():
            by = name(event.sender)
            return Described("communication", event.document, event.asks, event.matter, by=by)
        case DeputationHeard():
            by, about = name(event.speaker), ", ".join(event.about)
            says = f"about {about}" if about else "appeared on the matter"
            return Described("deputation", event.deputation, says, event.matter, event.body, by)
        case MotionMoved():
            mover = name(event.mover) if event.mover else None
            return Described("motion", event.motion, moved(event), event.matter, event.body, mover)
        case DecisionTaken():
            return Described(
                "decision",
                event.decision,
                event.summary,
                event.matter,
                event.body,
                result=event.kind.value,
            )
        case MatterReopened():
            return Described("reopening", event.decision, event.reason, event.matter, event.body)
        case _:
            authority = event.authority
            return Described(
                "effect",
                event.TOPIC.rpartition(".")[0],
                _effect(event),
                authority.matter if authority else None,
                authority.body if authority else None,
            )


def _effect(event: Event) -> str:
    match event:
        case PartnershipClassified() | PartnershipReclassified():
            because = event.reason or "no reason is given"
            return f"{event.place.name} is {event.classification.value}: {because}"
        case ProvisionAdopted(amended_by=amended_by):
            amended = f", as amended by {', '.join(amended_by)}" if amended_by else ""
            return f"{event.provision} in force{amended}: {event.draft.text}"
        case ProvisionAmended():
            return f"{event.provision} in force: {event.draft.text}"
        case ProvisionDeleted():
            return f"{event.provision.address} out of force"
        case ExplorationDirected():
            owed = "a report back is owed" if event.report_back else "no report back was asked for"
            return f"explore {event.name}; {owed}"
        case ExplorationStated():
            return f"staff mean to explore {event.name}"
        case ExplorationAnswered():
            return f"reported in {event.document}"
        case _:
            return _on_place(event)


def _on_place(event: Event) -> str:
    match event:
        case PartnershipFormed():
            return f"{event.place.name}: {event.description}, since {event.established}"
        case PartnershipLapsed():
            return f"the partnership with {event.place.name} ended"
        case CityTargeted():
            return f"{event.place.name} is targeted"
        case CityNoLongerTargeted():
            return f"{event.place.name} is no longer targeted"
        case _:
            return _named(event)


def _named(event: Event) -> str:
    """What it is about, by whichever of its fields says so."""
    place = getattr(event, "place", None)
    if place is not None:
        return str(place.name)
    fields = ("title", "motion", "about", "request", "study", "name", "subject")
    return next((str(getattr(event, n)) for n in fields if getattr(event, n, None)), event.TOPIC)
