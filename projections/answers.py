"""What is so of one fact on a day, from its own stream, and what a proposal would make it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar, cast

from domain import explorations, partnerships
from domain.decisions import DecisionTaken
from domain.explorations import Exploration, ExplorationDirected
from domain.history import History, Recorded
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
from domain.kernel import Event
from domain.partnerships import Relationship
from domain.policy import ProvisionDeleted
from projections.concern import Subject

State = dict[str, Any] | str | bool | None


S = TypeVar("S")


class Answer(NamedTuple):
    """All that may be so on the day, in order; `None` is nothing. One alone is sure."""

    candidates: tuple[State, ...]

    @property
    def determinate(self) -> bool:
        """Whether the record can tell."""
        return len(self.candidates) == 1


def answer(subject: Subject, entries: Sequence[Recorded[Event]], on: date) -> Answer:
    """What may be so on a day, of the entries of the subject's own stream."""
    if subject.kind == "provision":
        entries = tuple(e for e in entries if _of_address(e.event, subject.key))
    history: History[Event] = History(tuple(entries), len(entries))
    standing = history.standing()
    certainty = history.certainty(on)
    found: list[State] = []
    for count in range(certainty.sure, max(certainty.sure, certainty.possible) + 1):
        state = _state(subject, standing[:count])
        if not found or found[-1] != state:
            found.append(state)
    return Answer(tuple(found))


def _of_address(event: Event, address: str) -> bool:
    return getattr(getattr(event, "provision", None), "address", address) == address


def _state(subject: Subject, entries: Sequence[Recorded[Event]]) -> State:
    match subject.kind:
        case "partnership":
            return _partnership(_folded(partnerships.evolve, Relationship(), entries), subject)
        case "targeted":
            return bool(_folded(partnerships.evolve, Relationship(), entries).targeted)
        case "provision":
            return _provision(entries)
        case "exploration":
            return _exploration(entries)
        case "decision":
            decision = subject.key.rpartition("/")[2]
            taken = (e.event for e in entries if isinstance(e.event, DecisionTaken))
            return next((f"{d.kind} ({d.body})" for d in taken if d.decision == decision), None)


def _folded(evolve: Callable[[S, Any], S], state: S, entries: Sequence[Recorded[Any]]) -> S:
    for entry in entries:
        state = evolve(state, entry.event)
    return state


def _partnership(state: Relationship, subject: Subject) -> State:
    if state.established is None:
        return None
    told: dict[str, Any] = {
        "established": str(state.established),
        "description": state.description,
        "classification": state.classification.value if state.classification else None,
    }
    return cast("State", told[subject.facet]) if subject.facet else told


def _provision(entries: Sequence[Recorded[Event]]) -> State:
    if not entries or isinstance(entries[-1].event, ProvisionDeleted):
        return None
    event: Any = entries[-1].event
    return {"version": event.provision.version, **event.draft.model_dump(mode="json")}


def _exploration(entries: Sequence[Recorded[Event]]) -> State:
    state: Exploration = _folded(explorations.evolve, Exploration(), entries)
    if not state.known:
        return None
    directed = any(isinstance(e.event, ExplorationDirected) for e in entries)
    return {"basis": "directed" if directed else "stated", "report_owed": state.report_owed}


def proposal(act: object) -> str:
    """What an instrument or statement would make of the fact, in words."""
    match act:
        case AdoptProvision(draft=draft):
            return draft.text
        case ReplaceProvision(text=text):
            return text
        case StrikeFromProvision(words=words):
            return f"strike {words!r}"
        case ClassifyPartnership(classification=classification):
            return classification.value
        case EnterPartnership() | PartnershipExists():
            return f"{act.description}, since {act.established}"
        case Explore(report_back=owed):
            return "explore, and report back" if owed else "explore"
        case _:
            return _BARE.get(type(act), str(act))


_BARE: Mapping[type, str] = {
    DeleteProvision: "delete it",
    EndPartnership: "end it",
    TargetCity: "targeted",
    DropTargetedCity: "no longer targeted",
    ExplorationIntended: "explore, as staff intend",
    ExplorationReported: "reported",
}
