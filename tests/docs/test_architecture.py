"""What the documents say of the code is there: the places they name, and every kind of item."""

from __future__ import annotations

import re
from pathlib import Path

from domain.catalogue import commands

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TO_COME = {"adapters/evidence/"}


def test_the_places_that_the_architecture_names_are_there() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)+[\w*.-]*)`", text))
    assert {place for place in named if not list(ROOT.glob(place.rstrip("/")))} == TO_COME


def test_the_minutes_document_has_a_row_for_every_kind_of_item() -> None:
    text = (DOCS / "minutes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \|", text, re.MULTILINE)
    assert {kind for row in rows for kind in re.findall(r"[a-z-]+", row)} >= set(commands)
