"""The log against what was confirmed and what one subscriber has receipts for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, cast

from adapters.bus.envelope import Origin, epoch_of, id_of
from adapters.bus.inbox import Inbox, Receipt
from adapters.bus.ledger import Published, Subscriber
from adapters.bus.names import message_type
from adapters.bus.reading_log import events_after
from adapters.bus.received import LAST_POSITION
from adapters.bus.standing import DeadLetter, Reconciliation
from adapters.bus.topology import Depth
from application.ports import AheadOfLog, Log, StoredRow


class Kept(Protocol):
    """What an inbox has of a message."""

    @property
    def source(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def position(self) -> int: ...


def held_through(log: Log, source: str) -> int:
    """The position through which this log holds what a source said, before a restore or now."""
    epoch = epoch_of(source)
    if epoch == log.epoch():
        return LAST_POSITION
    try:
        log.check_follower(LAST_POSITION, epoch)
    except AheadOfLog as ahead:
        return cast("int", ahead.details["shared"])
    return LAST_POSITION


def taken_by(log: Log, register: str, inbox: Inbox) -> set[str]:
    """The ids of what an inbox has handled or set aside, of what this log may hold."""
    handled, _ = _of_this_log(log, register, inbox.receipts())
    return handled | _of_this_log(log, register, inbox.parked())[0]


def outstanding(
    log: Log, register: str, subscriber: Subscriber, inbox: Inbox, most: int
) -> tuple[int, Sequence[StoredRow]]:
    """The last event up to which a subscriber has all it asked for, and at most so many it lacks.

    By receipts: the last position received says nothing of what it did not ask for at that time.
    """
    taken, position, lacking = taken_by(log, register, inbox), subscriber.start, list[StoredRow]()
    for row in events_after(log, subscriber.start, subscriber.topics):
        if id_of(row) not in taken:
            if len(lacking) == most:
                break
            lacking.append(row)
        elif not lacking:
            position = row.position
    return position, lacking


def reconciled(
    log: Log,
    register: str,
    subscriber: Subscriber,
    confirmed: Published,
    inbox: Inbox,
    depth: Depth,
    letters: Sequence[DeadLetter],
) -> Reconciliation:
    """Compare event by event up to the relay's position, in constant memory but for ids."""
    receipts = inbox.receipts()
    receipted, taken_back = _of_this_log(log, register, _compared(receipts, confirmed, log.head()))
    set_aside, _ = _of_this_log(log, register, inbox.parked())
    dead = {letter.id for letter in letters if letter.kind == "event"}
    sent = subscriber.sent if subscriber.attached is None else confirmed.position
    counted = Published()
    expected, handled, parked, unsent, lying, open_ = 0, 0, 0, 0, 0, list[str]()
    seen: set[str] = set()
    for row in events_after(log, 0, until=confirmed.position):
        id_ = id_of(row)
        counted = counted.and_then([id_], row.position, confirmed.epoch)
        if id_ in receipted:
            seen.add(id_)
        if subscriber.asked_for(row.position, message_type(row.topic)):
            expected += 1
            handled += id_ in receipted
            parked += id_ in set_aside
            if id_ not in receipted and id_ not in set_aside:
                unsent += row.position > sent
                lying += id_ in dead
                open_ += [id_]
    lacking = [id_ for id_ in open_ if id_ not in dead]
    hidden = max(0, len(open_) - unsent - lying - depth.waiting)
    hidden = 0 if subscriber.elsewhere else hidden
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
        elsewhere=subscriber.elsewhere,
        first_open=next(iter(lacking), None),
    )


def _compared(receipts: Iterable[Receipt], confirmed: Published, head: int) -> Iterator[Receipt]:
    """Receipts, without those for what was published while we asked."""
    return (each for each in receipts if not confirmed.position < each.position <= head)


def _of_this_log(log: Log, register: str, found: Iterable[Kept]) -> tuple[set[str], int]:
    """The ids of what this log may hold, and how many that a restored backup took back."""
    every_source = Origin(register, "").source
    held: dict[str, int] = {}
    ours, taken_back = set[str](), 0
    for kept in found:
        if not kept.source.startswith(every_source):
            ours.add(f"{kept.source}#{kept.id}")  # no register said this: no log holds it
            continue
        if kept.source not in held:
            held[kept.source] = held_through(log, kept.source)
        if kept.position <= held[kept.source]:
            ours.add(kept.id)
        else:
            taken_back += 1
    return ours, taken_back
