"""Decisions on a provision while another process amends it, every command delivered twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.bootstrap import open_register, set_up
from adapters.settings import Settings
from domain.policy import ProvisionAdopted, ProvisionAmended
from domain.proceedings.decisions import DecisionTaken
from domain.shared.log_facts import CommandRecorded
from tests.drills.small_register import ADDRESS, amendment, approval, found, settings
from tests.support.processes import FORKED

DECIDERS, THREADS, EACH = 3, 3, 8
AMENDMENTS, MOST = 6, 400
"""A thread decides until it has seen so many amendments, and 400 times at most."""


class Made(NamedTuple):
    """How many were made so far, by all processes."""

    amendments: Synchronized[int]
    decisions: Synchronized[int]


def _decide(chosen: Settings, decider: int, start: Barrier, made: Made) -> None:
    with open_register(chosen) as register:

        def one(thread: int) -> None:
            begun = made.amendments.value
            for number in range(MOST):
                if number >= EACH and made.amendments.value > begun + AMENDMENTS:
                    return
                requests = approval(f"approval-{decider}-{thread}-{number}")
                first = register.command_bus.handle(*requests)
                second = register.command_bus.handle(*requests)
                assert [o.repeated for o in second] == [True, True]
                assert [o.events for o in first] == [o.events for o in second]
                with made.decisions.get_lock():
                    made.decisions.value += 1

        start.wait()
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(one, range(THREADS)))


def _amend(chosen: Settings, start: Barrier, decided: Event, made: Made) -> None:
    with open_register(chosen) as register:
        start.wait()
        for number in count(1):
            register.command_bus.handle(*amendment(number))
            register.command_bus.handle(*amendment(number))
            made.amendments.value = number
            if decided.is_set():
                return


@pytest.fixture(params=["sqlite", "postgresql"])
def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A fresh register on each database."""
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("fresh_postgres_url"))
    return settings(url, tmp_path)


@pytest.mark.drill
def test_no_decision_rests_on_a_superseded_provision(chosen: Settings) -> None:
    set_up(chosen)
    with open_register(chosen) as register:
        found(register)
    start = FORKED.Barrier(DECIDERS + 1)
    decided, made = FORKED.Event(), Made(FORKED.Value("i", 0), FORKED.Value("i", 0))
    deciders = [
        FORKED.Process(target=_decide, args=(chosen, n, start, made)) for n in range(DECIDERS)
    ]
    amender = FORKED.Process(target=_amend, args=(chosen, start, decided, made))
    for process in (*deciders, amender):
        process.start()
    for process in deciders:
        process.join(100)
    decided.set()
    amender.join(20)
    assert [process.exitcode for process in (*deciders, amender)] == [0] * (DECIDERS + 1)

    in_force, superseded, between = 0, 0, 0
    decisions: Counter[str] = Counter()
    commands: Counter[str] = Counter()
    with open_register(chosen) as register:
        for entry in register.log.entries():
            match entry.event:
                case ProvisionAdopted(provision=ref) | ProvisionAmended(provision=ref):
                    in_force = ref.version
                    between += bool(decisions)
                case DecisionTaken(relies_on=(cited,), matter=matter):
                    assert cited.address == ADDRESS
                    decisions[matter] += 1
                    superseded += cited.version != in_force
                case CommandRecorded(command=command):
                    commands[command] += 1
                case _:
                    pass
    asked = made.decisions.value
    assert asked >= DECIDERS * THREADS * EACH
    doubled = sum(n - 1 for n in (*decisions.values(), *commands.values()))
    print(
        f"{asked} decisions, {in_force - 1} amendments ({between} of them between decisions): "
        f"{superseded} on a superseded provision, {doubled} doubled, {asked - len(decisions)} lost"
    )
    assert between > 5
    assert (superseded, doubled, asked - len(decisions)) == (0, 0, 0)
