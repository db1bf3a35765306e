"""An explanation is complete on both databases: histories without one of their entries.

Each history is recorded twice in one register, under names of its own: whole, and without an entry.
Whatever entry is left out that the account of a fact does not name, the fact stands; leave out one
that changed it, and it does not. The account is the same as from a log in memory.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.bootstrap import Register, open_register, set_up
from adapters.queries.explanations import LogAsKnown, matters_mentioning
from adapters.queries.moment import Moment
from adapters.settings import Settings
from application.command_bus import CommandBus
from domain.shared.history import Recorded
from domain.shared.messages import Command
from projections.explanation.account import Account, Role
from projections.explanation.subject import Subject
from projections.explanation.why import why
from tests.support.explained import explained, facts, said, verdict_without
from tests.support.late_histories import DAYS, told
from tests.support.random_stories import Entry, Told, hand_in, moving

HISTORIES = 20
"""How many histories share a register."""
FOUNDING = ("charter", "places")


@dataclass(frozen=True)
class Copy:
    """One history in a register, under names with a number of their own."""

    number: int
    events: Mapping[str, int]
    moving: frozenset[str]

    @property
    def prefix(self) -> str:
        """How its commands' names begin."""
        return f"{self.number}/"

    def subject(self, of: Subject) -> Subject:
        """What a fact of the history in memory is called here."""
        return replace(of, key=renamed(of.key, self.number))


def renamed(text: str, number: int) -> str:
    """Text with the city, provision, exploration and matters of a history with this number."""
    for name in ("XX-C", "p", "s"):
        text = f"{name}{number}" if text == f"{name}0" else text
        text = text.replace(f'"{name}0"', f'"{name}{number}"')
    text = text.replace('"h0-', f'"h{number}-')
    return f"h{number}-{text[3:]}" if text.startswith("h0-") else text


def copy(register: Register, entries: Sequence[Entry], number: int) -> Copy:
    """Record a history under names with a number."""

    def called(command: Command) -> Command:
        return type(command).model_validate_json(renamed(command.model_dump_json(), number))

    bus: CommandBus = register.command_bus
    done: dict[str, Sequence[Recorded[Any]]] = hand_in(bus, entries, called, f"{number}/")
    return Copy(number, {name: len(led) for name, led in done.items()}, moving(done))


class Asked:
    """Explanations out of one register, each stream read once."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.logs = {on: LogAsKnown(register, Moment(on, None)) for on in DAYS}

    def account(self, subject: Subject, on: date) -> Account:
        at = Moment(on, None)
        return why(subject, on, self.logs[on], matters_mentioning(self.register, subject, at))


def steps(account: Account, prefix: str, number: int) -> list[tuple[str | None, Role, str]]:
    """Command, part and item of each step, the charter's aside: all histories share one."""
    return [
        ((step.command or "").removeprefix(prefix), step.role, renamed(step.item, number))
        for step in account.steps
        if step.item != "charter-recorded"
    ]


def told_alike(account: Account, of: Copy, *, versions: bool) -> str:
    """What is so, without the number of the history."""
    text = json.dumps(said(account, versions=versions))
    for name in ("XX-C", "p", "s"):
        text = text.replace(f'"{name}{of.number}"', f'"{name}"')
    return text.replace(f'"h{of.number}-', '"h-')


def compared(asked: Asked, history: Told, whole: Copy, left: Copy, name: str) -> Counter[str]:
    """Ask for every fact of a history, with and without an entry."""
    seen: Counter[str] = Counter()
    for subject in facts(history.log):
        for on in DAYS:
            account = asked.account(whole.subject(subject), on)
            in_memory = explained(history.log, subject, on)
            assert steps(account, whole.prefix, 0) == steps(in_memory, "", whole.number)
            verdict = verdict_without(name, account, whole, left, whole.prefix)
            if verdict is not None:
                without = asked.account(left.subject(subject), on)
                before, after = (
                    told_alike(each, of, versions=not verdict)
                    for each, of in ((account, whole), (without, left))
                )
                stands = before == after
                assert stands is verdict, (name, account.fact, on, steps(account, whole.prefix, 0))
                seen["stands" if stands else "falls"] += 1
            seen["accounts"] += 1
    return seen


def histories(register: Register, seeds: Sequence[int]) -> Counter[str]:
    """Record histories, whole and without an entry, and compare what is said of each."""
    recorded: list[tuple[Told, Copy, Copy, str]] = []
    for place, seed in enumerate(seeds):
        history = told(seed)
        founding = [e for e in history.entries if e.name in FOUNDING]
        own = [e for e in history.entries if e.name not in FOUNDING]
        name = Random(seed).choice(own).name if own else ""
        numbers = (2 * place + 1, 2 * place + 2)
        entries = [e for e in history.entries if e.name != "charter"] if place else history.entries
        whole = copy(register, entries, numbers[0])
        rest = [*founding[1:], *(e for e in own if e.name != name)]
        recorded.append((history, whole, copy(register, rest, numbers[1]), name))
    register.catch_up()
    asked = Asked(register)
    return sum((compared(asked, *each) for each in recorded), Counter[str]())


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of either kind."""
    monkeypatch.chdir(tmp_path)
    if request.param == "sqlite":
        return "sqlite:///log.sqlite"
    return str(request.getfixturevalue("fresh_postgres_url"))


@pytest.mark.slow
@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_an_account_names_all_from_which_the_fact_follows(
    url: str, request: pytest.FixtureRequest
) -> None:
    """Forty histories among the other tests, and two thousand in `make drills`."""
    wanted = 2000 if request.config.getoption("-m") == "drill" else 40
    seen: Counter[str] = Counter()
    for number in range(wanted // HISTORIES):
        settings = Settings(database_url=url, register_id=f"r{number}", actor="a clerk")
        set_up(settings)
        with open_register(settings) as register:
            seen += histories(register, range(number * HISTORIES, (number + 1) * HISTORIES))
    assert min(seen["stands"], seen["falls"]) > wanted // 2
    kind = url.partition(":")[0]
    print(
        f"\n{kind}: {wanted} histories, {seen['accounts']} accounts; without an entry of theirs "
        f"{seen['stands']} facts stand as they must and {seen['falls']} fall as they must"
    )
