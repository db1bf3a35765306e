"""The feed: a register's events as messages, read straight from its log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from adapters.bus.messages.cloud_event import (
    Leaves,
    Message,
    Sources,
    is_published,
    messages,
    type_of,
)
from adapters.bus.messages.schemas import message_types, schema_documents
from adapters.topics import check_topics, topics_take
from application.ports import Log, Page, RawPage, StoredRow, Unreadable
from domain.catalogue import catalogue
from domain.shared.log_facts import EntryDisclosed
from domain.shared.messages import StreamId
from domain.shared.problems import Invalid

PAGE = 1000


class PastTheEnd(Invalid):
    """The log ends before this position.

    Details: the `position` and the log's `head`.
    """

    position: int
    head: int


@dataclass(frozen=True, slots=True)
class Feed:
    """The messages of one register, by position."""

    log: Log
    register: str
    leaves: Leaves | None = None

    def messages(self, after: int, topics: Sequence[str] = ("#",)) -> Iterator[Message]:
        """Yield the messages after a position up to the end of the log, in constant memory."""
        sources = self.sources()
        # a position inside a commit rounds down, so that its command row is read as well
        here = start_of_commit(self.log, after)
        while (page := raw_page(self.log, here, PAGE)).through != here:
            for message in messages(page.rows, sources, leaves=self.leaves):
                if message.position > after and topics_take(topics, message.type):
                    yield message
            here = page.through

    def rows(
        self, after: int, topics: Sequence[str] = ("#",), until: int | None = None
    ) -> Iterator[StoredRow]:
        """Yield the rows of `messages` up to `until`, not encoded: to count and compare them."""
        here = after
        while (page := raw_page(self.log, here, PAGE)).through != here:
            for row in page.rows:
                if until is not None and row.position > until:
                    return
                if is_published(row) and topics_take(topics, type_of(row)):
                    yield row
            here = page.through

    def sources(self) -> Sources:
        """Return the CloudEvents source of each position."""
        return Sources(self.register, self.log.epochs())

    def head(self) -> int:
        """Return the last position of the log."""
        return self.log.head()

    def check_position(self, position: int) -> int:
        """Return `position` unchanged.

        Raises `PastTheEnd` if it lies beyond the log: a reader starting there would miss events.
        """
        if position > (head := self.head()):
            raise PastTheEnd(position=position, head=head)
        return position

    def check_topics(self, topics: Sequence[str]) -> None:
        """Raise `BadTopic`, or `UnknownTopic` for a topic that matches no event type."""
        check_topics(topics, message_types(catalogue))

    def documents(self) -> dict[str, dict[str, Any]]:
        """Return the schema of every message and the AsyncAPI document, by file name."""
        return dict(schema_documents(catalogue))


def raw_page(log: Log, position: int, limit: int) -> RawPage:
    """Read a page of stored rows; commit by commit where a row in it is damaged.

    So everything before the damaged commit is read, and only that one raises `Unreadable`.
    """
    try:
        page = log.raw_after(position, limit)
    except Unreadable:
        page = log.raw_after(position, 1)
    return RawPage([row_disclosed(row) for row in page.rows], page.through)


def row_disclosed(row: StoredRow) -> StoredRow:
    """Return a row; for a disclosure the row that it discloses, as it would have been stored.

    It has the position and the time of the disclosure: subscribers are sent it then, and its id is
    the one that it always had.
    """
    if row.topic != EntryDisclosed.TOPIC:
        return row
    fact = EntryDisclosed.model_validate_json(row.state)
    return row._replace(
        stream=StreamId(fact.entry.stream),
        version=fact.entry.version,
        topic=fact.content.topic,
        state=fact.content.state.encode(),
        disclosing=row,
    )


def start_of_commit(log: Log, position: int) -> int:
    """Return the last position at or before `position` that lies between two commits."""
    following = log.raw_after(position, 1).rows
    if not following or position <= 0:
        return max(position, 0)
    return min(position, log.position_at(following[0].recorded_at - 1))


def commits_before(rows: Sequence[StoredRow], damage: Unreadable) -> Sequence[StoredRow]:
    """Return the rows of the commits before the one that holds a damaged row."""
    commit = next(row.recorded_at for row in rows if row.position == damage.details["position"])
    return [row for row in rows if row.recorded_at < commit]


# --- the log for followers that pass rows on as they are stored


@dataclass(frozen=True, slots=True)
class _Rows:
    entries: Sequence[StoredRow]
    through: int


class _AsStored:
    def __init__(self, log: Log) -> None:
        self._log = log
        self.head, self.epoch, self.check_follower = log.head, log.epoch, log.check_follower

    def after(self, position: int, limit: int) -> _Rows:
        page = raw_page(self._log, position, limit)
        return _Rows(page.rows, page.through)

    def entries(self, _first: int, _until: int) -> Iterator[StoredRow]:
        """Return nothing: `after` has given the commits before a damaged row already."""
        return iter(())


def as_stored(log: Log) -> Log:
    """Wrap a log for `followers.catch_up` so that pages hold stored rows instead of entries.

    The loop reads only the position and the time of an entry, which a stored row has as well.
    """
    return cast("Log", _AsStored(log))


def stored_rows(page: Page) -> Sequence[StoredRow]:
    """Return the stored rows of a page of `as_stored`."""
    return cast("Sequence[StoredRow]", page.entries)
