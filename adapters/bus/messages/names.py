"""Names on the bus: a message's type from its stored topic, and the exchange and queues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from domain.shared.problems import Invalid

_TOPIC = re.compile(r"[a-z0-9]+-[a-z0-9]+(-[a-z0-9]+)*\.v[1-9][0-9]*")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class BadName(Invalid):
    """A topic or a subscriber has a name that the bus cannot carry."""

    topic: str = ""
    type: str = ""
    subscriber: str = ""
    like: str = ""
    allowed: str = ""


@lru_cache(maxsize=1024)
def message_type(topic: str) -> str:
    """Return the message type and routing key of a stored topic: the first hyphen becomes a dot.

    `partnership-reclassified.v1` is published as `partnership.reclassified.v1`, and
    `city-no-longer-targeted.v1` as `city.no-longer-targeted.v1`. The first of the three words is
    the subject, so `partnership.#` matches all events about partnerships. Raises `BadName` for a
    topic of another shape: its type could not be traced back.
    """
    if not _TOPIC.fullmatch(topic):
        raise BadName(topic=topic, like="partnership-reclassified.v1")
    return topic.replace("-", ".", 1)


def stored_topic(type_: str) -> str:
    """Return the stored topic of a message type: the inverse of `message_type`."""
    topic = type_.replace(".", "-", 1)
    if message_type(topic) != type_:
        raise BadName(type=type_, like="partnership.reclassified.v1")
    return topic


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a register's exchanges, stream and queues on a broker."""

    prefix: str = "alliance"

    @property
    def exchange(self) -> str:
        """The topic exchange that every event is published to."""
        return f"{self.prefix}.events"

    @property
    def stream(self) -> str:
        """The stream of all messages: every event is routable, and can be replayed."""
        return f"{self.prefix}.events.log"

    @property
    def dead(self) -> str:
        """The dead-letter exchange."""
        return f"{self.prefix}.dead"

    def browser_lock(self, subscriber: str) -> str:
        """Return the exclusive queue held by the command that reads a subscriber's dead letters."""
        return f"{self.dead_queue(subscriber)}.browser"

    @property
    def relay(self) -> str:
        """The exclusive queue held by the relay that publishes."""
        return f"{self.prefix}.relay"

    def queue(self, subscriber: str) -> str:
        """Return a subscriber's own queue. Raises `BadName`."""
        if not _NAME.fullmatch(subscriber):
            raise BadName(subscriber=subscriber, allowed="lower-case letters, digits, - and _")
        return f"{self.prefix}.for.{subscriber}"

    def dead_queue(self, subscriber: str) -> str:
        """Return a subscriber's dead-letter queue."""
        return f"{self.queue(subscriber)}.dead"
