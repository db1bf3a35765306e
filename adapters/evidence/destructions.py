"""Events that destroy personal parts: what their entries list, and what they say."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, cast

from adapters.evidence.entries import Entry
from adapters.evidence.faults import Altered

TOPIC = "personal-data-destroyed."


class Destruction(NamedTuple):
    """A destruction: the entry `n`, the subject's pseudonym, the decision, and how many parts."""

    n: int
    subject: str
    decision: str
    parts: int


def redacted_digests(topic: str, state: bytes) -> tuple[str, ...]:
    """The digests of the parts that an event destroys."""
    if not topic.startswith(TOPIC):
        return ()
    return tuple(cast("list[str]", json.loads(state)["parts"]))


def read_destruction(entry: Entry, state: bytes) -> Destruction:
    """Read the event of an entry that destroys. Raises `Altered` where the two do not agree."""
    try:
        told: dict[str, Any] = json.loads(state)
        authority = told["authority"]
        decision = f"{authority['matter']}/{authority['decision']}"
        found = Destruction(entry.n, str(told["subject"]), decision, len(entry.redacts))
        if redacted_digests(entry.topic, state) == entry.redacts:
            return found
    except (ValueError, KeyError, TypeError):
        pass
    raise Altered(why=f"entry {entry.n}: it destroys other parts than its event says")
