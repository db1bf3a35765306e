"""References of an event: in its content or, where that is silent, by names in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from domain.instruments import (
    ApproveAgreement,
    ApproveDelegation,
    ApprovePlan,
    ExceptStop,
    ExplorationIntended,
    ExplorationReported,
    Explore,
    Proposal,
)
from domain.proceedings.decisions import DecisionTaken
from domain.proceedings.motions import (
    MotionCarried,
    MotionMoved,
    Operation,
    added_by,
    targets_of,
)
from domain.proceedings.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from domain.proceedings.recommendations import drafts_of
from domain.shared.messages import Event
from domain.shared.text import folded
from projections.explanation.subject import Subject

_CODE = re.compile(r"[A-Z]{2}-[A-Z0-9-]+")
_TYPED = ("provision", "exploration", "decision", "request", "mission", "plan", "discrepancy")
_OWN_NAMES = frozenset(
    (
        *("matter", "document", "deputation", "motion", "decision", "target", "prompted_by", "id"),
        *("cites", "findings"),
    )
)


def acts_of(event: object) -> Iterator[Proposal]:
    """Yield every instrument and statement that an event of a matter carries."""
    match event:
        case ReportSubmitted():
            for recommendation in event.recommendations:
                yield from recommendation.instruments
            yield from event.states
        case MotionMoved(operation=operation):
            yield from _put(operation)
        case MotionCarried():
            for recommendation in event.recommended:
                yield from recommendation.instruments
        case DecisionTaken():
            for recommendation in event.recommends:
                yield from recommendation.instruments
            yield from event.instruments
        case _:
            return


def _put(operation: Operation) -> Iterator[Proposal]:
    """Yield the instruments that a motion puts forward, as it was moved."""
    for recommendation in added_by(operation):
        yield from recommendation.instruments
    stated = getattr(operation, "instruments", None)
    yield from stated if isinstance(stated, tuple) else ()


def references(event: Event) -> Iterator[str]:
    """Yield subjects in the content of a matter's event, written as in `Subject.references`."""
    for act in acts_of(event):
        yield from _of_act(act)
    match event:
        case CommunicationReceived() | DeputationHeard():
            yield from map(letter_reference, event.about)
        case MotionMoved(operation=operation):
            yield from (t for t in targets_of(operation) if t.startswith("provision/"))
        case MotionCarried():
            yield from (f"provision/{draft.address}" for draft in event.redrafted)
            if event.removed:
                yield f"provision/{event.removed}"
        case _:
            return


def _of_act(act: Proposal) -> Iterator[str]:
    for draft in drafts_of(act):
        yield f"provision/{draft.address}"
    for numbered in getattr(act, "numbers", ()):
        yield f"provision/{numbered}"
    if city := getattr(act, "city", None):
        yield f"place/{city}"
    if address := getattr(act, "address", None):
        yield f"provision/{address}"
    if isinstance(act, Explore | ExplorationIntended | ExplorationReported):
        yield f"exploration/{act.subject}"
    for place in getattr(act, "places", ()):
        yield f"place/{place}"
    match act:
        case ApproveAgreement(request=request):
            yield f"request/{request}"
        case ApproveDelegation(mission=mission) | ExceptStop(mission=mission):
            yield f"mission/{mission}"
        case ApprovePlan(year=year):
            yield f"plan/{year}"
        case _:
            return


def letter_reference(about: str) -> str:
    """Return a letter's `about` as a reference: `partnership/UA-KIEV`, `UA-KIEV` or a name."""
    kind, slash, rest = about.partition("/")
    if kind in ("partnership", "targeted", "place") and _CODE.fullmatch(rest):
        return f"place/{rest}"
    if slash and kind in _TYPED:
        return about
    return f"place/{about}" if _CODE.fullmatch(about) else f"name/{folded(about)}"


def passages_naming(subject: Subject, event: Event) -> tuple[str, ...]:
    """Return passages of an event that name the subject; used where nothing else refers to it."""
    if not subject.names:
        return ()
    names = "|".join(re.escape(name) for name in subject.names)
    wanted = re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)
    texts = _texts(event.model_dump(mode="json"))
    # One word alone is a name in a list, not a passage that says something of it.
    return tuple(dict.fromkeys(t for t in texts if wanted.search(t) and " " in t))


def _texts(content: object) -> Iterator[str]:
    match content:
        case str():
            yield content
        case dict():
            for name, value in cast("dict[str, object]", content).items():
                if name not in _OWN_NAMES:
                    yield from _texts(value)
        case list():
            for value in cast("list[object]", content):
                yield from _texts(value)
        case _:
            return
