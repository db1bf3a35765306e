"""The record of the bodies: matters, each with its reports, letters, motions and decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from pydantic import Field

from domain.council.persons import OfficeHolder, Person
from domain.proceedings.decisions import ADOPTING, POSTPONING, DecisionTaken, MatterReopened
from domain.proceedings.divisions import Division, closes_part
from domain.proceedings.matter import (
    MatterConsidered,
    MatterHeldInCamera,
    MatterOpened,
    MatterReleased,
    MatterSplit,
)
from domain.proceedings.motions import (
    Add,
    Amend,
    Delete,
    DeleteAndInsert,
    MotionCarried,
    MotionFailed,
    MotionMoved,
    Move,
    NoticeGiven,
    Operation,
    Renumber,
    Result,
    Strike,
    SubjectTo,
    Substitute,
)
from domain.proceedings.numbers import MatterNumbered
from domain.proceedings.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from domain.proceedings.votes import Vote, vote_in_words
from domain.shared.dates import When, span_of_days
from domain.shared.findings import Finding
from domain.shared.history import Recorded
from domain.shared.messages import Citation, Event, Value
from domain.shared.text_changes import (
    AddItem,
    AddWords,
    ChangeHeading,
    ChangeItem,
    InsertAfter,
    InsertBefore,
    ReplaceWords,
    StrikeItem,
    StrikeWords,
    TextChange,
)
from projections.engine.read_model import ReadModel


class MatterItem(Value):
    """One item: a matter itself, or a report, communication, deputation, motion or decision on it.

    `result` is a matter's state, a motion's result or a decision's kind; of a matter, `since` is
    the day of the act that left it in this state. `computed` and `declared` are the two texts of a
    carried motion where they differ; `detail` is the event's own content, of a motion also what it
    `made` of its targets, how it `reads` as amended, and why it `failed`. `voted` is the vote in
    words. Of a matter, `numbers` lead to it beside its name, `together_with` are those that a body
    considered with it, `split_into` are matters that were parts of it, `out_of` is the one that it
    was a part of, and `in_camera` the reason for which it is not public. `left` are the parts of a
    divided matter that are not decided, by the body that acted last, and its `detail` has the fate
    of all `parts`; `later` are decisions that confirm or rescind it, and motions that amend it.
    """

    matter: str
    item: str
    kind: str
    on: When
    title: str
    body: str | None = None
    by: str | None = None
    seconded_by: str | None = None
    result: str | None = None
    since: When | None = None
    computed: str | None = None
    declared: str | None = None
    voted: str | None = None
    left: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    reference: str | None = None
    together_with: tuple[str, ...] = ()
    split_into: tuple[str, ...] = ()
    out_of: str | None = None
    in_camera: str | None = None
    later: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    cites: tuple[Citation, ...] = ()
    detail: dict[str, Any]
    division: Division = Field(default_factory=Division)


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    match entry.event:
        case (
            MatterOpened(matter=matter)
            | MatterNumbered(matter=matter)
            | MatterSplit(matter=matter)
            | MatterConsidered(matter=matter)
            | MatterHeldInCamera(matter=matter)
            | MatterReleased(matter=matter)
        ):
            return (matter,)
        case ReportSubmitted() | CommunicationReceived() as event:
            return (f"{event.matter}/{event.document}",)
        case DeputationHeard() as event:
            return (f"{event.matter}/{event.deputation}",)
        case MotionMoved() | MotionFailed() as event:
            return (f"{event.matter}/{event.motion}",)
        case MotionCarried() as event:
            amends = (f"{event.matter}/{event.amends}",) if event.amends else ()
            whole = (event.matter,) if event.dropped else ()
            return (*whole, f"{event.matter}/{event.motion}", *amends)
        case NoticeGiven() as event:
            return (f"{event.matter}/{event.notice}",)
        case MatterReopened() as event:
            return (event.matter, f"{event.matter}/{event.decision}")
        case DecisionTaken() as event:
            earlier = (f"{event.earlier.matter}/{event.earlier.decision}",) if event.earlier else ()
            return (event.matter, f"{event.matter}/{event.decision}", *earlier)
        case _:
            return ()


def _evolve(key: str, state: MatterItem | None, entry: Recorded[Event]) -> MatterItem | None:
    event = entry.event
    if "/" not in key:
        return _evolve_matter(state, event)
    if isinstance(event, DecisionTaken) and key != f"{event.matter}/{event.decision}":
        said = f"{event.kind} by {event.matter}/{event.decision}"
        return _with(state, later=(*state.later, said)) if state else None
    if isinstance(event, MotionCarried) and key != f"{event.matter}/{event.motion}":
        return _reading(state, event) if state else None
    return _evolve_item(state, event)


def _reading(state: MatterItem, event: MotionCarried) -> MatterItem:
    """Return a pending motion as another one that carried amends it."""
    said = f"amended by {event.matter}/{event.motion}"
    reads = event.operation and event.operation.model_dump(mode="json")
    detail = _further(state, reads=reads)
    return state.model_copy(update={"later": (*state.later, said), "detail": detail})


def _evolve_matter(state: MatterItem | None, event: Event) -> MatterItem | None:
    match event:
        case MatterOpened():
            item = _item(event, event.matter, "matter", event.title, result="open")
            told = {"since": event.decided_on, "reference": event.reference, "out_of": event.out_of}
            return item.model_copy(update={**told, "in_camera": event.in_camera})
        case MatterHeldInCamera():
            return _with(state, in_camera=event.reason)
        case MatterReleased(parts=parts):
            return state if parts else _public(state, event)
        case MatterNumbered() | MatterConsidered() | MatterSplit():
            return _linked(state, event) if state else None
        case DecisionTaken():
            if state and (event.parts or state.division.questions):
                return _divided(state, event)
            result = "closed" if event.closes else f"open: {decision_in_words(event)}"
        case MatterReopened():
            return _taken_up(state, event) if state else None
        case MotionCarried():
            said = f"deleted by {event.motion}"
            return _without(state, event.dropped, said) if state else None
        case _:
            return state
    if state and state.since and span_of_days(event.decided_on) < span_of_days(state.since):
        return state  # it takes hold now, and the bodies have acted on the matter since
    return _with(state, result=result, since=event.decided_on)


def _public(state: MatterItem | None, event: MatterReleased) -> MatterItem | None:
    if state is None:
        return None
    by = f" by {event.authority.matter}/{event.authority.decision}" if event.authority else ""
    said = f"public since {event.decided_on}{by}"
    return state.model_copy(update={"in_camera": None, "later": (*state.later, said)})


def _linked(
    state: MatterItem, event: MatterNumbered | MatterConsidered | MatterSplit
) -> MatterItem:
    """Return a matter with another number, or with other matters that belong to it."""
    match event:
        case MatterNumbered():
            linked = {"numbers": (*state.numbers, event.number)}
        case MatterConsidered():
            linked = {"together_with": (*state.together_with, *event.together_with)}
        case MatterSplit():
            linked = {"split_into": (*state.split_into, *event.into)}
            state = _without(state, event.recommendations, f"now of {', '.join(event.into)}")
        case _:
            assert_never(event)
    once = {name: tuple(dict.fromkeys(names)) for name, names in linked.items()}
    return state.model_copy(update=once)


def _divided(state: MatterItem, event: DecisionTaken) -> MatterItem:
    """Return a divided matter after one more decision: closed when no part is left.

    What was settled is not left again where another body, such as a committee, decides on a part.
    """
    division = state.division.after(event)
    settled = set[str]() if event.final else _fates(state).keys() - set(state.left)
    left = tuple(part for part in division.left(event.body) if part not in settled)
    on = event.parts or (event.adopts if event.kind in ADOPTING else left)
    fate = dict.fromkeys(on, f"{decision_in_words(event)}, by {event.decision}")
    parts = dict.fromkeys((*division.of(event.body).parts, *left), "left")
    parts = {**parts, **_fates(state), **fate}
    ended = event.closes and closes_part(event, division)
    result = "closed" if ended else f"open: {len(left)} of {len(parts)} parts left"
    since = state.since
    if since is None or span_of_days(since) < span_of_days(event.decided_on):
        since = event.decided_on
    return state.model_copy(
        update={
            "result": result,
            "since": since,
            "left": left,
            "division": division,
            "detail": {**state.detail, "parts": parts},
        }
    )


def _taken_up(state: MatterItem, event: MatterReopened) -> MatterItem:
    """Return a matter before the bodies again, or parts of it."""
    if state.since and span_of_days(event.decided_on) < span_of_days(state.since):
        return state
    changes: dict[str, object] = {"result": "open", "since": event.decided_on}
    if not event.parts:
        whole = state.result == "closed"
        division = Division() if whole else state.division.without(event.body)
        detail = {name: value for name, value in state.detail.items() if name != "parts"}
        changes |= {"division": division, "left": (), "detail": detail}
        return state.model_copy(update=changes)
    division = state.division.without(event.body, event.parts)
    left = division.left(event.body)
    again = dict.fromkeys(event.parts, f"left, taken up again by {event.decision}")
    parts = {**_fates(state), **again}
    changes |= {"division": division, "left": left, "detail": {**state.detail, "parts": parts}}
    changes["result"] = f"open: {len(left)} of {len(parts)} parts left"
    return state.model_copy(update=changes)


def _without(state: MatterItem, dropped: tuple[str, ...], said: str) -> MatterItem:
    """Return a divided matter without the parts that a motion took away, or that went elsewhere."""
    if not state.division.questions:
        return state
    division = state.division.dropping(dropped)
    left = tuple(part for part in state.left if part not in dropped)
    gone = {p: said for p in _fates(state) if p in dropped}
    parts = {**_fates(state), **gone}
    changes: dict[str, object] = {"division": division, "left": left}
    changes["detail"] = {**state.detail, "parts": parts}
    if state.result != "closed":
        kept = len(parts) - sum(part in dropped for part in parts)
        changes["result"] = f"open: {len(left)} of {kept} parts left"
    return state.model_copy(update=changes)


def _fates(state: MatterItem) -> dict[str, str]:
    fates: dict[str, str] = state.detail.get("parts", {})
    return fates


def _evolve_item(state: MatterItem | None, event: Event) -> MatterItem | None:
    match event:
        case ReportSubmitted():
            return _item(event, event.document, "report", event.title, by=name_of_person(event.by))
        case CommunicationReceived():
            sender = name_of_person(event.sender)
            return _item(event, event.document, "communication", event.asks, by=sender)
        case DeputationHeard():
            about = ", ".join(event.about) or "deputation"
            speaker = name_of_person(event.speaker)
            return _item(event, event.deputation, "deputation", about, body=event.body, by=speaker)
        case NoticeGiven():
            item = _item(event, event.notice, "notice of motion", event.text, body=event.body)
            return item.model_copy(update={"by": name_of_person(event.by) if event.by else None})
        case MotionMoved():
            item = _item(event, event.motion, "motion", motion_in_words(event), body=event.body)
            return item.model_copy(update={**_moved_by(event), "findings": event.findings})
        case MotionCarried():
            differ = event.computed is not None
            detail = _further(state, **_made(state, event), vote=_dumped(event.vote))
            return _with(
                state,
                result=Result.CARRIED.value,
                computed=event.computed,
                declared=event.declared if differ else None,
                findings=(*(state.findings if state else ()), *event.findings),
                detail=detail,
                voted=_voted(event.vote),
            )
        case MotionFailed():
            detail = _further(state, failed=event.reason, vote=_dumped(event.vote))
            return _with(
                state,
                result=event.result.value,
                voted=_voted(event.vote),
                findings=(*(state.findings if state else ()), *event.findings),
                detail=detail,
            )
        case DecisionTaken():
            item = _item(event, event.decision, "decision", event.summary, body=event.body)
            changes = {"result": decision_in_words(event), "findings": event.findings}
            return item.model_copy(update={**_moved_by(event), **changes})
        case MatterReopened():
            item = _item(event, event.decision, "reopening", event.reason, body=event.body)
            return item.model_copy(update={**_moved_by(event), "findings": event.findings})
        case _:
            return state


def _item(
    event: MatterOpened
    | ReportSubmitted
    | CommunicationReceived
    | DeputationHeard
    | NoticeGiven
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
) -> MatterItem:
    return MatterItem(
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


def _made(state: MatterItem | None, event: MotionCarried) -> dict[str, object]:
    """Return texts that a carried motion made of its targets; one that adds says that itself."""
    own = () if _adds(state) else event.recommended
    made = [_dumped(value) for value in (*event.redrafted, *own)]
    reads = event.operation and event.operation.model_dump(mode="json")
    told = {"made": made[0] if len(made) == 1 else made or None, "reads": reads}
    return {**told, "dropped": list(event.dropped) or None}


def _dumped(value: Value | None) -> dict[str, Any] | None:
    return value.model_dump(mode="json") if value else None


def _moved_by(event: MotionMoved | DecisionTaken | MatterReopened) -> dict[str, Any]:
    """Return mover and seconder, and the vote where it is of the same act."""
    people = {"by": event.mover, "seconded_by": event.seconder}
    said: dict[str, Any] = {
        field: name_of_person(who) if who else None for field, who in people.items()
    }
    return said if isinstance(event, MotionMoved) else {**said, "voted": _voted(event.vote)}


def _voted(vote: Vote | None) -> str | None:
    return vote_in_words(vote) or None if vote else None


def _adds(state: MatterItem | None) -> bool:
    """True if a motion adds what it says itself."""
    return state is not None and state.detail["operation"]["operation"] == "add"


def _further(state: MatterItem | None, **told: object) -> dict[str, object]:
    stated = {name: value for name, value in told.items() if value is not None}
    return {**(state.detail if state else {}), **stated}


def _with(state: MatterItem | None, **changes: object) -> MatterItem | None:
    return state.model_copy(update=changes) if state else None


def name_of_person(person: Person) -> str:
    """Return how an item names a person: an office-holder in full, a private person not at all."""
    if isinstance(person, OfficeHolder):
        return f"{person.name}, {person.office}" if person.name else person.office
    return f"a private person for {person.represents}" if person.represents else "a private person"


def decision_in_words(event: DecisionTaken) -> str:
    """Return a decision's kind in words, with the day, meeting or body the matter is put off to."""
    if event.kind not in POSTPONING:
        return event.kind.value
    to = event.to.office if isinstance(event.to, OfficeHolder) else event.to
    said = (
        f"to {to}" if to else "",
        f"until {event.until}" if event.until else "",
        f"at {event.meeting}" if event.meeting else "",
    )
    return " ".join(filter(None, (event.kind.value, *said)))


