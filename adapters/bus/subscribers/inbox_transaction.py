"""The work of one transaction of the inbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import Connection, insert

from adapters.bus.messages.cloud_event import Event, Received
from adapters.bus.subscribers import inbox_tables

Handle: TypeAlias = Callable[[Event, Connection], None]


@dataclass(slots=True)
class Batch:
    """The receipts and parked messages of one transaction."""

    db: Connection
    name: str
    known: set[tuple[str, str]]
    blocked: set[str]
    now: float
    receipts: list[dict[str, Any]] = field(default_factory=list)
    parked: list[dict[str, Any]] = field(default_factory=list)

    def one(self, message: Received, handle: Handle) -> Exception | None:
        key = (message.source, message.id)
        if key not in self.known:
            if message.stream in self.blocked:
                reason = "behind a parked message of its stream"
                self.parked.append(inbox_tables.as_parked(self.name, message, self.now, reason))
            else:
                problem = self._try(message, handle)
                if problem is not None:
                    return problem
                self.receipts.append(inbox_tables.as_receipt(self.name, message, self.now))
            self.known.add(key)
        return None

    def _try(self, message: Received, handle: Handle) -> Exception | None:
        self.db.exec_driver_sql("SAVEPOINT message")
        try:
            handle(message.event, self.db)
        except Exception as error:
            self.db.exec_driver_sql("ROLLBACK TO SAVEPOINT message")
            return error
        self.db.exec_driver_sql("RELEASE SAVEPOINT message")
        return None

    def save(self) -> None:
        if self.receipts:
            self.db.execute(insert(inbox_tables.receipt), self.receipts)
        if self.parked:
            self.db.execute(insert(inbox_tables.parked), self.parked)
