"""What a subscriber does with an event: a line, or a command of its own."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters.cli.publish.event_handlers import CannotRun, CommandFailed, handler
from application.ports import Stopped


def test_a_command_is_given_each_event_as_a_line(tmp_path: Path) -> None:
    out = tmp_path / "out"
    copy = f'{sys.executable} -c \'import sys; open("{out}", "ab").write(sys.stdin.buffer.read())\''
    handle = handler(copy, threading.Event())

    handle({"id": "partnership/UA-KIEV/1"}, None)
    handle({"id": "partnership/UA-KIEV/2"}, None)

    assert out.read_text() == '{"id": "partnership/UA-KIEV/1"}\n{"id": "partnership/UA-KIEV/2"}\n'


def test_a_command_that_fails_is_a_failure_of_the_event() -> None:
    handle = handler(f"{sys.executable} -c 'raise SystemExit(3)'", threading.Event())
    with pytest.raises(CommandFailed):
        handle({"id": "a/1"}, None)


@pytest.mark.parametrize("command", ["no-such-command", "", "'no end"])
def test_a_command_that_cannot_be_run_is_refused_before_any_event(command: str) -> None:
    with pytest.raises(CannotRun):
        handler(command, threading.Event())


def test_a_command_that_vanishes_is_no_failure_of_the_event(tmp_path: Path) -> None:
    command = tmp_path / "book-it"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    handle = handler(str(command), threading.Event())
    command.unlink()
    with pytest.raises(Stopped) as stopped:
        handle({"id": "a/1"}, None)
    assert isinstance(stopped.value.__cause__, CannotRun)


def test_a_command_that_falls_to_our_interrupt_is_no_failure_of_the_event() -> None:
    stop = threading.Event()
    handle = handler("sleep 30", stop)
    threading.Timer(0.3, _interrupt, [stop]).start()
    with pytest.raises(Stopped):
        handle({"id": "a/1"}, None)
    with pytest.raises(Stopped):
        handle({"id": "a/2"}, None)


def _interrupt(stop: threading.Event) -> None:
    """As a terminal does: both hear of it."""
    stop.set()
    subprocess.run(["pkill", "-INT", "-P", str(os.getpid()), "sleep"], check=True)


@pytest.mark.parametrize("away", ["full", "closed"])
def test_output_that_takes_no_more_is_no_failure_of_the_event(away: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    where = os.open("/dev/full", os.O_WRONLY) if away == "full" else writer
    with os.fdopen(where, "w", closefd=False) as out, contextlib.redirect_stdout(out):
        with pytest.raises(Stopped) as stopped:
            handler(None, threading.Event())({"id": "a/1"}, None)
        assert isinstance(stopped.value.__cause__, OSError)
        with contextlib.suppress(OSError):
            out.close()
