"""How a command that runs until stopped hears of it, and how it starts."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import structlog

from adapters import logs
from application.ports import DerivedReadOnly, ReadOnly, Stop, Unavailable

AGAIN_SECONDS = 1.0
"""Seconds between two attempts to start."""

_log = structlog.get_logger("start")


def until_told() -> threading.Event:
    """Return an event that an interrupt or a request to end sets; from now on, log what is done."""
    logs.configure()
    stop = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    return stop


def when_there(begin: Callable[[], object], stop: Stop) -> None:
    """Start, and try again as long as a broker or a database is away: at boot it may come later.

    A database that takes no writes is not away: what starts must write, so a person must see to it.
    """
    while not stop.is_set():
        try:
            begin()
        except (ReadOnly, DerivedReadOnly):
            raise
        except Unavailable as away:
            _log.warning("not there yet", problem=str(away), again_in=AGAIN_SECONDS)
            stop.wait(AGAIN_SECONDS)
        else:
            return
