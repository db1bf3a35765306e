"""Decisions on a provision while another process amends it, every command delivered twice."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import pytest

from adapters.bootstrap import open_register, set_up
from adapters.settings import Settings
from domain.decisions import DecisionTaken
from domain.kernel import CommandRecorded
from domain.policy import ProvisionAdopted, ProvisionAmended
from tests.drills.small_register import ADDRESS, amendment, approval, found, settings

DECIDERS, THREADS, EACH = 3, 3, 8


def _decide(chosen: Settings, decider: int, start: Barrier) -> None:
    with open_register(chosen) as register:

        def one(thread: int) -> None:
            for number in range(EACH):
                requests = approval(f"approval-{decider}-{thread}-{number}")
                first = register.desk.handle(*requests)
                second = register.desk.handle(*requests)
                assert [o.repeated for o in second] == [True, True]
                assert [o.events for o in first] == [o.events for o in second]

        start.wait()
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(one, range(THREADS)))


def _amend(chosen: Settings, start: Barrier, decided: Event) -> None:
    with open_register(chosen) as register:
        start.wait()
        for number in count(1):
            register.desk.handle(*amendment(number))
            register.desk.handle(*amendment(number))
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
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(DECIDERS + 1)
    decided = context.Event()
    deciders = [context.Process(target=_decide, args=(chosen, n, start)) for n in range(DECIDERS)]
    amender = context.Process(target=_amend, args=(chosen, start, decided))
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
    asked = DECIDERS * THREADS * EACH
    doubled = sum(n - 1 for n in (*decisions.values(), *commands.values()))
    print(
        f"{asked} decisions, {in_force - 1} amendments ({between} of them between decisions): "
        f"{superseded} on a superseded provision, {doubled} doubled, {asked - len(decisions)} lost"
    )
    assert between > 5
    assert (superseded, doubled, asked - len(decisions)) == (0, 0, 0)
