"""What the bodies did: matters, and on each its reports, letters, motions and decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.authority import OfficeHolder, Person
from domain.dates import When
from domain.decisions import CLOSING, DecisionTaken, MatterReopened
from domain.history import Recorded
from domain.kernel import Citation, Event, Finding, Value
from domain.matters import MatterOpened
from domain.motions import MotionCarried, MotionFailed, MotionMoved, Result
from domain.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from domain.rules import span
from projections.timeline import ReadModel


class Item(Value):
    """One item: a matter itself, or a report, communication, deputation, motion or decision on it.

    `result` is a matter's state, a motion's result or a decision's kind; of a matter, `since` is
    the day of the act that left it in this state. `computed` and `declared` are the two texts of a
    carried motion where they differ; `detail` is the event's own content.
    """

    matter: str
    item: str
    kind: str
    on: When
    title: str
    body: str | None = None
    by: str | None = None
    result: str | None = None
    since: When | None = None
    computed: str | None = None
    declared: str | None = None
    findings: tuple[Finding, ...] = ()
    cites: tuple[Citation, ...] = ()
    detail: dict[str, Any]


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case MatterOpened(matter=matter):
            return (matter,)
        case ReportSubmitted() | CommunicationReceived() as event:
            return (f"{event.matter}/{event.document}",)
        case DeputationHeard() as event:
            return (f"{event.matter}/{event.deputation}",)
        case MotionMoved() | MotionCarried() | MotionFailed() as event:
            return (f"{event.matter}/{event.motion}",)
        case DecisionTaken() | MatterReopened() as event:
            return (event.matter, f"{event.matter}/{event.decision}")
        case _:
            return ()


def _evolve(key: str, state: Item | None, entry: Recorded[Event]) -> Item | None:
    evolve = _evolve_item if "/" in key else _evolve_matter
    return evolve(state, entry.event)


def _evolve_matter(state: Item | None, event: Event) -> Item | None:
    match event:
        case MatterOpened():
            item = _item(event, event.matter, "matter", event.title, result="open")
            return item.model_copy(update={"since": event.decided_on})
        case DecisionTaken():
            closed = event.kind in CLOSING
            result = "closed" if closed else f"open: {event.kind.value}"
        case MatterReopened():
            result = "open"
        case _:
            return state
    if state and state.since and span(event.decided_on) < span(state.since):
        return state  # it takes hold now, and the bodies have acted on the matter since
    return _with(state, result=result, since=event.decided_on)


def _evolve_item(state: Item | None, event: Event) -> Item | None:
    match event:
        case ReportSubmitted():
            return _item(event, event.document, "report", event.title, by=name(event.by))
        case CommunicationReceived():
            sender = name(event.sender)
            return _item(event, event.document, "communication", event.asks, by=sender)
        case DeputationHeard():
            about = ", ".join(event.about) or "deputation"
            speaker = name(event.speaker)
            return _item(event, event.deputation, "deputation", about, body=event.body, by=speaker)
        case MotionMoved():
            item = _item(event, event.motion, "motion", moved(event), body=event.body)
            mover = name(event.mover) if event.mover else None
            return item.model_copy(update={"by": mover, "findings": event.findings})
        case MotionCarried():
            differ = event.computed is not None
            return _with(
                state,
                result=Result.CARRIED.value,
                computed=event.computed,
                declared=event.declared if differ else None,
            )
        case MotionFailed():
            return _with(state, result=event.result.value)
        case DecisionTaken():
            item = _item(event, event.decision, "decision", event.summary, body=event.body)
            return item.model_copy(update={"result": event.kind.value, "findings": event.findings})
        case MatterReopened():
            return _item(event, event.decision, "reopening", event.reason, body=event.body)
        case _:
            return state


def _item(
    event: MatterOpened
    | ReportSubmitted
    | CommunicationReceived
    | DeputationHeard
    | MotionMoved
    | DecisionTaken
    | MatterReopened,
    item: str,
    kind: str,
    title: str,
    *,
    body: str | None = None,
    by: str | None = None,
    result: str | None = None,
) -> Item:
    return Item(
        matter=event.matter,
        item=item,
        kind=kind,
        on=event.decided_on,
        title=title,
        body=body,
        by=by,
        result=result,
        cites=event.cites,
        detail=event.model_dump(mode="json"),
    )


def _with(state: Item | None, **changes: object) -> Item | None:
    return state.model_copy(update=changes) if state else None


def name(person: Person) -> str:
    """How an item names a person: an office-holder in full, a private person not at all."""
    if isinstance(person, OfficeHolder):
        return f"{person.name}, {person.office}" if person.name else person.office
    return f"a private person for {person.represents}" if person.represents else "a private person"


def moved(event: MotionMoved) -> str:
    """A motion in words, as it was moved."""
    operation = event.operation
    match operation.operation:
        case "strike":
            return f"strike from {operation.target}: {operation.words!r}"
        case "delete-and-insert":
            return f"delete {operation.target} and insert another in its place"
        case "delete":
            return f"delete {operation.target}"
        case "add":
            return f"add {operation.recommendation.id}: {operation.recommendation.text}"
        case "subject-to":
            return f"make {operation.target} subject to: {operation.change}"


DECISION_RECORD = ReadModel("decision_record", 2, Item, _keys, _evolve)
