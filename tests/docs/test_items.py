"""Every kind of item has an example that records, a skeleton, and a table of its fields."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.minutes.items import (
    DOCUMENT,
    documented,
    example_minutes,
    fields_of,
    main,
    skeleton_of_item,
)
from domain.catalogue import commands
from tests.support.alliance import Ran, alliance


def record(folder: Path, name: str, text: str) -> Ran:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return alliance(folder, "record", path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register with nothing in it."""
    assert alliance(tmp_path, "setup").code == 0
    return tmp_path


def test_every_kind_of_item_has_an_example() -> None:
    assert example_minutes().keys() == commands.keys()


def test_the_skeletons_of_all_kinds_make_a_register_one_after_the_other(folder: Path) -> None:
    for kind in example_minutes():
        printed = alliance(folder, "new", kind)
        assert (printed.code, printed.out) == (0, skeleton_of_item(kind))
        ran = record(folder, kind, printed.out)
        assert ran.code == 0, f"{kind}: {ran.err}"

    (osaka, porto) = alliance(
        folder, "list", "partnerships", "--as-of", "2002-12-31", "--format", "json"
    ).rows
    assert (porto["city"], porto["description"]) == ("Porto", "Friendship Agreement")
    assert (osaka["city"], osaka["established"]) == ("Osaka", "2002-03-01")
    (text,) = alliance(folder, "policy", "--as-of", "2002-01-31", "--format", "json").rows
    assert text["text"] == "At most two missions travel in a year."


def test_the_record_of_a_city_records_as_it_is_and_its_rules_speak(folder: Path) -> None:
    printed = alliance(folder, "new", "city").out
    ran = record(folder, "city", printed)
    assert ran.code == 0, ran.err
    assert "no rule reads" not in ran.out

    plan = """
meeting: { id: plan, on: 2002-02-01, body: committee }
items:
  - draft-plan: { year: 2002 }
"""
    missions = "".join(
        f"""
  - propose-mission:
      {{ mission: {name}, direction: outbound, year: 2002, cities: [Porto],
        budget: {{ cents: {{ travel: 100, lodging: 5 }} }} }}
  - list-mission: {{ year: 2002, mission: {name} }}
"""
        for name in ("one", "two", "three")
    )
    refused = record(folder, "plan", plan + missions)
    assert refused.code == 3
    assert "Refused by rule B3" in refused.err
    assert "most: 2" in refused.err
    (budget,) = {
        row["budget"]
        for row in _recorded(
            folder, plan + missions.partition("  - propose-mission:\n      { mission: three")[0]
        )
    }
    assert budget == "EUR 1.05"


def _recorded(folder: Path, text: str) -> list[dict[str, object]]:
    ran = record(folder, "two", text)
    assert ran.code == 0, ran.err
    rows = alliance(folder, "missions", "--as-of", "2002-03-01", "--format", "json").out
    return list(json.loads(rows))


def test_what_is_no_kind_of_item_is_told_with_its_neighbours(folder: Path) -> None:
    ran = alliance(folder, "new", "open-mater")
    assert ran.code == 2
    assert ("open-matter" in ran.err, "meant?" in ran.err) == (True, True)


def test_the_fields_of_a_kind_are_told_in_words() -> None:
    assert fields_of("sign-agreement") == (
        ("on", True, "date"),
        ("request", True, "text"),
        ("cites", False, "list of { `document`, `place`? }"),
        ("authority", False, "{ `matter`, `decision`, `body` }"),
    )
    told = {field.name: field.type for field in fields_of("complete-mission")}
    assert told["welcome_given"] == "`true` or `false`"
    told = {field.name: field.type for field in fields_of("propose-mission")}
    assert told["direction"] == "`outbound`, `inbound`"
    assert told["year"] == "whole number"
    assert told["answers"] == "names, each with text"
    assert told["budget"] == "{ `currency`?, `cents` }"


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == documented(text), "run python -m adapters.minutes.items"


def test_a_stale_page_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "minutes.md"
    page.write_text(DOCUMENT.read_text(encoding="utf-8").replace("| `on` |", "| `day` |"))
    monkeypatch.setattr("adapters.minutes.items.DOCUMENT", page)

    assert list(main(["--check"])) == ["minutes.md is stale: run python -m adapters.minutes.items"]
    assert list(main([])) == []
    assert list(main(["--check"])) == []
