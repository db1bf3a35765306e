"""The log against what was confirmed and what one subscriber has receipts for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, cast

from adapters.bus.envelope import Origin, epoch_of
from adapters.bus.inbox import Inbox, Receipt
from adapters.bus.ledger import Published, Subscriber
from adapters.bus.reading_log import messages_after, taken
from adapters.bus.received import LAST_POSITION
from adapters.bus.standing import Reconciliation
from adapters.bus.topology import Depth
from application.ports import AheadOfLog, Log


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


def reconciled(
    log: Log,
    register: str,
    subscriber: Subscriber,
    confirmed: Published,
    inbox: Inbox,
    depth: Depth,
) -> Reconciliation:
    """Compare message by message up to the relay's position, in constant memory but for ids."""
    receipts = inbox.receipts()
    handled, taken_back = _of_this_log(log, register, _compared(receipts, confirmed, log.head()))
    parked, _ = _of_this_log(log, register, inbox.parked())
    counted = Published()
    expected, open_, first_open = 0, 0, None
    seen: set[str] = set()
    for message in messages_after(log, register, 0, until=confirmed.position):
        counted = counted.and_then([message.id], message.position, confirmed.epoch)
        if message.id in handled:
            seen.add(message.id)
        if message.position > subscriber.start and taken(message, subscriber.topics):
            expected += 1
            if message.id not in handled and message.id not in parked:
                open_, first_open = open_ + 1, first_open or message.id
    return Reconciliation(
        subscriber=subscriber.name,
        position=confirmed.position,
        in_log=counted.count,
        confirmed=confirmed.count,
        same=(counted.count, counted.digest) == (confirmed.count, confirmed.digest),
        expected=expected,
        handled=len(handled),
        parked=len(parked),
        open=open_,
        waiting=depth.waiting,
        dead=depth.dead,
        unexpected=len(handled) - len(seen),
        taken_back=taken_back,
        first_open=first_open,
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
