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


def _without_findings(content: dict[str, Any]) -> dict[str, Any]:
    """The first version kept no rule's answer."""
    return {**content, "findings": []}


def _without_what_is_owed(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not say what a mission has to file."""
    return {**content, "owes": None}


UPCASTERS: Mapping[str, Upcaster] = {
    "epoch-opened.v1": Upcaster("epoch-opened.v2", _without_backup),
    "request-agreement-prepared.v1": Upcaster("request-agreement-prepared.v2", _without_findings),
    "request-agreement-signed.v1": Upcaster("request-agreement-signed.v2", _without_findings),
    "mission-completed.v1": Upcaster("mission-completed.v2", _without_what_is_owed),
}
"""By topic that is no longer written, such as `partnership-reclassified.v1`: its successor."""


def upcast(topic: str, state: bytes, upcasters: Mapping[str, Upcaster]) -> tuple[str, bytes]:
    """Topic and content in the newest shape."""
    content = from_json(state)
    while (upcaster := upcasters.get(topic)) is not None:
        topic, function = upcaster
        content = function(content)
    return topic, to_json(content)


def newest(topic: str, upcasters: Mapping[str, Upcaster]) -> str:
    """The topic that an old one leads to; in a circle, the first that comes again."""
    seen = {topic}
    while topic in upcasters:
        topic = upcasters[topic].topic
        if topic in seen:
            break
        seen.add(topic)
    return topic


def leading_to(known: Mapping[str, object]) -> Mapping[str, Upcaster]:
    """The upcasters of a log that holds these facts: one of fewer contexts needs fewer of them."""
    return {t: upcaster for t, upcaster in UPCASTERS.items() if newest(t, UPCASTERS) in known}


def dead_ends(upcasters: Mapping[str, Upcaster], known: Mapping[str, object]) -> list[str]:
    """Topics whose upcasting leads to none that is known, or that are still written."""
    return sorted(t for t in upcasters if t in known or newest(t, upcasters) not in known)
