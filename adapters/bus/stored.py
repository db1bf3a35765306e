"""A log whose pages hold rows as stored: for followers that pass them on instead of decoding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from application.ports import Log, Page, StoredRow


@dataclass(frozen=True, slots=True)
class _Rows:
    entries: Sequence[StoredRow]
    through: int


class _AsStored:
    def __init__(self, log: Log) -> None:
        self._log = log
        self.head, self.epoch, self.check_follower = log.head, log.epoch, log.check_follower

    def after(self, position: int, limit: int) -> _Rows:
        page = self._log.raw_after(position, limit)
        return _Rows(page.rows, page.through)


def as_stored(log: Log) -> Log:
    """The same log for `following.catch_up`, without decoding.

    The loop asks of an entry its position and time only, which a stored row has as well.
    """
    return cast("Log", _AsStored(log))


def rows(page: Page) -> Sequence[StoredRow]:
    """What a page of `as_stored` holds."""
    return cast("Sequence[StoredRow]", page.entries)
