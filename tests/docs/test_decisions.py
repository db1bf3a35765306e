"""The decisions in docs/decisions: one number each, the same in name and heading."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

DECISIONS = sorted(Path("docs/decisions").glob("[0-9]*.md"))


def test_each_decision_has_a_number_of_its_own() -> None:
    counts = Counter(path.name[:4] for path in DECISIONS)

    assert len(DECISIONS) > 40
    assert {number for number, times in counts.items() if times > 1} == set()


def test_a_heading_bears_the_number_of_its_file() -> None:
    said = {path.name: path.read_text().split(".", 1)[0] for path in DECISIONS}

    assert said == {name: f"# {int(name[:4])}" for name in said}
