"""One webhook as a follower: delivers in order, and parks what is rejected with its stream."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

import structlog

from adapters.bus.delivery import Forbidden, Rejected, Resolve, deliver, resolve
from adapters.bus.envelope import Message, Origin, messages
from adapters.bus.hook_tables import Hook, Hooks
from adapters.bus.ledger import Ledger
from adapters.bus.stored import rows
from adapters.topics import takes
from application.following import Progress
from application.ports import Page, Stop, Stopped

ATTEMPTS = 4
FIRST_RETRY_SECONDS = 0.5
LEASE_SECONDS = 90.0
"""Longer than all attempts at one message."""

_log = structlog.get_logger("webhooks")


class HookFollower:
    """Delivers to one address, in order. A message that it rejects is parked with its stream."""

    def __init__(
        self,
        hook: Hook,
        register: str,
        hooks: Hooks,
        ledger: Ledger,
        stop: Stop,
        start: Progress,
        *,
        resolving: Resolve = resolve,
    ) -> None:
        self.name = f"webhook {hook.name}"
        self._hook, self._register, self._hooks, self._ledger = hook, register, hooks, ledger
        self._stop, self._resolving = stop, resolving
        self._generation, self._start = 0, start

    @contextmanager
    def held(self, holder: str) -> Generator[bool]:
        """Whether we are the one who delivers, for as long as the block takes."""
        generation = self._ledger.acquire(holder, LEASE_SECONDS)
        self._generation = generation or 0
        try:
            yield generation is not None
        finally:
            if generation is not None:
                self._ledger.release(generation)

    def progress(self) -> Progress:
        """Where it is; an address that is new begins at its start."""
        found = self._ledger.progress()
        return found if found.epoch else self._start

    def take(self, page: Page, epoch: str) -> None:
        """Deliver a page, remembering each message.

        Raises `Away`, `Gone`, `LeaseLost`, and `Stopped` with what was delivered remembered.
        """
        origin, done = Origin(self._register, epoch), self._ledger.published()
        blocked = self._hooks.blocked(self._hook.name)
        for message in messages(rows(page), origin):
            if message.position <= done.position or message.position <= self._hook.start:
                continue
            if takes(self._hook.topics, message.type):
                self._one(message, origin.source, blocked)
                done = done.and_then([message.id], message.position, epoch)
                self._ledger.save(self._generation, done)
                self._ledger.renew(self._generation, LEASE_SECONDS)
        self._ledger.save(self._generation, replace(done, position=page.through, epoch=epoch))

    def _one(self, message: Message, source: str, blocked: set[str]) -> None:
        if message.stream in blocked:
            self._hooks.park(self._hook.name, message, "behind a parked message of its stream")
            return
        problem = self.attempt(message, source)
        if problem:
            blocked.add(message.stream)
            self._hooks.park(self._hook.name, message, problem)
            _log.warning("parked", webhook=self._hook.name, id=message.id, problem=problem)

    def attempt(self, message: Message, source: str) -> str | None:
        """Deliver with retries; the reason where it was rejected to the end. Raises `Stopped`."""
        problem: str | None = None
        for number in range(ATTEMPTS):
            if number:
                self._stop.wait(FIRST_RETRY_SECONDS * 2 ** (number - 1))
            if self._stop.is_set():
                raise Stopped
            try:
                deliver(self._hook, message, source, self._stop, self._resolving)
            except (Rejected, Forbidden) as rejected:
                problem = f"{type(rejected).__name__}: {rejected}"
            else:
                return None
        return problem
