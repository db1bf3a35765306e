"""The webhooks of a register: add, deliver, replay parked messages, remove."""

from __future__ import annotations

import secrets
import threading
import time
from base64 import b64encode
from contextlib import suppress

import structlog

from adapters.bus.messages.feed import Feed, as_stored, start_of_commit
from adapters.bus.relay.ledger import LeaseLost, Ledger
from adapters.bus.transports.connection import pauses_between_attempts
from adapters.bus.webhooks.delivery import Away, Forbidden, Gone, Resolve, checked_address, resolve
from adapters.bus.webhooks.follower import HookFollower
from adapters.bus.webhooks.tables import HookRow, WebhookTable
from adapters.database.state_database import AWAY
from application.followers import Progress, catch_up
from application.ports import AheadOfLog, Stop, Stopped

PAGE = 50
END_SECONDS = 2.0
"""How long `run` waits at its end for threads that may hang in a name look-up."""

_log = structlog.get_logger("webhooks")


class Webhooks:
    """All webhooks of a register."""

    def __init__(self, feed: Feed, state_url: str, *, resolving: Resolve = resolve) -> None:
        self._feed, self._state_url, self._resolving = feed, state_url, resolving
        self.hooks = WebhookTable(state_url)

    def close(self) -> None:
        self.hooks.close()

    def add(
        self, name: str, url: str, topics: tuple[str, ...], start: int, *, private: bool = False
    ) -> HookRow:
        """Add an address and draw its secret.

        Raises `BadTopic`, `UnknownTopic`, `PastTheEnd` and `Forbidden`.
        """
        self._feed.check_topics(topics)
        self._feed.check_position(start)
        secret = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
        hook = HookRow(name, url, secret, topics, start, private)
        try:
            checked_address(hook, self._resolving)
        except OSError as unknown:
            raise Forbidden(url=url, reason=str(unknown)) from unknown
        self.hooks.add(hook)
        return hook

    def position(self, hook: HookRow) -> int:
        """Return the position up to which every message was delivered or parked."""
        ledger = self._ledger(hook)
        position = ledger.progress().position
        ledger.close()
        return max(position, hook.start)

    def remove(self, name: str) -> bool:
        return self.hooks.remove(name)

    def run(self, stop: Stop, holder: str, poll_seconds: float = 0.5) -> None:
        """Deliver until told to stop, each address in a thread of its own.

        A slow address holds up no other. A damaged log, or a fault of the program, ends all.
        """
        threads: dict[str, threading.Thread] = {}
        problems: list[Exception] = []
        ending = threading.Event()

        def body(name: str) -> None:
            try:
                self._keep(name, ending, holder, poll_seconds)
            except Exception as problem:
                problems.append(problem)
                ending.set()

        try:
            while not stop.is_set() and not ending.is_set():
                with suppress(*AWAY):  # the threads say so
                    for name in self._in_use():
                        if name not in threads or not threads[name].is_alive():
                            threads[name] = threading.Thread(target=body, args=(name,), daemon=True)
                            threads[name].start()
                stop.wait(poll_seconds)
        finally:
            ending.set()
            end = time.monotonic() + END_SECONDS
            for thread in threads.values():
                thread.join(max(0.0, end - time.monotonic()))
        if problems:
            raise problems[0]

    def deliver_once(self, stop: Stop, holder: str) -> bool:
        """Deliver up to the end of the log, to all addresses at once; true if `stop` cut it short.

        An address that is away is said to be, and waits for the next time.
        """
        problems: list[Exception] = []
        cut: list[str] = []

        def body(hook: HookRow) -> None:
            try:
                self.once(hook, holder, stop)
            except Stopped:
                cut.append(hook.name)
            except Away as away:
                _log.warning("away", webhook=hook.name, problem=str(away))
            except Exception as problem:
                problems.append(problem)

        threads = [threading.Thread(target=body, args=(h,)) for h in self._in_use().values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if problems:
            raise problems[0]
        return bool(cut)

    def _in_use(self) -> dict[str, HookRow]:
        return {hook.name: hook for hook in self.hooks.all() if not hook.gone}

    def _keep(self, name: str, stop: Stop, holder: str, poll_seconds: float) -> None:
        """Deliver to one address until told to stop, or until it is removed or gone."""
        pause = pauses_between_attempts()
        while not stop.is_set():
            seconds = poll_seconds
            try:
                hook = self._in_use().get(name)
                if hook is None:
                    return
                self.once(hook, holder, stop)
                pause = pauses_between_attempts()
            except Stopped:
                return
            except (Away, *AWAY) as away:
                seconds = pause()
                _log.warning("away", webhook=name, problem=str(away), again_in=seconds)
            stop.wait(seconds)

    def once(self, hook: HookRow, holder: str, stop: Stop) -> None:
        """Deliver to one address up to the end of the log. Raises `Away` and `Stopped`."""
        ledger = self._ledger(hook)
        try:
            follower = self._follower(hook, ledger, stop)
            with follower.held(holder) as ours:
                if ours:
                    catch_up(as_stored(self._feed.log), follower, limit=PAGE)
        except Gone:
            _log.warning("address gone (410): no more is delivered", webhook=hook.name)
            self.hooks.gone(hook.name)
        except AheadOfLog as ahead:
            _log.error(
                "a backup was restored: run alliance relay --accept-restore", webhook=hook.name
            )
            raise Away(str(ahead)) from ahead
        except LeaseLost:
            _log.warning("another process delivers", webhook=hook.name)
        finally:
            ledger.close()

    def replay(self, name: str) -> tuple[int, int]:
        """Deliver parked messages; return how many were, and how many streams are still parked.

        Raises `Away`; messages delivered until then are no longer parked.
        """
        hook = next(hook for hook in self.hooks.all() if hook.name == name)
        ledger, delivered, blocked = self._ledger(hook), 0, set[str]()
        try:
            follower = self._follower(hook, ledger, threading.Event())
            for message, _reason in self.hooks.parked(name):
                if message.stream in blocked:
                    continue
                if follower.attempt(message):
                    blocked.add(message.stream)
                else:
                    self.hooks.release(name, message)
                    delivered += 1
        finally:
            ledger.close()
        return delivered, len(blocked)

    def _ledger(self, hook: HookRow) -> Ledger:
        ledger = Ledger(self._state_url, f"webhook:{hook.name}")
        try:
            ledger.create()
        except BaseException:
            ledger.close()
            raise
        return ledger

    def _follower(self, hook: HookRow, ledger: Ledger, stop: Stop) -> HookFollower:
        return HookFollower(
            hook,
            self._feed,
            self.hooks,
            ledger,
            stop,
            Progress(start_of_commit(self._feed.log, hook.start), self._feed.log.epoch()),
            resolving=self._resolving,
        )
