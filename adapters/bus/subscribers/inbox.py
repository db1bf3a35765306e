"""The inbox: an application embeds it so that each event takes effect once.

    inbox = Inbox("sqlite:///inbox.sqlite", "budget-office")
    inbox.create()
    inbox.take(received, handle)

`handle(event, work)` gets the decoded CloudEvent and the open transaction: its writes are committed
together with the receipt, or not at all. Effects elsewhere happen at least once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, inspect, select, tuple_, update

from adapters.bus.messages.cloud_event import Received, read_message
from adapters.bus.subscribers import inbox_tables
from adapters.bus.subscribers.inbox_transaction import Batch, Handle
from adapters.database.state_database import DELETE, clock, open_database, reading, serialise
from application.ports import Stopped

ATTEMPTS = 5
FIRST_RETRY_SECONDS = 0.1
MEND = f"{DELETE}, detach the subscriber and subscribe again: all it had is then handled again"


@dataclass(slots=True)
class Outcome:
    """The numbers of handled, repeated and parked messages of a batch."""

    handled: int = 0
    repeated: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that failed, or a later one of the same stream that waits behind it."""

    source: str
    id: str
    stream: str
    position: int
    reason: str
    parked_at: float


class Receipt(NamedTuple):
    """A message that was handled."""

    source: str
    id: str
    position: int


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """The number of receipts and of parked messages, and the time of the oldest parked one.

    In seconds since 1970.
    """

    handled: int
    parked: int
    oldest_parked_at: float | None


