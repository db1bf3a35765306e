"""kill -9 at every call of a port while a file is recorded; then the file is recorded again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register, set_up
from adapters.minutes.files import read_files
from adapters.settings import Settings
from application.command_bus import CommandBus
from domain.shared.log_facts import CommandRecorded
from projections.models import MODELS
from tests.drills.small_register import settings

RECORDS = Path(__file__).parents[2] / "records" / "toronto-2001"
SHORT = 8
"""How many points are tried outside `make drills`."""

CALLS_OF_PORTS = ("read", "append", "after", "entries", "head", "epoch", "digest")


class Counted:
    """A port that does something before or after each call."""

    def __init__(self, port: Any, tick: Callable[[], None]) -> None:
        self._port, self._tick = port, tick

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._port, name)
        if name not in CALLS_OF_PORTS:
            return inner

        def call(*args: Any, **kwargs: Any) -> Any:
            self._tick()
            result = inner(*args, **kwargs)
            self._tick()
            return result

        return call


def record(chosen: Settings, tick: Callable[[], None]) -> None:
    """What `alliance record` does, with a tick before and after every call of a port."""
    with open_register(chosen) as opened:
        log: Any = Counted(opened.log, tick)
        keys: Any = Counted(opened.command_bus.keys, tick)
        command_bus = CommandBus(log, keys, opened.command_bus.handlers)
        register: Register = replace(opened, log=log)
        files = read_files([RECORDS], chosen.actor)
        command_bus.rehearse(*(file.minutes.envelopes for file in files))
        for file in files:
            command_bus.handle(*file.minutes.envelopes)
        register.catch_up()


def result(chosen: Settings) -> tuple[list[object], list[bytes]]:
    """The log without its times and keyed digests, and every read model."""
    with open_register(chosen) as register:
        register.catch_up()
        facts: list[object] = []
        for entry in register.log.entries():
            fact = entry.event
            if isinstance(fact, CommandRecorded):
                fact = fact.model_copy(update={"digest": "", "key": ""})
            facts.append((entry.stream, entry.version, fact))
        return facts, [line for model in MODELS for line in register.views.dump(model)]


def killed(chosen: Settings, at: int) -> bool:
    """Whether recording was killed at its tick `at`, in a process of its own."""
    child = os.fork()
    if child == 0:
        ticks = 0

        def tick() -> None:
            nonlocal ticks
            ticks += 1
            if ticks == at:
                os.kill(os.getpid(), signal.SIGKILL)

        code = 1
        try:
            record(chosen, tick)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_recording_survives_kill_9_at_every_call_of_a_port(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    def fresh(name: str) -> Settings:
        folder = tmp_path / name
        folder.mkdir()
        chosen = settings(f"sqlite:///{folder / 'log.sqlite'}", folder)
        set_up(chosen)
        return chosen

    undisturbed = fresh("undisturbed")
    ticks = 0

    def count() -> None:
        nonlocal ticks
        ticks += 1

    record(undisturbed, count)
    expected = result(undisturbed)

    points = range(1, ticks + 1)
    if "drill" not in str(request.config.getoption("-m")):
        points = points[:: max(1, ticks // SHORT)]  # all of them in `make drills`
    for at in points:
        chosen = fresh(str(at))
        assert killed(chosen, at), f"tick {at} of {ticks} was not reached"
        record(chosen, lambda: None)
        assert result(chosen) == expected, f"killed at tick {at} of {ticks}"
    print(
        f"killed at {len(points)} of {ticks} points "
        f"(before and after {ticks // 2} calls of a port): same result"
    )


@pytest.mark.drill
@pytest.mark.timeout(300)
def test_recording_on_postgresql_survives_kill_9_around_each_append(
    tmp_path: Path, postgres_server: str
) -> None:
    from tests.services import fresh_database

    appends: list[int] = []
    with fresh_database(postgres_server) as url:
        chosen = settings(url, tmp_path)
        set_up(chosen)
        ticks = 0

        def count() -> None:
            nonlocal ticks
            ticks += 1

        def count_append(
            original: Callable[..., Any] = CommandBus.handle,
        ) -> Callable[..., Any]:
            def handle(command_bus: CommandBus, *requests: Any) -> Any:
                before = ticks
                outcome = original(command_bus, *requests)
                appends.extend(range(before + 1, ticks + 1))
                return outcome

            return handle

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CommandBus, "handle", count_append())
            record(chosen, count)
        expected = result(chosen)

    points = sorted({*appends[:: max(1, len(appends) // 4)], *appends[-2:]})
    for at in points:
        with fresh_database(postgres_server) as url:
            folder = tmp_path / str(at)
            folder.mkdir()
            chosen = settings(url, folder)
            set_up(chosen)
            assert killed(chosen, at)
            record(chosen, lambda: None)
            assert result(chosen) == expected, f"killed at tick {at}"
    print(f"killed at {len(points)} points while handling on PostgreSQL: same result")
