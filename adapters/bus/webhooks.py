"""Webhooks: a follower for each address, with its own lease, position and what it set aside."""

from __future__ import annotations

import secrets
import time
from base64 import b64encode
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace

import httpx2
import structlog

from adapters.bus.connection import pauses
from adapters.bus.delivery import (
    Away,
    Forbidden,
    Gone,
    Rejected,
    Resolve,
    checked,
    deliver,
    open_client,
    resolve,
)
from adapters.bus.envelope import Message, Origin, messages
from adapters.bus.hook_tables import Hook, Hooks
from adapters.bus.ledger import LeaseLost, Ledger
from adapters.bus.reading_log import check_position, start_of_commit, taken
from adapters.bus.relay import Wait
from adapters.bus.stored import as_stored, rows
from adapters.topics import check_patterns
from application.following import FINAL, Progress, catch_up
from application.ports import Log, Page

ATTEMPTS = 4
FIRST_RETRY_SECONDS = 0.5
LEASE_SECONDS = 60.0
PAGE = 50

_log = structlog.get_logger("webhooks")


class HookFollower:
    """Delivers to one address, in order. A message that it rejects is parked with its stream."""

    def __init__(
        self,
        hook: Hook,
        register: str,
        hooks: Hooks,
        ledger: Ledger,
        client: httpx2.Client,
        start: Progress,
        *,
        resolving: Resolve = resolve,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.name = f"webhook {hook.name}"
        self._hook, self._register, self._hooks, self._ledger = hook, register, hooks, ledger
        self._client, self._resolving, self._sleep = client, resolving, sleep
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
        """Deliver a page, remembering each message. Raises `Away`, `Gone` and `LeaseLost`."""
        origin, done = Origin(self._register, epoch), self._ledger.published()
        blocked = self._hooks.blocked(self._hook.name)
        for message in messages(rows(page), origin):
            if message.position <= done.position or message.position <= self._hook.start:
                continue
            if taken(message, self._hook.topics):
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
        """Deliver with retries; the reason where it was rejected to the end."""
        problem: str | None = None
        for number in range(ATTEMPTS):
            if number:
                self._sleep(FIRST_RETRY_SECONDS * 2 ** (number - 1))
            try:
                deliver(self._hook, message, source, self._client, self._resolving)
            except (Rejected, Forbidden) as rejected:
                problem = f"{type(rejected).__name__}: {rejected}"
            else:
                return None
        return problem


class Webhooks:
    """All webhooks of a register."""

    def __init__(
        self, log: Log, register: str, state_url: str, *, resolving: Resolve = resolve
    ) -> None:
        self._log, self._register, self._state_url = log, register, state_url
        self._resolving = resolving
        self.hooks = Hooks(state_url)
        self.hooks.create()

    def close(self) -> None:
        self.hooks.close()

    def add(
        self, name: str, url: str, topics: tuple[str, ...], start: int, *, private: bool = False
    ) -> Hook:
        """Add an address and draw its secret. Raises `BadTopic`, `PastTheEnd` and `Forbidden`."""
        check_patterns(topics)
        check_position(self._log, start)
        secret = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
        hook = Hook(name, url, secret, topics, start, private)
        try:
            checked(hook, self._resolving)
        except OSError as unknown:
            raise Forbidden(url=url, reason=str(unknown)) from unknown
        self.hooks.add(hook)
        return hook

    def position(self, hook: Hook) -> int:
        """The position up to which an address has what it asked for, or it was set aside."""
        ledger = self._ledger(hook)
        position = ledger.progress().position
        ledger.close()
        return max(position, hook.start)

    def remove(self, name: str) -> bool:
        return self.hooks.remove(name)

    def run(self, stop: Wait, holder: str, poll_seconds: float = 0.5) -> None:
        """Deliver until told to stop. An address that is away waits, and holds up no other."""
        again: dict[str, float] = {}
        pause: dict[str, Callable[[], float]] = {}
        with open_client() as client:
            while not stop.is_set():
                for hook in self.hooks.all():
                    if hook.gone or again.get(hook.name, 0.0) > time.monotonic():
                        continue
                    try:
                        self.once(hook, holder, client)
                        pause.pop(hook.name, None)
                    except Away as away:
                        seconds = pause.setdefault(hook.name, pauses())()
                        again[hook.name] = time.monotonic() + seconds
                        _log.warning("away", webhook=hook.name, problem=str(away))
                stop.wait(poll_seconds)

    def once(self, hook: Hook, holder: str, client: httpx2.Client) -> None:
        """Bring one address to the end of the log. Raises `Away`."""
        ledger = self._ledger(hook)
        try:
            follower = self._follower(hook, ledger, client)
            with follower.held(holder) as ours:
                if ours:
                    catch_up(as_stored(self._log), follower, limit=PAGE)
        except Gone:
            _log.warning("the address wants no more", webhook=hook.name)
            self.hooks.gone(hook.name)
        except FINAL as problem:
            _log.error("stopped", webhook=hook.name, problem=str(problem))
            raise Away(str(problem)) from problem
        except LeaseLost:
            _log.warning("another process delivers", webhook=hook.name)
        finally:
            ledger.close()

    def replay(self, name: str) -> tuple[int, int]:
        """Deliver what was set aside; how many were, and how many streams still are.

        Raises `Away`, with what was delivered so far no longer set aside.
        """
        hook = next(hook for hook in self.hooks.all() if hook.name == name)
        source = Origin(self._register, self._log.epoch()).source
        ledger, delivered, blocked = self._ledger(hook), 0, set[str]()
        try:
            with open_client() as client:
                follower = self._follower(hook, ledger, client)
                for message, _reason in self.hooks.parked(name):
                    if message.stream in blocked:
                        continue
                    if follower.attempt(message, source):
                        blocked.add(message.stream)
                    else:
                        self.hooks.release(name, message.id)
                        delivered += 1
        finally:
            ledger.close()
        return delivered, len(blocked)

    def _ledger(self, hook: Hook) -> Ledger:
        ledger = Ledger(self._state_url, f"webhook:{hook.name}")
        ledger.create()
        return ledger

    def _follower(self, hook: Hook, ledger: Ledger, client: httpx2.Client) -> HookFollower:
        return HookFollower(
            hook,
            self._register,
            self.hooks,
            ledger,
            client,
            Progress(start_of_commit(self._log, hook.start), self._log.epoch()),
            resolving=self._resolving,
        )
