"""A fact on a day, from the entries that change it; and what a proposal would make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from heapq import merge
from typing import Any, NamedTuple, assert_never

from domain.council.succession import CharterEvent, evolve
from domain.instruments import (
    AdoptProvision,
    AmendProvision,
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    ClassifyPartnership,
    DeleteProvision,
    DropTargetedCity,
    EndPartnership,
    EnterPartnership,
    ExceptStop,
    ExplorationIntended,
    ExplorationReported,
    Explore,
    MovePartners,
    PartnershipExists,
    PartnershipStateStated,
    RenumberProvisions,
    RepealPolicy,
    ReplacePolicy,
    ReplaceProvision,
    RequestReport,
    SetPartnershipState,
    StrikeFromProvision,
    TargetCity,
)
from domain.partnerships import exploration, partnership
from domain.partnerships.exploration import Exploration, ExplorationDirected
from domain.partnerships.partnership import PartnershipLapsed, Relationship
from domain.partnerships.states import state_in_words
from domain.places import Gazetteer, PlaceEvent
from domain.places import evolve as evolve_places
from domain.policy import PolicyInstrument, ProvisionDeleted
from domain.proceedings.decisions import DecisionTaken, MatterReopened
from domain.proceedings.motions import MotionCarried, MotionFailed, MotionMoved
from domain.shared.history import Recorded, fold, possible_counts, standing_entries, timeline_order
from domain.shared.messages import Event
from projections.explanation.adopted_recommendations import Adoption
from projections.explanation.subject import MODELS, Subject, changed_by_entry
from projections.matters import change_in_words, name_of_person

State = Any
"""A fact as JSON has it: text, a boolean, an object, or `None` for nothing."""


Streams = Sequence[Sequence[Recorded[Event]]]
"""The entries of each stream that changes a subject."""


class FactAnswer(NamedTuple):
    """All that may be so on the day, in order; `None` is nothing. One alone is sure."""

    candidates: tuple[State, ...]

    @property
    def determinate(self) -> bool:
        """True if the record can tell."""
        return len(self.candidates) == 1


def fact_on(subject: Subject, streams: Streams, on: date) -> FactAnswer:
    """Return the facts that may hold on a day, from the streams that change the subject."""
    return fact_on_days(subject, streams, (on,))[0]


def fact_on_days(subject: Subject, streams: Streams, days: Iterable[date]) -> list[FactAnswer]:
    """Return the facts that may hold on each of several days."""
    own = [entries_concerning(subject, standing_entries(entries)) for entries in streams]
    timeline = tuple(merge(*own, key=lambda entry: timeline_order(entry, entry.position)))
    states: dict[int, State] = {}
    told: list[FactAnswer] = []
    for on in days:
        found: list[State] = []
        for count in possible_counts(timeline, on):
            if count not in states:
                states[count] = _state(subject, timeline[:count])
            if not found or found[-1] != states[count]:
                found.append(states[count])
        told.append(FactAnswer(tuple(found)))
    return told


def entries_concerning(
    subject: Subject, entries: Iterable[Recorded[Event]]
) -> list[Recorded[Event]]:
    """Return the entries of a stream that bear on the subject."""
    return [entry for entry in entries if _concerns(subject, entry)]


def _concerns(subject: Subject, entry: Recorded[Event]) -> bool:
    """True if an entry of the subject's streams bears on its state: all of a city's do."""
    if subject.kind in ("provision", "place", "body") or subject.kind in MODELS:
        return changed_by_entry(subject, entry)
    return True


def _state(subject: Subject, entries: Sequence[Recorded[Any]]) -> State:
    if model := MODELS.get(subject.kind):
        row: Any = None
        for entry in entries:
            row = model.evolve(subject.key, row, entry)
        shown = _SHOWN[subject.kind]
        said: dict[str, Any] = row.model_dump(mode="json", include=shown) if row else {}
        return {name: said[name] for name in shown} if row else None
    read = _STATES.get(subject.kind)
    return read(subject, entries) if read else None


_SHOWN: Mapping[str, tuple[str, ...]] = {
    "request": (
        *("stage", "since", "code", "asks", "arrangement", "report_due", "late"),
        *("recommended", "positive_case"),
    ),
    "mission": (
        *("step", "since", "direction", "year", "codes", "official", "listed", "timing"),
        *("delegation", "host", "documents"),
    ),
    "plan": (
        *("stage", "since", "visits", "missions", "others"),
        *("approved_by", "submitted_to", "confirmed_by"),
    ),
    "discrepancy": ("title", "status", "since", "decision", "how"),
    "agreement": (
        *("status", "since", "expires", "signed", "ratified", "roles", "succeeded", "ended"),
        "decision",
    ),
}
"""The fields that say what is so, in the order in which they are told."""


Entries = Sequence[Recorded[Any]]


def _partnership(subject: Subject, entries: Entries) -> State:
    state = fold(partnership.evolve, Relationship(), entries)
    if state.established is None:
        return _ended(entries) if subject.facet == "state" else None
    told: dict[str, Any] = {
        "established": str(state.established),
        "description": state.description,
        "classification": state.classification,
    }
    said = state_in_words(state.standing)
    if said or subject.facet == "state":
        told["state"] = said or "active"
    if state.roles:
        told["roles"] = {role: name_of_person(who) for role, who in state.roles.items()}
    return told[subject.facet] if subject.facet else told


def _ended(entries: Entries) -> State:
    """Return who or what ended the last partnership; nothing where there was none."""
    lapsed = [e.event for e in entries if isinstance(e.event, PartnershipLapsed)]
    return f"ended by {lapsed[-1].by}" if lapsed else None


def _targeted(_: Subject, entries: Entries) -> State:
    return fold(partnership.evolve, Relationship(), entries).targeted


def _provision(_: Subject, entries: Entries) -> State:
    if not entries or isinstance(entries[-1].event, ProvisionDeleted):
        return None
    event: Any = entries[-1].event
    return {"version": event.provision.version, **event.draft.model_dump(mode="json")}


def _exploration(_: Subject, entries: Entries) -> State:
    state = fold(exploration.evolve, Exploration(), entries)
    if not state.known:
        return None
    directed = any(isinstance(e.event, ExplorationDirected) for e in entries)
    return {"basis": "directed" if directed else "stated", "report_owed": state.report_owed}


def _decision(subject: Subject, entries: Entries) -> State:
    """Return the decision's kind, and the body that took it; a reopening is a decision as well."""
    taken = (e.event for e in entries if isinstance(e.event, DecisionTaken | MatterReopened))
    for event in taken:
        if event.decision == subject.item:
            kind = event.kind.value if isinstance(event, DecisionTaken) else "reopen"
            return f"{kind} ({event.body})"
    return None


