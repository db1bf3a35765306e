"""Group commit: commits that arrive while another is being written go to the database together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Condition, Lock
from time import monotonic

from adapters.store.event_log.recorder import Commit
from application.ports import OutcomeUnknown
from domain.shared.problems import Problem

PATIENCE = 0.5
"""The time that a leader waits for more commits, as a fraction of the last write's duration."""


class _Ticket:
    """A thread's place in the queue; `turn` is released when it is done or is to lead."""

    __slots__ = ("commit", "done", "turn")

    def __init__(self, commit: Commit) -> None:
        self.commit = commit
        self.done = False
        self.turn = Lock()
        self.turn.acquire()


def wait_for_turn(ticket: _Ticket) -> None:
    """Block until the ticket's commit is done, or its thread is to lead."""
    ticket.turn.acquire()


class GroupCommit:
    """One thread at a time writes, for itself and for all that queued behind it meanwhile.

    The wait for the disk is most of a commit, and the order of the log allows one such wait at a
    time; a group shares it. Commits of a group do not touch what an earlier one of it writes, so
    the database can judge each by the state before the group.
    """

    def __init__(self, write: Callable[[Sequence[Commit]], None], most: int = 64) -> None:
        self._write = write
        self._most = most
        self._lock = Lock()
        self._arrived = Condition(self._lock)
        self._queue: list[_Ticket] = []
        self._led = False
        self._company = 1
        self._patience = 0.0

    @property
    def waiting(self) -> Sequence[Commit]:
        """The commits that are queued."""
        with self._lock:
            return [ticket.commit for ticket in self._queue]

    def submit(self, commit: Commit) -> None:
        """Write the commit, or raise the problem that the database had with it."""
        with self._lock:
            alone = self._company == 1 and not self._led
            self._led = self._led or alone
        if alone:
            self._alone(commit)
        else:
            self._queued(commit)
        if commit.problem is not None:
            raise commit.problem
        if not commit.first:
            raise OutcomeUnknown(reason="interrupted")

    def _alone(self, commit: Commit) -> None:
        """Write at once: no other thread has committed lately."""
        started = monotonic()
        try:
            self._settle((commit,))
        finally:
            self._patience = (monotonic() - started) * PATIENCE
            self._pass_on(served=1)

    def _queued(self, commit: Commit) -> None:
        ticket = _Ticket(commit)
        with self._lock:
            self._queue.append(ticket)
            lead = not self._led
            self._led = True
            if len(self._queue) == self._company:
                self._arrived.notify()
        if not lead:
            self._wait(ticket)
        if not ticket.done:
            self._lead(ticket)

    def _wait(self, ticket: _Ticket) -> None:
        try:
            wait_for_turn(ticket)
        except BaseException:
            # Interrupted by a signal, and perhaps given the lead at that moment.
            if self._leave(ticket) and ticket.turn.acquire(blocking=False):
                self._pass_on()
            raise

    def _lead(self, own: _Ticket) -> None:
        try:
            group = self._take()
        except BaseException:
            self._leave(own)
            self._pass_on()
            raise
        started = monotonic()
        try:
            self._settle([ticket.commit for ticket in group])
        finally:
            for ticket in group:
                ticket.done = True
            self._patience = (monotonic() - started) * PATIENCE
            self._pass_on(served=len(group))
            for ticket in group:
                ticket.turn.release()

    def _leave(self, ticket: _Ticket) -> bool:
        """True if the ticket was still in the queue; now it is not."""
        with self._lock:
            queued = ticket in self._queue
            if queued:
                self._queue.remove(ticket)
            return queued

    def _settle(self, commits: Sequence[Commit]) -> None:
        """Write the group; one that cannot be stored at all must not take the others with it."""
        try:
            self._write(commits)
        except Problem as problem:
            for commit in commits:
                commit.problem = type(problem)(**problem.details)
        except Exception as error:
            if len(commits) == 1:
                commits[0].problem = error
            else:
                for commit in commits:
                    self._settle([commit])
        except BaseException as error:
            for commit in commits:
                commit.problem = OutcomeUnknown(reason=repr(error))
            raise

    def _take(self) -> list[_Ticket]:
        """Return the leader's own ticket, and all behind it that do not depend on one another.

        Threads that were served together have a moment to come back together; a thread that
        writes alone never waits.
        """
        group: list[_Ticket] = []
        later: list[_Ticket] = []
        written: set[str] = set()
        with self._lock:
            if self._company > len(self._queue):
                self._arrived.wait_for(
                    lambda: len(self._queue) >= self._company, timeout=self._patience
                )
            for ticket in self._queue:
                if len(group) < self._most and written.isdisjoint(ticket.commit.expect):
                    group.append(ticket)
                else:
                    later.append(ticket)
                written |= ticket.commit.writes
            self._queue = later
        return group

    def _pass_on(self, served: int = 0) -> None:
        with self._lock:
            if served:
                self._company = served + len(self._queue)
            if self._queue:
                self._queue[0].turn.release()
            else:
                self._led = False
