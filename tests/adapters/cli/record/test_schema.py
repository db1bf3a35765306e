"""The published schema of minutes files: up to date, and true of the files that ship."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from adapters.bus.messages.schemas import FOLDER
from adapters.minutes.schema import MINUTES, main, minutes_schema
from tests.support.alliance import alliance
from tests.support.toronto import RECORDS


@pytest.fixture(scope="module")
def published() -> Any:
    return json.loads(MINUTES.read_text(encoding="utf-8"))


def plain(file: Path) -> Any:
    """A file's content, dates as they are written."""
    return json.loads(json.dumps(YAML(typ="safe").load(file), default=str))


def test_the_schema_that_ships_is_the_one_that_is_made() -> None:
    assert main(["--check"]) == 0


def test_a_stale_schema_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("adapters.minutes.schema.MINUTES", tmp_path / "minutes.schema.json")
    assert main(["--check"]) == 1
    assert "stale" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_the_command_prints_it(tmp_path: Path) -> None:
    assert alliance(tmp_path, "schema", "minutes").out == minutes_schema()


def test_the_types_of_messages_are_listed_and_each_has_the_schema_that_ships(
    tmp_path: Path,
) -> None:
    every = alliance(tmp_path, "schema", "messages").out.splitlines()
    shipped = {path.stem for path in FOLDER.glob("*.v*.json")}
    assert "partnership.formed.v1" in every
    assert set(every) <= shipped
    some = alliance(tmp_path, "schema", "messages", "partnership.#").out.splitlines()
    assert some == [each for each in every if each.startswith("partnership.")]
    formed = alliance(tmp_path, "schema", "messages", "partnership.formed.v1").out
    assert formed == (FOLDER / "partnership.formed.v1.json").read_text()
    ran = alliance(tmp_path, "schema", "messages", "partnersip.formed.v1")
    assert (ran.code, ran.out) == (5, "")
    assert "near: partnership.#" in ran.err


@pytest.mark.parametrize("file", sorted(RECORDS.glob("*.yaml")), ids=lambda file: file.name)
def test_the_files_that_ship_are_valid_by_it(published: Any, file: Path) -> None:
    jsonschema.Draft202012Validator(published).validate(plain(file))


def test_an_item_that_nobody_knows_is_invalid_by_it(published: Any) -> None:
    minutes = {"meeting": {"id": "m", "on": "2003-01-01"}, "items": [{"gossip": {}}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(published).validate(minutes)
