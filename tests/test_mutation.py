"""The table of docs/mutation.md lists every context of the domain, and counts as it says."""

from __future__ import annotations

import re

from tests.mutation import ROOT, Change, contexts, table


def test_a_change_that_no_test_runs_survived_and_the_best_context_comes_first() -> None:
    made = [
        Change("domain.shared.dates.x_read__mutmut_1", "survived"),
        Change("domain.shared.dates.x_read__mutmut_2", "killed"),
        Change("domain.shared.dates.x_read__mutmut_3", "killed"),
        Change("domain.policy.x_decide__mutmut_1", "killed"),
        Change("domain.policy.x_decide__mutmut_2", "timeout"),
        Change("domain.shared.text.x_texts__mutmut_1", "no tests"),
    ]
    assert table(made).splitlines()[2:] == [
        "| `policy` | 2 | 0 | 100 % |",
        "| `shared` | 2 | 2 | 50 % |",
        "| together | 4 | 2 | 66 % |",
    ]


def test_the_document_speaks_of_every_context() -> None:
    measured = (ROOT / "docs" / "mutation.md").read_text().partition("## What survives")[0]
    assert sorted(set(re.findall(r"`([a-z_]+)`", measured))) == contexts()