def motion_in_words(event: MotionMoved) -> str:
    """Return a motion in words, as it was moved."""
    return _in_words(event.operation)


def _in_words(operation: Operation) -> str:
    match operation:
        case Strike():
            where = " everywhere" if operation.everywhere else ""
            return f"strike from {operation.target}: {operation.words!r}{where}"
        case Amend():
            return f"amend {operation.target}: {'; '.join(map(change_in_words, operation.changes))}"
        case DeleteAndInsert():
            return f"delete {operation.target} and insert another in its place"
        case Delete():
            return f"delete {operation.target}"
        case Substitute():
            by = "; ".join(f"{one.id}: {one.text}" for one in operation.recommendations)
            return f"substitute for {', '.join(operation.targets)}: {by}"
        case Renumber():
            numbers = ", ".join(f"{t} as {n}" for t, n in operation.numbers.items())
            return f"renumber {numbers}"
        case Move():
            return f"move {operation.target} to {operation.to}"
        case Add():
            return f"add {operation.recommendation.id}: {operation.recommendation.text}"
        case SubjectTo():
            return f"make {operation.target} subject to: {operation.change}"
        case _:
            assert_never(operation)


def change_in_words(change: TextChange) -> str:
    """Return a change of a wording in words."""
    match change:
        case StrikeWords():
            return f"strike {change.words!r}{' everywhere' if change.everywhere else ''}"
        case InsertBefore(words=words, before=others):
            return f"insert {words!r} before {others!r}"
        case InsertAfter(words=words, after=others):
            return f"insert {words!r} after {others!r}"
        case AddWords(words=words, at=at):
            return f"add {words!r} at the {at}"
        case ReplaceWords():
            where = " everywhere" if change.everywhere else ""
            return f"replace {change.words!r} by {change.by!r}{where}"
        case ChangeItem() | AddItem() | StrikeItem():
            return _item_changed(change)
        case ChangeHeading():
            return f"change the heading to {change.becomes!r}"
        case _:
            assert_never(change)


def _item_changed(change: ChangeItem | AddItem | StrikeItem) -> str:
    match change:
        case ChangeItem(item=item, becomes=becomes):
            return f"change the item {item!r} to {becomes!r}"
        case AddItem(item=item):
            return f"add the item {item!r}"
        case StrikeItem(item=item):
            return f"strike the item {item!r}"
        case _:
            assert_never(change)


DECISION_RECORD = ReadModel("decision_record", 6, MatterItem, _keys, _evolve)
