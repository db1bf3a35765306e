"""Commands that run until stopped, and what they need being away as they start."""

from collections.abc import Generator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.bus.transports.connection import BusLost, BusRefuses
from adapters.cli.main import app
from application.ports import DerivedAway, DerivedReadOnly, NotSetUp, ReadOnly, Unavailable
from domain.shared.problems import Problem

COMMANDS = ("relay", "subscribe reader --from now", "webhooks run")


class House:
    """A bus that meets problems as it is opened or subscribed to, and then runs."""

    def __init__(self, opening: list[Problem], subscribing: list[Problem] | None = None) -> None:
        self.opening, self.subscribing = opening, subscribing or []
        self.begun: list[Any] = []
        published = SimpleNamespace(position=0)
        self.relay = lambda: SimpleNamespace(run=self.read, progress=lambda: published)
        self.feed = SimpleNamespace(head=iter(range(7, 99)).__next__)
        self.subscribers = SimpleNamespace(subscribe=self.subscribe, receive=self.read)
        self.webhooks = lambda: SimpleNamespace(run=self.read, close=lambda: None)

    def read(self, *_: Any, **__: Any) -> None:
        self.begun.append("ran")

    def subscribe(self, _name: str, _topics: list[str], after: int) -> None:
        self.begun.append(after)
        if self.subscribing:
            raise self.subscribing.pop()

    @contextmanager
    def open(self, _: Any = None) -> Generator["House"]:
        if self.opening:
            raise self.opening.pop()
        yield self

    def run(self, command: str, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setattr("adapters.bootstrap.open_bus", self.open)
        return CliRunner().invoke(app, command.split())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("away", [BusLost, Unavailable, DerivedAway])
def test_a_service_waits_for_what_is_away_as_it_starts(
    command: str, away: type[Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.cli.common.until_stopped.AGAIN_SECONDS", 0.01)
    house = House([away(reason="it boots"), away(reason="it boots")])
    done = house.run(command, monkeypatch)
    assert (done.exit_code, house.begun[-1]) == (0, "ran")
    assert done.stderr.count("not there yet") == 2


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("problem", [NotSetUp, BusRefuses, ReadOnly, DerivedReadOnly])
def test_a_service_ends_where_a_person_must_see_to_it(
    command: str, problem: type[Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House([problem(reason="it is so")])
    done = house.run(command, monkeypatch)
    assert type(done.exception) is problem
    assert house.begun == []


def test_what_is_now_stays_so_however_long_the_broker_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.cli.common.until_stopped.AGAIN_SECONDS", 0.01)
    house = House([], [BusLost(reason="it boots"), BusLost(reason="it boots")])
    house.run("subscribe reader --from now", monkeypatch)
    assert house.begun == [7, 7, 7, "ran"]
