"""Matters that concern a place, a provision or an exploration: where explanations begin."""

from __future__ import annotations

from collections.abc import Iterable

from domain.proceedings.decisions import DecisionTaken
from domain.proceedings.motions import MotionCarried, MotionMoved
from domain.proceedings.papers import CommunicationReceived, DeputationHeard, ReportSubmitted
from domain.shared.history import Recorded
from domain.shared.messages import Event, Value
from projections.engine.read_model import ReadModel
from projections.explanation.references import references


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


MENTIONS = ReadModel("mentions", 2, Mentions, _keys, _evolve)
