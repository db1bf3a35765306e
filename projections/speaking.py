"""What an event speaks of: typed content first, and where that is silent, names in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from domain.cities import folded
from domain.decisions import DecisionTaken
from domain.instruments import (
    AdoptProvision,
    ExplorationIntended,
    ExplorationReported,
    Explore,
    Proposal,
)
from domain.kernel import Event
from domain.motions import Add, MotionCarried, MotionMoved, Strike, SubjectTo
from domain.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from projections.concern import Subject

_CODE = re.compile(r"[A-Z]{2}-[A-Z0-9-]+")
_OWN_NAMES = frozenset(
    (
        *("matter", "document", "deputation", "motion", "decision", "target", "prompted_by", "id"),
        *("cites", "findings"),
    )
)


def acts_of(event: object) -> Iterator[Proposal]:
    """Every instrument and statement that an event of a matter carries."""
    match event:
        case ReportSubmitted():
            for recommendation in event.recommendations:
                yield from recommendation.instruments
            yield from event.states
        case MotionMoved(operation=Add(recommendation=recommendation)):
            yield from recommendation.instruments
        case MotionMoved(operation=SubjectTo(instruments=instruments)):
            yield from instruments
        case MotionMoved(operation=Strike(instruments=tuple(instruments))):
            yield from instruments
        case MotionCarried(recommendation=restated) if restated is not None:
            yield from restated.instruments
        case DecisionTaken():
            for recommendation in event.recommends:
                yield from recommendation.instruments
            yield from event.instruments
        case _:
            return


def references(event: Event) -> Iterator[str]:
    """What an event of a matter is typed to be about, in the form of `Subject.references`."""
    for act in acts_of(event):
        yield from _of_act(act)
    match event:
        case CommunicationReceived() | DeputationHeard():
            yield from map(reference, event.about)
        case MotionMoved(operation=operation):
            target = getattr(operation, "target", "")
            if target.startswith("provision/"):
                yield target
        case MotionCarried():
            if event.draft or event.removed:
                yield f"provision/{event.draft.address if event.draft else event.removed}"
        case _:
            return


def _of_act(act: Proposal) -> Iterator[str]:
    if isinstance(act, AdoptProvision):
        yield f"provision/{act.draft.address}"
    if city := getattr(act, "city", None):
        yield f"place/{city}"
    if address := getattr(act, "address", None):
        yield f"provision/{address}"
    if isinstance(act, Explore | ExplorationIntended | ExplorationReported):
        yield f"exploration/{act.subject}"
    for place in getattr(act, "places", ()):
        yield f"place/{place}"


def reference(about: str) -> str:
    """A letter's `about` as a reference: `partnership/UA-KIEV`, `UA-KIEV` or a name."""
    kind, slash, rest = about.partition("/")
    if kind in ("partnership", "targeted", "place") and _CODE.fullmatch(rest):
        return f"place/{rest}"
    if slash and kind in ("provision", "exploration", "decision"):
        return about
    return f"place/{about}" if _CODE.fullmatch(about) else f"name/{folded(about)}"


def naming(subject: Subject, event: Event) -> tuple[str, ...]:
    """The passages of an event in which one of the subject's names stands: the last resort."""
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
