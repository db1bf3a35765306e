"""The end of a supervised command when its supervisor dies, told by the pipe that it reads."""

from __future__ import annotations

import os
import signal
import threading
import time

END_SECONDS = 10.0
"""Seconds to end by itself before it is ended at once."""


def end_with_starter() -> None:
    """End this process when standard input ends: its other end is held by who started it.

    The kernel closes that end whichever way the supervisor ends, kill -9 included.
    """
    threading.Thread(target=_watch, daemon=True, name="starter-watch").start()


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_SECONDS)
    os._exit(1)
