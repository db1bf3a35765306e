"""The other facts that an entry rests on: without them the rules would have refused it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.instruments import (
    FREE,
    OWN,
    ClassifyPartnership,
    EndPartnership,
    EnterPartnership,
    Instrument,
)
from domain.missions.messages import (
    MissionDelegationApproved,
    MissionPlanned,
    MissionProposed,
    MissionStarted,
)
from domain.places import Place
from domain.policy import ProvisionAdopted, ProvisionAmended
from domain.proceedings.decisions import DecisionTaken, MatterReopened
from domain.proceedings.motions import MotionMoved
from domain.programme.messages import PlanApproved, PlanConfirmed, PlanEntryListed
from domain.shared.categories import category_key_of
from domain.shared.history import Recorded
from domain.shared.messages import Event
from projections.explanation.adopted_recommendations import Adoption
from projections.explanation.matter_story import reports_answered
from projections.explanation.subject import OF_A_MATTER, Subject, act_changes

Policy = Sequence[Recorded[Event]]

_OWN_TERMS: dict[type[Event], tuple[str, ...]] = {
    MissionDelegationApproved: ("delegation.approver", "delegation.selector"),
    PlanApproved: ("plan.approver",),
    PlanConfirmed: ("plan.submitted-to",),
}
"""Terms that say which body must act, for acts whose own context reads such terms."""


def grounds(
    subject: Subject, entry: Recorded[Event], policy: Policy, adoption: Adoption | None
) -> Iterator[Subject]:
    """Yield the facts that one entry in the story of a subject rests on.

    `policy` are the entries of the policy's stream, `adoption` reads the entry's matter.
    """
    event = entry.event
    if body := getattr(event, "body", None):
        yield Subject("body", body)
    for place in _places(event):
        yield Subject("place", place.code)
    if subject.kind in ("partnership", "targeted"):
        yield Subject("partnership", subject.key, _resting_on(subject))
        yield Subject("targeted", subject.key)
    if isinstance(event, MotionMoved):
        kind, _, address = getattr(event.operation, "target", "").partition("/")
        if kind == "provision":
            yield Subject("provision", address)
    for request in reports_answered(event):
        yield Subject("requested-report", request)
    if isinstance(event, MatterReopened) and adoption:
        closing = adoption.closed_by(entry.position)
        yield from (Subject("decision", f"{event.matter}/{name}") for name in (closing,) if name)
    if isinstance(event, DecisionTaken) and adoption:
        yield from _of_decision(subject, event, adoption)
    for address in _carrying(_terms(subject, event, adoption), policy, entry.position):
        yield Subject("provision", address)
    yield from _of_the_year(subject, event)


IN_TIME = ("partnership", "targeted", "provision")
"""Kinds of ground that a later change takes nothing from: it rests on what took hold before."""


def _resting_on(subject: Subject) -> str | None:
    """Return the part of a partnership that an entry on it rests on.

    No class is needed for a state, nor to begin a partnership.
    """
    return "state" if subject.kind == "partnership" and subject.facet in _WITHOUT_CLASS else None


_WITHOUT_CLASS = ("state", "established", "description")


def _terms(subject: Subject, event: Event, adoption: Adoption | None) -> set[str]:
    """Yield the terms that give the entry's body its power, or that only one provision may have."""
    terms = set(_OWN_TERMS.get(type(event), ()))
    if isinstance(event, ProvisionAdopted | ProvisionAmended):
        terms |= event.draft.terms.keys()
    if isinstance(event, DecisionTaken) and adoption:
        acts = _acts_on(subject, event, adoption)
        terms |= {f"{act.ACT}.approver" for act in acts if act.ACT not in (FREE, OWN)}
        terms |= {name for act in acts for name in _of_category(act)}
        terms |= {"notwithstanding.approver"} if event.notwithstanding else set()
    return terms


def _of_category(act: Instrument) -> Iterator[str]:
    """Yield the terms that name a category, and say who puts a city into it."""
    if isinstance(act, ClassifyPartnership):
        category = category_key_of(act.classification)
        yield from (f"category.{category}.approver", f"category.{category}.name")


def _of_decision(subject: Subject, event: DecisionTaken, adoption: Adoption) -> Iterator[Subject]:
    acts = [*_acts_on(subject, event, adoption)]
    if event.decision in _deciding(subject, adoption):
        yield from (ground for act in acts for ground in _changed(act))
    for act in acts:
        if isinstance(act, EnterPartnership | ClassifyPartnership | EndPartnership):
            yield from (Subject("request", name) for name in (act.request,) if name)


def _acts_on(subject: Subject, event: DecisionTaken, adoption: Adoption) -> Iterator[Instrument]:
    """Yield a decision's acts that matter to the subject; all if the decision is the subject."""
    everything = subject.kind in OF_A_MATTER
    yield from (a for a in _acts(event, adoption) if everything or act_changes(subject, a))


def _deciding(subject: Subject, adoption: Adoption) -> Iterator[str]:
    """Yield the decisions that are the fact, or by which a recommendation was adopted."""
    if subject.kind == "decision":
        yield subject.item
    if subject.kind == "recommendation":
        yield from adoption.adopting(subject.item)


def _changed(act: Instrument) -> Iterator[Subject]:
    """Yield the conditions of an act: its subject must be there to be changed."""
    if city := getattr(act, "city", None):
        yield Subject("place", city)
        yield Subject("partnership", city)
        yield Subject("targeted", city)
    yield from (Subject("place", code) for code in getattr(act, "places", ()))
    if request := getattr(act, "request", None):
        yield Subject("request", request)
    if mission := getattr(act, "mission", None):
        yield Subject("mission", mission)
    if year := getattr(act, "year", None):
        yield Subject("plan", str(year))
    if address := getattr(act, "address", None) or getattr(
        getattr(act, "draft", None), "address", None
    ):
        yield Subject("provision", address)


def _of_the_year(subject: Subject, event: Event) -> Iterator[Subject]:
    """Yield what a mission or a plan rests on: each other, for the same year."""
    if isinstance(event, MissionPlanned):
        yield Subject("plan", str(event.year))
    if isinstance(event, MissionStarted) and subject.year:
        yield Subject("plan", str(subject.year))
    if subject.kind == "plan":
        if isinstance(event, PlanEntryListed):
            yield Subject("mission", event.outline.mission)
        elif mission := getattr(event, "mission", None):
            yield Subject("mission", mission)


def _places(event: Event) -> Iterator[Place]:
    if isinstance(place := getattr(event, "place", None), Place):
        yield place
    if isinstance(event, MissionProposed):
        yield from (stop.place for stop in event.outline.stops)


def _acts(event: DecisionTaken, adoption: Adoption) -> Iterator[Instrument]:
    yield from event.instruments
    adopted = adoption.adopted(event)
    for version in adoption.versions:
        if version.id in adopted:
            yield from version.instruments


def _carrying(terms: set[str], policy: Policy, before: int) -> Iterator[str]:
    """Yield the provisions that ever carried one of these terms, as recorded before a position."""
    for entry in policy:
        event = entry.event
        if entry.position >= before or not isinstance(event, ProvisionAdopted | ProvisionAmended):
            continue
        if not terms.isdisjoint(event.draft.terms):
            yield event.provision.address