def _motion(subject: Subject, entries: Entries) -> State:
    """Return the motion's result; `moved` while it has none."""
    said: str | None = None
    for entry in entries:
        event = entry.event
        if not isinstance(event, MotionMoved | MotionCarried | MotionFailed):
            continue
        if event.motion == subject.item:
            result = getattr(event, "result", None)
            carried = "carried" if isinstance(event, MotionCarried) else "moved"
            said = f"{result.value if result else carried} ({event.body})"
    return said


def _recommendation(subject: Subject, entries: Entries) -> State:
    """Return how the recommendation reads now, and the decisions that adopted it."""
    adoption = Adoption(entries)
    versions = [version for version in adoption.versions if version.id == subject.item]
    if not versions:
        return None
    return {"text": versions[-1].text, "adopted_by": [*adoption.adopting(subject.item)]}


def _body(subject: Subject, entries: Entries) -> State:
    charter = fold(evolve, None, (e for e in entries if isinstance(e.event, CharterEvent)))
    if charter is None:
        return None
    ended = charter.ended(subject.key)
    if ended is None:
        return {"name": charter.names().get(subject.key)}
    return {"ended": str(ended), "successors": list(charter.now(subject.key))}


def _place(subject: Subject, entries: Entries) -> State:
    named = (e for e in entries if isinstance(e.event, PlaceEvent))
    known = fold(evolve_places, Gazetteer(), named)
    place = known.places.get(subject.key)
    if place is None:
        return None
    ended = {"successors": list(heirs)} if (heirs := known.successors.get(place.code)) else {}
    return place.model_dump(mode="json", exclude={"code"}) | ended


_STATES: Mapping[str, Callable[[Subject, Entries], State]] = {
    "partnership": _partnership,
    "targeted": _targeted,
    "provision": _provision,
    "exploration": _exploration,
    "decision": _decision,
    "motion": _motion,
    "recommendation": _recommendation,
    "body": _body,
    "place": _place,
}


def fact_as_proposed(act: object) -> str:
    """Return the fact after an instrument or statement, in words."""
    match act:
        case _ if isinstance(act, PolicyInstrument):
            return _of_policy(act)
        case (
            ClassifyPartnership()
            | MovePartners()
            | SetPartnershipState()
            | PartnershipStateStated()
        ):
            return _of_partners(act)
        case EnterPartnership() | PartnershipExists():
            return f"{act.description}, since {act.established}"
        case Explore(report_back=owed):
            return "explore, and report back" if owed else "explore"
        case ApproveDelegation(travellers=travellers):
            return f"a delegation of {len(travellers)}"
        case ExceptStop(city=city):
            return f"a stop at {city} is excepted"
        case RequestReport(about=about):
            return f"a report on {about}"
        case _:
            return _BARE.get(type(act), str(act))


def _of_partners(
    act: ClassifyPartnership | MovePartners | SetPartnershipState | PartnershipStateStated,
) -> str:
    match act:
        case ClassifyPartnership(classification=classification):
            return classification
        case MovePartners(mapping=mapping):
            return ", ".join(f"{old} to {new or 'none'}" for old, new in mapping.items())
        case SetPartnershipState(state=state) | PartnershipStateStated(state=state):
            return state.value


def _of_policy(act: PolicyInstrument) -> str:
    match act:
        case AdoptProvision(draft=draft):
            return draft.text
        case ReplaceProvision(text=text):
            return text
        case StrikeFromProvision(words=words):
            return f"strike {words!r}"
        case AmendProvision(changes=changes):
            return "; ".join(map(change_in_words, changes))
        case RenumberProvisions(numbers=numbers):
            return ", ".join(f"{address} is shown as {n}" for address, n in numbers.items())
        case ReplacePolicy(provisions=provisions):
            return "; ".join(f"{draft.address}: {draft.text}" for draft in provisions)
        case DeleteProvision():
            return "delete it"
        case RepealPolicy():
            return "repeal it"
        case _:
            assert_never(act)


_BARE: Mapping[type, str] = {
    EndPartnership: "end it",
    TargetCity: "targeted",
    DropTargetedCity: "no longer targeted",
    ExplorationIntended: "explore, as staff intend",
    ExplorationReported: "reported",
    ApproveAgreement: "approve the agreement",
    ApprovePlan: "approve the plan",
}
