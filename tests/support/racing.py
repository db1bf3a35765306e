"""A log that moves between the reading of a decision and its append."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from application.ports import Pending
from domain.shared.history import Recorded
from domain.shared.messages import Fact, StreamId
from tests.support.memory_log import MemoryLog


class MovingLog(MemoryLog):
    """A log in memory that runs one of `rivals` before each append, until none is left.

    A rival appends to this same log by a command bus of its own; that brings no further rivals.
    """

    def __init__(self, rivals: Iterable[Callable[[], object]] = ()) -> None:
        super().__init__()
        self.rivals = iter(rivals)
        self.attempts = 0
        self._rival_at_work = False

    def append(
        self, facts: Sequence[Pending], expect: Mapping[StreamId, int]
    ) -> Sequence[Recorded[Fact]]:
        if not self._rival_at_work:
            self.attempts += 1
            rival = next(self.rivals, None)
            if rival:
                self._rival_at_work = True
                rival()
                self._rival_at_work = False
        return super().append(facts, expect)


class OvertakenLog(MemoryLog):
    """A log in memory on which a rival acts right after the first reading."""

    def __init__(self, rival: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.rival: Callable[[], object] | None = rival

    def read(self, *streams: StreamId) -> Mapping[StreamId, Sequence[Recorded[Fact]]]:
        found = super().read(*streams)
        rival, self.rival = self.rival, None
        if rival:
            rival()
        return found
