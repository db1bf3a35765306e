"""The reference names every setting, every command's rows and every field, and no others."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from adapters.bootstrap import open_bus
from adapters.settings import PREFIX, Settings
from tests.support import alliance

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def documented(words: str) -> set[str]:
    """The fields of the table that follows these words, such as the name of a command."""
    after = REFERENCE.partition(words)[2]
    table = re.search(r"\| field .*?\n\n", after, re.DOTALL)
    assert table, f"no table for {words}"
    cells = [line.split("|")[1] for line in table[0].splitlines()[2:] if line.startswith("|")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def run(folder: Path, *arguments: str) -> str:
    """What the command prints, in a folder of its own."""
    ran = alliance.run(*arguments, settings={}, folder=folder)
    assert ran.code == 0, ran.err
    return ran.out


def subscribe(folder: Path) -> None:
    """Register a subscriber, whose queue no relay has made yet."""
    with open_bus(Settings(database_url=f"sqlite:///{folder}/var/alliance/log.sqlite")) as bus:
        bus.subscribers.subscribe("office", ("partnership.#",), 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with the record of 2001."""
    fresh = tmp_path_factory.mktemp("register")
    run(fresh, "setup")
    run(fresh, "record", str(ROOT / "records" / "toronto-2001"))
    return fresh


LISTS = [
    "partnerships",
    "targeted",
    "categories",
    "provisions",
    "matters",
    "decisions",
    "explorations",
    "discrepancies",
    "motions",
    "studies",
    "bodies",
]


@pytest.mark.parametrize("command", LISTS)
def test_rows_have_the_fields_that_are_documented(folder: Path, command: str) -> None:
    rows = json.loads(run(folder, "list", command, "--format", "json"))
    assert rows
    assert all(set(row) == documented(f"`alliance list {command}`") for row in rows)


KEEPING = ["status", "rebuild", "config show", "config check", "subscribers"]


@pytest.mark.parametrize("command", KEEPING)
def test_what_keepers_get_is_documented(folder: Path, command: str) -> None:
    if command == "subscribers":
        subscribe(folder)
    rows = json.loads(run(folder, *command.split(), "--format", "json"))
    assert rows
    assert all(set(row) == documented(f"`alliance {command}`:\n") for row in rows)


def test_what_recording_and_correcting_say_is_documented(folder: Path) -> None:
    again = str(ROOT / "records" / "toronto-2001")
    rows = json.loads(run(folder, "record", again, "--format", "json"))
    assert all(set(row) == documented("`alliance record`, a row") for row in rows)

    entry = ("correct", "partnership/UA-KIEV", "2", "--reason", "r", "--by", "o", "--withdraw")
    [row] = json.loads(run(folder, *entry, "--dry-run", "--format", "json"))
    assert set(row) == documented("`alliance correct`:")


def test_what_is_shown_whole_is_documented(folder: Path) -> None:
    rows = json.loads(run(folder, "show", "matter", "2001-12-4", "--format", "json"))
    whole = documented("`alliance show matter`:") | {"content", "withheld"}
    assert all(set(row) == whole for row in rows)
    [seoul] = json.loads(run(folder, "show", "exploration", "seoul", "--format", "json"))
    assert set(seoul) == documented("`alliance list explorations`") | {"steps"}
    steps = documented("A step of `alliance show mission`")
    assert all(set(step) == steps for step in seoul["steps"])


def test_entries_and_steps_are_documented(folder: Path) -> None:
    lines = run(folder, "log", "--format", "json").splitlines()
    assert all(set(json.loads(line)) == documented("`alliance log`; JSON") for line in lines)

    [tree] = json.loads(run(folder, "log", "--tree", "100", "--format", "json"))
    assert set(tree) == documented("With `--tree`:")

    why = json.loads(run(folder, "why", "partnership/kiev/classification", "--format", "json"))
    assert set(why) == documented("`alliance why` (one object)")
    assert all(set(step) == documented("A step of `alliance why`") for step in why["steps"])


def test_every_setting_is_documented() -> None:
    table = set(re.findall(rf"^\| `({PREFIX}\w+)`", REFERENCE, re.MULTILINE))
    assert table == {PREFIX + name.upper() for name in Settings.model_fields}
