"""What the documents say of the code is there: the places they name, and every kind of item."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.catalogue import commands

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PACKAGES = ("domain", "application", "projections", "adapters")


@pytest.mark.parametrize("document", ["docs/architecture.md", "CONTRIBUTING.md", "README.md"])
def test_the_places_that_a_document_names_are_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w*.-]*)`", text))
    assert [place for place in named if not list(ROOT.glob(place.rstrip("/")))] == []


def test_the_architecture_has_a_line_for_each_folder() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([\w/]+)/` \|", text, re.MULTILINE))
    folders = {
        str(path.parent.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py"
    }
    assert rows >= folders
    assert {row for row in rows if not (ROOT / row).is_dir()} == set()


def test_the_minutes_document_has_a_row_for_every_kind_of_item() -> None:
    text = (DOCS / "minutes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \|", text, re.MULTILINE)
    assert {kind for row in rows for kind in re.findall(r"[a-z-]+", row)} >= set(commands)
