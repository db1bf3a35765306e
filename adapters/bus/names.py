"""Names on the bus: a message's type from its stored topic, and the exchange and queues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from domain.kernel import Invalid

_TOPIC = re.compile(r"[a-z0-9]+-[a-z0-9]+(-[a-z0-9]+)*\.v[1-9][0-9]*")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class BadName(Invalid):
    """The bus cannot carry a topic or a subscriber of this name."""


@lru_cache(maxsize=1024)
def message_type(topic: str) -> str:
    """The routing key of a stored topic: its first hyphen becomes a dot, nothing else changes.

    `partnership-reclassified.v1` is published as `partnership.reclassified.v1`, and
    `city-no-longer-targeted.v1` as `city.no-longer-targeted.v1`: three words, of which the first
    is what it is about, so that `partnership.#` takes them all. Raises `BadName` for a topic of
    any other shape, rather than publish a type that nobody can trace back.
    """
    if not _TOPIC.fullmatch(topic):
        raise BadName(topic=topic, like="partnership-reclassified.v1")
    return topic.replace("-", ".", 1)


def stored_topic(type_: str) -> str:
    """The stored topic behind a message's type; `message_type` read backwards."""
    topic = type_.replace(".", "-", 1)
    if message_type(topic) != type_:
        raise BadName(type=type_, like="partnership.reclassified.v1")
    return topic


@dataclass(frozen=True, slots=True)
class Names:
    """What the register's exchange, stream and queues are called on a broker."""

    prefix: str = "alliance"

    @property
    def exchange(self) -> str:
        """The topic exchange that every event is published to."""
        return f"{self.prefix}.events"

    @property
    def stream(self) -> str:
        """The stream that keeps every message: what makes each event routable, and replayable."""
        return f"{self.prefix}.events.log"

    @property
    def dead(self) -> str:
        """The exchange that takes what no queue could keep."""
        return f"{self.prefix}.dead"

    def looking(self, subscriber: str) -> str:
        """What only the command that looks at a subscriber's dead letters holds."""
        return f"{self.dead_queue(subscriber)}.looking"

    @property
    def relay(self) -> str:
        """What only the relay that publishes holds."""
        return f"{self.prefix}.relay"

    def queue(self, subscriber: str) -> str:
        """A subscriber's own queue. Raises `BadName`."""
        if not _NAME.fullmatch(subscriber):
            raise BadName(subscriber=subscriber, allowed="lower-case letters, digits, - and _")
        return f"{self.prefix}.for.{subscriber}"

    def dead_queue(self, subscriber: str) -> str:
        """Where a subscriber's undeliverable messages end."""
        return f"{self.queue(subscriber)}.dead"
