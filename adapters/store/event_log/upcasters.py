"""Old shapes of stored facts, and how each becomes the next one. Stored bytes never change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json


class Upcaster(NamedTuple):
    """The next version of a stored fact: its topic, and its content from the version before.

    The function is given the decoded JSON and may change it in place.
    """

    topic: str
    function: Callable[[dict[str, Any]], dict[str, Any]]


UPCASTERS: Mapping[str, Upcaster] = {}
"""By topic that is no longer written, such as `partnership-reclassified.v1`: its successor.

Empty as long as every stored fact is in its first version.
"""


def upcast(topic: str, state: bytes, upcasters: Mapping[str, Upcaster]) -> tuple[str, bytes]:
    """Return topic and content in the newest shape."""
    content = from_json(state)
    while (upcaster := upcasters.get(topic)) is not None:
        topic, function = upcaster
        content = function(content)
    return topic, to_json(content)


def newest(topic: str, upcasters: Mapping[str, Upcaster]) -> str:
    """Return the topic that an old one leads to; in a circle, the first that comes again."""
    seen = {topic}
    while topic in upcasters:
        topic = upcasters[topic].topic
        if topic in seen:
            break
        seen.add(topic)
    return topic


def dead_ends(upcasters: Mapping[str, Upcaster], known: Mapping[str, object]) -> list[str]:
    """Return topics whose upcasting leads to none that is known, or that are still written."""
    return sorted(t for t in upcasters if t in known or newest(t, upcasters) not in known)
