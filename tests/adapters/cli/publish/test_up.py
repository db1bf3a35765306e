"""`up`: what dies is started again, all end together, and wrong settings end the group."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from adapters.cli.publish.up import Group, Member

UP = "adapters.cli.publish.up"
SLEEPS = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
SECONDS = 20.0


@pytest.fixture(autouse=True)
def _python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{UP}.ALLIANCE", (sys.executable, "-c"))
    monkeypatch.setattr(f"{UP}.POLL_SECONDS", 0.02)
    monkeypatch.setattr(f"{UP}.FIRST_WAIT", 0.02)
    monkeypatch.setattr(f"{UP}.END_SECONDS", 3.0)


@pytest.fixture
def going() -> Iterator[Callable[..., tuple[Group, threading.Event, threading.Thread]]]:
    """Starts a group in a thread of its own; ends it at the end."""
    begun: list[tuple[threading.Event, threading.Thread]] = []

    def begin(*programs: str) -> tuple[Group, threading.Event, threading.Thread]:
        group = Group([Member((program,), wait=0.02) for program in programs])
        stop = threading.Event()
        thread = threading.Thread(target=group.run, args=(stop,))
        thread.start()
        begun.append((stop, thread))
        until(lambda: all(member.process for member in group.members))
        return group, stop, thread

    yield begin
    for stop, thread in begun:
        stop.set()
        thread.join(SECONDS)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def pids(group: Group) -> list[int]:
    return [member.process.pid for member in group.members if member.process]


def test_what_dies_is_started_again_and_the_others_go_on(
    going: Callable[..., tuple[Group, threading.Event, threading.Thread]],
) -> None:
    group, _, _ = going(SLEEPS, SLEEPS)
    one, other = pids(group)
    os.kill(one, signal.SIGKILL)
    until(lambda: len(pids(group)) == 2 and pids(group)[0] != one)
    assert pids(group)[1] == other


def test_what_dies_at_once_waits_longer_each_time(
    going: Callable[..., tuple[Group, threading.Event, threading.Thread]],
) -> None:
    group, _, _ = going("raise SystemExit(6)")
    until(lambda: group.members[0].wait > 0.1)
    assert group.failed == 0


def test_all_end_when_told_and_the_deaf_are_killed(
    going: Callable[..., tuple[Group, threading.Event, threading.Thread]],
) -> None:
    group, stop, thread = going(SLEEPS, DEAF)
    processes = [member.process for member in group.members]
    time.sleep(0.5)  # the second is deaf by then
    stop.set()
    thread.join(SECONDS)
    assert not thread.is_alive()
    assert [p.returncode for p in processes if p] == [-signal.SIGTERM, -signal.SIGKILL]


GROUP = """
import sys, threading
from adapters import logs
from adapters.cli.publish import up
logs.configure()
watched = "from adapters.cli.common.starter_watch import end_with_starter; end_with_starter(); "
up.ALLIANCE = (sys.executable, "-c")
going = [watched + "import time; time.sleep(60)", watched + sys.argv[1]]
group = up.Group([up.Member((program,)) for program in going])
thread = threading.Thread(target=group.run, args=(threading.Event(),))
thread.start()
while not all(member.process for member in group.members):
    pass
print(*[member.process.pid for member in group.members], flush=True)
thread.join()
"""


def test_all_end_when_the_group_itself_is_killed() -> None:
    told = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); "
    started = subprocess.Popen(
        [sys.executable, "-c", GROUP, told + "time.sleep(60)"], stdout=subprocess.PIPE, text=True
    )
    with started:
        assert started.stdout
        members = [int(pid) for pid in started.stdout.readline().split()]
        assert len(members) == 2
        assert all(is_alive(pid) for pid in members)
        started.kill()
    until(lambda: not any(is_alive(pid) for pid in members))


def is_alive(pid: int) -> bool:
    """True for a process that runs; one that ended and that nobody waited for does not."""
    found = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()[:1] not in ("", "Z")


def test_wrong_settings_end_the_group_with_their_code() -> None:
    group = Group([Member((SLEEPS,)), Member(("raise SystemExit(5)",))])
    assert group.run(threading.Event()) == 5
    assert all(m.process is None or m.process.poll() is not None for m in group.members)
