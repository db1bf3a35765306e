"""An explanation is complete: on random histories, taken apart and entered again.

Whatever entry is left out that the account does not name, the fact stands. Leave out one that
changed it, and it does not. The rules decide again each time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from random import Random

import pytest

from projections.explanation.account import Account
from tests.support.explained import explained, facts, said, verdict_without
from tests.support.late_histories import DAYS, told
from tests.support.random_stories import Told, history

IN_TURN = (date(2002, 1, 20), date(2003, 12, 31))
DROPS = 4
"""So many entries of a history are left out, one at a time."""


def check(seed: int, draw: Callable[[int], Told] = history, days: Sequence[date] = IN_TURN) -> int:
    """Take one history apart; gives how many times a fact was asked about again."""
    whole = draw(seed)
    chance = Random(seed)
    asked = [(subject, on) for subject in facts(whole.log) for on in days]
    accounts = {(str(s), on): explained(whole.log, s, on) for s, on in asked}
    names = [entry.name for entry in whole.entries]
    compared = 0
    for name in chance.sample(names, min(DROPS, len(names))):
        again = whole.without(name)
        for subject, on in asked:
            before = accounts[str(subject), on]
            verdict = verdict_without(name, before, whole, again)
            if verdict is None:
                continue
            after, versions = explained(again.log, subject, on), not verdict
            stands = said(before, versions=versions) == said(after, versions=versions)
            assert stands is verdict, _message(seed, before, name, stands=stands)
            compared += 1
    return compared


def _message(seed: int, account: Account, name: str, *, stands: bool) -> str:
    steps = [(s.command, s.role.value, s.item, s.relation) for s in account.steps]
    what = "stands" if stands else "falls"
    return f"seed {seed}: {account.fact} on {account.as_of} {what} without {name}: {steps}"


@pytest.mark.drill
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(4))
def test_what_is_not_in_the_account_is_not_needed_and_what_changed_the_fact_is(
    part: int, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forty histories of either kind are taken apart, and two thousand in `make drills`."""
    histories = 2000 if pytestconfig.getoption("-m") == "drill" else 40
    compared = [check(seed) for seed in range(part, histories, 4)]
    late = [check(seed, told, DAYS) for seed in range(part, histories, 4)]

    with capsys.disabled():
        counts = f"{sum(compared)} and {sum(late)} facts asked about again"
        sys.stdout.write(f"\n{len(compared)} histories in turn, {len(late)} late: {counts}\n")
    assert min(sum(compared), sum(late)) > 10 * len(compared)
