"""Every kind of stream that is judged as a whole timeline, by how its streams' names begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain import places, policy
from domain.council import bodies, succession, terms
from domain.partnerships import agreement, exploration, partnership
from domain.shared.messages import StreamId
from domain.shared.timeline import Timeline

TIMELINES: Mapping[str, Timeline[Any, Any]] = {
    bodies.STREAM: succession.TIMELINE,
    places.STREAM: places.TIMELINE,
    terms.STREAM: terms.TIMELINE,
    "policy": policy.TIMELINE,
    "partnership": partnership.TIMELINE,
    agreement.STREAMS: agreement.TIMELINE,
    "exploration": exploration.TIMELINE,
}


def timeline_of(stream: StreamId) -> Timeline[Any, Any] | None:
    """Return how a stream is judged as a timeline.

    `None` for a stream whose steps are judged in the order recorded.
    """
    return TIMELINES.get(stream.partition("/")[0])