class Inbox:
    """One subscriber's receipts in a database: SQLite, or PostgreSQL beside the application's own.

    A message that fails is tried again in place, `attempts` times with growing pauses; then it is
    parked with the later messages of its stream, while other streams go on.
    """

    def __init__(
        self,
        url: str,
        subscriber: str,
        *,
        attempts: int = ATTEMPTS,
        retry_seconds: float = FIRST_RETRY_SECONDS,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._engine = open_database(url, MEND)
        self._name, self._attempts = subscriber, attempts
        self._retry_seconds, self._sleep = retry_seconds, sleep

    def close(self) -> None:
        self._engine.dispose()

    def create(self) -> None:
        """Make the tables; safe to repeat, and once they exist it waits for no handler."""
        with reading(self._engine) as db:
            if set(inbox_tables.metadata.tables) <= set(inspect(db).get_table_names()):
                return
        with self._engine.begin() as db:
            serialise(db, "alliance-inbox")
            inbox_tables.metadata.create_all(db, checkfirst=True)

    def take(self, batch: Sequence[Received], handle: Handle) -> Outcome:
        """Handle new messages in order, in as few transactions as failures allow.

        When this returns, all is committed: acknowledge the whole batch. Raises `Stopped`.
        """
        outcome, rest, tries = Outcome(), list(batch), 0
        while rest:
            done, error = self._attempt(rest, handle, outcome)
            rest = rest[done:]
            tries = 1 if done else tries + 1
            if error is None:
                continue
            if isinstance(error, Stopped):
                raise error
            if tries >= self._attempts:
                self._park(rest[0], error)
                outcome.parked += 1
                rest, tries = rest[1:], 0
            else:
                self._sleep(self._retry_seconds * 2 ** (tries - 1))
        return outcome

    def _attempt(
        self, batch: Sequence[Received], handle: Handle, outcome: Outcome
    ) -> tuple[int, Exception | None]:
        """Handle messages in one transaction; return how many, and the error that ended it."""
        with self._engine.begin() as db:
            serialise(db, self._name)
            work = Batch(db, self._name, self._known(db, batch), self._blocked(db), clock(db))
            done, problem = 0, None
            for message in batch:
                problem = work.one(message, handle)
                if problem is not None:
                    break
                done += 1
            work.save()
        outcome.handled += len(work.receipts)
        outcome.parked += len(work.parked)
        outcome.repeated += done - len(work.receipts) - len(work.parked)
        return done, problem

    def _known(self, db: Connection, batch: Sequence[Received]) -> set[tuple[str, str]]:
        ids = [(message.source, message.id) for message in batch]
        known: set[tuple[str, str]] = set()
        for table in (inbox_tables.receipt, inbox_tables.parked):
            columns = tuple_(table.c.source, table.c.id)
            ours = select(table.c.source, table.c.id).where(table.c.subscriber == self._name)
            known |= {(row[0], row[1]) for row in db.execute(ours.where(columns.in_(ids)))}
        return known

    def _blocked(self, db: Connection) -> set[str]:
        ours = inbox_tables.parked.c.subscriber == self._name
        return set(
            db.execute(select(inbox_tables.parked.c.stream).where(ours).distinct()).scalars()
        )

    def _park(self, message: Received, error: Exception) -> None:
        with self._engine.begin() as db:
            serialise(db, self._name)
            values = inbox_tables.as_parked(self._name, message, clock(db), _reason(error))
            db.execute(insert(inbox_tables.parked).values(**values))

    # --- parked messages

    def parked(self) -> list[Parked]:
        """Return parked messages in the order of the log."""
        table = inbox_tables.parked
        query = select(table).where(table.c.subscriber == self._name).order_by(table.c.position)
        with reading(self._engine) as db:
            return [
                Parked(row.source, row.id, row.stream, row.position, row.reason, row.parked_at)
                for row in db.execute(query)
            ]

    def replay(self, handle: Handle, streams: Iterable[str] | None = None) -> Outcome:
        """Try parked messages again, stream by stream and in order.

        A stream is delivered again once none of it is parked; a message that fails again stays
        parked. Raises `Stopped`; messages handled until then are no longer parked.
        """
        outcome = Outcome()
        for stream in streams or dict.fromkeys(entry.stream for entry in self.parked()):
            while (row := self._first(stream)) is not None:
                try:
                    self._release(row, handle)
                except Stopped:
                    raise
                except Exception as error:
                    self._still(row, error)
                    outcome.parked += 1
                    break
                outcome.handled += 1
        return outcome

    def _first(self, stream: str) -> Row[Any] | None:
        table = inbox_tables.parked
        ours = (table.c.subscriber == self._name) & (table.c.stream == stream)
        with reading(self._engine) as db:
            return db.execute(select(table).where(ours).order_by(table.c.position)).first()

    def _release(self, row: Row[Any], handle: Handle) -> None:
        message = read_message(row.body)
        with self._engine.begin() as db:
            serialise(db, self._name)
            gone = db.execute(
                delete(inbox_tables.parked).where(inbox_tables.is_parked(self._name, row))
            )
            if gone.rowcount == 1:
                handle(message.event, db)
                values = inbox_tables.as_receipt(self._name, message, clock(db))
                db.execute(insert(inbox_tables.receipt).values(**values))

    def _still(self, row: Row[Any], error: Exception) -> None:
        with self._engine.begin() as db:
            where = inbox_tables.is_parked(self._name, row)
            db.execute(update(inbox_tables.parked).where(where).values(reason=_reason(error)))

    # --- reports

    def counts(self) -> InboxCounts:
        receipt, parked = inbox_tables.receipt, inbox_tables.parked
        with reading(self._engine) as db:
            oldest = select(func.min(parked.c.parked_at), func.count()).where(
                parked.c.subscriber == self._name
            )
            handled = select(func.count()).where(receipt.c.subscriber == self._name)
            at, count = db.execute(oldest).one()
            return InboxCounts(db.execute(handled).scalar_one(), count, at)

    def receipts(self) -> list[Receipt]:
        """Return the receipts of all handled messages."""
        receipt = inbox_tables.receipt.c
        ours = select(receipt.source, receipt.id, receipt.position).where(
            receipt.subscriber == self._name
        )
        with reading(self._engine) as db:
            return [Receipt(*row) for row in db.execute(ours)]


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
