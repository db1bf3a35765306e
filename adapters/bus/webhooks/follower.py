"""One webhook as a follower of the log: deliver in order, park rejected messages."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

import structlog

from adapters.bus.messages.cloud_event import Message, messages
from adapters.bus.messages.feed import Feed, stored_rows
from adapters.bus.relay.ledger import Ledger
from adapters.bus.webhooks.delivery import Forbidden, Rejected, Resolve, deliver, resolve
from adapters.bus.webhooks.tables import HookRow, WebhookTable
from adapters.topics import topics_take
from application.followers import Progress
from application.ports import Page, Stop, Stopped

ATTEMPTS = 4
FIRST_RETRY_SECONDS = 0.5
LEASE_SECONDS = 90.0
"""Seconds of a follower's lease: longer than all attempts at one message take together."""

_log = structlog.get_logger("webhooks")


class HookFollower:
    """Deliver to one address in order; park a rejected message and later ones of its stream."""

    def __init__(
        self,
        hook: HookRow,
        feed: Feed,
        hooks: WebhookTable,
        ledger: Ledger,
        stop: Stop,
        start: Progress,
        *,
        resolving: Resolve = resolve,
    ) -> None:
        self.name = f"webhook {hook.name}"
        self._hook, self._feed, self._hooks, self._ledger = hook, feed, hooks, ledger
        self._stop, self._resolving = stop, resolving
        self._generation, self._start = 0, start

    @contextmanager
    def held(self, holder: str) -> Generator[bool]:
        """Hold the lease of this webhook during the block; yield whether we got it."""
        generation = self._ledger.acquire(holder, LEASE_SECONDS)
        self._generation = generation or 0
        try:
            yield generation is not None
        finally:
            if generation is not None:
                self._ledger.release(generation)

    def progress(self) -> Progress:
        """Return the position delivered up to; a new address begins at its start."""
        found = self._ledger.progress()
        return found if found.epoch else self._start

    def take(self, page: Page, epoch: str) -> None:
        """Deliver a page, saving the position after each message.

        Raises `Away`, `Gone`, `LeaseLost` and `Stopped`.
        """
        done = self._ledger.published()
        blocked = self._hooks.blocked(self._hook.name)
        for message in messages(stored_rows(page), self._feed.sources(), leaves=self._feed.leaves):
            if message.position <= done.position or message.position <= self._hook.start:
                continue
            if topics_take(self._hook.topics, message.type):
                self._one(message, blocked)
                done = done.and_then([message.id], message.position, epoch)
                self._ledger.save(self._generation, done)
                self._ledger.renew(self._generation, LEASE_SECONDS)
        self._ledger.save(self._generation, replace(done, position=page.through, epoch=epoch))

    def _one(self, message: Message, blocked: set[str]) -> None:
        if message.stream in blocked:
            self._hooks.park(self._hook.name, message, "behind a parked message of its stream")
            return
        problem = self.attempt(message)
        if problem:
            blocked.add(message.stream)
            self._hooks.park(self._hook.name, message, problem)
            _log.warning("parked", webhook=self._hook.name, id=message.id, problem=problem)

    def attempt(self, message: Message) -> str | None:
        """Deliver with retries; return the reason if it is rejected each time. Raises `Stopped`."""
        problem: str | None = None
        for number in range(ATTEMPTS):
            if number:
                self._stop.wait(FIRST_RETRY_SECONDS * 2 ** (number - 1))
            if self._stop.is_set():
                raise Stopped
            try:
                deliver(self._hook, message, self._stop, self._resolving)
            except (Rejected, Forbidden) as rejected:
                problem = f"{type(rejected).__name__}: {rejected}"
            else:
                return None
        return problem
