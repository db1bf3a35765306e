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


def _without_backup(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not say which backup was restored."""
    return {**content, "backup": None}


UPCASTERS: Mapping[str, Upcaster] = {
    "epoch-opened.v1": Upcaster("epoch-opened.v2", _without_backup),
}
"""By topic that is no longer written, such as `partnership-reclassified.v1`: its successor."""


def upcast(topic: str, state: bytes, upcasters: Mapping[str, Upcaster]) -> tuple[str, bytes]:
    """Topic and content in the newest shape."""
    content = from_json(state)
    while (upcaster := upcasters.get(topic)) is not None:
        topic, function = upcaster
        content = function(content)
    return topic, to_json(content)


def dead_ends(upcasters: Mapping[str, Upcaster], known: Mapping[str, object]) -> list[str]:
    """Topics whose upcasting leads to none that is known, or that are still written."""
    wrong = [topic for topic in upcasters if topic in known]
    for start in upcasters:
        topic, seen = start, {start}
        while topic in upcasters:
            topic = upcasters[topic].topic
            if topic in seen:
                break
            seen.add(topic)
        if topic not in known:
            wrong.append(start)
    return sorted(set(wrong))
