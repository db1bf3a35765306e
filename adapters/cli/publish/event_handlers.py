"""The handlers of `subscribe`: write each event as a line, or run a command with it."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeAlias

from application.ports import Stopped
from domain.shared.problems import Invalid

PassOn: TypeAlias = Callable[[dict[str, Any], object], None]

EXEC_SECONDS = 300


class CannotRun(Invalid):
    """The command of `--exec` cannot be run.

    Details: the `command` and the `reason`.
    """

    command: str
    reason: str


class CommandFailed(Exception):
    """Raised when the command for an event ends with another code than 0."""


def handler(command: str | None, stop: threading.Event) -> PassOn:
    """Return a handler that runs the command, or writes lines without one. Raises `CannotRun`.

    The handler raises `Stopped` if it is told to stop, or if the output or the command is gone: the
    event is not at fault and will be handled at the next start.
    """
    pass_on = _writing if command is None else _executing(command, stop)

    def handle(event: dict[str, Any], work: object) -> None:
        if stop.is_set():
            raise Stopped
        pass_on(event, work)

    return handle


@contextmanager
def ending() -> Generator[None]:
    """End the command when its handler stops: quietly if it was told to, else with the reason."""
    try:
        yield
    except Stopped as stopped:
        if stopped.__cause__ is not None:
            raise stopped.__cause__ from None


def _writing(event: dict[str, Any], _work: object) -> None:
    try:
        sys.stdout.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
        sys.stdout.flush()
    except OSError as error:
        raise Stopped from error


def _executing(command: str, stop: threading.Event) -> PassOn:
    words = _words(command)

    def handle(event: dict[str, Any], _work: object) -> None:
        line = (json.dumps(event, ensure_ascii=False) + "\n").encode()
        try:
            done = subprocess.run(words, input=line, timeout=EXEC_SECONDS, check=False)
        except OSError as error:
            raise Stopped from CannotRun(command=command, reason=error.strerror or str(error))
        if done.returncode != 0 and stop.is_set():
            raise Stopped  # an interrupt from the terminal ends the command too
        if done.returncode != 0:
            raise CommandFailed(f"{command!r} ended with {done.returncode}")

    return handle


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CannotRun(command=command, reason=str(error)) from None
    if not words or shutil.which(words[0]) is None:
        raise CannotRun(command=command, reason="there is no such command")
    return words
