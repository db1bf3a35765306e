"""Which matters concern a place, a provision or an exploration: the way into every explanation."""

from __future__ import annotations

from collections.abc import Iterable

from domain.decisions import DecisionTaken
from domain.history import Recorded
from domain.kernel import Event, Value
from domain.motions import MotionCarried, MotionMoved
from domain.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from projections.speaking import references
from projections.timeline import ReadModel


class Mentions(Value):
    """The matters whose papers, motions and decisions concern one subject, as first mentioned."""

    subject: str
    matters: tuple[str, ...]


_Speaking = (
    ReportSubmitted
    | CommunicationReceived
    | DeputationHeard
    | MotionMoved
    | MotionCarried
    | DecisionTaken
)


def _keys(entry: Recorded[Event]) -> Iterable[str]:
    return dict.fromkeys(references(entry.event)) if isinstance(entry.event, _Speaking) else ()


def _evolve(key: str, state: Mentions | None, entry: Recorded[Event]) -> Mentions | None:
    matter = entry.event.matter if isinstance(entry.event, _Speaking) else None
    known = state.matters if state else ()
    if matter is None or matter in known:
        return state
    return Mentions(subject=key, matters=(*known, matter))


MENTIONS = ReadModel("mentions", 1, Mentions, _keys, _evolve)
