"""Read messages straight from the log: for the feed, webhooks, lag and reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapters.bus.envelope import Message, Origin, messages, published
from adapters.bus.names import message_type
from adapters.topics import takes
from application.ports import Log, StoredRow
from domain.kernel import Invalid

PAGE = 1000


class PastTheEnd(Invalid):
    """The log ends before this position.

    Details: the `position` and the log's `head`.
    """


def check_position(log: Log, position: int) -> int:
    """The position again. Raises `PastTheEnd`: who starts there misses what comes next."""
    if position > (head := log.head()):
        raise PastTheEnd(position=position, head=head)
    return position


def messages_after(
    log: Log, register: str, position: int, topics: Iterable[str] = ("#",)
) -> Iterator[Message]:
    """Messages after a position, in order and in constant memory, up to the end."""
    topics, origin = tuple(topics), Origin(register, log.epoch())
    # a position inside a commit rounds down, so that its command is read as well
    here = start_of_commit(log, position)
    while True:
        page = log.raw_after(here, PAGE)
        for message in messages(page.rows, origin):
            if message.position > position and takes(topics, message.type):
                yield message
        if page.through == here:
            return
        here = page.through


def events_after(
    log: Log, position: int, topics: Iterable[str] = ("#",), until: int | None = None
) -> Iterator[StoredRow]:
    """The rows of `messages_after` up to `until`, not encoded: to count and compare them."""
    topics, here = tuple(topics), position
    while (page := log.raw_after(here, PAGE)).through != here:
        for row in page.rows:
            if until is not None and row.position > until:
                return
            if published(row) and takes(topics, message_type(row.topic)):
                yield row
        here = page.through


def start_of_commit(log: Log, position: int) -> int:
    """A position that splits no commit, at or before the one given."""
    following = log.raw_after(position, 1).rows
    if not following or position <= 0:
        return max(position, 0)
    return min(position, log.position_at(following[0].recorded_at - 1))
