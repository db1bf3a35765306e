"""How a command that runs until stopped hears of it."""

from __future__ import annotations

import signal
import threading

from adapters import logs


def until_told() -> threading.Event:
    """Set by an interrupt or a request to end; from now on the program says what it does."""
    logs.configure()
    stop = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    return stop
