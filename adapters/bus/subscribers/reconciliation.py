"""Compare the log with confirmed publications and with the receipts of one subscriber."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, cast

from adapters.bus.messages.cloud_event import LAST_POSITION, epoch_of, id_of, source_of, type_of
from adapters.bus.messages.feed import Feed
from adapters.bus.relay.ledger import Published, Subscriber
from adapters.bus.subscribers.inbox import Inbox, Receipt
from adapters.bus.subscribers.status import DeadLetterReport, Reconciliation
from adapters.bus.transports.topology import Depth
from application.ports import AheadOfLog, Log, StoredRow


class InboxEntry(Protocol):
    """A receipt, or a parked message."""

    @property
    def source(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def position(self) -> int: ...


def held_through(log: Log, source: str) -> int:
    """Return the last position of a source's epoch that this log holds: a restore cuts the rest."""
    epoch = epoch_of(source)
    if epoch == log.epoch():
        return LAST_POSITION
    try:
        log.check_follower(LAST_POSITION, epoch)
    except AheadOfLog as ahead:
        return cast("int", ahead.details["shared"])
    return LAST_POSITION


def event_ids_in(inbox: Inbox, feed: Feed) -> set[str]:
    """Return the ids of all events of this log that an inbox has handled or parked."""
    handled, _ = _of_this_log(feed, inbox.receipts())
    return handled | _of_this_log(feed, inbox.parked())[0]


def outstanding_events(
    feed: Feed, subscriber: Subscriber, inbox: Inbox, most: int
) -> tuple[int, Sequence[StoredRow]]:
    """Return the position up to which a subscriber has all its events, and up to `most` missing.

    Counted by receipts: the last position received says nothing of topics that were added later.
    """
    taken, position, lacking = event_ids_in(inbox, feed), subscriber.start, list[StoredRow]()
    for row in feed.rows(subscriber.start, subscriber.topics):
        if id_of(row) not in taken:
            if len(lacking) == most:
                break
            lacking.append(row)
        elif not lacking:
            position = row.position
    return position, lacking


def reconcile_subscriber(
    feed: Feed,
    subscriber: Subscriber,
    confirmed: Published,
    inbox: Inbox,
    depth: Depth,
    letters: Sequence[DeadLetterReport],
) -> Reconciliation:
    """Compare event by event up to the relay's position; only ids are kept in memory."""
    receipts = inbox.receipts()
    receipted, taken_back = _of_this_log(feed, _compared(receipts, confirmed, feed.head()))
    set_aside, _ = _of_this_log(feed, inbox.parked())
    dead = {letter.id for letter in letters if letter.pending}
    sent = (subscriber.sent or 0) if subscriber.attached is None else confirmed.position
    counted = Published()
    expected, handled, parked, unsent, lying, open_ = 0, 0, 0, 0, 0, list[str]()
    seen: set[str] = set()
    for row in feed.rows(0, until=confirmed.position):
        id_ = id_of(row)
        counted = counted.and_then([id_], row.position, confirmed.epoch)
        if id_ in receipted:
            seen.add(id_)
        if subscriber.wants(row.position, type_of(row)):
            expected += 1
            handled += id_ in receipted
            parked += id_ in set_aside
            if id_ not in receipted and id_ not in set_aside:
                unsent += row.position > sent
                lying += id_ in dead
                open_ += [id_]
    lacking = [id_ for id_ in open_ if id_ not in dead]
    hidden = max(0, len(open_) - unsent - lying - depth.waiting)
    hidden = 0 if subscriber.external else hidden
    return Reconciliation(
        subscriber=subscriber.name,
        position=confirmed.position,
        in_log=counted.count,
        confirmed=confirmed.count,
        same=(counted.count, counted.digest) == (confirmed.count, confirmed.digest),
        expected=expected,
        handled=handled,
        parked=parked,
        open=len(open_),
        unsent=unsent,
        waiting=depth.waiting,
        unseen=min(hidden, depth.unseen),
        missing=max(0, hidden - depth.unseen),
        dead=len(letters),
        dead_events=lying,
        unexpected=len(receipted) - len(seen),
        taken_back=taken_back,
        external=subscriber.external,
        first_open=next(iter(lacking), None),
    )


def _compared(receipts: Iterable[Receipt], confirmed: Published, head: int) -> Iterator[Receipt]:
    """Leave out receipts for events published after `confirmed` was read."""
    return (each for each in receipts if not confirmed.position < each.position <= head)


def _of_this_log(feed: Feed, entries: Iterable[InboxEntry]) -> tuple[set[str], int]:
    """Return the ids of entries that this log may hold, and the number that a restore cut off."""
    every_source = source_of(feed.register, "")
    held: dict[str, int] = {}
    ours, cut_off = set[str](), 0
    for entry in entries:
        if not entry.source.startswith(every_source):
            ours.add(f"{entry.source}#{entry.id}")  # of another register: no row has this id
            continue
        if entry.source not in held:
            held[entry.source] = held_through(feed.log, entry.source)
        if entry.position <= held[entry.source]:
            ours.add(entry.id)
        else:
            cut_off += 1
    return ours, cut_off
